/*
 * What goes out on one connection of a replay, always in pipeline mode.
 *
 * One call:
 *
 *   [DISCARD ALL, settings] [BEGIN] (prepare? query)* sync [ROLLBACK sync]
 *
 * The sync behind the statements ends what a failure skips, so that the ROLLBACK always runs.
 * Several calls make a group with one sync, because libpq makes a system call of every sync; the
 * flushes let the server answer each one as soon as it has run:
 *
 *   BEGIN (prepare? query) flush ROLLBACK, BEGIN (prepare? query) flush ROLLBACK ... sync
 *
 * Calls that do not wrap have a COMMIT there, as without BEGIN; inside of the session's transaction
 * they have neither. A failure makes the server skip everything up to the sync. What was skipped
 * has not run at all and is sent again, in groups that grow from twice what ran.
 *
 * A group is what libpq writes at once; the next one waits for its answers. A write to a server
 * that has gone makes libpq drop answers that had arrived: with nothing left to write when a
 * statement ends the connection, the answers before it are all read, and it alone is told as lost.
 */
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "pg_replay.h"

enum {
    PREPARED_SLOTS = 2048, /* power of two; half of it is used */
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_NUMERIC = 1700,
    MAX_PARAMETERS = 65535,
    NAME_BYTES = 48,
    WRITE_BYTES = 8192,      /* libpq 12 to 17 write as soon as they have collected so many */
    GROUP_OTHER_BYTES = 512, /* of them for what a group has once: sync, our own statements */
    CALL_BYTES = 208,        /* BEGIN, query, flush, ROLLBACK: names, headers, no values */
    PREPARE_BYTES = 64,      /* name and headers */
    PARAMETER_BYTES = 12,    /* type, format, length */
};

#define SAVEPOINT "rehearse_types"

/* Numbers of texts in a workload file are far from these. */
#define OUR_BEGIN    UINT64_MAX
#define OUR_ROLLBACK (UINT64_MAX - 1)
#define OUR_COMMIT   (UINT64_MAX - 2)

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

/* On its way, and its answer not here yet: a failure would be told of the wrong statement. */
static bool is_being_prepared(const rh_pg_link *link, uint64_t number)
{
    for (size_t i = 0; i < link->slot_count; i++) {
        if (link->slots[i].kind == RH_PG_SLOT_PREPARE && link->slots[i].number == number)
            return true;
    }
    return false;
}

void rh_pg_link_set_prepared(rh_pg_link *link, uint64_t number)
{
    if (!may_prepare(link) || is_prepared(link, number))
        return;
    *prepared_slot(link, number) = number;
    link->prepared_count++;
}

void rh_pg_link_forget_prepared(rh_pg_link *link)
{
    if (link->prepared != NULL)
        memset(link->prepared, 0, PREPARED_SLOTS * sizeof *link->prepared);
    link->prepared_count = 0;
    link->generation++;
}

/* ---- parameters ---- */

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

/* ---- pieces ---- */

static rh_pg_slot *add_slot(rh_pg_link *link, rh_pg_slot_kind kind, size_t call)
{
    rh_pg_slot *slot = &link->slots[link->slot_count++];

    *slot = (rh_pg_slot){.kind = kind, .call = call};
    return slot;
}

static bool send_ours(rh_pg_link *link, size_t call, const char *sql)
{
    (void)add_slot(link, RH_PG_SLOT_OURS, call);
    return PQsendQueryParams(link->conn, sql, 0, NULL, NULL, NULL, NULL, 0) != 0;
}

/* Of what was forgotten the server may still have some: new names meet none of it. */
static void name_of(const rh_pg_link *link, uint64_t number, char out[NAME_BYTES])
{
    (void)snprintf(out, NAME_BYTES, "rehearse_%x_%llx", (unsigned)link->generation,
                   (unsigned long long)number);
}

/* Prepare under the number, when that can be: *out tells whether it is, or will be by then. */
static bool prepare(rh_pg_link *link, size_t call, uint64_t number, const char *sql,
                    const bound *binding, bool *out)
{
    int count = binding == NULL ? 0 : (int)link->calls[call]->parameter_count;
    char name[NAME_BYTES];
    rh_pg_slot *slot;

    *out = number != 0 && is_prepared(link, number);
    if (number == 0 || *out || is_being_prepared(link, number) || !may_prepare(link))
        return true;
    *out = true;
    name_of(link, number, name);
    slot = add_slot(link, RH_PG_SLOT_PREPARE, call);
    slot->number = number;
    slot->generation = link->generation;
    return PQsendPrepare(link->conn, name, sql, count, binding == NULL ? NULL : binding->types) !=
           0;
}

