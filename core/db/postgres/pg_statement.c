#include "pg_statement.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "pg_errand.h"
#include "pg_error.h"
#include "pg_send.h"

enum {
    POLL_MS = 200,
    CANCEL_US = 2000000,  /* until the server has the request to stop */
    GIVE_UP_US = 5000000, /* and until it has answered */
    QUIET_US = 60000000,  /* the same where nobody can ask to end */
};

int64_t rh_pg_int64(const PGresult *result, int row, int column)
{
    int64_t value = 0;

    if (!rh_num_scan_int64(PQgetvalue(result, row, column),
                           (size_t)PQgetlength(result, row, column), &value))
        return 0;
    return value;
}

const char *rh_pg_text(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

bool rh_pg_true(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column)[0] == 't';
}

rh_status rh_pg_fail(const rh_pg *pg, const PGresult *result, rh_error *err)
{
    char text[RH_ERROR_TEXT_BYTES];
    const char *sqlstate = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message =
        result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    rh_status status = rh_pg_error_status(sqlstate);
    bool lost = PQstatus(pg->conn) == CONNECTION_BAD;

    if (message == NULL)
        message = PQerrorMessage(pg->conn);
    rh_pg_error_text(sqlstate, message, PQpass(pg->conn), text, sizeof text);
    if (sqlstate != NULL && strcmp(sqlstate, "57014") == 0 && rh_cancel_requested(pg->cancel))
        return rh_error_set(err, RH_ECANCELED, "interrupted");
    if (lost || (sqlstate == NULL && status == RH_EDB))
        status = RH_ECONNECT;
    rh_error_set(err, status, "%s%s", lost ? "connection lost: " : "", text);
    if (sqlstate != NULL)
        rh_error_sqlstate(err, sqlstate);
    return status;
}

void rh_pg_cut_off(rh_pg *pg)
{
    int fd = PQsocket(pg->conn);

    if (fd >= 0)
        (void)shutdown(fd, SHUT_RDWR);
}

void rh_pg_cancel(rh_pg *pg)
{
    rh_pg_errand *errand = rh_pg_errand_cancel(pg->conn);

    if (pg->give_up_us == 0)
        pg->give_up_us = rh_clock_mono_us() + GIVE_UP_US;
    if (errand != NULL)
        (void)rh_pg_errand_wait_us(errand, CANCEL_US);
    rh_pg_errand_leave(errand);
}

rh_status rh_pg_wait_readable(rh_pg *pg, rh_error *err)
{
    struct pollfd fd = {.fd = PQsocket(pg->conn), .events = POLLIN, .revents = 0};

    if (fd.fd < 0)
        return rh_pg_fail(pg, NULL, err);
    if (poll(&fd, 1, POLL_MS) < 0 && errno != EINTR)
        return rh_error_errno(err, errno, "cannot wait for the server");
    return rh_cancel_check(pg->cancel, err);
}

/* The server's answer to a request to end still comes as a result; where it does not come, the
 * connection is of no more use. */
rh_status rh_pg_next_result(rh_pg *pg, PGresult **out, rh_error *err)
{
    while (PQisBusy(pg->conn)) {
        rh_error ignored = RH_ERROR_INIT;
        rh_status status = rh_pg_wait_readable(pg, &ignored);

        if (status == RH_ECANCELED && pg->give_up_us == 0)
            rh_pg_cancel(pg);
        else if (status != RH_OK && status != RH_ECANCELED)
            return rh_error_set(err, status, "%s", ignored.text);
        if (pg->give_up_us != 0 && rh_clock_mono_us() > pg->give_up_us) {
            rh_pg_cut_off(pg);
            return rh_error_set(err, RH_ECANCELED, "interrupted, and the server does not answer");
        }
        if (!PQconsumeInput(pg->conn))
            return rh_pg_fail(pg, NULL, err);
    }
    *out = PQgetResult(pg->conn);
    return RH_OK;
}

rh_status rh_pg_skip_copy(rh_pg *pg, rh_error *err)
{
    for (;;) {
        char *row = NULL;
        int len = PQgetCopyData(pg->conn, &row, 1);
        rh_error ignored = RH_ERROR_INIT;

        PQfreemem(row);
        if (len < 0)
            return len == -1 ? RH_OK : rh_pg_fail(pg, NULL, err);
        if (len > 0)
            continue;
        if (pg->give_up_us != 0 && rh_clock_mono_us() > pg->give_up_us) {
            rh_pg_cut_off(pg);
            return rh_error_set(err, RH_ECONNECT, "the server does not answer");
        }
        if (rh_pg_wait_readable(pg, &ignored) != RH_OK && pg->give_up_us == 0)
            rh_pg_cancel(pg);
        if (!PQconsumeInput(pg->conn))
            return rh_pg_fail(pg, NULL, err);
    }
}

