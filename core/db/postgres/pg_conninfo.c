#include "pg_conninfo.h"

#include <libpq-fe.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"

static bool is_secret(const char *keyword)
{
    return rh_str_eq(keyword, "password") || rh_str_eq(keyword, "sslpassword");
}

/* We decide these ourselves for every connection. */
static bool is_ours(const char *keyword)
{
    return rh_str_eq(keyword, "application_name") ||
           rh_str_eq(keyword, "fallback_application_name") ||
           rh_str_eq(keyword, "client_encoding") || rh_str_eq(keyword, "replication");
}

const char *rh_pg_conninfo_get(const rh_pg_conninfo *info, const char *keyword)
{
    for (size_t i = 0; i < info->count; i++) {
        if (strcmp(info->keywords[i], keyword) == 0)
            return info->values[i];
    }
    return NULL;
}

static void remove_at(rh_pg_conninfo *info, size_t at)
{
    rh_mem_free(info->keywords[at]);
    rh_mem_wipe_free(info->values[at], strlen(info->values[at]));
    info->count--;
    info->keywords[at] = info->keywords[info->count];
    info->values[at] = info->values[info->count];
    info->keywords[info->count] = NULL;
    info->values[info->count] = NULL;
}

rh_status rh_pg_conninfo_set(rh_pg_conninfo *info, const char *keyword, const char *value,
                             rh_error *err)
{
    char *key_copy = NULL;
    char *value_copy = NULL;

    for (size_t i = 0; i < info->count; i++) {
        if (strcmp(info->keywords[i], keyword) != 0)
            continue;
        if (value == NULL) {
            remove_at(info, i);
            return RH_OK;
        }
        value_copy = rh_mem_strdup(value);
        if (value_copy == NULL)
            return rh_error_oom(err);
        rh_mem_wipe_free(info->values[i], strlen(info->values[i]));
        info->values[i] = value_copy;
        return RH_OK;
    }
    if (value == NULL)
        return RH_OK;
    if (info->count >= RH_PG_CONNINFO_MAX)
        return rh_error_set(err, RH_ELIMIT, "more than %d connection parameters",
                            RH_PG_CONNINFO_MAX);
    key_copy = rh_mem_strdup(keyword);
    value_copy = rh_mem_strdup(value);
    if (key_copy == NULL || value_copy == NULL) {
        rh_mem_free(key_copy);
        rh_mem_free(value_copy);
        return rh_error_oom(err);
    }
    info->keywords[info->count] = key_copy;
    info->values[info->count] = value_copy;
    info->count++;
    return RH_OK;
}

void rh_pg_conninfo_free(rh_pg_conninfo *info)
{
    if (info == NULL)
        return;
    while (info->count > 0)
        remove_at(info, info->count - 1);
    rh_mem_free(info);
}

static rh_status take_options(const PQconninfoOption *options, rh_pg_conninfo *info, rh_error *err)
{
    rh_status status = RH_OK;

    for (const PQconninfoOption *o = options; o->keyword != NULL && status == RH_OK; o++) {
        if (o->val == NULL || o->val[0] == '\0' || is_ours(o->keyword))
            continue;
        status = rh_pg_conninfo_set(info, o->keyword, o->val, err);
    }
    return status;
}

static rh_status refuse_text(rh_error *err)
{
    rh_error_set(err, RH_EUSAGE, "the connection string is not valid");
    rh_error_hint(err, "write postgresql://user@host:port/database or 'host=... dbname=...'");
    return RH_EUSAGE;
}

/* Nothing was resolved: that is the service, if one was named. */
static rh_status refuse_service(const char *service, rh_error *err)
{
    if (service == NULL)
        return refuse_text(err);
    rh_error_set(err, RH_EUSAGE, "the connection service '%s' is not defined", service);
    rh_error_hint(err, "define it in ~/.pg_service.conf, or in the file that PGSERVICEFILE names");
    return RH_EUSAGE;
}

/* libpq resolves service files and the environment only for a connection, so one is begun and
 * dropped at once: nothing is waited for. */