/* BEGIN and ROLLBACK stand around each statement: the server need not read them each time. */
static bool send_often(rh_pg_link *link, size_t call, const char *sql, uint64_t number)
{
    bool prepared = false;
    char name[NAME_BYTES];

    if (!prepare(link, call, number, sql, NULL, &prepared))
        return false;
    if (!prepared)
        return send_ours(link, call, sql);
    name_of(link, number, name);
    (void)add_slot(link, RH_PG_SLOT_OURS, call);
    return PQsendQueryPrepared(link->conn, name, 0, NULL, NULL, NULL, 0) != 0;
}

static bool send_begin(rh_pg_link *link, size_t call)
{
    return send_often(link, call, RH_PG_OURS "BEGIN", OUR_BEGIN);
}

static bool send_rollback(rh_pg_link *link, size_t call)
{
    bool sent = send_often(link, call, RH_PG_OURS "ROLLBACK", OUR_ROLLBACK);

    link->slots[link->slot_count - 1].behind = true;
    return sent;
}

static bool send_commit(rh_pg_link *link, size_t call)
{
    bool sent = send_often(link, call, RH_PG_OURS "COMMIT", OUR_COMMIT);

    link->slots[link->slot_count - 1].behind = true;
    return sent;
}

static bool send_sync(rh_pg_link *link, size_t call)
{
    (void)add_slot(link, RH_PG_SLOT_SYNC, call);
    return PQpipelineSync(link->conn) != 0;
}

static rh_pg_slot *last_slot(rh_pg_link *link)
{
    return &link->slots[link->slot_count - 1];
}

/* Types are left to the server wherever it can tell them: as when the statement was captured. */
static bool send_query(rh_pg_link *link, size_t at, const char *sql, const bound *binding)
{
    const rh_replay_call *call = link->calls[at];
    int count = (int)call->parameter_count;
    bool prepared = false;
    char name[NAME_BYTES];

    if (!prepare(link, at, call->prepare, sql, binding, &prepared))
        return false;
    (void)add_slot(link, RH_PG_SLOT_QUERY, at);
    if (!prepared)
        return PQsendQueryParams(link->conn, sql, count, binding->types, binding->values,
                                 binding->lengths, binding->formats, 0) != 0;
    name_of(link, call->prepare, name);
    return PQsendQueryPrepared(link->conn, name, count, binding->values, binding->lengths,
                               binding->formats, 0) != 0;
}

/* ---- calls ---- */

/* What the link must be before its first call; `reset`: forget the session that had it. */
static bool send_settings(rh_pg_link *link, size_t at, bool reset)
{
    bool sent = true;

    if (reset) {
        sent = send_ours(link, at, RH_PG_OURS "DISCARD ALL") && send_sync(link, at);
        rh_pg_link_forget_prepared(link);
    }
    for (size_t i = 0; sent && i < link->settings->count; i++)
        sent = send_ours(link, at, link->settings->texts[i]) && send_sync(link, at);
    link->unsettled = false;
    return sent;
}

static bool send_alone(rh_pg_link *link, size_t at, const bound *binding)
{
    const rh_replay_call *call = link->calls[at];
    bool sent = true;

    if (call->wrap)
        sent = send_begin(link, at);
    if (sent && call->undo)
        sent = send_ours(link, at, RH_PG_OURS "ROLLBACK TO SAVEPOINT " SAVEPOINT);
    if (sent && call->guard)
        sent = send_ours(link, at, RH_PG_OURS "SAVEPOINT " SAVEPOINT);
    for (size_t i = 0; sent && i < call->statement_count; i++)
        sent = send_query(link, at, call->statements[i], binding);
    if (sent)
        last_slot(link)->final = true;
    if (sent && (call->guard || call->undo))
        sent = send_ours(link, at, RH_PG_OURS "RELEASE SAVEPOINT " SAVEPOINT);
    sent = sent && send_sync(link, at);
    last_slot(link)->times = true;
    if (sent && (call->wrap || call->end))
        sent = send_rollback(link, at) && send_sync(link, at);
    last_slot(link)->ends = true;
    return sent;
}

