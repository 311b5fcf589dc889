/*
 * One connection of a replay, always in pipeline mode:
 *
 *   [DISCARD ALL, sync] [BEGIN] (prepare? query)* sync [ROLLBACK sync]
 *
 * The sync behind the statements ends what a failure skips, so that the ROLLBACK always runs. Rows
 * come one at a time and are hashed and dropped.
 */
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "pg_error.h"
#include "pg_replay.h"

enum {
    PREPARED_SLOTS = 2048, /* power of two; half of it is used */
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_NUMERIC = 1700,
    MAX_PARAMETERS = 65535,
    NAME_BYTES = 32,
};

#define SAVEPOINT "rehearse_types"

/* ---- what is prepared ---- */

static uint64_t *prepared_slot(rh_pg_link *link, uint64_t number)
{
    size_t at = (size_t)(number * 0x9e3779b97f4a7c15U >> 40) & (PREPARED_SLOTS - 1);

    while (link->prepared[at] != 0 && link->prepared[at] != number)
        at = (at + 1) & (PREPARED_SLOTS - 1);
    return &link->prepared[at];
}

static bool is_prepared(rh_pg_link *link, uint64_t number)
{
    return link->prepared != NULL && *prepared_slot(link, number) == number;
}

/* Is there room to remember one more? Without, statements are sent unprepared. */
static bool may_prepare(rh_pg_link *link)
{
    if (link->prepared == NULL)
        link->prepared = rh_mem_array(PREPARED_SLOTS, sizeof *link->prepared);
    return link->prepared != NULL && link->prepared_count < PREPARED_SLOTS / 2;
}

static void forget_prepared(rh_pg_link *link)
{
    if (link->prepared != NULL)
        memset(link->prepared, 0, PREPARED_SLOTS * sizeof *link->prepared);
    link->prepared_count = 0;
}

void rh_pg_link_close(rh_pg_link *link)
{
    PQfinish(link->conn);
    link->conn = NULL;
    rh_mem_free(link->prepared);
    link->prepared = NULL;
    link->prepared_count = 0;
}

/* ---- sending ---- */

static void add_slot(rh_pg_link *link, rh_pg_slot slot)
{
    link->slots[link->slot_count++] = slot;
}

static bool send_ours(rh_pg_link *link, const char *sql)
{
    add_slot(link, RH_PG_SLOT_OURS);
    return PQsendQueryParams(link->conn, sql, 0, NULL, NULL, NULL, NULL, 0) != 0;
}

static bool send_sync(rh_pg_link *link, rh_pg_slot slot)
{
    add_slot(link, slot);
    return PQpipelineSync(link->conn) != 0;
}

/* Arrays that libpq wants, in one block. */
typedef struct bound {
    Oid *types;
    const char **values;
    int *lengths;
    int *formats;
    char (*numbers)[NAME_BYTES];
} bound;

static void bind_one(bound *out, size_t i, const rh_parameter *parameter)
{
    switch (parameter->kind) {
    case RH_PARAMETER_NULL:
        return;
    case RH_PARAMETER_TEXT:
        out->values[i] = parameter->len == 0 ? "" : parameter->data;
        return;
    case RH_PARAMETER_BLOB:
        out->values[i] = parameter->len == 0 ? "" : parameter->data;
        out->lengths[i] = (int)parameter->len;
        out->formats[i] = 1;
        out->types[i] = OID_BYTEA;
        return;
    case RH_PARAMETER_INTEGER:
        (void)snprintf(out->numbers[i], NAME_BYTES, "%lld", (long long)parameter->integer);
        break;
    case RH_PARAMETER_REAL:
        (void)snprintf(out->numbers[i], NAME_BYTES, "%.17g", parameter->real);
        break;
    }
    out->values[i] = out->numbers[i];
}

/* The type that the value looks like; 0, left to the server, for NULL. */
static Oid guessed_type(const char *value)
{
    size_t len = value == NULL ? 0 : strlen(value);
    const char *digits = len > 0 && *value == '-' ? value + 1 : value;
    int64_t number;

    if (value == NULL)
        return 0;
    if (rh_num_scan_int64(value, len, &number))
        return number >= INT32_MIN && number <= INT32_MAX ? OID_INT4 : OID_INT8;
    if (*digits >= '0' && *digits <= '9' && strspn(digits, "0123456789.") == strlen(digits) &&
        strchr(digits, '.') == strrchr(digits, '.'))
        return OID_NUMERIC;
    return OID_TEXT;
}

static void guess_types(bound *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (out->types[i] == 0)
            out->types[i] = guessed_type(out->values[i]);
    }
}

static void bound_done(bound *binding)
{
    rh_mem_free(binding->types);
    rh_mem_free(binding->values);
    rh_mem_free(binding->lengths);
    rh_mem_free(binding->formats);
    rh_mem_free(binding->numbers);
}

