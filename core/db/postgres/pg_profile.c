/*
 * One statement under EXPLAIN, in a transaction that is always rolled back.
 *
 *   open() -> [idle] -- begin() -> [in transaction] -- end() -> [idle] -- close()
 *
 * Invariants
 * 1. EXPLAIN goes through the extended protocol, which takes one statement and no more: no text can
 *    end our transaction and go on behind it.
 * 2. Whatever fails, end() rolls back: no lock and no row stays. Sequences keep what they gave.
 * 3. The transaction is READ ONLY unless the caller says that the statement writes.
 */
#include "pg_profile.h"

#include <inttypes.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"
#include "pg_explain.h"
#include "pg_statement.h"

enum { US_PER_MS = 1000 };

static const char PREPARED[] = "rehearse_profile";

rh_status rh_pg_profile_check_version(int version, rh_error *err)
{
    if (version >= RH_PG_PROFILE_OLDEST)
        return RH_OK;
    /* 110022 is 11.22, 90624 is 9.6.24 */
    rh_error_set(err, RH_EUNSUPPORTED, "server %d.%d is too old for profile", version / 10000,
                 version >= 100000 ? version % 10000 : version / 100 % 100);
    rh_error_hint(err, "plans of PostgreSQL 12 and newer are understood");
    return RH_EUNSUPPORTED;
}

rh_status rh_pg_profile_open(const char *target, const rh_profile_options *options, void **out,
                             rh_error *err)
{
    rh_pg_profile *profile = rh_mem_zalloc(sizeof *profile);
    rh_status status;

    if (profile == NULL)
        return rh_error_oom(err);
    profile->options = *options;
    status = rh_pg_conninfo_parse(target, &profile->info, err);
    if (status == RH_OK)
        status = rh_pg_open(profile->info, NULL, options->cancel, &profile->pg, err);
    if (status == RH_OK)
        status = rh_pg_profile_check_version(profile->pg->version, err);
    if (status == RH_OK) {
        *out = profile;
        profile = NULL;
    }
    rh_pg_profile_close(profile);
    return status;
}

void rh_pg_profile_close(void *session)
{
    rh_pg_profile *profile = session;

    if (profile == NULL)
        return;
    rh_pg_close(profile->pg);
    rh_pg_conninfo_free(profile->info);
    rh_mem_free(profile);
}

rh_status rh_pg_profile_begin(rh_pg_profile *profile, rh_error *err)
{
    const rh_profile_options *options = &profile->options;
    rh_status status = rh_pg_execf(
        profile->pg, err,
        "BEGIN %s; SET LOCAL lock_timeout = %" PRId64 "; SET LOCAL statement_timeout = %" PRId64
        "; SET LOCAL search_path TO DEFAULT%s",
        options->writes ? "" : "READ ONLY", (options->lock_timeout_us + 999) / US_PER_MS,
        (options->timeout_us + 999) / US_PER_MS,
        options->serial ? "; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off"
                        : "");

    if (status != RH_OK)
        rh_pg_profile_end(profile);
    return status;
}

void rh_pg_profile_end(rh_pg_profile *profile)
{
    rh_pg_exec_quietly(profile->pg, "ROLLBACK");
}

/* ---- errors ---- */

/* Characters of UTF-8 to bytes, without what stands before the statement. */
static size_t error_offset(const rh_pg *pg, const char *text, size_t prefix)
{
    size_t at = 0;

    if (pg->error_position <= 0)
        return RH_PROFILE_NO_OFFSET;
    for (int left = pg->error_position - 1; left > 0 && text[at] != '\0'; left--) {
        at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80)
            at++;
    }
    return at >= prefix ? at - prefix : RH_PROFILE_NO_OFFSET;
}

static rh_status explain_failure(const rh_pg_profile *profile, rh_status status, rh_error *err)
{
    if (err == NULL)
        return status;
    if (profile->pg->error_hint[0] != '\0')
        rh_error_hint(err, "%s", profile->pg->error_hint);
    if (strcmp(err->sqlstate, "25006") == 0)
        rh_error_hint(err, "it was run in a read-only transaction, because it does not look like a "
                           "statement that writes");
    if (status == RH_EBUSY)
        rh_error_hint(err, "somebody holds a lock on a table; try again, or raise --lock-timeout");
    return status;
}

