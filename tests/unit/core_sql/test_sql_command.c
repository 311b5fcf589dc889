/* What kind of statement a text is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sql_fingerprint.h"

static void is(const char *sql, const char *kind)
{
    rh_sql_command command = rh_sql_command_of(RH_SQL_POSTGRES, sql, strlen(sql));

    assert_string_equal(rh_sql_command_kind_name(command.kind), kind);
}

static void sqlite_is(const char *sql, const char *kind)
{
    rh_sql_command command = rh_sql_command_of(RH_SQL_SQLITE, sql, strlen(sql));

    assert_string_equal(rh_sql_command_kind_name(command.kind), kind);
}

static void reads(void **state)
{
    (void)state;
    is("", "empty");
    is("/* x */ ;", "empty");
    is("SELECT 1", "read");
    is("((select 1) union (select 2))", "read");
    is("with a as (select 1) select * from a", "read");
    is("with a as (select replace(b, 'x', 'y') from t) select * from a for update", "read");
    is("with a as (select 1 from t for no key update) select 1", "read");
    is("values (1)", "read");
    is("table t", "read");
    is("copy t to stdout", "read");
    is("copy (select a from t) to stdout", "read");
    is("explain select 1", "read");
    is("explain insert into t select 1", "read");
    is("explain (analyze false) select 1", "read");
    sqlite_is("explain query plan delete from t", "read");
    is("explain analyze select 1", "read");
}

static void writes(void **state)
{
    (void)state;
    is("insert into t values (1)", "write");
    is("-- c\nUPDATE t SET a = 1", "write");
    is("with a as (delete from t returning *) select * from a", "write");
    is("with a as (select 1) insert into t select * from a", "write");
    sqlite_is("with a as (select 1) replace into t select * from a", "write");
    sqlite_is("replace into t values (1)", "write");
    is("copy t from stdin", "write");
    is("copy t (a, b) from stdin", "write");
    is("explain analyze delete from t", "write");
    is("explain (analyze, buffers) with a as (insert into t values (1) returning 1) table a",
       "write");
    is("merge into t using s on true when matched then delete", "write");
    is("truncate t", "write");
    is("do $$ begin end $$", "write");
}

static void others(void **state)
{
    (void)state;
    is("select * into u from t", "ddl");
    is("create table t as select 1", "ddl");
    is("grant select on t to u", "ddl");
    is("set a = 1", "utility");
    is("declare c cursor for select 1", "utility");
    sqlite_is("pragma user_version", "utility");
    is("frobnicate", "unknown");
    is("'x'", "unknown");
}

static rh_sql_transaction_step step(const char *sql)
{
    rh_sql_command command = rh_sql_command_of(RH_SQL_POSTGRES, sql, strlen(sql));

    assert_string_equal(rh_sql_command_kind_name(command.kind), "transaction");
    return command.transaction;
}

static void transaction_steps(void **state)
{
    (void)state;
    assert_int_equal(step("begin isolation level serializable"), RH_SQL_TX_BEGIN);
    assert_int_equal(step("START TRANSACTION"), RH_SQL_TX_BEGIN);
    assert_int_equal(step("commit work"), RH_SQL_TX_COMMIT);
    assert_int_equal(step("end"), RH_SQL_TX_COMMIT);
    assert_int_equal(step("rollback"), RH_SQL_TX_ROLLBACK);
    assert_int_equal(step("abort"), RH_SQL_TX_ROLLBACK);
    assert_int_equal(step("rollback work to savepoint s"), RH_SQL_TX_ROLLBACK_TO);
    assert_int_equal(step("rollback to s"), RH_SQL_TX_ROLLBACK_TO);
    assert_int_equal(step("savepoint s"), RH_SQL_TX_SAVEPOINT);
    assert_int_equal(step("release s"), RH_SQL_TX_RELEASE);
    assert_int_equal(step("prepare transaction 'x'"), RH_SQL_TX_TWO_PHASE);
    assert_int_equal(step("commit prepared 'x'"), RH_SQL_TX_TWO_PHASE);
    is("prepare p as select 1", "utility");
}

static void locks_and_verbs_are_told(void **state)
{
    rh_sql_command command;

    (void)state;
    command = rh_sql_command_of(RH_SQL_POSTGRES, "Select 1 for share", 18);
    assert_true(command.locks);
    assert_string_equal(command.verb, "select");
    command = rh_sql_command_of(RH_SQL_POSTGRES, "select for_update from t", 24);
    assert_false(command.locks);
    command = rh_sql_command_of(RH_SQL_POSTGRES, "averyveryverylongword", 21);
    assert_string_equal(command.verb, "averyveryverylo");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(writes),
        cmocka_unit_test(others),
        cmocka_unit_test(transaction_steps),
        cmocka_unit_test(locks_and_verbs_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
