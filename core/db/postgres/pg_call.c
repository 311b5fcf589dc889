/*
 * Invariants
 * 1. A session is in a transaction from open to close; close rolls back (sequences keep what they
 *    gave).
 * 2. Statements are prepared under names of their own; parameters and results are text.
 */
#include "pg_call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/num.h"
#include "pg_call_copies.h"
#include "pg_call_reads.h"
#include "pg_connection.h"
#include "pg_explain.h"
#include "pg_profile.h"
#include "pg_statement.h"

enum { MAX_COLUMNS = 256, US_PER_MS = 1000 };

typedef struct pg_call {
    rh_pg_conninfo *info;
    rh_pg *pg;
    const rh_cancel *cancel;
    rh_pg_copies *copies; /* NULL: the target's own tables */
    bool count_reads;
    uint64_t names;
    char version[24];
    char begin[256];
} pg_call;

typedef struct pg_statement {
    pg_call *session;
    char name[32];
    PGresult *columns; /* of a description */
    char *sql;
} pg_statement;

/* Copies are made of one snapshot, by a transaction that may make tables. */
static rh_status begin(pg_call *session, const rh_call_options *options, bool copies, rh_error *err)
{
    rh_status status = RH_OK;

    (void)snprintf(session->begin, sizeof session->begin,
                   "BEGIN %s; SET LOCAL lock_timeout = %" PRId64
                   "; SET LOCAL search_path TO DEFAULT",
                   copies            ? "ISOLATION LEVEL REPEATABLE READ"
                   : options->writes ? ""
                                     : "READ ONLY",
                   (options->lock_timeout_us + US_PER_MS - 1) / US_PER_MS);
    for (size_t i = 0; status == RH_OK && options->setup != NULL && options->setup[i] != NULL;
         i++) {
        status = rh_pg_exec(session->pg, options->setup[i], err);
        if (status != RH_OK)
            rh_error_where(err, "'%s'", options->setup[i]);
    }
    return status == RH_OK ? rh_pg_exec(session->pg, session->begin, err) : status;
}

static rh_status open_session(const char *target, const rh_call_options *options,
                              const char *const *statements, void **out, rh_error *err)
{
    pg_call *session;
    rh_status status;

    if (options->statistics != NULL)
        return rh_error_set(err, RH_EUNSUPPORTED, "statistics are put in place on SQLite only");
    session = rh_mem_zalloc(sizeof *session);
    if (session == NULL)
        return rh_error_oom(err);
    session->cancel = options->cancel;
    session->count_reads = options->count_reads;
    status = rh_pg_conninfo_parse(target, &session->info, err);
    if (status == RH_OK)
        status = rh_pg_open(session->info, NULL, options->cancel, &session->pg, err);
    if (status == RH_OK)
        status = begin(session, options, statements != NULL, err);
    if (status == RH_OK && statements != NULL)
        status = rh_pg_copies_open(session->pg, statements, &session->copies, err);
    if (status != RH_OK) {
        rh_pg_call_close(session);
        return status;
    }
    (void)snprintf(session->version, sizeof session->version, "%d.%d", session->pg->version / 10000,
                   session->pg->version % 10000);
    *out = session;
    return RH_OK;
}

rh_status rh_pg_call_open(const char *target, const rh_call_options *options, void **out,
                          rh_error *err)
{
    return open_session(target, options, NULL, out, err);
}

rh_status rh_pg_call_open_copies(const char *target, const rh_call_options *options,
                                 const char *const *statements, void **out, rh_error *err)
{
    return open_session(target, options, statements, out, err);
}

rh_status rh_pg_call_fill_copies(void *ctx, int64_t rows, rh_error *err)
{
    const pg_call *session = ctx;

    return rh_pg_copies_fill(session->copies, rows, err);
}

rh_status rh_pg_call_copies(void *ctx, json_t **out, rh_error *err)
{
    const pg_call *session = ctx;

    return rh_pg_copies_list(session->copies, out, err);
}

void rh_pg_call_close(void *ctx)
{
    pg_call *session = ctx;

    if (session == NULL)
        return;
    if (session->pg != NULL)
        rh_pg_exec_quietly(session->pg, "ROLLBACK");
    rh_pg_copies_free(session->copies);
    rh_pg_close(session->pg);
    rh_pg_conninfo_free(session->info);
    rh_mem_free(session);
}

const char *rh_pg_call_version(const void *ctx)
{
    const pg_call *session = ctx;

    return session->version;
}

rh_status rh_pg_call_exec(void *ctx, const char *sql, rh_error *err)
{
    const pg_call *session = ctx;

    return rh_pg_exec(session->pg, sql, err);
}

rh_status rh_pg_call_commit(void *ctx, rh_error *err)
{
    const pg_call *session = ctx;
    rh_status status = rh_pg_exec(session->pg, "COMMIT", err);

    return status == RH_OK ? rh_pg_exec(session->pg, session->begin, err) : status;
}

