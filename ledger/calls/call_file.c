#include <stdio.h>
#include <string.h>

#include "call_internal.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"

enum { MAX_BATCH = 10000, DEFAULT_INTERVAL_US = 600000000 };

typedef struct reading {
    const rh_doc *doc;
    rh_calls *calls;
} reading;

static const char *copy(reading *r, const char *text)
{
    return rh_arena_strdup(r->calls->arena, text);
}

/* object[key] as text; *out stays as it is when there is none. */
static rh_status get_text(reading *r, const json_t *object, const char *key, const char **out,
                          rh_error *err)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL)
        return RH_OK;
    if (!json_is_string(value))
        return rh_doc_error(r->doc, rh_doc_value_pos(r->doc, object, key), err,
                            "'%s' must be a text", key);
    *out = copy(r, json_string_value(value));
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status get_count(reading *r, const json_t *object, const char *key, int64_t max,
                           int64_t *out, rh_error *err)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL)
        return RH_OK;
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > max)
        return rh_doc_error(r->doc, rh_doc_value_pos(r->doc, object, key), err,
                            "'%s' must be a whole number from 0 to %lld", key, (long long)max);
    *out = json_integer_value(value);
    return RH_OK;
}

static rh_status hint_words(const char *const *words, rh_error *err)
{
    char list[128] = "";
    size_t len = 0;

    for (size_t i = 0; words[i] != NULL && len < sizeof list; i++)
        len +=
            (size_t)snprintf(list + len, sizeof list - len, "%s%s", i == 0 ? "" : ", ", words[i]);
    rh_error_hint(err, "it is one of %s", list);
    return RH_ECONFIG;
}

/* One of the words, which end with NULL. */
static rh_status get_word(reading *r, const json_t *object, const char *key,
                          const char *const *words, int *out, rh_error *err)
{
    const char *text = NULL;
    rh_status status = get_text(r, object, key, &text, err);

    if (status != RH_OK || text == NULL)
        return status;
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return RH_OK;
        }
    }
    rh_doc_error(r->doc, rh_doc_value_pos(r->doc, object, key), err, "'%s' cannot be '%.40s'", key,
                 text);
    return hint_words(words, err);
}

/* ---- steps ---- */

static rh_status read_take(reading *r, const json_t *object, rh_calls_call *call,
                           rh_calls_step *step, rh_error *err)
{
    const json_t *take = json_object_get(object, "take");
    rh_doc_pos pos = rh_doc_value_pos(r->doc, object, "take");

    if (take == NULL)
        return RH_OK;
    if (!json_is_array(take) || json_array_size(take) >= RH_CALLS_MAX_TAKEN)
        return rh_doc_error(r->doc, pos, err, "'take' must be a list of at most %d columns",
                            (int)RH_CALLS_MAX_TAKEN - 1);
    if (call->taken_count + json_array_size(take) > RH_CALLS_MAX_PARAMETERS)
        return rh_doc_error(r->doc, pos, err, "call '%s' takes more than %d columns in all",
                            call->name, (int)RH_CALLS_MAX_PARAMETERS);
    step->first_taken = call->taken_count;
    for (size_t i = 0; i < json_array_size(take); i++) {
        const char *name = json_string_value(json_array_get(take, i));

        if (name == NULL)
            return rh_doc_error(r->doc, rh_doc_item_pos(r->doc, take, i), err,
                                "'take' must be a list of column names");
        step->take[i] = copy(r, name);
        if (step->take[i] == NULL)
            return rh_error_oom(err);
        step->take_count++;
        call->taken_count++;
    }
    return RH_OK;
}

