/*
 * Runs on disk, and two of them side by side: rows, the sum of their hashes and the SQL state of
 * each execution. No times: the same data gives the same file.
 *
 *   {"run": 1, "head": {...}, "outcomes": [[loop, execution, rows, "hash", "state"], ...]}
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/doc.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "replay_internal.h"
#include "replay_report.h"

enum {
    RUN_FORMAT = 1,
    MAX_DIFFERENCES = 100, /* told one by one */
    MAX_RUN_BYTES = 1 << 30,
};

static int by_execution(const void *a, const void *b)
{
    const rp_outcome *x = a;
    const rp_outcome *y = b;

    if (x->loop != y->loop)
        return x->loop < y->loop ? -1 : 1;
    return x->execution < y->execution ? -1 : x->execution > y->execution;
}

/* A sorted copy, so that the run stays what it is. */
static rh_status sorted_outcomes(const rh_replay_run *run, rp_outcome **out, rh_error *err)
{
    rp_outcome *list = rh_mem_array(run->outcome_count + 1, sizeof *list);

    if (list == NULL)
        return rh_error_oom(err);
    if (run->outcome_count > 0)
        memcpy(list, run->outcomes, run->outcome_count * sizeof *list);
    qsort(list, run->outcome_count, sizeof *list, by_execution);
    *out = list;
    return RH_OK;
}

/* ---- writing ---- */

static rh_status write_outcomes(const rp_outcome *list, size_t count, rh_buf *out, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        char hash[33];

        rh_u128_hex(list[i].hash, hash);
        status = rh_buf_printf(out, err, "%s[%" PRIu64 ",%" PRIu64 ",%" PRId64 ",\"%s\",\"%s\"]",
                               i == 0 ? "\n" : ",\n", list[i].loop, list[i].execution, list[i].rows,
                               hash, list[i].sqlstate);
    }
    return status;
}

rh_status rh_replay_run_write(const rh_replay_run *run, const json_t *head, const char *path,
                              rh_error *err)
{
    rp_outcome *list = NULL;
    rh_buf out;
    rh_status status = sorted_outcomes(run, &list, err);

    rh_buf_init(&out, MAX_RUN_BYTES);
    if (status == RH_OK)
        status = rh_buf_printf(&out, err, "{\"run\":%d,\n\"head\":", (int)RUN_FORMAT);
    if (status == RH_OK)
        status = rh_doc_print_json(head, JSON_COMPACT | JSON_SORT_KEYS, &out, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&out, ",\n\"outcomes\":[", err);
    if (status == RH_OK)
        status = write_outcomes(list, run->outcome_count, &out, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&out, "\n]}\n", err);
    if (status == RH_OK)
        status = rh_fs_write(path, 0600, out.data, out.len, err);
    rh_buf_done(&out);
    rh_mem_free(list);
    return status;
}

/* ---- reading ---- */

static bool read_outcome(json_t *entry, rp_outcome *out)
{
    json_int_t loop = 0;
    json_int_t execution = 0;
    json_int_t rows = 0;
    const char *hash = NULL;
    const char *state = NULL;
    bool good = json_unpack(entry, "[I,I,I,s,s!]", &loop, &execution, &rows, &hash, &state) == 0 &&
                loop >= 0 && execution >= 0 && strlen(state) < sizeof out->sqlstate &&
                rh_u128_parse(hash, &out->hash, NULL) == RH_OK;

    if (good) {
        out->loop = (uint64_t)loop;
        out->execution = (uint64_t)execution;
        out->rows = rows;
        (void)rh_str_copy(out->sqlstate, sizeof out->sqlstate, state);
    }
    return good;
}

static rh_status read_list(const json_t *root, const char *path, rp_outcome **out,
                           size_t *out_count, rh_error *err)
{
    const json_t *entries = json_object_get(root, "outcomes");
    size_t count = json_array_size(entries);
    rp_outcome *list;

    if (json_integer_value(json_object_get(root, "run")) != RUN_FORMAT || !json_is_array(entries))
        return rh_error_set(err, RH_EFORMAT, "'%s' is no run of this format", path);
    list = rh_mem_array(count + 1, sizeof *list);
    if (list == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        if (!read_outcome(json_array_get(entries, i), &list[i])) {
            rh_mem_free(list);
            return rh_error_set(err, RH_EFORMAT, "'%s' is damaged at execution %zu", path, i + 1);
        }
    }
    qsort(list, count, sizeof *list, by_execution);
    *out = list;
    *out_count = count;
    return RH_OK;
}