static bool bound_init(bound *out, const rh_replay_call *call)
{
    size_t count = call->parameter_count;

    memset(out, 0, sizeof *out);
    if (count == 0)
        return true;
    out->types = rh_mem_array(count, sizeof *out->types);
    out->values = rh_mem_array(count, sizeof *out->values);
    out->lengths = rh_mem_array(count, sizeof *out->lengths);
    out->formats = rh_mem_array(count, sizeof *out->formats);
    out->numbers = rh_mem_array(count, sizeof *out->numbers);
    if (out->types == NULL || out->values == NULL || out->lengths == NULL || out->formats == NULL ||
        out->numbers == NULL) {
        bound_done(out);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        bind_one(out, i, &call->parameters[i]);
    if (call->guess_types)
        guess_types(out, count);
    return true;
}

/* Types are left to the server wherever it can tell them: as when the statement was captured. */
static bool send_query(rh_pg_link *link, const rh_replay_call *call, const char *sql,
                       const bound *binding)
{
    int count = (int)call->parameter_count;
    bool prepare = call->prepare != 0 && !is_prepared(link, call->prepare) && may_prepare(link);
    char name[NAME_BYTES];

    (void)snprintf(name, sizeof name, "rehearse_%llx", (unsigned long long)call->prepare);
    if (prepare) {
        add_slot(link, RH_PG_SLOT_PREPARE);
        link->preparing = call->prepare;
        if (!PQsendPrepare(link->conn, name, sql, count, binding->types))
            return false;
    }
    add_slot(link, RH_PG_SLOT_QUERY);
    if (prepare || (call->prepare != 0 && is_prepared(link, call->prepare)))
        return PQsendQueryPrepared(link->conn, name, count, binding->values, binding->lengths,
                                   binding->formats, 0) != 0;
    return PQsendQueryParams(link->conn, sql, count, binding->types, binding->values,
                             binding->lengths, binding->formats, 0) != 0;
}

static bool send_call(rh_pg_link *link, const rh_replay_call *call, const bound *binding)
{
    bool sent = true;

    if (call->reset) {
        forget_prepared(link);
        sent = send_ours(link, "DISCARD ALL") && send_sync(link, RH_PG_SLOT_SYNC) &&
               send_ours(link, "SET client_min_messages = error") &&
               send_sync(link, RH_PG_SLOT_SYNC);
    }
    if (sent && call->wrap)
        sent = send_ours(link, "BEGIN");
    if (sent && call->undo)
        sent = send_ours(link, "ROLLBACK TO SAVEPOINT " SAVEPOINT);
    if (sent && call->guard)
        sent = send_ours(link, "SAVEPOINT " SAVEPOINT);
    for (size_t i = 0; sent && i < call->statement_count; i++)
        sent = send_query(link, call, call->statements[i], binding);
    if (sent && (call->guard || call->undo))
        sent = send_ours(link, "RELEASE SAVEPOINT " SAVEPOINT);
    sent = sent && send_sync(link, RH_PG_SLOT_LAST_QUERY_SYNC);
    if (sent && (call->wrap || call->end))
        sent = send_ours(link, "ROLLBACK") && send_sync(link, RH_PG_SLOT_SYNC);
    return sent;
}

static void flush(rh_pg_link *link)
{
    link->flushing = PQflush(link->conn) == 1;
}

static void fail(rh_pg_link *link, rh_status status, const char *text)
{
    link->done.status = status;
    (void)rh_str_copy(link->done.message, sizeof link->done.message, text);
}

void rh_pg_link_start(rh_pg_link *link, const rh_replay_call *call)
{
    bound binding;
    bool too_many = call->statement_count > (RH_PG_REPLAY_MAX_SLOTS - 8) / 2 ||
                    call->parameter_count > MAX_PARAMETERS;

    memset(&link->done, 0, sizeof link->done);
    link->done.steps = -1;
    link->done.start_us = rh_clock_mono_us();
    link->slot_count = 0;
    link->slot = 0;
    link->preparing = 0;
    link->single_row = false;
    link->busy = true;
    if (link->conn == NULL)
        fail(link, RH_ECONNECT, "the connection is closed");
    else if (too_many || !bound_init(&binding, call))
        fail(link, too_many ? RH_ELIMIT : RH_ENOMEM, "the statement is too long for one call");
    if (link->done.status != RH_OK)
        return;
    if (!send_call(link, call, &binding))
        fail(link, RH_ECONNECT, "the connection was lost");
    else
        flush(link);
    bound_done(&binding);
}

/* ---- receiving ---- */

static void count_rows(rh_pg_link *link, const PGresult *result, rh_row_hasher *hasher)
{
    int columns = PQnfields(result);

    for (int row = 0; row < PQntuples(result); row++) {
        for (int at = 0; at < columns; at++) {
            uint8_t len[4];
            bool null = PQgetisnull(result, row, at) != 0;

            rh_put_u32(len, null ? UINT32_MAX : (uint32_t)PQgetlength(result, row, at));
            rh_row_hasher_add(hasher, len, sizeof len);
            if (!null)
                rh_row_hasher_add(hasher, PQgetvalue(result, row, at),
                                  (size_t)PQgetlength(result, row, at));
        }
        rh_u128_add(&link->done.hash, rh_row_hasher_end(hasher));
        link->done.rows++;
    }
}

static void count_touched(rh_pg_link *link, PGresult *result)
{
    const char *tag = PQcmdStatus(result);
    const char *tuples = PQcmdTuples(result);
    int64_t touched = 0;

    for (const char *at = tuples; *at >= '0' && *at <= '9'; at++)
        touched = touched * 10 + (*at - '0');
    link->done.rows += touched;
    if (rh_str_starts_with(tag, "DISCARD") || rh_str_starts_with(tag, "DEALLOCATE"))
        forget_prepared(link);
}

/* The first failure of a call is its answer. */
static void take_failure(rh_pg_link *link, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (link->done.status != RH_OK)
        return;
    link->done.status = RH_EDB;
    if (state != NULL)
        (void)rh_str_copy(link->done.sqlstate, sizeof link->done.sqlstate, state);
    if (rh_str_eq(state, "57014"))
        link->done.status = RH_ELIMIT;
    if (rh_str_eq(state, "26000"))
        forget_prepared(link);
    rh_pg_error_text(state, message, PQpass(link->conn), link->done.message,
                     sizeof link->done.message);
}

static void take_result(rh_pg_link *link, PGresult *result, rh_row_hasher *hasher)
{
    rh_pg_slot slot = link->slots[link->slot];

    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        count_rows(link, result, hasher);
        break;
    case PGRES_TUPLES_OK:
        count_rows(link, result, hasher);
        break;
    case PGRES_COMMAND_OK:
        if (slot == RH_PG_SLOT_QUERY)
            count_touched(link, result);
        if (slot == RH_PG_SLOT_PREPARE && may_prepare(link)) {
            *prepared_slot(link, link->preparing) = link->preparing;
            link->prepared_count++;
        }
        break;
    case PGRES_PIPELINE_SYNC:
        if (slot == RH_PG_SLOT_LAST_QUERY_SYNC)
            link->done.end_us = rh_clock_mono_us();
        link->slot++;
        link->single_row = false;
        break;
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
        take_failure(link, result);
        break;
    default: /* skipped behind a failure, or empty */
        break;
    }
}