/* Of several with one sync at the end. */
static bool send_grouped(rh_pg_link *link, size_t at, const bound *binding)
{
    bool last = at + 1 == link->count;
    bool sent = (link->inside || send_begin(link, at)) &&
                send_query(link, at, link->calls[at]->statements[0], binding) &&
                PQsendFlushRequest(link->conn) != 0;

    last_slot(link)->final = true;
    last_slot(link)->times = true;
    last_slot(link)->ends = !last;
    if (!sent || link->inside)
        return sent;
    return link->calls[at]->wrap ? send_rollback(link, at) : send_commit(link, at);
}

/* False: what is too long for a call, or for memory. */
static bool bind_call(rh_pg_link *link, size_t at, bound *out)
{
    const rh_replay_call *call = link->calls[at];
    rh_replay_done *done = &link->done[at];

    if (call->statement_count > RH_PG_REPLAY_STATEMENTS || call->parameter_count > MAX_PARAMETERS)
        done->status = RH_ELIMIT;
    else if (!bound_init(out, call))
        done->status = RH_ENOMEM;
    if (done->status != RH_OK)
        (void)rh_str_copy(done->message, sizeof done->message,
                          "the statement is too long for one call");
    return done->status == RH_OK;
}

/* What a call of a group takes in libpq's buffer, at most. */
static size_t bytes_of(rh_pg_link *link, size_t at, const bound *binding)
{
    const rh_replay_call *call = link->calls[at];
    bool known = call->prepare != 0 &&
                 (is_prepared(link, call->prepare) || is_being_prepared(link, call->prepare));
    size_t bytes = CALL_BYTES + (known ? 0 : PREPARE_BYTES + strlen(call->statements[0]));

    for (size_t i = 0; i < call->parameter_count; i++) {
        bytes += PARAMETER_BYTES;
        if (binding->formats[i] != 0)
            bytes += (size_t)binding->lengths[i];
        else if (binding->values[i] != NULL)
            bytes += strlen(binding->values[i]);
    }
    return bytes;
}

/* Is the group full without this call? The first one always goes, however long. */
static bool is_full(rh_pg_link *link, size_t at, const bound *binding, size_t *bytes)
{
    if (at == link->from) {
        *bytes = GROUP_OTHER_BYTES;
        if (link->grouped)
            *bytes += bytes_of(link, at, binding);
        return false;
    }
    if (at - link->from >= link->group_limit)
        return true;
    *bytes += bytes_of(link, at, binding);
    return *bytes >= WRITE_BYTES;
}

static bool send_calls(rh_pg_link *link)
{
    size_t bytes = 0;
    bool sent = true;

    while (sent && !link->more && link->sent < link->count) {
        size_t at = link->sent;
        bound binding;

        if (!bind_call(link, at, &binding))
            break;
        if (at == 0 && (link->calls[0]->reset || (link->unsettled && !link->inside)))
            sent = send_settings(link, at, link->calls[0]->reset);
        link->more = is_full(link, at, &binding, &bytes);
        if (sent && !link->more)
            sent =
                link->grouped ? send_grouped(link, at, &binding) : send_alone(link, at, &binding);
        bound_done(&binding);
        link->sent += !link->more;
    }
    return sent;
}

bool rh_pg_link_send(rh_pg_link *link, size_t from)
{
    bool sent;

    link->grouped = link->count - from > 1 && link->group_limit > 1;
    link->from = from;
    link->sent = from;
    link->more = false;
    sent = send_calls(link);
    for (size_t i = link->sent + 1; !link->more && i < link->count; i++)
        link->done[i].unstarted = true;
    if (sent && link->grouped && link->sent > from) {
        sent = send_sync(link, link->sent - 1);
        last_slot(link)->ends = link->sent == link->count;
    }
    return sent;
}

bool rh_pg_link_send_again(rh_pg_link *link)
{
    size_t from = link->resume;
    size_t before = from > 0 ? from - 1 : 0;
    bool sent = true;

    if (!link->inside) {
        sent = send_rollback(link, before) && send_sync(link, before);
        last_slot(link)->ends = from == link->count;
    }
    link->more = false;
    if (!link->canceled)
        sent = sent && rh_pg_link_send(link, from);
    link->recover = false;
    return sent;
}
