#include "pg_connection.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"
#include "pg_errand.h"
#include "pg_error.h"
#include "pg_statement.h"

enum {
    CONNECT_RETRY_US = 15000000,
    CONNECT_FIRST_DELAY_US = 50000,
    CONNECT_MAX_DELAY_US = 1000000,
    CONNECT_LOOK_US = 50000,
};

/* The texts are the server's own and are not translated before a session exists. */
static bool worth_another_try(const char *message)
{
    return strstr(message, "starting up") != NULL || strstr(message, "too many clients") != NULL ||
           strstr(message, "remaining connection slots") != NULL ||
           strstr(message, "too many connections") != NULL ||
           strstr(message, "not yet accepting") != NULL;
}

static rh_status refuse(const rh_pg *pg, const char *dbname, rh_error *err)
{
    char text[RH_ERROR_TEXT_BYTES];
    const char *message = PQerrorMessage(pg->conn);
    bool missing =
        strstr(message, "FATAL:  database") != NULL && strstr(message, "does not exist") != NULL;

    rh_pg_error_text(NULL, message, PQpass(pg->conn), text, sizeof text);
    if (missing)
        return rh_error_set(err, RH_ENOTFOUND, "database '%s' does not exist", dbname);
    rh_error_set(err, RH_ECONNECT, "cannot connect to database '%s': %s", dbname, text);
    if (PQconnectionNeedsPassword(pg->conn))
        rh_error_hint(err, "give the password by PGPASSWORD or a password file");
    return RH_ECONNECT;
}

#define OUR_SET RH_PG_OURS "SET "

/* search_path '' makes every name in our SQL and in the server's answers fully qualified. */
static rh_status settle(rh_pg *pg, rh_error *err)
{
    const char *encoding = PQparameterStatus(pg->conn, "server_encoding");
    bool raw = rh_str_eq(encoding, "SQL_ASCII") || rh_str_eq(encoding, "MULE_INTERNAL");
    int version = PQserverVersion(pg->conn);
    char sql[1024];

    (void)snprintf(
        sql, sizeof sql,
        OUR_SET "client_encoding = '%s'; " OUR_SET "search_path = ''; " OUR_SET
                "statement_timeout = 0; " OUR_SET "lock_timeout = 0; " OUR_SET
                "idle_in_transaction_session_timeout = 0; " OUR_SET "DateStyle = ISO, MDY; " OUR_SET
                "IntervalStyle = postgres; " OUR_SET "extra_float_digits = 3; " OUR_SET
                "bytea_output = hex; " OUR_SET "xmloption = content; " OUR_SET
                "standard_conforming_strings = on; " OUR_SET "client_min_messages = warning%s%s",
        raw ? encoding : "UTF8", version >= 140000 ? "; " OUR_SET "idle_session_timeout = 0" : "",
        version >= 170000 ? "; " OUR_SET "transaction_timeout = 0" : "");
    return rh_pg_exec(pg, sql, err);
}

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/* Arrays that libpq wants. */
typedef struct pg_words {
    const char *keywords[RH_PG_CONNINFO_MAX + 3];
    const char *values[RH_PG_CONNINFO_MAX + 3];
} pg_words;

static void fill_words(pg_words *out, const rh_pg_conninfo *info)
{
    size_t n = 0;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < info->count; i++) {
        out->keywords[n] = info->keywords[i];
        out->values[n++] = info->values[i];
    }
    out->keywords[n] = "application_name";
    out->values[n] = RH_OWN_APPLICATION;
}

static rh_status connect_once(rh_pg *pg, const rh_pg_conninfo *info, const char *dbname,
                              rh_error *err)
{
    rh_status status = RH_OK;
    rh_pg_errand *errand = rh_pg_errand_connect(info, dbname);

    if (errand == NULL)
        return rh_error_oom(err);
    PQfinish(pg->conn);
    pg->conn = NULL;
    while (status == RH_OK && !rh_pg_errand_wait_us(errand, CONNECT_LOOK_US))
        status = rh_cancel_check(pg->cancel, err);
    if (status == RH_OK) {
        pg->conn = rh_pg_errand_take(errand);
        status = pg->conn == NULL ? rh_error_oom(err) : RH_OK;
    }
    rh_pg_errand_leave(errand);
    return status;
}

PGconn *rh_pg_connect_waiting(const rh_pg_conninfo *info)
{
    pg_words words;

    fill_words(&words, info);
    return PQconnectdbParams(words.keywords, words.values, 0);
}

PGconn *rh_pg_connect_start(const rh_pg_conninfo *info)
{
    pg_words words;
    PGconn *conn;

    fill_words(&words, info);
    conn = PQconnectStartParams(words.keywords, words.values, 0);
    if (conn != NULL)
        (void)PQsetNoticeReceiver(conn, ignore_notice, NULL);
    return conn;
}

rh_status rh_pg_open(const rh_pg_conninfo *info, const char *dbname, const rh_cancel *cancel,
                     rh_pg **out, rh_error *err)
{
    int64_t give_up = rh_clock_mono_us() + CONNECT_RETRY_US;
    int64_t delay = CONNECT_FIRST_DELAY_US;
    rh_status status = RH_OK;
    rh_pg *pg = rh_mem_zalloc(sizeof *pg);

    if (pg == NULL)
        return rh_error_oom(err);
    pg->cancel = cancel;
    for (;;) {
        status = connect_once(pg, info, dbname, err);
        if (status != RH_OK || PQstatus(pg->conn) == CONNECTION_OK)
            break;
        if (!worth_another_try(PQerrorMessage(pg->conn)) || rh_clock_mono_us() > give_up) {
            status = refuse(pg, dbname == NULL ? rh_pg_conninfo_get(info, "dbname") : dbname, err);
            break;
        }
        status = rh_clock_sleep_us(delay, cancel, err);
        if (status != RH_OK)
            break;
        delay = delay * 2 > CONNECT_MAX_DELAY_US ? CONNECT_MAX_DELAY_US : delay * 2;
    }
    if (status == RH_OK) {
        (void)PQsetNoticeReceiver(pg->conn, ignore_notice, NULL);
        pg->version = PQserverVersion(pg->conn);
        status = settle(pg, err);
    }
    if (status == RH_OK)
        *out = pg;
    else
        rh_pg_close(pg);
    return status;
}

void rh_pg_close(rh_pg *pg)
{
    if (pg == NULL)
        return;
    PQfinish(pg->conn);
    rh_mem_free(pg);
}

rh_status rh_pg_pin(const rh_pg *pg, rh_pg_conninfo *info, rh_error *err)
{
    const char *host = PQhost(pg->conn);
    const char *address = PQhostaddr(pg->conn);
    const char *port = PQport(pg->conn);
    rh_status status = RH_OK;

    if (host != NULL && host[0] != '\0')
        status = rh_pg_conninfo_set(info, "host", host, err);
    if (status == RH_OK)
        status = rh_pg_conninfo_set(info, "hostaddr",
                                    address != NULL && address[0] != '\0' ? address : NULL, err);
    if (status == RH_OK && port != NULL && port[0] != '\0')
        status = rh_pg_conninfo_set(info, "port", port, err);
    if (status == RH_OK) /* resolved by now; would bring the host list back */
        status = rh_pg_conninfo_set(info, "service", NULL, err);
    return status;
}
