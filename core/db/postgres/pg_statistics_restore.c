/*
 * Planner statistics of the target: production's where the server lets us, fresh ones elsewhere.
 *
 * Before version 18 only a superuser can write pg_statistic; from 18 on there are functions. What
 * extended statistics hold cannot be written in any version so far, so their tables are analyzed
 * first and the columns' production figures then take the place of the fresh ones.
 *
 * A section whose first line says {"kind":"partial"} (a masked copy) leaves columns out on purpose:
 * then everything is analyzed first, and only what is listed takes the place of fresh figures.
 */
#include <inttypes.h>
#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"
#include "pg_quote.h"
#include "pg_sql.h"
#include "pg_tasks.h"

enum {
    LINES_PER_BATCH = 200,
    BATCH_BYTES = 4 << 20,
    SECTION_MAX_BYTES = 1 << 30,
};

/* ---- ANALYZE ---- */

static rh_status analyze_task(const PGresult *list, int row, rh_arena *arena, rh_pg_task *out,
                              rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, "ANALYZE ", err);

    if (status == RH_OK)
        status = rh_pg_quote_name(&sql, PQgetvalue(list, row, 0), PQgetvalue(list, row, 1), err);
    if (status == RH_OK) {
        *out = (rh_pg_task){.sql = rh_arena_strdup(arena, rh_buf_cstr(&sql)),
                            .weight = rh_pg_int64(list, row, 3),
                            .shared = true};
        out->label = out->sql;
        if (out->sql == NULL)
            status = rh_error_oom(err);
    }
    rh_buf_done(&sql);
    return status;
}

/* Partitioned parents come after all their parts, or two sessions would analyze the same part. */
static rh_status analyze(rh_pg_target *target, bool extended_only, rh_error *err)
{
    rh_pg *pg = NULL;
    PGresult *list = NULL;
    rh_arena *arena = rh_arena_new(0);
    rh_pg_task *tasks = NULL;
    rh_status status = arena == NULL ? rh_error_oom(err) : rh_pg_target_connect(target, &pg, err);

    if (status == RH_OK)
        status = rh_pg_query(pg, rh_pg_sql_statistics_analyze, 0, NULL, &list, err);
    if (status == RH_OK) {
        tasks = rh_mem_array((size_t)PQntuples(list) + 1, sizeof *tasks);
        if (tasks == NULL)
            status = rh_error_oom(err);
    }
    for (int parents = 0; parents < 2 && status == RH_OK; parents++) {
        size_t count = 0;

        for (int i = 0; i < PQntuples(list) && status == RH_OK; i++) {
            if (rh_pg_true(list, i, 2) != (parents == 1) ||
                (extended_only && !rh_pg_true(list, i, 4)))
                continue;
            status = analyze_task(list, i, arena, &tasks[count], err);
            count++;
        }
        if (status == RH_OK)
            status = rh_pg_tasks_run(target, NULL, tasks, count, err);
    }
    rh_mem_free(tasks);
    PQclear(list);
    rh_pg_close(pg);
    rh_arena_free(arena);
    return status;
}

/* ---- production's ---- */

typedef struct put_state {
    rh_pg *pg;
    bool functions; /* version 18's */
    bool partial;   /* over fresh figures, not instead of all of them */
    int64_t refused;
} put_state;

/* Where production's figures are refused, the fresh ones stay. */
static rh_status replace_columns(put_state *state, const char *const *params, rh_error *err)
{
    PGresult *gone = NULL;
    PGresult *put = NULL;
    rh_status status = rh_pg_exec(state->pg, "BEGIN", err);

    if (status == RH_OK)
        status = rh_pg_query(state->pg, rh_pg_sql_statistics_forget, 1, params, &gone, err);
    if (status == RH_OK)
        status = rh_pg_query(state->pg, rh_pg_sql_statistics_put_columns, 1, params, &put, err);
    if (status == RH_OK)
        status = rh_pg_exec(state->pg, "COMMIT", err);
    if (status != RH_OK)
        rh_pg_exec_quietly(state->pg, "ROLLBACK");
    PQclear(gone);
    PQclear(put);
    return status;
}

