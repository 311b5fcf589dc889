/*
 * One connection of a replay: answers are read one at a time, in the order of what was sent
 * (pg_replay_send.c says what that is). Rows come one at a time and are hashed and dropped.
 *
 *   idle --start--> answers of slots --(last slot)--> told by wait --> idle
 *                        \--(a group was cut off)--> sent again --/
 *                        \--(more than one write)--> next group --/
 */
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"
#include "pg_error.h"
#include "pg_replay.h"

static void flush(rh_pg_link *link)
{
    link->flushing = PQflush(link->conn) == 1;
}

void rh_pg_link_close(rh_pg_link *link)
{
    PQfinish(link->conn);
    link->conn = NULL;
    rh_mem_free(link->prepared);
    link->prepared = NULL;
    link->prepared_count = 0;
}

/* All of its statements have been answered; what is missing is the end of a transaction of ours,
 * which the server ends by itself when the connection does. */
static bool is_answered(const rh_pg_link *link, size_t call)
{
    return call < link->finished;
}

/* The server is gone, or the library lost track of the protocol: whatever has no answer yet. */
static void lose(rh_pg_link *link, const char *text)
{
    int64_t now_us = rh_clock_mono_us();

    for (size_t i = link->ready; i < link->count; i++) {
        rh_replay_done *done = &link->done[i];

        if (is_answered(link, i)) {
            done->lost = true;
            done->in_transaction = false;
            done->end_us = done->end_us == 0 ? now_us : done->end_us;
            continue;
        }
        if (done->status == RH_OK) /* else the server has said why */
            (void)rh_str_copy(done->message, sizeof done->message, text);
        done->status = RH_ECONNECT;
        done->unstarted = i > link->ready;
        done->in_transaction = false;
        done->end_us = done->end_us == 0 ? now_us : done->end_us;
    }
    link->ready = link->count;
    link->slot_count = 0;
    link->slot = 0;
    link->inside = false;
    rh_pg_link_close(link);
}

static void lose_with_reason(rh_pg_link *link)
{
    char text[RH_REPLAY_MESSAGE_BYTES];

    rh_pg_error_text(NULL, PQerrorMessage(link->conn), PQpass(link->conn), text, sizeof text);
    lose(link, text[0] != '\0' ? text : "the connection was lost");
}

/* ---- slots ---- */

/* The slot whose answer comes next has its rows one by one. Before anything of it is read: libpq
 * collects whole results else. */
static void enter_slot(rh_pg_link *link)
{
    if (link->slot < link->slot_count && link->slots[link->slot].kind == RH_PG_SLOT_QUERY)
        (void)PQsetSingleRowMode(link->conn);
}

/* Has it not run, because what stood before it in the group failed? */
static bool is_cut_off(const rh_pg_link *link, size_t call)
{
    return link->recover && call >= link->resume;
}

static void cut_off(rh_pg_link *link, size_t resume)
{
    if (link->recover && link->resume <= resume)
        return;
    link->recover = true;
    link->resume = resume;
}

static bool open_transaction(const rh_pg_link *link)
{
    PGTransactionStatusType state = PQtransactionStatus(link->conn);

    return state == PQTRANS_INTRANS || state == PQTRANS_INERROR;
}

static void finish_call(rh_pg_link *link, size_t at)
{
    const rh_replay_call *call = link->calls[at];
    rh_replay_done *done = &link->done[at];

    if (done->end_us == 0)
        done->end_us = rh_clock_mono_us();
    if (link->slot == link->slot_count)
        link->inside = open_transaction(link);
    else if (call->wrap || call->end)
        link->inside = false; /* by what is on its way behind it */
    done->in_transaction = link->inside;
    if (done->lock_us > done->end_us - done->start_us)
        done->lock_us = done->end_us - done->start_us;
    link->ready = at + 1;
    if (link->ready < link->count && link->done[link->ready].start_us < done->end_us)
        link->done[link->ready].start_us = done->end_us;
}

/* All that belonged to the slot was read. */
static void leave_slot(rh_pg_link *link)
{
    const rh_pg_slot slot = link->slots[link->slot++];

    link->answered = false;
    if (!is_cut_off(link, slot.call) && !link->dying) {
        if (slot.final)
            link->finished = slot.call + 1;
        if (slot.times)
            link->done[slot.call].end_us = rh_clock_mono_us();
        if (slot.ends && !(link->recover && slot.call + 1 == link->count))
            finish_call(link, slot.call);
    }
    enter_slot(link);
}

