/*
 * The figures of a run as JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "replay_internal.h"
#include "replay_report.h"

/* Sorted values of a map; fresh memory, *out_count entries. NULL when memory is out. */
static void **sorted(const rp_map *map, int (*compare)(const void *, const void *))
{
    void **list = rh_mem_array(map->count + 1, sizeof *list);
    size_t count = 0;

    for (size_t i = 0; list != NULL && i < map->cap; i++) {
        if (map->slots[i].value != NULL)
            list[count++] = map->slots[i].value;
    }
    if (list != NULL)
        qsort(list, count, sizeof *list, compare);
    return list;
}

static int by_time(const void *a, const void *b)
{
    const rp_figures *x = *(rp_figures *const *)a;
    const rp_figures *y = *(rp_figures *const *)b;

    if (x->total_us != y->total_us)
        return x->total_us > y->total_us ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

static int by_session(const void *a, const void *b)
{
    const rp_session *x = *(rp_session *const *)a;
    const rp_session *y = *(rp_session *const *)b;

    return x->id < y->id ? -1 : x->id > y->id;
}

static int by_error(const void *a, const void *b)
{
    const rp_error_kind *x = *(rp_error_kind *const *)a;
    const rp_error_kind *y = *(rp_error_kind *const *)b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    if (x->fingerprint != y->fingerprint)
        return x->fingerprint < y->fingerprint ? -1 : 1;
    return strcmp(x->sqlstate, y->sqlstate);
}

static int by_skip(const void *a, const void *b)
{
    const rp_skip_kind *x = *(rp_skip_kind *const *)a;
    const rp_skip_kind *y = *(rp_skip_kind *const *)b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->reason, y->reason);
}

/* ---- pieces ---- */

json_t *rp_place_json(const rp_place *place)
{
    char *file = place->file == NULL ? NULL : rh_mem_strdup(place->file);
    json_t *json;

    if (place->file != NULL && file == NULL)
        return NULL;
    if (file != NULL)
        rh_str_make_utf8(file, strlen(file));
    json = json_pack("{s:s?, s:I, s:I}", "file", file, "line", (json_int_t)place->line, "execution",
                     (json_int_t)place->execution);
    rh_mem_free(file);
    return json;
}