static rh_status put_json(put_state *state, const char *kind, const json_t *lines, rh_error *err)
{
    const char *sql = state->functions                ? rh_pg_sql_statistics_put_18
                      : strcmp(kind, "relation") == 0 ? rh_pg_sql_statistics_put_relations
                                                      : rh_pg_sql_statistics_put_columns;
    bool replaces = state->partial && sql == rh_pg_sql_statistics_put_columns;
    rh_buf text = RH_BUF_INIT;
    PGresult *result = NULL;
    rh_status status = rh_doc_print_json(lines, JSON_COMPACT | JSON_ENCODE_ANY, &text, err);

    if (status == RH_OK) {
        const char *params[] = {rh_buf_cstr(&text)};

        status = replaces ? replace_columns(state, params, err)
                          : rh_pg_query(state->pg, sql, 1, params, &result, err);
    }
    PQclear(result);
    rh_buf_done(&text);
    return status;
}

/* A batch as one statement; where the server refuses it, line by line, counting those it refuses
 * alone (a type or operator that is different here). */
static rh_status put_batch(put_state *state, const char *kind, json_t *lines, rh_error *err)
{
    rh_error refused = RH_ERROR_INIT;
    rh_status status = RH_OK;

    if (json_array_size(lines) == 0)
        return RH_OK;
    status = put_json(state, kind, lines, &refused);
    if (status == RH_OK || status == RH_ECONNECT || status == RH_ECANCELED || status == RH_ENOMEM) {
        if (status != RH_OK)
            rh_error_set(err, status, "%s", refused.text);
        (void)json_array_clear(lines);
        return status;
    }
    status = RH_OK;
    for (size_t i = 0; i < json_array_size(lines) && status == RH_OK; i++) {
        json_t *one = json_array();

        if (one == NULL || json_array_append(one, json_array_get(lines, i)) != 0)
            status = rh_error_oom(err);
        rh_error_clear(&refused);
        if (status == RH_OK && put_json(state, kind, one, &refused) != RH_OK)
            state->refused++;
        json_decref(one);
        if (status == RH_OK && (refused.code == RH_ECONNECT || refused.code == RH_ECANCELED))
            status = rh_error_set(err, refused.code, "%s", refused.text);
    }
    (void)json_array_clear(lines);
    return status;
}

/* Lines of one kind, in batches. Lines of unknown kinds come from newer versions: left alone. */
static rh_status put_kind(put_state *state, const char *text, size_t len, const char *kind,
                          rh_error *err)
{
    const char *end = text + len;
    json_t *batch = json_array();
    size_t batch_bytes = 0;
    rh_status status = batch == NULL ? rh_error_oom(err) : RH_OK;

    while (text < end && status == RH_OK) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t line_len = (size_t)((newline == NULL ? end : newline) - text);
        json_t *line = NULL;

        if (line_len > 0) {
            rh_error ignored = RH_ERROR_INIT;

            if (rh_doc_parse_json("statistics", text, line_len, &line, &ignored) != RH_OK)
                state->refused++;
            else if (rh_str_eq(json_string_value(json_object_get(line, "kind")), kind)) {
                if (json_array_append(batch, line) != 0)
                    status = rh_error_oom(err);
                batch_bytes += line_len;
            }
            json_decref(line);
        }
        if (status == RH_OK &&
            (json_array_size(batch) >= LINES_PER_BATCH || batch_bytes >= BATCH_BYTES)) {
            status = put_batch(state, kind, batch, err);
            batch_bytes = 0;
        }
        text += line_len + 1;
    }
    if (status == RH_OK)
        status = put_batch(state, kind, batch, err);
    json_decref(batch);
    return status;
}