static rh_status read_step(reading *r, const json_t *object, rh_calls_call *call, size_t number,
                           const json_t *names, rh_error *err)
{
    static const char *const whens[] = {"always", "found", "missing", NULL};
    rh_calls_step *step = &call->steps[number];
    int when = RH_CALLS_ALWAYS;
    rh_status status = get_text(r, object, "sql", &step->text, err);

    if (status == RH_OK && step->text == NULL)
        status = rh_doc_error(r->doc, call->pos, err, "call '%s' has no 'sql'", call->name);
    if (status == RH_OK)
        status = get_word(r, object, "when", whens, &when, err);
    step->when = (rh_calls_when)when;
    if (status == RH_OK)
        status = read_take(r, object, call, step, err);
    if (status == RH_OK)
        status = rh_calls_compile(r->doc, r->calls, call, number, names,
                                  rh_doc_value_pos(r->doc, object, "sql"), err);
    return status;
}

static rh_status read_steps(reading *r, const json_t *object, rh_calls_call *call, rh_error *err)
{
    static const char *const known[] = {"sql", "when", "take", NULL};
    const json_t *steps = json_object_get(object, "steps");
    const json_t *names = json_object_get(object, "params");
    rh_status status = RH_OK;

    call->step_count = steps == NULL ? 1 : json_array_size(steps);
    if (steps != NULL && (!json_is_array(steps) || call->step_count == 0 ||
                          json_object_get(object, "sql") != NULL || call->batch > 1))
        return rh_doc_error(r->doc, rh_doc_key_pos(r->doc, object, "steps"), err,
                            "'steps' must be a list, without 'sql' and 'batch' beside it");
    call->steps = rh_arena_array(r->calls->arena, call->step_count, sizeof *call->steps);
    if (call->steps == NULL)
        return rh_error_oom(err);
    if (steps == NULL)
        return read_step(r, object, call, 0, names, err);
    for (size_t i = 0; status == RH_OK && i < call->step_count; i++) {
        const json_t *step = json_array_get(steps, i);

        if (!json_is_object(step))
            return rh_doc_error(r->doc, rh_doc_item_pos(r->doc, steps, i), err,
                                "a step must be a mapping");
        status = rh_doc_check_keys(r->doc, step, known, "in a step", err);
        if (status == RH_OK)
            status = read_step(r, step, call, i, names, err);
    }
    return status;
}

/* ---- a call ---- */

static rh_status read_cache(reading *r, const json_t *object, rh_calls_call *call, rh_error *err)
{
    static const char *const known[] = {"sql", "key", "field", NULL};
    const json_t *cache = json_object_get(object, "cache");
    const char *field = NULL;
    rh_doc_pos pos = rh_doc_key_pos(r->doc, object, "cache");
    rh_status status;

    if (cache == NULL)
        return RH_OK;
    if (!json_is_object(cache))
        return rh_doc_error(r->doc, pos, err, "'cache' must be a mapping");
    if (json_object_get(object, "sql") != NULL || json_object_get(object, "steps") != NULL ||
        json_object_get(object, "params") != NULL || call->batch > 1)
        return rh_doc_error(r->doc, pos, err,
                            "'cache' stands instead of 'sql', 'steps', 'params' and 'batch'");
    status = rh_doc_check_keys(r->doc, cache, known, "in 'cache'", err);
    if (status == RH_OK)
        status = get_text(r, cache, "sql", &call->cache_sql, err);
    if (status == RH_OK)
        status = get_text(r, cache, "key", &call->cache_key, err);
    if (status == RH_OK)
        status = get_text(r, cache, "field", &field, err);
    if (status != RH_OK)
        return status;
    if (call->cache_sql == NULL || call->cache_key == NULL || field == NULL)
        return rh_doc_error(r->doc, pos, err, "'cache' needs 'sql', 'key' and 'field'");
    call->cache_field = rh_calls_field(call->per, field);
    if (call->cache_field < 0)
        return rh_doc_error(r->doc, rh_doc_value_pos(r->doc, cache, "field"), err,
                            "'%.40s' is no field of the call's unit", field);
    return RH_OK;
}