/* Where in the SQL, and what the server advises: class 42 is about the text, never about rows. */
static void remember_place(rh_pg *pg, const PGresult *result)
{
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    int64_t value = 0;

    if (position != NULL && rh_num_scan_int64(position, strlen(position), &value) &&
        value > pg->mark_len)
        pg->error_position = (int)value - pg->mark_len;
    if (hint != NULL && sqlstate != NULL && rh_str_starts_with(sqlstate, "42"))
        (void)rh_str_copy(pg->error_hint, sizeof pg->error_hint, hint);
}

/* Read results until the end or until a COPY starts; keep the last one, fail with the first that
 * failed. */
static rh_status collect(rh_pg *pg, PGresult **out, rh_error *err)
{
    rh_status status = RH_OK;
    PGresult *kept = NULL;

    pg->error_position = 0;
    pg->error_hint[0] = '\0';

    for (;;) {
        PGresult *result = NULL;
        ExecStatusType kind;
        rh_status waited = rh_pg_next_result(pg, &result, err);

        if (waited != RH_OK) {
            status = waited;
            break;
        }
        if (result == NULL)
            break;
        kind = PQresultStatus(result);
        if (kind != PGRES_TUPLES_OK && kind != PGRES_COMMAND_OK && kind != PGRES_COPY_IN &&
            kind != PGRES_COPY_OUT && kind != PGRES_EMPTY_QUERY && status == RH_OK) {
            remember_place(pg, result);
            status = rh_pg_fail(pg, result, err);
        }
        PQclear(kept);
        kept = result;
        if (kind == PGRES_COPY_IN || kind == PGRES_COPY_OUT || PQstatus(pg->conn) == CONNECTION_BAD)
            break;
    }
    if (status == RH_OK && kept == NULL)
        status = rh_pg_fail(pg, NULL, err);
    if (status == RH_OK) {
        *out = kept;
        kept = NULL;
    }
    PQclear(kept);
    return status;
}

/* Send and wait for the answer; the result may be there also after an error. */
static rh_status ask(rh_pg *pg, const char *sql, PGresult **out, rh_error *err)
{
    rh_status status = rh_cancel_check(pg->cancel, err);

    if (status != RH_OK)
        return status;
    pg->give_up_us = 0;
    status = rh_pg_send(pg, sql, err);
    return status == RH_OK ? collect(pg, out, err) : status;
}

rh_status rh_pg_exec(rh_pg *pg, const char *sql, rh_error *err)
{
    PGresult *result = NULL;
    rh_status status = ask(pg, sql, &result, err);

    PQclear(result);
    return status;
}

rh_status rh_pg_execf(rh_pg *pg, rh_error *err, const char *format, ...)
{
    char text[1024];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof text)
        return rh_error_set(err, RH_ELIMIT, "statement longer than %zu bytes", sizeof text);
    return rh_pg_exec(pg, text, err);
}

/* As PQexec() does: what a statement before left unread goes first. */
static rh_status drop_results(rh_pg *pg, rh_error *err)
{
    for (;;) {
        PGresult *result = NULL;
        rh_status status = rh_pg_next_result(pg, &result, err);
        ExecStatusType kind = PQresultStatus(result);

        PQclear(result);
        if (status != RH_OK || result == NULL)
            return status;
        if (kind == PGRES_COPY_IN && PQputCopyEnd(pg->conn, "rehearse: abandoned") != 1)
            return rh_pg_fail(pg, NULL, err);
        if (kind == PGRES_COPY_OUT)
            status = rh_pg_skip_copy(pg, err);
        if (status != RH_OK)
            return status;
    }
}