static rh_status read_run(const char *path, rp_outcome **out, size_t *out_count, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    json_t *root = NULL;
    rh_status status = rh_fs_read(path, MAX_RUN_BYTES, &text, err);

    text.max = MAX_RUN_BYTES;
    if (status == RH_OK)
        status = rh_doc_parse_json(path, rh_buf_cstr(&text), text.len, &root, err);
    if (status == RH_OK)
        status = read_list(root, path, out, out_count, err);
    json_decref(root);
    rh_buf_done(&text);
    return status;
}

/* ---- comparing ---- */

typedef struct comparison {
    uint64_t compared;
    uint64_t different;
    uint64_t missing; /* in this run */
    uint64_t added;   /* not in the other */
    json_t *differences;
} comparison;

static bool is_same(const rp_outcome *a, const rp_outcome *b)
{
    return a->rows == b->rows && a->hash.low == b->hash.low && a->hash.high == b->hash.high &&
           strcmp(a->sqlstate, b->sqlstate) == 0;
}

static rh_status tell(comparison *result, const rp_outcome *before, const rp_outcome *after,
                      rh_error *err)
{
    json_t *entry;

    result->different++;
    if (json_array_size(result->differences) >= MAX_DIFFERENCES)
        return RH_OK;
    entry = json_pack("{s:I, s:I, s:{s:I, s:s}, s:{s:I, s:s}, s:b, s:o}", "loop",
                      (json_int_t)after->loop, "execution", (json_int_t)after->execution, "before",
                      "rows", (json_int_t)before->rows, "sqlstate", before->sqlstate, "after",
                      "rows", (json_int_t)after->rows, "sqlstate", after->sqlstate, "values_differ",
                      before->rows == after->rows, "place", rp_place_json(&after->place));
    return json_array_append_new(result->differences, entry) == 0 ? RH_OK : rh_error_oom(err);
}

static rh_status merge(comparison *result, const rp_outcome *before, size_t before_count,
                       const rp_outcome *after, size_t after_count, rh_error *err)
{
    size_t i = 0;
    size_t j = 0;
    rh_status status = RH_OK;

    while (status == RH_OK && i < before_count && j < after_count) {
        int order = by_execution(&before[i], &after[j]);

        if (order < 0) {
            result->missing++;
            i++;
        } else if (order > 0) {
            result->added++;
            j++;
        } else {
            result->compared++;
            if (!is_same(&before[i], &after[j]))
                status = tell(result, &before[i], &after[j], err);
            i++;
            j++;
        }
    }
    result->missing += before_count - i;
    result->added += after_count - j;
    return status;
}

rh_status rh_replay_run_compare(const rh_replay_run *run, const char *path, json_t **out,
                                bool *out_same, rh_error *err)
{
    comparison result = {0, 0, 0, 0, json_array()};
    rp_outcome *before = NULL;
    rp_outcome *after = NULL;
    size_t count = 0;
    bool same;
    rh_status status =
        result.differences != NULL ? read_run(path, &before, &count, err) : rh_error_oom(err);

    if (status == RH_OK)
        status = sorted_outcomes(run, &after, err);
    if (status == RH_OK)
        status = merge(&result, before, count, after, run->outcome_count, err);
    same = result.different == 0 && result.missing == 0 && result.added == 0;
    if (status == RH_OK) {
        json_t *told = json_pack(
            "{s:b, s:I, s:I, s:I, s:I, s:O}", "same", same, "compared", (json_int_t)result.compared,
            "different", (json_int_t)result.different, "missing", (json_int_t)result.missing, "new",
            (json_int_t)result.added, "differences", result.differences);
        status = told != NULL ? RH_OK : rh_error_oom(err);
        if (told != NULL) {
            *out = told;
            *out_same = same;
        }
    }
    json_decref(result.differences);
    rh_mem_free(before);
    rh_mem_free(after);
    return status;
}