/* The server is gone, or the library lost track of the protocol. */
static bool lost(rh_pg_link *link)
{
    char text[RH_REPLAY_MESSAGE_BYTES];

    rh_pg_error_text(NULL, PQerrorMessage(link->conn), PQpass(link->conn), text, sizeof text);
    if (link->done.status == RH_OK || link->done.status == RH_EDB)
        fail(link, RH_ECONNECT, text[0] != '\0' ? text : "the connection was lost");
    link->done.status = RH_ECONNECT;
    rh_pg_link_close(link);
    return true;
}

static bool finish(rh_pg_link *link)
{
    PGTransactionStatusType state;

    if (link->conn != NULL) {
        state = PQtransactionStatus(link->conn);
        link->done.in_transaction = state == PQTRANS_INTRANS || state == PQTRANS_INERROR;
    }
    if (link->done.end_us == 0)
        link->done.end_us = rh_clock_mono_us();
    if (link->done.lock_us > link->done.end_us - link->done.start_us)
        link->done.lock_us = link->done.end_us - link->done.start_us;
    link->busy = false;
    return true;
}

bool rh_pg_link_advance(rh_pg_link *link, rh_row_hasher *hasher)
{
    if (link->done.status == RH_ECONNECT || link->slot_count == 0) {
        if (link->conn != NULL && link->done.status == RH_ECONNECT)
            (void)lost(link);
        return finish(link);
    }
    if (link->flushing)
        flush(link);
    if (!PQconsumeInput(link->conn)) {
        (void)lost(link);
        return finish(link);
    }
    while (link->slot < link->slot_count && !PQisBusy(link->conn)) {
        PGresult *result;

        if (!link->single_row && link->slots[link->slot] == RH_PG_SLOT_QUERY) {
            (void)PQsetSingleRowMode(link->conn);
            link->single_row = true;
        }
        result = PQgetResult(link->conn);
        if (result == NULL) {
            link->slot++;
            link->single_row = false;
            continue;
        }
        take_result(link, result, hasher);
        PQclear(result);
        if (PQstatus(link->conn) == CONNECTION_BAD) {
            (void)lost(link);
            return finish(link);
        }
    }
    return link->slot == link->slot_count ? finish(link) : false;
}