/* ---- EXPLAIN ---- */

/* One EXPLAIN; timed_out: it was ended by statement_timeout, which is no error here. */
typedef struct explain_call {
    const char *options;
    const char *sql;
    const rh_pg_values *values;
    json_t *plan;
    size_t offset; /* of the error */
    bool timed_out;
} explain_call;

static rh_status explain(rh_pg_profile *profile, explain_call *call, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    char *answer = NULL;
    size_t prefix = 0;
    rh_error local = RH_ERROR_INIT;
    rh_status status = rh_buf_printf(&text, err, "EXPLAIN (%s) ", call->options);

    if (status != RH_OK)
        goto out;
    prefix = text.len;
    status = rh_buf_append_str(&text, call->sql, err);
    if (status != RH_OK)
        goto out;
    status = rh_pg_query_text(profile->pg, rh_buf_cstr(&text), call->values->count,
                              call->values->texts, &answer, &local);
    if (status != RH_OK) {
        call->offset = error_offset(profile->pg, rh_buf_cstr(&text), prefix);
        call->timed_out = status == RH_ELIMIT && strcmp(local.sqlstate, "57014") == 0;
        if (err != NULL)
            *err = local;
        goto out;
    }
    status = rh_pg_explain_parse(answer, &call->plan, err);
out:
    rh_buf_done(&text);
    rh_mem_free(answer);
    return status;
}

/* In a transaction of its own. */
static rh_status explain_alone(rh_pg_profile *profile, explain_call *call, rh_error *err)
{
    rh_status status = rh_pg_profile_begin(profile, err);

    if (status != RH_OK)
        return status;
    status = explain(profile, call, err);
    rh_pg_profile_end(profile);
    return status;
}

/* The same, and what was read meanwhile. */
static rh_status explain_and_read(rh_pg_profile *profile, explain_call *call, json_t **out_reads,
                                  rh_error *err)
{
    json_t *before = NULL;
    json_t *after = NULL;
    rh_status status = rh_pg_profile_begin(profile, err);

    if (status != RH_OK)
        return status;
    status = rh_pg_profile_reads(profile, &before, err);
    if (status == RH_OK)
        status = explain(profile, call, err);
    if (status == RH_OK)
        status = rh_pg_profile_reads(profile, &after, err);
    if (status == RH_OK)
        status = rh_pg_profile_reads_since(before, after, out_reads, err);
    rh_pg_profile_end(profile);
    json_decref(before);
    json_decref(after);
    return status;
}

/* ---- without values ---- */

/* Before 16: PREPARE, then EXPLAIN EXECUTE with NULLs under a forced generic plan. */
static rh_status explain_prepared(rh_pg_profile *profile, explain_call *call, rh_error *err)
{
    const rh_pg_values none = {NULL, 0, NULL};
    rh_buf text = RH_BUF_INIT;
    size_t count = rh_pg_count_parameters(call->sql);
    explain_call execute = {
        "FORMAT JSON, VERBOSE, SETTINGS", NULL, &none, NULL, RH_PROFILE_NO_OFFSET, false};
    size_t prefix;
    PGresult *result = NULL;
    rh_status status = rh_buf_printf(&text, err, "PREPARE %s AS ", PREPARED);

    prefix = text.len;
    if (status == RH_OK)
        status = rh_buf_append_str(&text, call->sql, err);
    if (status == RH_OK) {
        status = rh_pg_query(profile->pg, rh_buf_cstr(&text), 0, NULL, &result, err);
        call->offset = error_offset(profile->pg, rh_buf_cstr(&text), prefix);
    }
    PQclear(result);
    rh_buf_clear(&text);
    if (status == RH_OK)
        status = rh_pg_exec(profile->pg, "SET LOCAL plan_cache_mode = force_generic_plan", err);
    if (status == RH_OK)
        status = rh_buf_printf(&text, err, "EXECUTE %s", PREPARED);
    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = rh_buf_append_str(&text, i == 0 ? "(NULL" : ", NULL", err);
    if (status == RH_OK && count > 0)
        status = rh_buf_append_byte(&text, ')', err);
    if (status == RH_OK) {
        execute.sql = rh_buf_cstr(&text);
        status = explain(profile, &execute, err);
        call->plan = execute.plan;
    }
    rh_buf_done(&text);
    return status;
}