rh_status rh_pg_conninfo_parse(const char *name, rh_pg_conninfo **out, rh_error *err)
{
    rh_status status = RH_OK;
    const char *const keywords[] = {"dbname", NULL};
    const char *const values[] = {name, NULL};
    PQconninfoOption *written = PQconninfoParse(name, NULL);
    PQconninfoOption *options = NULL;
    PGconn *conn = NULL;
    rh_pg_conninfo *info = rh_mem_zalloc(sizeof *info);

    if (info == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    if (written == NULL) {
        status = refuse_text(err);
        goto out;
    }
    conn = PQconnectStartParams(keywords, values, 1);
    options = conn == NULL ? NULL : PQconninfo(conn);
    status = take_options(options == NULL ? written : options, info, err);
    if (status == RH_OK)
        status = take_options(written, info, err);
    if (status == RH_OK && rh_pg_conninfo_get(info, "connect_timeout") == NULL)
        status = rh_pg_conninfo_set(info, "connect_timeout", "15", err);
    if (status == RH_OK && rh_pg_conninfo_get(info, "dbname") == NULL) {
        const char *user = rh_pg_conninfo_get(info, "user");
        status = user == NULL ? refuse_service(rh_pg_conninfo_get(info, "service"), err)
                              : rh_pg_conninfo_set(info, "dbname", user, err);
    }
    if (status == RH_OK) {
        *out = info;
        info = NULL;
    }
out:
    rh_pg_conninfo_free(info);
    PQconninfoFree(written);
    PQconninfoFree(options);
    PQfinish(conn);
    return status;
}

rh_status rh_pg_conninfo_copy(const rh_pg_conninfo *from, rh_pg_conninfo **out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_pg_conninfo *info = rh_mem_zalloc(sizeof *info);

    if (info == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < from->count && status == RH_OK; i++)
        status = rh_pg_conninfo_set(info, from->keywords[i], from->values[i], err);
    if (status == RH_OK)
        *out = info;
    else
        rh_pg_conninfo_free(info);
    return status;
}

/* keyword='value' with backslash and quote escaped as libpq reads them. */
static rh_status append_pair(rh_buf *out, const char *keyword, const char *value, bool always_quote,
                             rh_error *err)
{
    bool quote = always_quote || value[0] == '\0' || strpbrk(value, " '\\\t\n") != NULL;
    rh_status status = rh_buf_printf(out, err, "%s=%s", keyword, quote ? "'" : "");

    for (const char *p = value; *p != '\0' && status == RH_OK; p++) {
        if (*p == '\'' || *p == '\\')
            status = rh_buf_append_byte(out, '\\', err);
        if (status == RH_OK)
            status = rh_buf_append_byte(out, (uint8_t)*p, err);
    }
    if (status == RH_OK && quote)
        status = rh_buf_append_byte(out, '\'', err);
    return status;
}

rh_status rh_pg_conninfo_text(const rh_pg_conninfo *info, rh_buf *out, rh_error *err)
{
    rh_status status = RH_OK;
    bool first = true;

    for (size_t i = 0; i < info->count && status == RH_OK; i++) {
        if (is_secret(info->keywords[i]))
            continue;
        if (!first)
            status = rh_buf_append_byte(out, ' ', err);
        if (status == RH_OK)
            status = append_pair(out, info->keywords[i], info->values[i], true, err);
        first = false;
    }
    return status;
}

rh_status rh_pg_conninfo_describe(const char *name, rh_buf *out, rh_error *err)
{
    rh_status status = RH_OK;
    bool first = true;
    PQconninfoOption *options = PQconninfoParse(name, NULL);

    if (options == NULL)
        return refuse_text(err);
    for (PQconninfoOption *o = options; o->keyword != NULL && status == RH_OK; o++) {
        if (o->val == NULL)
            continue;
        if (!first)
            status = rh_buf_append_byte(out, ' ', err);
        if (status == RH_OK)
            status =
                append_pair(out, o->keyword, is_secret(o->keyword) ? "***" : o->val, false, err);
        first = false;
    }
    PQconninfoFree(options);
    return status;
}
