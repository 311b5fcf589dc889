/*
 * What the tests of this folder assert with: SQL in the test cluster, dumps side by side.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/process.h"
#include "core/sql_literal.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_connection.h"
#include "pg_copy.h"
#include "pg_statement.h"
#include "pg_tool.h"

void pg_assert_ok(rh_status status, const rh_error *err)
{
    if (status != RH_OK)
        fail_msg("%s: %s (%s)", rh_status_name(status), err->text, err->hint);
}

bool pg_has_problem(const rh_problems *problems, bool fatal, const char *part)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->items[i].fatal == fatal && strstr(problems->items[i].text, part) != NULL)
            return true;
    }
    return false;
}

char *pg_conninfo(const char *dbname, const char *more)
{
    const char *base = getenv("RH_TEST_PG");
    const char *at;
    char *text;
    rh_buf name = RH_BUF_INIT;

    assert_non_null(base);
    at = strstr(base, " dbname=");
    assert_non_null(at);
    for (const char *p = dbname; *p != '\0'; p++) {
        if (*p == '\'' || *p == '\\')
            assert_int_equal(rh_buf_append_byte(&name, '\\', NULL), RH_OK);
        assert_int_equal(rh_buf_append_byte(&name, (uint8_t)*p, NULL), RH_OK);
    }
    text = rh_mem_printf("%.*s dbname='%s' %s", (int)(at - base), base, rh_buf_cstr(&name), more);
    rh_buf_done(&name);
    assert_non_null(text);
    return text;
}

rh_status pg_try(const char *conninfo, const char *sql, rh_error *err)
{
    rh_pg_conninfo *info = NULL;
    rh_pg *pg = NULL;
    rh_status status = rh_pg_conninfo_parse(conninfo, &info, err);

    if (status == RH_OK)
        status = rh_pg_open(info, NULL, NULL, &pg, err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, "RESET search_path", err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, sql, err);
    rh_pg_close(pg);
    rh_pg_conninfo_free(info);
    return status;
}

void pg_sql(const char *dbname, const char *sql)
{
    char *conninfo = pg_conninfo(dbname, "");
    rh_error err = RH_ERROR_INIT;
    rh_status status = pg_try(conninfo, sql, &err);

    rh_mem_free(conninfo);
    pg_assert_ok(status, &err);
}

char *pg_value(const char *dbname, const char *sql)
{
    char *conninfo = pg_conninfo(dbname, "");
    rh_error err = RH_ERROR_INIT;
    rh_pg_conninfo *info = NULL;
    rh_pg *pg = NULL;
    char *value = NULL;
    rh_status status = rh_pg_conninfo_parse(conninfo, &info, &err);

    if (status == RH_OK)
        status = rh_pg_open(info, NULL, NULL, &pg, &err);
    if (status == RH_OK)
        status = rh_pg_query_text(pg, sql, 0, NULL, &value, &err);
    rh_pg_close(pg);
    rh_pg_conninfo_free(info);
    rh_mem_free(conninfo);
    pg_assert_ok(status, &err);
    return value;
}

void pg_assert_value(const char *dbname, const char *sql, const char *expected)
{
    char *value = pg_value(dbname, sql);

    if (!rh_str_eq(value, expected))
        fail_msg("%s: '%s' instead of '%s'", sql, value == NULL ? "NULL" : value, expected);
    rh_mem_free(value);
}

/* A subscription keeps its database from being dropped. */
static void drop_subscriptions(const char *dbname)
{
    rh_buf sql = RH_BUF_INIT;
    char *name;

    assert_int_equal(rh_buf_append_str(&sql,
                                       "SELECT quote_ident(subname) FROM pg_subscription JOIN "
                                       "pg_database d ON d.oid = subdbid WHERE datname = ",
                                       NULL),
                     RH_OK);
    assert_int_equal(rh_sql_literal_quote(RH_SQL_POSTGRES, dbname, strlen(dbname), &sql, NULL),
                     RH_OK);
    while ((name = pg_value("postgres", rh_buf_cstr(&sql))) != NULL) {
        char *change = rh_mem_printf("ALTER SUBSCRIPTION %s DISABLE; ALTER SUBSCRIPTION %s SET "
                                     "(slot_name = NONE)",
                                     name, name);
        char *drop = rh_mem_printf("DROP SUBSCRIPTION %s", name);

        pg_sql(dbname, change);
        pg_sql(dbname, drop);
        rh_mem_free(change);
        rh_mem_free(drop);
        rh_mem_free(name);
    }
    rh_buf_done(&sql);
}

static void drop_one(const char *dbname)
{
    rh_buf sql = RH_BUF_INIT;

    drop_subscriptions(dbname);
    assert_int_equal(rh_buf_append_str(&sql, "DROP DATABASE IF EXISTS ", NULL), RH_OK);
    assert_int_equal(rh_sql_name_quote(dbname, &sql, NULL), RH_OK);
    assert_int_equal(rh_buf_append_str(&sql, " WITH (FORCE)", NULL), RH_OK);
    pg_sql("postgres", rh_buf_cstr(&sql));
    rh_buf_done(&sql);
}

void pg_drop(const char *dbname)
{
    rh_buf sql = RH_BUF_INIT;
    char *name;

    drop_one(dbname);
    assert_int_equal(rh_buf_append_str(&sql,
                                       "SELECT datname FROM pg_database "
                                       "WHERE datname LIKE '%\\_\\_rehearse\\_%' "
                                       "AND starts_with(datname, left(",
                                       NULL),
                     RH_OK);
    assert_int_equal(rh_sql_literal_quote(RH_SQL_POSTGRES, dbname, strlen(dbname), &sql, NULL),
                     RH_OK);
    assert_int_equal(rh_buf_append_str(&sql, ", 20)) LIMIT 1", NULL), RH_OK);
    while ((name = pg_value("postgres", rh_buf_cstr(&sql))) != NULL) {
        drop_one(name);
        rh_mem_free(name);
    }
    rh_buf_done(&sql);
}