static rh_status explain_generic(rh_pg_profile *profile, explain_call *call, rh_error *err)
{
    rh_status status;

    if (profile->pg->version >= 160000) {
        call->options = "FORMAT JSON, VERBOSE, SETTINGS, GENERIC_PLAN";
        return explain_alone(profile, call, err);
    }
    status = rh_pg_profile_begin(profile, err);
    if (status != RH_OK)
        return status;
    status = explain_prepared(profile, call, err);
    rh_pg_profile_end(profile);
    rh_pg_exec_quietly(profile->pg, "DEALLOCATE ALL"); /* rollback keeps prepared statements */
    return status;
}

/* ---- run ---- */

static const char *measured_options(bool timing)
{
    return timing ? "ANALYZE, BUFFERS, VERBOSE, SETTINGS, FORMAT JSON"
                  : "ANALYZE, BUFFERS, VERBOSE, SETTINGS, TIMING OFF, SUMMARY, FORMAT JSON";
}

/* A first run sets hint bits and prunes pages: later ones touch the same blocks each time. */
static rh_status measure(rh_pg_profile *profile, const rh_profile_statement *statement,
                         explain_call *call, rh_profile_result *out, rh_error *err)
{
    int64_t start;
    rh_status status = RH_OK;

    call->options = measured_options(statement->timing);
    if (statement->warm && !profile->options.writes) {
        status = explain_alone(profile, call, err);
        json_decref(call->plan);
        call->plan = NULL;
    }
    start = rh_clock_mono_us();
    if (status == RH_OK)
        status = explain_and_read(profile, call, &out->reads, err);
    if (status == RH_OK) {
        out->executed = true;
        out->elapsed_us = rh_clock_mono_us() - start;
    }
    return status;
}

static rh_status plan_only(rh_pg_profile *profile, explain_call *call, rh_error *err)
{
    call->options = "VERBOSE, SETTINGS, FORMAT JSON";
    return explain_alone(profile, call, err);
}

static rh_status run_with_values(rh_pg_profile *profile, const rh_profile_statement *statement,
                                 explain_call *call, rh_profile_result *out, rh_error *err)
{
    rh_status status;

    if (!statement->execute)
        return plan_only(profile, call, err);
    status = measure(profile, statement, call, out, err);
    if (status == RH_OK || !call->timed_out)
        return status;
    if (err != NULL)
        rh_error_clear(err);
    out->stopped = "timeout";
    call->timed_out = false;
    call->offset = RH_PROFILE_NO_OFFSET;
    return plan_only(profile, call, err);
}

rh_status rh_pg_profile_run(void *session, const rh_profile_statement *statement,
                            rh_profile_result *out, rh_error *err)
{
    rh_pg_profile *profile = session;
    rh_pg_values values = {NULL, 0, NULL};
    explain_call call = {NULL, statement->sql, &values, NULL, RH_PROFILE_NO_OFFSET, false};
    size_t wanted = rh_pg_count_parameters(statement->sql);
    rh_status status;

    if (statement->parameter_count > 0 && statement->parameter_count < wanted) {
        rh_error_set(err, RH_EUSAGE, "the statement has %zu parameters, %zu values are given",
                     wanted, statement->parameter_count);
        return RH_EUSAGE;
    }
    status = rh_pg_values_new(statement, &values, err);
    if (status != RH_OK)
        return status;
    if (values.count > wanted)
        values.count = wanted;
    out->generic = wanted > 0 && statement->parameter_count == 0;
    status = out->generic ? explain_generic(profile, &call, err)
                          : run_with_values(profile, statement, &call, out, err);
    rh_pg_values_done(&values);
    if (status != RH_OK) {
        out->error_offset = call.offset;
        out->executed = false;
        out->plan = call.plan;
        rh_profile_result_done(out);
        return explain_failure(profile, status, err);
    }
    out->plan = call.plan;
    return RH_OK;
}