/* ---- sending ---- */

static void fresh(rh_replay_done *done, int64_t now_us)
{
    memset(done, 0, sizeof *done);
    done->steps = -1;
    done->start_us = now_us;
}

/* A connection that broke while we wrote may still hold answers: reading finds its end. */
static void begin_reading(rh_pg_link *link, bool sent)
{
    if (sent)
        flush(link);
    if (link->slot_count > 0)
        enter_slot(link);
    else if (sent) /* none of it could be sent */
        link->ready = link->count;
    else
        lose_with_reason(link);
}

void rh_pg_link_start(rh_pg_link *link, const rh_replay_call *const *calls, size_t count)
{
    int64_t now_us = rh_clock_mono_us();

    for (size_t i = 0; i < count; i++) {
        link->calls[i] = calls[i];
        fresh(&link->done[i], now_us);
    }
    link->count = count;
    link->ready = 0;
    link->told = 0;
    link->finished = 0;
    link->slot_count = 0;
    link->slot = 0;
    link->recover = false;
    link->dying = false;
    link->answered = false;
    link->canceled = false;
    link->more = false;
    link->group_limit = RH_REPLAY_MAX_DEPTH;
    if (link->conn == NULL)
        lose(link, "the connection is closed");
    else
        begin_reading(link, rh_pg_link_send(link, 0));
}

/* What has not run gets a new start; after a cancel it is told as what has not run. */
static void start_rest(rh_pg_link *link, size_t from)
{
    int64_t now_us = rh_clock_mono_us();

    link->finished = link->finished < from ? link->finished : from;
    for (size_t i = from; i < link->count; i++) {
        fresh(&link->done[i], now_us);
        if (!link->canceled)
            continue;
        link->done[i].status = RH_ECANCELED;
        link->done[i].unstarted = true;
        link->done[i].end_us = now_us;
    }
    link->slot_count = 0;
    link->slot = 0;
}

/* What was cut off goes out again, behind the end of the transaction that failed. Where much fails
 * little is sent in vain. */
static void take_up_again(rh_pg_link *link)
{
    size_t ran = link->resume - link->from;

    start_rest(link, link->resume);
    link->group_limit = ran > 0 ? 2 * ran : 1;
    begin_reading(link, rh_pg_link_send_again(link));
}

static void send_next(rh_pg_link *link)
{
    start_rest(link, link->sent);
    link->group_limit *= link->group_limit < RH_REPLAY_MAX_DEPTH ? 2 : 1;
    if (link->canceled)
        link->ready = link->count;
    else
        begin_reading(link, rh_pg_link_send(link, link->sent));
}

/* ---- receiving ---- */

static void count_rows(rh_replay_done *done, const PGresult *result, rh_row_hasher *hasher)
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
        rh_u128_add(&done->hash, rh_row_hasher_end(hasher));
        done->rows++;
    }
}

static void count_touched(rh_pg_link *link, rh_replay_done *done, PGresult *result)
{
    const char *tag = PQcmdStatus(result);
    const char *tuples = PQcmdTuples(result);
    int64_t touched = 0;

    for (const char *at = tuples; *at >= '0' && *at <= '9'; at++)
        touched = touched * 10 + (*at - '0');
    done->rows += touched;
    if (rh_str_starts_with(tag, "DISCARD") || rh_str_starts_with(tag, "DEALLOCATE"))
        rh_pg_link_forget_prepared(link);
    if (rh_str_starts_with(tag, "DISCARD") || rh_str_starts_with(tag, "RESET"))
        link->unsettled = true;
}

/* A function of the workload has deallocated what we had prepared: never the fault of the statement
 * that misses it. It runs again, unless its transaction is over with that. */
static bool was_ours(const rh_pg_link *link, const rh_pg_slot *slot)
{
    const rh_replay_call *call = link->calls[slot->call];

    if (slot->kind == RH_PG_SLOT_OURS)
        return true;
    return slot->kind == RH_PG_SLOT_QUERY && call->prepare != 0 && (call->wrap || !link->inside);
}

