/*
 * capture_case send CONNINFO EXPECTED      execute a known workload over libpq, write down what
 * capture_case check EXPECTED WORKLOAD MODE  compare a captured workload with it
 *
 * MODE: all (every execution, in order, exactly), durations (as well as costs), some (a subset, in
 * order). Two sessions are used in turns, so that their lines interleave.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/hash.h"
#include "core/mem.h"
#include "core/workload_file.h"

enum { SESSIONS = 2, LONG_BYTES = 20000, MAX_VALUES = 12 };

static void die(const char *what, const char *detail)
{
    fprintf(stderr, "capture_case: %s: %s\n", what, detail);
    exit(1);
}

/* ---- sending ---- */

static json_t *expected; /* per session a list of {sql, parameters, failed, extended} */

static void expect(int session, const char *sql, int count, const char *const *values, bool failed,
                   const char *name)
{
    json_t *params = json_array();
    json_t *list = json_array_get(expected, (size_t)session);

    for (int i = 0; i < count; i++)
        json_array_append_new(params, values[i] == NULL ? json_null() : json_string(values[i]));
    json_array_append_new(list, json_pack("{s:s, s:o, s:b, s:s?}", "sql", sql, "parameters", params,
                                          "failed", (int)failed, "name", name));
}

static void finish(PGconn *conn, PGresult *result, bool failed)
{
    ExecStatusType got = PQresultStatus(result);

    if (failed != (got == PGRES_FATAL_ERROR))
        die("unexpected result", PQerrorMessage(conn));
    PQclear(result);
}

static void simple(PGconn **conns, int session, const char *sql, bool failed)
{
    expect(session, sql, 0, NULL, failed, NULL);
    finish(conns[session], PQexec(conns[session], sql), failed);
}

static void extended(PGconn **conns, int session, const char *sql, int count,
                     const char *const *values)
{
    expect(session, sql, count, values, false, NULL);
    finish(conns[session], PQexecParams(conns[session], sql, count, NULL, values, NULL, NULL, 0),
           false);
}

static void prepare(PGconn **conns, int session, const char *name, const char *sql)
{
    finish(conns[session], PQprepare(conns[session], name, sql, 0, NULL), false);
}

static void prepared(PGconn **conns, int session, const char *name, const char *sql, int count,
                     const char *const *values)
{
    expect(session, sql, count, values, false, name);
    finish(conns[session], PQexecPrepared(conns[session], name, count, values, NULL, NULL, 0),
           false);
}

/* Values that break parsers which cut at ", " or at line ends. */
static const char *const nasty[] = {
    "",
    "o'clock, $9 = x",
    "', $2 = 'y",
    "a\nb\n\tc\n",
    "\n\n",
    "\ttabs\tand spaces  ",
    "back\\slash \\n",
    "carriage\r\nreturn",
    "\"double\" quotes, commas,,",
    "$1",
    "''''",
    "'",
    "\xc3\xbcml\xc3\xa4ut \xe2\x82\xac \xf0\x9f\x90\x98",
    "2021-12-03 07:14:48.591 UTC [4913] LOG:  duration: 1.0 ms  statement: select 'no'",
    "x\n2021-12-03 07:14:48.591 UTC [4913] LOG:  statement: select 'no'",
    "parameters: $1 = 'inner'",
    "NULL",
    "{\"json\": [1, \"two\\u0041\"]}",
    "this ends with dots...",
};

static void send_values(PGconn **conns)
{
    static char large[LONG_BYTES + 1];
    const char *values[MAX_VALUES];

    for (int i = 0; i < LONG_BYTES; i++)
        large[i] = (char)(i % 71 == 70 ? '\n' : i % 37 == 36 ? '\'' : 'a' + i % 26);
    values[0] = large; /* longer than what ends with dots, so that that is whole */
    extended(conns, 0, "select length($1::text)", 1, values);
    extended(conns, 1, "select length($1::text)", 1, values);
    for (size_t i = 0; i < sizeof nasty / sizeof nasty[0]; i++) {
        values[0] = nasty[i];
        values[1] = NULL;
        values[2] = nasty[(i + 5) % (sizeof nasty / sizeof nasty[0])];
        extended(conns, (int)(i % 2), "select $1::text, $2::int,\n\t$3::text -- 'comment", 3,
                 values);
        prepared(conns, (int)((i + 1) % 2), "by name",
                 "select count(*) from pg_class where relname::text = $1::text", 1, values);
    }
    for (int i = 0; i < MAX_VALUES; i++)
        values[i] = nasty[i];
    extended(conns, 0,
             "select $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, "
             "$8::text, $9::text, $10::text, $11::text, $12::text",
             MAX_VALUES, values);
    extended(conns, 1, "select 1", 0, NULL);
}