void pg_create(const char *dbname)
{
    rh_buf sql = RH_BUF_INIT;

    pg_drop(dbname);
    assert_int_equal(rh_buf_append_str(&sql, "CREATE DATABASE ", NULL), RH_OK);
    assert_int_equal(rh_sql_name_quote(dbname, &sql, NULL), RH_OK);
    assert_int_equal(rh_buf_append_str(&sql, " TEMPLATE template0", NULL), RH_OK);
    pg_sql("postgres", rh_buf_cstr(&sql));
    rh_buf_done(&sql);
}

static void run_tool(const char *tool, const char *const *arguments, rh_buf *out)
{
    rh_process_options options = {.arguments = arguments};
    rh_error err = RH_ERROR_INIT;
    char *program = NULL;

    pg_assert_ok(rh_pg_tool_find(tool, 15, &program, &err), &err);
    options.program = program;
    if (out != NULL)
        pg_assert_ok(rh_writer_buf(out, &options.output, &err), &err);
    pg_assert_ok(rh_process_run(&options, &err), &err);
    rh_writer_free(options.output);
    rh_mem_free(program);
}

void pg_file(const char *dbname, const char *path)
{
    char *conninfo = pg_conninfo(dbname, "");
    const char *arguments[] = {"-XAtq",
                               "-v",
                               "ON_ERROR_STOP=1",
                               "-d",
                               conninfo,
                               "-c",
                               "SET client_min_messages = warning",
                               "-f",
                               path,
                               NULL};

    run_tool("psql", arguments, NULL);
    rh_mem_free(conninfo);
}

/* ---- dumps ---- */

static int compare_lines(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;

    return strcmp(*x, *y);
}

/* Lines of a dump without those that differ by nature; sorted. Borrowed from text. */
static char **dump_lines(rh_buf *text, size_t *out_count)
{
    char **lines = NULL;
    size_t count = 0;
    size_t cap = 0;
    char *save = (char *)text->data;

    while (save != NULL && *save != '\0') {
        char *line = save;
        char *newline = strchr(save, '\n');

        save = newline == NULL ? NULL : newline + 1;
        if (newline != NULL)
            *newline = '\0';
        if (line[0] == '\0' || rh_str_starts_with(line, "\\restrict ") ||
            rh_str_starts_with(line, "\\unrestrict "))
            continue;
        if (count == cap) {
            cap = cap == 0 ? 1024 : 2 * cap;
            lines = rh_mem_rearray(lines, cap, sizeof *lines);
            assert_non_null(lines);
        }
        lines[count++] = line;
    }
    if (count > 0)
        qsort(lines, count, sizeof *lines, compare_lines);
    *out_count = count;
    return lines;
}

static void dump(const char *dbname, const char *const *more, rh_buf *out)
{
    char *conninfo = pg_conninfo(dbname, "");
    const char *arguments[12] = {"--no-sync", "-d", conninfo};
    size_t n = 3;

    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        arguments[n++] = more[i];
    rh_buf_init(out, (size_t)1 << 30);
    run_tool("pg_dump", arguments, out);
    rh_mem_free(conninfo);
}

void pg_assert_same_dump(const char *a, const char *b, const char *const *more)
{
    rh_buf text_a;
    rh_buf text_b;
    size_t count_a = 0;
    size_t count_b = 0;
    char **lines_a;
    char **lines_b;

    dump(a, more, &text_a);
    dump(b, more, &text_b);
    lines_a = dump_lines(&text_a, &count_a);
    lines_b = dump_lines(&text_b, &count_b);
    for (size_t i = 0; i < count_a && i < count_b; i++) {
        if (strcmp(lines_a[i], lines_b[i]) != 0)
            fail_msg("dumps differ: '%.200s' / '%.200s'", lines_a[i], lines_b[i]);
    }
    assert_int_equal(count_a, count_b);
    rh_mem_free(lines_a);
    rh_mem_free(lines_b);
    rh_buf_done(&text_a);
    rh_buf_done(&text_b);
}

/* Tables one by one; the sum of the rows' hashes does not depend on their order. */
void pg_assert_same_rows(const char *a, const char *b)
{
    char *list =
        pg_value(a, "SELECT string_agg(format('SELECT %L, count(*), "
                    "sum(hashtextextended(t::text, 0)::numeric) FROM ONLY %s t', "
                    "c.oid::regclass, c.oid::regclass), ' UNION ALL ' "
                    "ORDER BY c.oid::regclass::text COLLATE \"C\") "
                    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                    "WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND n.nspname !~ '^pg_' "
                    "AND n.nspname <> 'information_schema'");
    char *sql = rh_mem_printf("SELECT string_agg(x::text, E'\\n' ORDER BY x::text) FROM (%s) x",
                              list == NULL ? "SELECT 1" : list);
    char *rows_a = pg_value(a, sql);
    char *rows_b = pg_value(b, sql);

    assert_non_null(rows_a);
    assert_non_null(rows_b);
    assert_string_equal(rows_a, rows_b);
    rh_mem_free(list);
    rh_mem_free(sql);
    rh_mem_free(rows_a);
    rh_mem_free(rows_b);
}