static json_t *histogram_json(const rp_figures *figures)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < RP_BUCKETS; i++) {
        if (figures->histogram[i] == 0)
            continue;
        if (json_array_append_new(list, json_pack("[I,I]", (json_int_t)rp_bucket_us(i),
                                                  (json_int_t)figures->histogram[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* Counters that do not depend on time, then times. */
static json_t *figures_json(const rp_figures *figures)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:o}, s:{s:I, s:I}}",
        "executions", (json_int_t)figures->executions, "errors", (json_int_t)figures->errors,
        "skipped", (json_int_t)figures->skipped, "rows", (json_int_t)figures->rows, "steps",
        (json_int_t)figures->steps, "latency_us", "total", (json_int_t)figures->total_us, "p50",
        (json_int_t)rp_percentile_us(figures, 500), "p90",
        (json_int_t)rp_percentile_us(figures, 900), "p99",
        (json_int_t)rp_percentile_us(figures, 990), "max", (json_int_t)figures->max_us, "locks",
        (json_int_t)figures->lock_us, "histogram", histogram_json(figures), "captured",
        "executions", (json_int_t)figures->captured, "total_us", (json_int_t)figures->captured_us);
}

static json_t *fingerprint_json(const rp_figures *figures)
{
    json_t *json = figures_json(figures);
    char hex[17];

    (void)snprintf(hex, sizeof hex, "%016" PRIx64, figures->key);
    if (json != NULL &&
        (json_object_set_new(json, "fingerprint", json_string(hex)) != 0 ||
         json_object_set_new(json, "normalized", json_string(figures->normalized)) != 0)) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *session_json(const rp_session *session)
{
    json_t *json = figures_json(&session->figures);

    if (json != NULL &&
        json_object_set_new(json, "session", json_integer((json_int_t)session->id)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *error_json(const rp_error_kind *kind)
{
    json_t *places = json_array();
    char hex[17];

    (void)snprintf(hex, sizeof hex, "%016" PRIx64, kind->fingerprint);
    for (size_t i = 0; places != NULL && i < kind->place_count; i++) {
        if (json_array_append_new(places, rp_place_json(&kind->places[i])) != 0) {
            json_decref(places);
            return NULL;
        }
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:o}", "fingerprint", hex, "sqlstate",
                     kind->sqlstate, "message", kind->message, "count", (json_int_t)kind->count,
                     "as_captured", (json_int_t)kind->captured, "places", places);
}

static json_t *skip_json(const rp_skip_kind *kind)
{
    char *reason = rh_mem_strdup(kind->reason);
    json_t *json;

    if (reason == NULL)
        return NULL;
    rh_str_make_utf8(reason, strlen(reason));
    json = json_pack("{s:s, s:I, s:o}", "reason", reason, "count", (json_int_t)kind->count, "first",
                     rp_place_json(&kind->first));
    rh_mem_free(reason);
    return json;
}

/* ---- lists ---- */

typedef json_t *(*to_json)(const void *value);

static json_t *fingerprint_entry(const void *value)
{
    return fingerprint_json(value);
}

static json_t *session_entry(const void *value)
{
    return session_json(value);
}

static json_t *error_entry(const void *value)
{
    return error_json(value);
}

static json_t *skip_entry(const void *value)
{
    return skip_json(value);
}

static json_t *list_json(const rp_map *map, int (*compare)(const void *, const void *),
                         to_json entry)
{
    void **values = sorted(map, compare);
    json_t *list = values == NULL ? NULL : json_array();

    for (size_t i = 0; list != NULL && i < map->count; i++) {
        if (json_array_append_new(list, entry(values[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    rh_mem_free(values);
    return list;
}

static json_t *lag_json(const rh_replay_run *run)
{
    int64_t elapsed = run->end_us - run->start_us;
    int64_t busy = elapsed > run->waited_us ? elapsed - run->waited_us : 0;

    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "max_us", (json_int_t)run->lag.max_us,
                     "tool_us", (json_int_t)run->lag.tool_us, "server_us",
                     (json_int_t)run->lag.server_us, "locks_us", (json_int_t)run->lag.lock_us,
                     "order_us", (json_int_t)run->lag.order_us, "connections_us",
                     (json_int_t)run->lag.connection_us, "tool_busy_us", (json_int_t)busy);
}

static json_t *summary_json(const rh_replay_run *run)
{
    json_t *json = figures_json(&run->total);
    int64_t elapsed = run->end_us - run->start_us;
    json_t *more = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:I, s:I, s:I, s:I, s:f}", "elapsed_us",
        (json_int_t)elapsed, "idle_passed_us", (json_int_t)run->idle_us, "sessions",
        (json_int_t)run->sessions.count, "connections", (json_int_t)run->options.links,
        "connections_lost", (json_int_t)run->lost, "attempts_failed", (json_int_t)run->not_opened,
        "attempts_failed_last", run->not_opened > 0 ? run->not_opened_text : NULL, "sessions_moved",
        (json_int_t)run->moved, "overtaken", (json_int_t)run->overtaken, "unreplayable",
        (json_int_t)run->unreplayable, "types_guessed", (json_int_t)run->guessed, "per_second",
        elapsed > 0 ? (double)run->total.executions * 1e6 / (double)elapsed : 0.0);

    if (json == NULL || more == NULL || json_object_update(json, more) != 0) {
        json_decref(json);
        json = NULL;
    }
    json_decref(more);
    return json;
}

rh_status rh_replay_run_report(const rh_replay_run *run, json_t **out, rh_error *err)
{
    json_t *report = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "summary", summary_json(run),
                               "lag", lag_json(run), "statements",
                               list_json(&run->fingerprints, by_time, fingerprint_entry),
                               "sessions", list_json(&run->sessions, by_session, session_entry),
                               "errors", list_json(&run->errors, by_error, error_entry), "skipped",
                               list_json(&run->skips, by_skip, skip_entry));

    if (report == NULL)
        return rh_error_oom(err);
    *out = report;
    return RH_OK;
}
