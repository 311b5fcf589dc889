/*
 * A block's statements as a trace has them, with the values of the trace.
 *
 * Invariants
 * 1. Nothing of the trace begins or ends the session's transaction: BEGIN does nothing, COMMIT
 * makes what came before safe from a later ROLLBACK, which goes back to the savepoint of the block.
 * 2. Savepoints of the trace are made only inside their block: `names` holds those that are open.
 * 3. A statement that may fail (it did when it was captured, or the rest shall go on) has a
 *    savepoint of its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "block_replay_internal.h"
#include "core/mem.h"
#include "core/sql_fingerprint.h"
#include "core/str.h"

enum { MAX_NAMES = 64, NAME_BYTES = 80 };

struct rh_block_replay_trace {
    size_t *calls; /* of the block's statements; the number of calls: none */
    size_t cap;
    char names[MAX_NAMES][NAME_BYTES]; /* open savepoints, as written */
    size_t name_count;
};

void rh_block_replay_trace_free(rh_block_replay *replay)
{
    if (replay->trace != NULL)
        rh_mem_free(replay->trace->calls);
    rh_mem_free(replay->trace);
    replay->trace = NULL;
}

rh_status rh_block_replay_trace_begin(rh_block_replay *replay, const rh_ledger_block *block,
                                      rh_error *err)
{
    struct rh_block_replay_trace *trace = replay->trace;

    if (trace == NULL)
        trace = replay->trace = rh_mem_zalloc(sizeof *trace);
    if (trace == NULL)
        return rh_error_oom(err);
    if (trace->cap < block->statement_count) {
        size_t *grown = rh_mem_rearray(trace->calls, block->statement_count, sizeof *grown);

        if (grown == NULL)
            return rh_error_oom(err);
        trace->calls = grown;
        trace->cap = block->statement_count;
    }
    for (size_t i = 0; i < replay->count; i++)
        replay->calls[i].block_statements = 0;
    for (size_t i = 0; i < block->statement_count; i++) {
        size_t call = rh_calls_of_shape(replay->options.calls, block->statements[i].fingerprint);

        trace->calls[i] = call < replay->count ? call : replay->count;
        if (call < replay->count)
            replay->calls[call].block_statements++;
    }
    return RH_OK;
}

/* ---- transaction control ---- */

/* The name that the statement ends with, as written; false when it is too long. */
static bool last_name(rh_sql_dialect dialect, const char *sql, char out[NAME_BYTES])
{
    rh_sql_scan scan;
    rh_sql_token token, last = {.kind = RH_SQL_TOKEN_END};

    rh_sql_scan_init(&scan, dialect, sql, strlen(sql));
    while ((token = rh_sql_scan_next_code(&scan)).kind != RH_SQL_TOKEN_END) {
        if (token.kind == RH_SQL_TOKEN_WORD || token.kind == RH_SQL_TOKEN_IDENT)
            last = token;
    }
    if (last.kind == RH_SQL_TOKEN_END || !last.closed || last.len >= NAME_BYTES)
        return false;
    memcpy(out, sql + last.offset, last.len);
    out[last.len] = '\0';
    return true;
}

static rh_status exec_name(rh_block_replay *replay, const char *words, const char *name,
                           rh_error *err)
{
    char sql[NAME_BYTES + 32];

    (void)snprintf(sql, sizeof sql, "%s %s", words, name);
    return rh_call_exec(replay->session, sql, err);
}

static rh_status follow_savepoint(rh_block_replay *replay, rh_sql_transaction_step step,
                                  const char *sql, rh_error *err)
{
    struct rh_block_replay_trace *trace = replay->trace;
    size_t at = trace->name_count;
    char name[NAME_BYTES];

    if (!last_name(replay->options.calls->dialect, sql, name))
        return RH_OK;
    if (step == RH_SQL_TX_SAVEPOINT) {
        if (trace->name_count == MAX_NAMES)
            return RH_OK;
        memcpy(trace->names[trace->name_count++], name, sizeof name);
        return exec_name(replay, "SAVEPOINT", name, err);
    }
    while (at > 0 && !rh_str_ieq(trace->names[at - 1], name))
        at--;
    if (at == 0)
        return RH_OK; /* made before the block began */
    trace->name_count = step == RH_SQL_TX_RELEASE ? at - 1 : at;
    return exec_name(replay,
                     step == RH_SQL_TX_RELEASE ? "RELEASE SAVEPOINT" : "ROLLBACK TO SAVEPOINT",
                     name, err);
}

static rh_status follow(rh_block_replay *replay, const char *sql, rh_error *err)
{
    rh_sql_command command = rh_sql_command_of(replay->options.calls->dialect, sql, strlen(sql));
    rh_status status;

    if (command.kind != RH_SQL_COMMAND_TRANSACTION) {
        replay->passed_over++;
        return RH_OK;
    }
    if (!replay->options.calls->writes)
        return RH_OK;
    switch (command.transaction) {
    case RH_SQL_TX_SAVEPOINT:
    case RH_SQL_TX_RELEASE:
    case RH_SQL_TX_ROLLBACK_TO:
        return follow_savepoint(replay, command.transaction, sql, err);
    case RH_SQL_TX_COMMIT:
    case RH_SQL_TX_ROLLBACK:
        replay->trace->name_count = 0;
        status = command.transaction == RH_SQL_TX_COMMIT
                     ? rh_call_exec(replay->session, "RELEASE SAVEPOINT rehearse_block", err)
                     : rh_call_exec(replay->session, "ROLLBACK TO SAVEPOINT rehearse_block", err);
        return status == RH_OK && command.transaction == RH_SQL_TX_COMMIT
                   ? rh_call_exec(replay->session, "SAVEPOINT rehearse_block", err)
                   : status;
    default:
        return RH_OK;
    }
}