/* The first failure of a call is its answer. */
static void take_failure(rh_pg_link *link, const rh_pg_slot *slot, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    rh_replay_done *done = &link->done[slot->call];
    bool forgotten = rh_str_eq(state, "26000");

    link->dying = link->dying || rh_str_eq(severity, "FATAL") || rh_str_eq(severity, "PANIC");
    if (forgotten)
        rh_pg_link_forget_prepared(link);
    if (forgotten && was_ours(link, slot)) {
        cut_off(link, slot->behind ? slot->call + 1 : slot->call);
        return;
    }
    if (is_cut_off(link, slot->call) || (link->dying && is_answered(link, slot->call)))
        return;
    /* inside of the session's transaction there is nothing to end behind the last one */
    if (link->grouped && !(link->inside && slot->call + 1 == link->count))
        cut_off(link, slot->call + 1);
    if (done->status != RH_OK || slot->call < link->ready)
        return;
    done->status = rh_str_eq(state, "57014") ? RH_ELIMIT : RH_EDB;
    if (state != NULL)
        (void)rh_str_copy(done->sqlstate, sizeof done->sqlstate, state);
    rh_pg_error_text(state, message, PQpass(link->conn), done->message, sizeof done->message);
}

static void take_result(rh_pg_link *link, PGresult *result, rh_row_hasher *hasher)
{
    const rh_pg_slot *slot = &link->slots[link->slot];

    link->answered = true;
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        if (slot->kind == RH_PG_SLOT_QUERY)
            count_rows(&link->done[slot->call], result, hasher);
        break;
    case PGRES_COMMAND_OK:
        if (slot->kind == RH_PG_SLOT_QUERY)
            count_touched(link, &link->done[slot->call], result);
        if (slot->kind == RH_PG_SLOT_PREPARE && slot->generation == link->generation)
            rh_pg_link_set_prepared(link, slot->number);
        break;
    case PGRES_PIPELINE_SYNC:
        leave_slot(link);
        break;
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
        take_failure(link, slot, result);
        break;
    default: /* skipped behind a failure, or empty */
        break;
    }
}

/* Answers that were read at once share the time since the one before: their own is not known. */
static void share_time(rh_pg_link *link, size_t first)
{
    size_t count = link->ready - first;
    int64_t start_us;
    int64_t end_us;

    if (count < 2)
        return;
    start_us = link->done[first].start_us;
    end_us = link->done[link->ready - 1].end_us;
    for (size_t i = 0; i < count; i++) {
        rh_replay_done *done = &link->done[first + i];

        done->start_us = start_us + (end_us - start_us) * (int64_t)i / (int64_t)count;
        done->end_us = start_us + (end_us - start_us) * (int64_t)(i + 1) / (int64_t)count;
        if (done->lock_us > done->end_us - done->start_us)
            done->lock_us = done->end_us - done->start_us;
    }
}

/* Not an answer of the server: there will be none any more. */
static bool is_end(const rh_pg_link *link, const PGresult *result)
{
    if (PQstatus(link->conn) != CONNECTION_BAD)
        return false;
    if (result == NULL)
        return !link->answered;
    return PQresultStatus(result) == PGRES_FATAL_ERROR &&
           PQresultErrorField(result, PG_DIAG_SQLSTATE) == NULL;
}

/* False: the connection is gone. */
static bool read_answers(rh_pg_link *link, rh_row_hasher *hasher)
{
    bool alive = true;

    while (alive && link->slot < link->slot_count && !PQisBusy(link->conn)) {
        PGresult *result = PQgetResult(link->conn);

        alive = !is_end(link, result);
        if (alive && result == NULL)
            leave_slot(link);
        else if (alive)
            take_result(link, result, hasher);
        PQclear(result);
    }
    return alive;
}

void rh_pg_link_advance(rh_pg_link *link, rh_row_hasher *hasher)
{
    size_t first = link->ready;
    bool alive;

    if (first == link->count)
        return;
    if (link->flushing)
        flush(link);
    alive = PQconsumeInput(link->conn) != 0;
    alive = read_answers(link, hasher) && alive;
    if (link->ready < link->count) {
        bool drained = link->slot == link->slot_count;

        if (!alive || (drained && link->dying))
            lose_with_reason(link);
        else if (drained && link->recover)
            take_up_again(link);
        else if (drained && link->more)
            send_next(link);
        else if (drained)
            link->ready = link->count; /* the rest was not sent */
    }
    if (link->conn != NULL)
        share_time(link, first);
}

bool rh_pg_link_tell(rh_pg_link *link, rh_replay_done *out)
{
    if (link->told == link->ready)
        return false;
    *out = link->done[link->told++];
    if (link->told == link->count)
        link->count = link->ready = link->told = 0;
    return true;
}
