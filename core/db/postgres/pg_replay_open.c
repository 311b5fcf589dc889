/*
 * Connections of a replay: the first time everybody waits, later nobody does.
 *
 *   closed --rh_pg_link_open--> open
 *   closed --reopen--> connecting --(libpq is through)--> settling --(the server answered)--> open
 *                          \------------(failed, or took too long)-----------/--> closed
 */
#include <poll.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/num.h"
#include "pg_error.h"
#include "pg_replay.h"
#include "pg_statement.h"

static rh_status cannot_pipeline(rh_error *err)
{
    return rh_error_set(err, RH_EUNSUPPORTED, "the connection cannot be pipelined");
}

/* What the role and the database set is what the application had: only our own settings go. */
static rh_status settle(const rh_pg_link *link, rh_pg *pg, rh_error *err)
{
    rh_status status = rh_pg_exec(pg, "RESET ALL", err);

    for (size_t i = 0; status == RH_OK && i < link->settings->count; i++)
        status = rh_pg_exec(pg, link->settings->texts[i], err);
    if (status == RH_OK && (PQsetnonblocking(pg->conn, 1) != 0 || !PQenterPipelineMode(pg->conn)))
        status = cannot_pipeline(err);
    return status;
}

rh_status rh_pg_link_open(rh_pg_link *link, const rh_pg_conninfo *info, const rh_cancel *cancel,
                          rh_error *err)
{
    rh_pg *pg = NULL;
    rh_status status = rh_pg_open(info, NULL, cancel, &pg, err);

    if (status == RH_OK)
        status = settle(link, pg, err);
    if (status == RH_OK) {
        link->conn = pg->conn;
        link->opened = true;
        link->pid = PQbackendPID(pg->conn);
        pg->conn = NULL;
    }
    rh_pg_close(pg);
    return status;
}

/* ---- without waiting ---- */

static void drop(rh_pg_link *link)
{
    PQfinish(link->connecting.conn);
    link->connecting.conn = NULL;
}

static rh_status refuse(rh_pg_link *link, rh_error *err)
{
    char text[RH_ERROR_TEXT_BYTES];
    const PGconn *conn = link->connecting.conn;

    rh_pg_error_text(NULL, PQerrorMessage(conn), PQpass(conn), text, sizeof text);
    rh_error_set(err, RH_ECONNECT, "cannot connect again: %s",
                 text[0] != '\0' ? text : "the connection was lost");
    drop(link);
    return RH_ECONNECT;
}

static int64_t timeout_us(const rh_pg_conninfo *info)
{
    const char *given = rh_pg_conninfo_get(info, "connect_timeout");
    int64_t seconds = 0;

    if (given == NULL || !rh_num_scan_int64(given, strlen(given), &seconds) || seconds <= 0 ||
        seconds > INT32_MAX)
        return INT32_MAX * (int64_t)1000000; /* as libpq: no limit */
    return seconds * 1000000;
}

static rh_status begin(rh_pg_link *link, const rh_pg_conninfo *info, rh_error *err)
{
    link->connecting.conn = rh_pg_connect_start(info);
    if (link->connecting.conn == NULL)
        return rh_error_oom(err);
    if (PQstatus(link->connecting.conn) == CONNECTION_BAD)
        return refuse(link, err);
    link->connecting.wants = PGRES_POLLING_WRITING;
    link->connecting.settling = false;
    link->connecting.until_us = rh_clock_mono_us() + timeout_us(info);
    return RH_SKIPPED;
}

short rh_pg_link_connect_events(const rh_pg_link *link)
{
    if (link->connecting.conn == NULL)
        return 0;
    return link->connecting.wants == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
}

static bool is_ready(const rh_pg_link *link)
{
    struct pollfd fd = {.fd = PQsocket(link->connecting.conn),
                        .events = rh_pg_link_connect_events(link)};

    return poll(&fd, 1, 0) > 0;
}

/* libpq is through: one text with all settings, so that there is one answer. */
static rh_status send_settings(rh_pg_link *link, rh_error *err)
{
    rh_buf sql;
    rh_status status = RH_OK;

    rh_buf_init(&sql, 1024);
    for (size_t i = 0; status == RH_OK && i < link->settings->count; i++)
        status = rh_buf_printf(&sql, err, "%s; ", link->settings->texts[i]);
    if (status == RH_OK && (PQsetnonblocking(link->connecting.conn, 1) != 0 ||
                            !PQsendQuery(link->connecting.conn, rh_buf_cstr(&sql))))
        status = refuse(link, err);
    rh_buf_done(&sql);
    if (status != RH_OK)
        return status;
    link->connecting.settling = true;
    link->connecting.wants =
        PQflush(link->connecting.conn) == 1 ? PGRES_POLLING_WRITING : PGRES_POLLING_READING;
    return RH_SKIPPED;
}

static rh_status take_over(rh_pg_link *link, rh_error *err)
{
    if (!PQenterPipelineMode(link->connecting.conn)) {
        drop(link);
        return cannot_pipeline(err);
    }
    link->conn = link->connecting.conn;
    link->connecting.conn = NULL;
    link->pid = PQbackendPID(link->conn);
    return RH_OK;
}

static rh_status read_settings(rh_pg_link *link, rh_error *err)
{
    PGconn *conn = link->connecting.conn;

    link->connecting.wants = PQflush(conn) == 1 ? PGRES_POLLING_WRITING : PGRES_POLLING_READING;
    if (!PQconsumeInput(conn))
        return refuse(link, err);
    while (!PQisBusy(conn)) {
        PGresult *result = PQgetResult(conn);
        bool good = PQresultStatus(result) == PGRES_COMMAND_OK;

        PQclear(result);
        if (result == NULL)
            return take_over(link, err);
        if (!good)
            return refuse(link, err);
    }
    return RH_SKIPPED;
}

rh_status rh_pg_link_reopen(rh_pg_link *link, const rh_pg_conninfo *info, rh_error *err)
{
    if (link->connecting.conn == NULL)
        return begin(link, info, err);
    if (rh_clock_mono_us() >= link->connecting.until_us) {
        drop(link);
        return rh_error_set(err, RH_ECONNECT, "cannot connect again: the server does not answer");
    }
    if (!is_ready(link))
        return RH_SKIPPED;
    if (link->connecting.settling)
        return read_settings(link, err);
    link->connecting.wants = PQconnectPoll(link->connecting.conn);
    if (link->connecting.wants == PGRES_POLLING_FAILED)
        return refuse(link, err);
    return link->connecting.wants == PGRES_POLLING_OK ? send_settings(link, err) : RH_SKIPPED;
}
