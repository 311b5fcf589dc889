/*
 * Runs on disk, and two of them side by side: rows, the sum of their hashes and the SQL state of
 * each execution. No times: the same data gives the same file. Both are read in the order of
 * execution and neither is held.
 *
 *   {"run": 1, "head": {...}, "outcomes": [[loop, execution, rows, "hash", "state"], ...]}
 */
#include <inttypes.h>
#include <string.h>

#include "core/doc.h"
#include "core/stream.h"
#include "replay_internal.h"
#include "replay_report.h"
#include "replay_run_file.h"

enum {
    RUN_FORMAT = 1,
    MAX_DIFFERENCES = 100, /* told one by one */
    WRITE_BYTES = 65536,
    MAX_HEAD_BYTES = 1 << 20,
};

/* ---- writing ---- */

static rh_status put_head(rh_writer *writer, const json_t *head, rh_error *err)
{
    rh_buf text;
    rh_status status;

    rh_buf_init(&text, MAX_HEAD_BYTES);
    status = rh_buf_printf(&text, err, "{\"run\":%d,\n\"head\":", (int)RUN_FORMAT);
    if (status == RH_OK)
        status = rh_doc_print_json(head, JSON_COMPACT | JSON_SORT_KEYS, &text, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&text, ",\n\"outcomes\":[", err);
    if (status == RH_OK)
        status = rh_writer_put(writer, text.data, text.len, err);
    rh_buf_done(&text);
    return status;
}

static rh_status print_outcome(const rp_outcome *outcome, bool first, rh_buf *out, rh_error *err)
{
    char hash[33];

    rh_u128_hex(outcome->hash, hash);
    return rh_buf_printf(out, err, "%s[%" PRIu64 ",%" PRIu64 ",%" PRId64 ",\"%s\",\"%s\"]",
                         first ? "\n" : ",\n", outcome->loop, outcome->execution, outcome->rows,
                         hash, outcome->sqlstate);
}

static rh_status put_outcomes(rh_writer *writer, rp_outcome_cursor *cursor, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    bool first = true;
    rh_status status = RH_OK;

    while (status == RH_OK) {
        rp_outcome outcome;

        status = rp_outcome_cursor_next(cursor, &outcome, err);
        if (status == RH_OK)
            status = print_outcome(&outcome, first, &text, err);
        first = false;
        if (status >= RH_OK && (status == RH_DONE || text.len >= WRITE_BYTES)) {
            rh_status put = rh_writer_put(writer, text.data, text.len, err);

            status = put != RH_OK ? put : status;
            rh_buf_clear(&text);
        }
    }
    rh_buf_done(&text);
    return status == RH_DONE ? RH_OK : status;
}

rh_status rh_replay_run_write(rh_replay_run *run, const json_t *head, const char *path,
                              rh_error *err)
{
    rp_outcome_cursor *cursor = NULL;
    rh_writer *writer = NULL;
    rh_status status = rp_outcome_cursor_open(&run->outcomes, &cursor, err);

    if (status == RH_OK)
        status = rh_writer_file(path, 0600, &writer, err);
    if (status == RH_OK)
        status = put_head(writer, head, err);
    if (status == RH_OK)
        status = put_outcomes(writer, cursor, err);
    if (status == RH_OK)
        status = rh_writer_put_str(writer, "\n]}\n", err);
    if (status == RH_OK)
        status = rh_writer_finish(writer, err);
    rh_writer_free(writer);
    rp_outcome_cursor_close(cursor);
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

/* The two that are looked at; what there is no more of is not counted. */
typedef struct pair {
    rp_run_file *file;
    rp_outcome_cursor *cursor;
    rp_outcome before;
    rp_outcome after;
    bool has_before;
    bool has_after;
} pair;

static rh_status next_before(pair *both, rh_error *err)
{
    rh_status status = rp_run_file_next(both->file, &both->before, err);

    both->has_before = status == RH_OK;
    return status == RH_DONE ? RH_OK : status;
}

static rh_status next_after(pair *both, rh_error *err)
{
    rh_status status = rp_outcome_cursor_next(both->cursor, &both->after, err);

    both->has_after = status == RH_OK;
    return status == RH_DONE ? RH_OK : status;
}

static rh_status merge(comparison *result, pair *both, rh_error *err)
{
    rh_status status = next_before(both, err);

    if (status == RH_OK)
        status = next_after(both, err);
    while (status == RH_OK && (both->has_before || both->has_after)) {
        int order = !both->has_after    ? -1
                    : !both->has_before ? 1
                                        : rp_outcome_order(&both->before, &both->after);

        result->missing += order < 0;
        result->added += order > 0;
        result->compared += order == 0;
        if (order == 0 && !is_same(&both->before, &both->after))
            status = tell(result, &both->before, &both->after, err);
        if (status == RH_OK && order <= 0)
            status = next_before(both, err);
        if (status == RH_OK && order >= 0)
            status = next_after(both, err);
    }
    return status;
}

rh_status rh_replay_run_look(const char *path, rh_error *err)
{
    rp_run_file *file = NULL;
    rh_status status = rp_run_file_open(path, &file, err);

    rp_run_file_close(file);
    return status;
}

rh_status rh_replay_run_compare(rh_replay_run *run, const char *path, json_t **out, bool *out_same,
                                rh_error *err)
{
    comparison result = {0, 0, 0, 0, json_array()};
    pair both = {.file = NULL};
    bool same;
    rh_status status =
        result.differences != NULL ? rp_run_file_open(path, &both.file, err) : rh_error_oom(err);

    if (status == RH_OK)
        status = rp_outcome_cursor_open(&run->outcomes, &both.cursor, err);
    if (status == RH_OK)
        status = merge(&result, &both, err);
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
    rp_run_file_close(both.file);
    rp_outcome_cursor_close(both.cursor);
    return status;
}