static bool is_partial(const rh_buf *text)
{
    const char *line = rh_buf_cstr(text);
    json_t *json = NULL;
    bool partial;

    if (rh_doc_parse_json("statistics", line, strcspn(line, "\n"), &json, NULL) != RH_OK)
        return false;
    partial = rh_str_eq(json_string_value(json_object_get(json, "kind")), "partial");
    json_decref(json);
    return partial;
}

static rh_status put_all(rh_pg_target *target, const rh_buf *text, bool partial, rh_problems *notes,
                         rh_error *err)
{
    static const char forget[] =
        "DELETE FROM pg_catalog.pg_statistic s USING pg_catalog.pg_class c, "
        "pg_catalog.pg_namespace n WHERE c.oid = s.starelid AND n.oid = c.relnamespace "
        "AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
    put_state state = {
        .pg = NULL, .functions = target->admin->version >= 180000, .partial = partial};
    const char *content = rh_buf_cstr(text);
    rh_status status = rh_pg_target_connect(target, &state.pg, err);

    if (status == RH_OK && !state.functions && !partial)
        status = rh_pg_exec(state.pg, forget, err);
    if (status == RH_OK)
        status = put_kind(&state, content, text->len, "relation", err);
    if (status == RH_OK)
        status = put_kind(&state, content, text->len, "column", err);
    /* Freshly loaded rows count as changes: autovacuum would replace what we have put. */
    if (status == RH_OK && target->superuser)
        status = rh_pg_exec(state.pg, "SELECT pg_catalog.pg_stat_reset()", err);
    if (status == RH_OK && state.refused > 0)
        status = rh_problems_add(notes, false, "ANALYZE fills the gaps", err,
                                 "%" PRId64 " statistics of production do not fit the server",
                                 state.refused);
    rh_pg_close(state.pg);
    return status;
}

static rh_status note_extended(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    rh_pg *pg = NULL;
    char *any = NULL;
    rh_status status = rh_pg_target_connect(target, &pg, err);

    if (status == RH_OK)
        status = rh_pg_query_text(pg, "SELECT EXISTS (SELECT FROM pg_catalog.pg_statistic_ext)", 0,
                                  NULL, &any, err);
    if (status == RH_OK && rh_str_eq(any, "t"))
        status = rh_problems_add(notes, false, NULL, err,
                                 "extended statistics are fresh ones: no server takes others");
    rh_mem_free(any);
    rh_pg_close(pg);
    return status;
}

static rh_status restore_source(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    const rh_restore_input *input = target->input;
    rh_error missing = RH_ERROR_INIT;
    rh_buf text = RH_BUF_INIT;
    bool possible = target->superuser || target->admin->version >= 180000;
    rh_status status;

    rh_buf_init(&text, SECTION_MAX_BYTES);
    status = input->section(input->section_ctx, "statistics", &text, &missing);
    if (status != RH_OK && status != RH_ENOTFOUND) {
        rh_error_set(err, status, "%s", missing.text);
    } else if (status == RH_ENOTFOUND || !possible) {
        status = rh_problems_add(notes, false,
                                 possible ? NULL : "restore as a superuser to have production's",
                                 err, "planner statistics are fresh ones, not production's");
        if (status == RH_OK)
            status = analyze(target, false, err);
    } else {
        bool partial = is_partial(&text);

        status = analyze(target, !partial, err);
        if (status == RH_OK)
            status = put_all(target, &text, partial, notes, err);
        if (status == RH_OK)
            status = note_extended(target, notes, err);
    }
    rh_buf_done(&text);
    return status;
}

rh_status rh_pg_statistics_restore(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    rh_status status = RH_OK;

    rh_progress_stage(target->options.progress, "statistics", 0, 0, 0);
    if (target->options.statistics == RH_STATISTICS_SOURCE)
        status = restore_source(target, notes, err);
    else if (target->options.statistics == RH_STATISTICS_ANALYZE)
        status = analyze(target, false, err);
    if (status != RH_OK)
        rh_error_where(err, "planner statistics");
    return status;
}