/* ---- statements ---- */

/* Texts of one shape differ where values are part of them. */
static rh_status prepare(rh_block_replay *replay, replayed_call *state, const char *sql,
                         rh_error *err)
{
    if (state->statements == NULL) {
        state->statements = rh_mem_array(1, sizeof(rh_call_statement *));
        if (state->statements == NULL)
            return rh_error_oom(err);
    }
    if (state->text != NULL && strcmp(state->text, sql) == 0)
        return RH_OK;
    rh_call_statement_free(state->statements[0]);
    state->statements[0] = NULL;
    rh_mem_free(state->text);
    state->text = rh_mem_strdup(sql);
    if (state->text == NULL)
        return rh_error_oom(err);
    return rh_call_prepare(replay->session, sql, &state->statements[0], err);
}

static rh_status run_statement(rh_block_replay *replay, replayed_call *state,
                               const rh_ledger_statement *statement, rh_error *err)
{
    rh_call_run run = {.parameters = statement->parameters,
                       .parameter_count = statement->parameter_count};
    const rh_call_counters before = state->block_counters;
    rh_status status = prepare(replay, state, statement->sql, err);

    if (status != RH_OK) {
        rh_mem_free(state->text);
        state->text = NULL;
        return status;
    }
    status = rh_block_replay_step(replay, state, state->statements[0], &run, err);
    rh_block_replay_note_pace(state, &before);
    if (status != RH_SKIPPED)
        return status;
    state->figures.cut++;
    return RH_OK;
}

/* The statement's own savepoint: kept, or gone back to. */
static rh_status leave_savepoint(rh_block_replay *replay, bool back, rh_error *err)
{
    rh_status status =
        back ? rh_call_exec(replay->session, "ROLLBACK TO SAVEPOINT rehearse_unit", err) : RH_OK;

    return status == RH_OK ? rh_call_exec(replay->session, "RELEASE SAVEPOINT rehearse_unit", err)
                           : status;
}

static bool is_final(rh_status status)
{
    return status == RH_ECANCELED || status == RH_ENOMEM || status == RH_ECONNECT;
}

static rh_status fail(rh_block_replay *replay, replayed_call *state, rh_status status,
                      rh_error *detail, rh_error *err)
{
    rh_error_where(detail, "block %" PRId64 ", call '%s'", replay->block.height,
                   state->figures.call->name);
    if (!is_final(status))
        rh_error_hint(detail, "the database should be as it was before the trace; --keep-going "
                              "counts errors and goes on");
    if (err != NULL && err->code == RH_OK)
        *err = *detail;
    return status;
}

static rh_status run_call(rh_block_replay *replay, replayed_call *state,
                          const rh_ledger_statement *statement, rh_error *err)
{
    bool guarded = replay->options.keep_going || statement->failed;
    uint64_t number = state->block_units++;
    rh_error detail = RH_ERROR_INIT;
    rh_status status = RH_OK;

    if (statement->duration_us > 0)
        state->figures.captured_us += statement->duration_us;
    state->figures.unreplayable += statement->unreplayable;
    if (statement->unreplayable || !rh_block_replay_due(replay, state, number))
        return RH_OK;
    if (guarded)
        status = rh_call_exec(replay->session, "SAVEPOINT rehearse_unit", err);
    if (status != RH_OK)
        return status;
    status = run_statement(replay, state, statement, &detail);
    state->block_measured++;
    rh_block_replay_spend(replay, state);
    if (status != RH_OK && (!guarded || is_final(status)))
        return fail(replay, state, status, &detail, err);
    if (status != RH_OK && !statement->failed && state->figures.errors++ == 0)
        memcpy(state->figures.first_error, detail.text, sizeof detail.text);
    return guarded ? leave_savepoint(replay, status != RH_OK, err) : RH_OK;
}

rh_status rh_block_replay_trace_run(rh_block_replay *replay, const rh_ledger_block *block,
                                    rh_error *err)
{
    bool writes = replay->options.calls->writes;
    rh_status status =
        writes ? rh_call_exec(replay->session, "SAVEPOINT rehearse_block", err) : RH_OK;

    replay->trace->name_count = 0;
    for (size_t i = 0; status == RH_OK && i < block->statement_count; i++) {
        const rh_ledger_statement *statement = &block->statements[i];
        size_t call = replay->trace->calls[i];

        status = call < replay->count ? run_call(replay, &replay->calls[call], statement, err)
                                      : follow(replay, statement->sql, err);
        if (status == RH_OK && i % 64 == 0)
            status = rh_cancel_check(replay->options.cancel, err);
    }
    if (status == RH_OK && writes)
        status = rh_call_exec(replay->session, "RELEASE SAVEPOINT rehearse_block", err);
    return status;
}