static rh_status read_call_budget(reading *r, const json_t *object, rh_calls_call *call,
                                  rh_error *err)
{
    static const char *const known[] = {"steps", "rows", NULL};
    const json_t *budget = json_object_get(object, "budget");
    rh_status status;

    if (budget == NULL)
        return RH_OK;
    if (!json_is_object(budget))
        return rh_doc_error(r->doc, rh_doc_value_pos(r->doc, object, "budget"), err,
                            "'budget' must be a mapping");
    status = rh_doc_check_keys(r->doc, budget, known, "in a call's 'budget'", err);
    if (status == RH_OK)
        status = get_count(r, budget, "steps", INT64_MAX, &call->max_steps, err);
    return status == RH_OK ? get_count(r, budget, "rows", INT64_MAX, &call->max_rows, err) : status;
}

static rh_status read_call(reading *r, const json_t *object, rh_calls_call *call, rh_error *err)
{
    static const char *const known[] = {"per",    "sql",      "steps", "active_from",
                                        "params", "batch",    "cache", "result",
                                        "budget", "replaces", NULL};
    static const char *const pers[] = {"block", "transaction", "input", "output", NULL};
    static const char *const results[] = {"rows", "ordered", "exists", NULL};
    int per = -1, result = RH_CALLS_ROWS;
    int64_t batch = 1;
    rh_status status = rh_doc_check_keys(r->doc, object, known, "in a call", err);

    if (status == RH_OK)
        status = get_word(r, object, "per", pers, &per, err);
    if (status == RH_OK && per < 0)
        status = rh_doc_error(r->doc, call->pos, err,
                              "call '%s' does not say 'per': block, transaction, input or output",
                              call->name);
    if (status == RH_OK)
        status = get_word(r, object, "result", results, &result, err);
    if (status == RH_OK)
        status = get_text(r, object, "replaces", &call->replaces, err);
    if (status == RH_OK)
        status = get_count(r, object, "active_from", INT32_MAX, &call->active_from, err);
    if (status == RH_OK)
        status = get_count(r, object, "batch", MAX_BATCH, &batch, err);
    if (status != RH_OK)
        return status;
    call->per = (rh_calls_per)per;
    call->result = (rh_calls_result)result;
    call->batch = batch < 1 ? 1 : (size_t)batch;
    status = read_cache(r, object, call, err);
    if (status == RH_OK)
        status = read_call_budget(r, object, call, err);
    if (status == RH_OK && call->cache_sql == NULL)
        status = read_steps(r, object, call, err);
    return status;
}

/* ---- the file ---- */

static rh_status read_share(reading *r, const json_t *budget, rh_error *err)
{
    const json_t *share = json_object_get(budget, "share");
    const char *text = json_string_value(share);
    int64_t pct = 0;

    if (share == NULL)
        return RH_OK;
    if (text != NULL && rh_str_ends_with(text, "%") &&
        rh_num_scan_int64(text, strlen(text) - 1, &pct) && pct > 0 && pct <= 100) {
        r->calls->budget.share = (double)pct / 100;
        return RH_OK;
    }
    if (json_is_number(share) && json_number_value(share) > 0 && json_number_value(share) <= 1) {
        r->calls->budget.share = json_number_value(share);
        return RH_OK;
    }
    return rh_doc_error(r->doc, rh_doc_value_pos(r->doc, budget, "share"), err,
                        "'share' must be a share like 5%% or 0.05");
}