static void send_all(PGconn **conns)
{
    static const char *const values[] = {"1", "it's"};

    simple(conns, 0, "select 'session 0'", false);
    simple(conns, 1, "select 'session 1'", false);
    for (int s = 0; s < SESSIONS; s++)
        prepare(conns, s, "by name",
                "select count(*) from pg_class where relname::text = $1::text");
    send_values(conns);
    simple(conns, 0, "begin", false);
    simple(conns, 1, "select 1; select 2, ';' ; select 3", false);
    simple(conns, 0, "create temp table t(a int, b text)", false);
    extended(conns, 0, "insert into t values ($1, $2)", 2, values);
    simple(conns, 1, "select E'a\\nb',\n  'statement: x'\n\n  -- end\n", false);
    simple(conns, 0, "commit", false);
    simple(conns, 1, "select 1/0", true);
    simple(conns, 1, "select no_such_column from pg_class", true);
    simple(conns, 0, "prepare p(int, text) as select $1, $2::text", false);
    expect(0, "select $1, $2::text", 2, values, false, NULL);
    finish(conns[0], PQexec(conns[0], "execute p(1, 'it''s')"), false);
    simple(conns, 0, "deallocate p", false);
    simple(conns, 1, "select $tag$ it's; $1 $tag$", false);
}

static int send(const char *conninfo, const char *path)
{
    PGconn *conns[SESSIONS];

    expected = json_array();
    for (int s = 0; s < SESSIONS; s++) {
        conns[s] = PQconnectdb(conninfo);
        if (PQstatus(conns[s]) != CONNECTION_OK)
            die("cannot connect", PQerrorMessage(conns[s]));
        json_array_append_new(expected, json_array());
    }
    send_all(conns);
    for (int s = 0; s < SESSIONS; s++)
        PQfinish(conns[s]);
    if (json_dump_file(expected, path, JSON_INDENT(1)) != 0)
        die("cannot write", path);
    json_decref(expected);
    return 0;
}

/* ---- checking ---- */

static bool same_parameter(const rh_parameter *p, const json_t *value)
{
    if (json_is_null(value))
        return p->kind == RH_PARAMETER_NULL;
    return p->kind == RH_PARAMETER_TEXT && p->len == json_string_length(value) &&
           memcmp(p->data, json_string_value(value), p->len) == 0;
}

static bool same_item(const rh_workload_item *item, const json_t *want)
{
    const json_t *params = json_object_get(want, "parameters");
    const char *name = json_string_value(json_object_get(want, "name"));

    if (strcmp(item->sql, json_string_value(json_object_get(want, "sql"))) != 0 ||
        item->parameter_count != json_array_size(params) || item->unreplayable != NULL ||
        (item->sqlstate != NULL) != json_is_true(json_object_get(want, "failed")))
        return false;
    if ((item->protocol == RH_WORKLOAD_PREPARED) != (name != NULL) ||
        (name != NULL && strcmp(name, item->prepared_name) != 0))
        return false;
    for (size_t i = 0; i < item->parameter_count; i++) {
        if (!same_parameter(&item->parameters[i], json_array_get(params, i)))
            return false;
    }
    return true;
}