rh_status rh_pg_call_prepare(void *ctx, const char *sql, void **out, rh_error *err)
{
    pg_call *session = ctx;
    pg_statement *statement = rh_mem_zalloc(sizeof *statement);
    PGresult *result;
    rh_status status;

    if (statement == NULL)
        return rh_error_oom(err);
    statement->session = session;
    status = rh_pg_copies_named(session->copies, sql, &statement->sql, err);
    if (status != RH_OK) {
        rh_mem_free(statement);
        return status;
    }
    (void)snprintf(statement->name, sizeof statement->name, "rehearse_%" PRIu64, ++session->names);
    result = PQprepare(session->pg->conn, statement->name, statement->sql, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        status = rh_pg_fail(session->pg, result, err);
    PQclear(result);
    if (status == RH_OK) {
        statement->columns = PQdescribePrepared(session->pg->conn, statement->name);
        if (PQresultStatus(statement->columns) != PGRES_COMMAND_OK)
            status = rh_pg_fail(session->pg, statement->columns, err);
    }
    if (status != RH_OK) {
        rh_pg_call_statement_free(statement);
        return status;
    }
    *out = statement;
    return RH_OK;
}

void rh_pg_call_statement_free(void *ctx)
{
    pg_statement *statement = ctx;

    char sql[64];

    if (statement == NULL)
        return;
    /* The server keeps it otherwise, and a trace may have very many texts. */
    if (statement->columns != NULL &&
        PQtransactionStatus(statement->session->pg->conn) == PQTRANS_INTRANS) {
        (void)snprintf(sql, sizeof sql, "DEALLOCATE %s", statement->name);
        rh_pg_exec_quietly(statement->session->pg, sql);
    }
    PQclear(statement->columns);
    rh_mem_free(statement->sql);
    rh_mem_free(statement);
}

const char *rh_pg_call_column(const void *ctx, size_t at)
{
    const pg_statement *statement = ctx;

    return at < (size_t)PQnfields(statement->columns) ? PQfname(statement->columns, (int)at) : NULL;
}

static rh_status hand_over(const PGresult *result, int row, const rh_call_run *run, rh_error *err)
{
    rh_parameter values[MAX_COLUMNS];
    int count = PQnfields(result);

    if (count > MAX_COLUMNS)
        return rh_error_set(err, RH_ELIMIT, "a result has more than %d columns", (int)MAX_COLUMNS);
    for (int i = 0; i < count; i++) {
        values[i] = (rh_parameter){.kind = RH_PARAMETER_NULL};
        if (PQgetisnull(result, row, i))
            continue;
        values[i].kind = RH_PARAMETER_TEXT;
        values[i].data = PQgetvalue(result, row, i);
        values[i].len = (size_t)PQgetlength(result, row, i);
    }
    return run->row(run->ctx, values, (size_t)count, err);
}

static rh_status take_result(const pg_call *session, const PGresult *result, const rh_call_run *run,
                             rh_call_counters *counters, rh_error *err)
{
    ExecStatusType kind = PQresultStatus(result);
    rh_status status = RH_OK;
    int64_t touched = 0;
    const char *tuples;

    if (kind == PGRES_COMMAND_OK) {
        tuples = PQcmdTuples((PGresult *)(uintptr_t)result);
        if (rh_num_scan_int64(tuples, strlen(tuples), &touched))
            counters->rows += touched;
        return RH_OK;
    }
    if (kind != PGRES_TUPLES_OK)
        return rh_pg_fail(session->pg, result, err);
    counters->rows += PQntuples(result);
    for (int i = 0; status == RH_OK && run->row != NULL && i < PQntuples(result); i++)
        status = hand_over(result, i, run, err);
    return status == RH_DONE ? RH_OK : status;
}

rh_status rh_pg_call_execute(void *ctx, const rh_call_run *run, rh_call_counters *counters,
                             rh_error *err)
{
    const pg_statement *statement = ctx;
    const pg_call *session = statement->session;
    const rh_profile_statement values_of = {.parameters = run->parameters,
                                            .parameter_count = run->parameter_count};
    rh_pg_values values;
    PGresult *result;
    int64_t reads = 0, start;
    rh_status status = rh_cancel_check(session->cancel, err);

    if (status == RH_OK)
        status = rh_pg_values_new(&values_of, &values, err);
    if (status != RH_OK)
        return status;
    /* Before it is run: after an INSERT its key would be there already. */
    if (session->count_reads)
        status =
            rh_pg_count_reads(session->pg, statement->sql, values.count, values.texts, &reads, err);
    if (status == RH_OK) {
        start = rh_clock_mono_us();
        result = PQexecPrepared(session->pg->conn, statement->name, (int)values.count, values.texts,
                                NULL, NULL, 0);
        counters->executions++;
        status = take_result(session, result, run, counters, err);
        PQclear(result);
        counters->elapsed_us += rh_clock_mono_us() - start;
    }
    rh_pg_values_done(&values);
    counters->rows_read = session->count_reads ? counters->rows_read + reads : -1;
    counters->vm_steps = counters->full_scan_steps = counters->sorts = counters->auto_index_rows =
        -1;
    return status;
}

static rh_status explain(const pg_call *session, const char *sql, const rh_parameter *parameters,
                         size_t count, json_t **out, rh_error *err)
{
    const rh_profile_statement values_of = {.parameters = parameters, .parameter_count = count};
    rh_buf text = RH_BUF_INIT;
    rh_pg_values values;
    char *answer = NULL;
    rh_status status;

    if (count == 0)
        return rh_pg_explain_generic(session->pg, sql, false, out, err);
    status = rh_pg_values_new(&values_of, &values, err);
    if (status != RH_OK)
        return status;
    status = rh_buf_printf(&text, err, "EXPLAIN (FORMAT JSON) %s", sql);
    if (status == RH_OK)
        status = rh_pg_query_text(session->pg, rh_buf_cstr(&text), values.count, values.texts,
                                  &answer, err);
    if (status == RH_OK)
        status = rh_pg_explain_parse(answer, out, err);
    rh_mem_free(answer);
    rh_buf_done(&text);
    rh_pg_values_done(&values);
    return status;
}

rh_status rh_pg_call_explain(void *ctx, const char *sql, const rh_parameter *parameters,
                             size_t count, json_t **out, rh_error *err)
{
    const pg_call *session = ctx;
    char *named = NULL;
    rh_status status = rh_pg_copies_named(session->copies, sql, &named, err);

    if (status == RH_OK)
        status = explain(session, named, parameters, count, out, err);
    rh_mem_free(named);
    return status;
}