static rh_status read_budget(reading *r, const json_t *root, rh_error *err)
{
    static const char *const known[] = {"unit",  "interval",         "share", "statements",
                                        "steps", "steps_per_second", NULL};
    static const char *const units[] = {"block", NULL};
    const json_t *budget = json_object_get(root, "budget");
    const json_t *interval = json_object_get(budget, "interval");
    rh_calls_budget *to = &r->calls->budget;
    int unit = 0;
    rh_status status = RH_OK;

    *to = (rh_calls_budget){DEFAULT_INTERVAL_US, 0.05, 0, 0, 0};
    if (budget == NULL)
        return RH_OK;
    if (!json_is_object(budget))
        return rh_doc_error(r->doc, rh_doc_value_pos(r->doc, root, "budget"), err,
                            "'budget' must be a mapping");
    status = rh_doc_check_keys(r->doc, budget, known, "in 'budget'", err);
    if (status == RH_OK)
        status = get_word(r, budget, "unit", units, &unit, err);
    if (status == RH_OK && json_is_integer(interval))
        to->interval_us = json_integer_value(interval) > INT64_MAX / 1000000
                              ? 0
                              : json_integer_value(interval) * 1000000;
    else if (status == RH_OK && interval != NULL &&
             (!json_is_string(interval) ||
              rh_num_duration_us(json_string_value(interval), "interval", &to->interval_us, NULL) !=
                  RH_OK))
        to->interval_us = 0;
    if (status == RH_OK && to->interval_us <= 0)
        status = rh_doc_error(r->doc, rh_doc_value_pos(r->doc, budget, "interval"), err,
                              "'interval' must be a duration like 600s or 10min");
    if (status == RH_OK)
        status = read_share(r, budget, err);
    if (status == RH_OK)
        status = get_count(r, budget, "steps", INT64_MAX, &to->steps, err);
    if (status == RH_OK)
        status = get_count(r, budget, "steps_per_second", INT64_MAX, &to->pace, err);
    return status == RH_OK ? get_count(r, budget, "statements", INT64_MAX, &to->statements, err)
                           : status;
}

static rh_status read_setup(reading *r, const json_t *root, rh_error *err)
{
    const json_t *open = json_object_get(root, "open");
    size_t count = json_array_size(open);

    if (open != NULL && !json_is_array(open))
        return rh_doc_error(r->doc, rh_doc_value_pos(r->doc, root, "open"), err,
                            "'open' must be a list of PRAGMA or SET statements");
    r->calls->setup = rh_arena_array(r->calls->arena, count + 1, sizeof *r->calls->setup);
    if (r->calls->setup == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(open, i));

        if (text == NULL)
            return rh_doc_error(r->doc, rh_doc_item_pos(r->doc, open, i), err,
                                "'open' must be a list of PRAGMA or SET statements");
        r->calls->setup[i] = copy(r, text);
        if (r->calls->setup[i] == NULL)
            return rh_error_oom(err);
    }
    return RH_OK;
}

static rh_status read_after(reading *r, const json_t *root, rh_error *err)
{
    static const char *const known[] = {"after", NULL};
    json_t *statistics = json_object_get(root, "statistics");
    json_t *after = json_object_get(statistics, "after");
    const char *index;
    json_t *stat;
    rh_status status;

    if (statistics == NULL)
        return RH_OK;
    if (!json_is_object(statistics) || !json_is_object(after))
        return rh_doc_error(r->doc, rh_doc_value_pos(r->doc, root, "statistics"), err,
                            "'statistics' must be {after: {INDEX: \"ROWS ...\"}}");
    status = rh_doc_check_keys(r->doc, statistics, known, "in 'statistics'", err);
    json_object_foreach(after, index, stat)
    {
        if (status == RH_OK && !json_is_string(stat))
            status = rh_doc_error(r->doc, rh_doc_value_pos(r->doc, after, index), err,
                                  "the statistics of an index are a text like \"1000 10\"");
    }
    if (status == RH_OK)
        r->calls->after = json_incref(after);
    return status;
}

static rh_status read_calls(reading *r, const json_t *root, rh_error *err)
{
    json_t *calls = json_object_get(root, "calls");
    const char *name;
    json_t *object;
    rh_status status = RH_OK;

    if (calls == NULL)
        return RH_OK;
    if (!json_is_object(calls) || json_object_size(calls) == 0)
        return rh_doc_error(r->doc, rh_doc_value_pos(r->doc, root, "calls"), err,
                            "there are no 'calls'");
    r->calls->calls =
        rh_arena_array(r->calls->arena, json_object_size(calls), sizeof *r->calls->calls);
    if (r->calls->calls == NULL)
        return rh_error_oom(err);
    json_object_foreach(calls, name, object)
    {
        rh_calls_call *call = &r->calls->calls[r->calls->count];

        if (status != RH_OK)
            continue;
        call->name = copy(r, name);
        call->pos = rh_doc_key_pos(r->doc, calls, name);
        if (call->name == NULL)
            return rh_error_oom(err);
        if (!json_is_object(object))
            return rh_doc_error(r->doc, call->pos, err, "call '%s' must be a mapping", name);
        status = read_call(r, object, call, err);
        r->calls->count++;
    }
    return status;
}