void rh_pg_exec_quietly(rh_pg *pg, const char *sql)
{
    rh_error ignored = RH_ERROR_INIT;
    PGresult *result = NULL;

    if (PQstatus(pg->conn) != CONNECTION_OK)
        return;
    if (pg->cancel == NULL)
        pg->give_up_us = rh_clock_mono_us() + QUIET_US;
    else if (rh_cancel_requested(pg->cancel))
        pg->give_up_us = rh_clock_mono_us() + GIVE_UP_US;
    if (drop_results(pg, &ignored) == RH_OK && rh_pg_send_anyway(pg, sql) &&
        collect(pg, &result, &ignored) == RH_OK)
        PQclear(result);
    pg->give_up_us = 0;
}

static rh_status query(rh_pg *pg, const rh_pg_question *question, PGresult **out, rh_error *err)
{
    rh_status status = rh_cancel_check(pg->cancel, err);

    if (status != RH_OK)
        return status;
    pg->give_up_us = 0;
    status = rh_pg_send_question(pg, question, err);
    return status == RH_OK ? collect(pg, out, err) : status;
}

rh_status rh_pg_query(rh_pg *pg, const char *sql, size_t count, const char *const *params,
                      PGresult **out, rh_error *err)
{
    return query(pg, &(rh_pg_question){sql, count, params, 0}, out, err);
}

rh_status rh_pg_query_binary(rh_pg *pg, const char *sql, size_t count, const char *const *params,
                             PGresult **out, rh_error *err)
{
    return query(pg, &(rh_pg_question){sql, count, params, 1}, out, err);
}

rh_status rh_pg_query_text(rh_pg *pg, const char *sql, size_t count, const char *const *params,
                           char **out, rh_error *err)
{
    PGresult *result = NULL;
    char *text = NULL;
    rh_status status = rh_pg_query(pg, sql, count, params, &result, err);

    if (status != RH_OK)
        return status;
    if (PQntuples(result) > 0 && !PQgetisnull(result, 0, 0)) {
        text = rh_mem_strdup(PQgetvalue(result, 0, 0));
        if (text == NULL)
            status = rh_error_oom(err);
    }
    PQclear(result);
    if (status == RH_OK)
        *out = text;
    return status;
}

rh_status rh_pg_copy_start(rh_pg *pg, const char *sql, ExecStatusType expected, rh_error *err)
{
    PGresult *result = NULL;
    rh_status status = ask(pg, sql, &result, err);

    if (status == RH_OK && PQresultStatus(result) != expected)
        status = rh_error_set(err, RH_EDB, "the server did not start a copy");
    PQclear(result);
    return status;
}

/* What the server has not taken when somebody asks to end gets some more seconds, so that the COPY
 * can be ended in order. */
static rh_status flush_copy(rh_pg *pg, rh_error *err)
{
    int left;

    while ((left = PQflush(pg->conn)) > 0) {
        struct pollfd fd = {.fd = PQsocket(pg->conn), .events = POLLIN | POLLOUT, .revents = 0};

        if (poll(&fd, 1, POLL_MS) < 0 && errno != EINTR)
            return rh_error_errno(err, errno, "cannot wait for the server");
        if ((fd.revents & POLLIN) != 0 && !PQconsumeInput(pg->conn))
            return rh_pg_fail(pg, NULL, err);
        if (!rh_cancel_requested(pg->cancel))
            continue;
        if (pg->give_up_us == 0)
            pg->give_up_us = rh_clock_mono_us() + GIVE_UP_US;
        if (rh_clock_mono_us() > pg->give_up_us) {
            rh_pg_cut_off(pg);
            return rh_error_set(err, RH_ECANCELED, "interrupted, and the server takes nothing");
        }
    }
    return left == 0 ? RH_OK : rh_pg_fail(pg, NULL, err);
}

rh_status rh_pg_put_copy(rh_pg *pg, const char *data, int len, rh_error *err)
{
    rh_status status = RH_OK;

    if (PQsetnonblocking(pg->conn, 1) != 0 || PQputCopyData(pg->conn, data, len) != 1)
        status = rh_pg_fail(pg, NULL, err);
    if (status == RH_OK)
        status = flush_copy(pg, err);
    (void)PQsetnonblocking(pg->conn, 0);
    return status;
}

rh_status rh_pg_drain(rh_pg *pg, int64_t *out_rows, rh_error *err)
{
    PGresult *result = NULL;
    const char *rows;
    rh_status status = collect(pg, &result, err);

    if (status != RH_OK)
        return status;
    rows = PQcmdTuples(result);
    if (!rh_num_scan_int64(rows, strlen(rows), out_rows))
        *out_rows = -1;
    PQclear(result);
    return RH_OK;
}