static void complain(const rh_workload_item *item, size_t at, const json_t *want)
{
    fprintf(stderr, "execution %zu of session %llu differs: '%s', %zu parameters, %s, %s\n", at,
            (unsigned long long)item->session, item->sql, item->parameter_count,
            item->sqlstate == NULL ? "good" : item->sqlstate,
            item->unreplayable == NULL ? "replayable" : item->unreplayable);
    for (size_t i = 0; i < item->parameter_count && i < 12; i++)
        fprintf(stderr, "  got '%.200s'\n",
                item->parameters[i].kind == RH_PARAMETER_NULL
                    ? "NULL"
                    : (const char *)item->parameters[i].data);
    if (want != NULL)
        json_dumpf(want, stderr, JSON_INDENT(1));
    exit(1);
}

typedef struct place {
    const json_t *list;
    size_t at;
} place;

static place places[SESSIONS];

/* Sessions are numbered as they come; the first statement tells which one it is. */
static place *place_of(const rh_workload_item *item, uint64_t *numbers)
{
    for (int s = 0; s < SESSIONS; s++) {
        if (numbers[s] == item->session)
            return &places[s];
    }
    for (int s = 0; s < SESSIONS; s++) {
        const json_t *first = json_array_get(places[s].list, 0);

        if (numbers[s] == 0 &&
            strcmp(json_string_value(json_object_get(first, "sql")), item->sql) == 0) {
            numbers[s] = item->session;
            return &places[s];
        }
    }
    return NULL;
}

/* A subset of several sessions' statements: the text and values must be some that were sent. */
static bool was_sent(const rh_workload_item *item)
{
    for (int s = 0; s < SESSIONS; s++) {
        for (size_t i = 0; i < json_array_size(places[s].list); i++) {
            if (same_item(item, json_array_get(places[s].list, i)))
                return true;
        }
    }
    return false;
}

static void check_item(const rh_workload_item *item, uint64_t *numbers, const char *mode)
{
    place *p;
    const json_t *want;

    if (strcmp(mode, "some") == 0) {
        if (!was_sent(item))
            complain(item, 0, NULL);
        return;
    }
    p = place_of(item, numbers);
    want = p == NULL ? NULL : json_array_get(p->list, p->at);
    if (want == NULL || !same_item(item, want))
        complain(item, p == NULL ? 0 : p->at, want);
    if (strcmp(mode, "durations") == 0 && item->sqlstate == NULL && item->duration_us < 0)
        die("an execution without its duration", item->sql);
    p->at++;
}

static int check(const char *path, const char *workload_path, const char *mode)
{
    rh_error err = RH_ERROR_INIT;
    rh_workload_file *file = NULL;
    rh_workload_cursor *cursor = NULL;
    rh_workload_filter filter = {.order = RH_WORKLOAD_ORDER_STORED};
    rh_workload_item item;
    uint64_t numbers[SESSIONS] = {0};
    uint64_t count = 0;
    rh_status status;
    json_t *all = json_load_file(path, 0, NULL);

    for (int s = 0; s < SESSIONS; s++)
        places[s].list = json_array_get(all, (size_t)s);
    status = rh_workload_file_open(workload_path, &file, &err);
    if (status == RH_OK)
        status = rh_workload_cursor_open(file, &filter, &cursor, &err);
    if (status != RH_OK)
        die("cannot read the workload", err.text);

    rh_workload workload = rh_workload_from_cursor(cursor);

    while ((status = workload.next(workload.ctx, &item, &err)) == RH_OK) {
        check_item(&item, numbers, mode);
        count++;
    }
    if (status != RH_DONE)
        die("cannot read the workload", err.text);
    for (int s = 0; s < SESSIONS && strcmp(mode, "some") != 0; s++) {
        if (places[s].at != json_array_size(places[s].list))
            die("executions are missing", s == 0 ? "session 0" : "session 1");
    }
    printf("%llu\n", (unsigned long long)count);
    rh_workload_cursor_close(cursor);
    rh_workload_file_close(file);
    json_decref(all);
    return count == 0;
}

int main(int argc, char **argv)
{
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    if (argc == 4 && strcmp(argv[1], "send") == 0)
        return send(argv[2], argv[3]);
    if (argc == 5 && strcmp(argv[1], "check") == 0)
        return check(argv[2], argv[3], argv[4]);
    die("usage", "send CONNINFO EXPECTED | check EXPECTED WORKLOAD MODE");
}