static rh_status read_root(reading *r, rh_error *err)
{
    static const char *const known[] = {"version", "open", "calls", "budget", "statistics", NULL};
    const json_t *root = rh_doc_root(r->doc);
    int64_t version = 1;
    rh_status status;

    if (!json_is_object(root))
        return rh_error_set(err, RH_ECONFIG, "%s: a call file is a mapping with 'calls'",
                            rh_doc_name(r->doc));
    status = rh_doc_check_keys(r->doc, root, known, "in a call file", err);
    if (status == RH_OK)
        status = get_count(r, root, "version", INT32_MAX, &version, err);
    if (status == RH_OK && version != 1)
        status = rh_doc_error(r->doc, rh_doc_value_pos(r->doc, root, "version"), err,
                              "this program reads version 1 of call files");
    if (status == RH_OK)
        status = read_setup(r, root, err);
    if (status == RH_OK)
        status = read_budget(r, root, err);
    if (status == RH_OK)
        status = read_after(r, root, err);
    return status == RH_OK ? read_calls(r, root, err) : status;
}

static rh_status from_doc(const rh_doc *doc, rh_sql_dialect dialect, rh_calls **out, rh_error *err)
{
    rh_calls *calls = rh_mem_zalloc(sizeof *calls);
    reading r = {doc, calls};
    rh_status status = calls == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK) {
        calls->dialect = dialect;
        calls->arena = rh_arena_new(0);
        calls->file = calls->arena == NULL ? NULL : copy(&r, rh_doc_name(doc));
        status = calls->file == NULL ? rh_error_oom(err) : read_root(&r, err);
    }
    if (status != RH_OK) {
        rh_calls_free(calls);
        return status;
    }
    *out = calls;
    return RH_OK;
}

double rh_calls_pace(const rh_calls *calls)
{
    return calls->budget.pace > 0            ? (double)calls->budget.pace
           : calls->dialect == RH_SQL_SQLITE ? RH_CALLS_SQLITE_PACE
                                             : RH_CALLS_POSTGRES_PACE;
}

double rh_calls_allowed_cost(const rh_calls *calls)
{
    const rh_calls_budget *budget = &calls->budget;

    return calls->dialect == RH_SQL_SQLITE && budget->steps > 0
               ? (double)budget->steps
               : (double)budget->interval_us / 1e6 * budget->share * rh_calls_pace(calls);
}

const char *rh_calls_cost_unit(const rh_calls *calls)
{
    return calls->dialect == RH_SQL_SQLITE ? "VM steps per block" : "rows per block";
}

rh_status rh_calls_new(rh_sql_dialect dialect, rh_calls **out, rh_error *err)
{
    return rh_calls_parse("the defaults", "{}", 2, dialect, out, err);
}

rh_status rh_calls_read(const char *path, rh_sql_dialect dialect, rh_calls **out, rh_error *err)
{
    rh_doc *doc = NULL;
    rh_status status = rh_doc_read(path, &doc, err);

    if (status == RH_OK)
        status = from_doc(doc, dialect, out, err);
    rh_doc_free(doc);
    return status;
}

rh_status rh_calls_parse(const char *name, const char *text, size_t len, rh_sql_dialect dialect,
                         rh_calls **out, rh_error *err)
{
    rh_doc *doc = NULL;
    rh_status status = rh_doc_parse(name, text, len, &doc, err);

    if (status == RH_OK)
        status = from_doc(doc, dialect, out, err);
    rh_doc_free(doc);
    return status;
}

void rh_calls_free(rh_calls *calls)
{
    if (calls == NULL)
        return;
    json_decref(calls->after);
    rh_arena_free(calls->arena);
    rh_mem_free(calls);
}
