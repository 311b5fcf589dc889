# capture from a live server's pg_stat_statements: statements with their mean cost, no values.
. "$(dirname "$0")/../support/lib.sh"
require_program
require_tool sqlite3 psql
cd "$scratch"
pg_private shared_preload_libraries=pg_stat_statements

say 'without the extension: a clear error'
assert_exit 2 "$RH_BIN" capture "$RH_TEST_PG" --out none.db
assert_stderr_contains pg_stat_statements
assert_no_file none.db

pg_sql "$RH_TEST_PG" 'CREATE EXTENSION pg_stat_statements' || skip 'the server has no pg_stat_statements'
pg_sql "$RH_TEST_PG" "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'secret ' || g FROM generate_series(1, 50) g"
for i in 1 2 3; do
    pg_sql "$RH_TEST_PG" "SELECT v FROM t WHERE id < $i + 10"
done >/dev/null

say 'one execution for each statement, none of them fit to be executed again'
assert_ok "$RH_BIN" capture "$RH_TEST_PG" --out w.db
query()
{
    sqlite3 w.db "$1"
}
assert_eq 1 "$(query "SELECT count(*) FROM calls WHERE normalized LIKE 'select v from t where id < %'")" 'the statement, once'
assert_eq '11|extended' "$(query "SELECT rows || '|' || protocol FROM calls WHERE normalized LIKE 'select v from t where id < %'")" 'mean rows'
assert_eq 0 "$(query 'SELECT count(*) FROM executions WHERE unreplayable IS NULL OR duration_us IS NULL')" 'marked'
assert_eq "$(query 'SELECT count(*) FROM executions')" "$(query 'SELECT sum(count) FROM skipped')" 'counted with their reason'
assert_eq 0 "$(query "SELECT count(*) FROM texts WHERE sql LIKE '%secret 1%'")" 'values'

say 'calls, total time and rows are kept'
assert_eq '3|33' "$(query "SELECT t.calls || '|' || t.rows FROM calls c JOIN totals t ON t.execution = c.id
    WHERE normalized LIKE 'select v from t where id < %'")" 'totals'
assert_eq "$(query 'SELECT count(*) FROM executions')" \
    "$(query 'SELECT count(*) FROM totals WHERE calls > 0 AND total_us >= 0')" 'one entry each'

say 'what capture itself sends is not in the list'
assert_ok "$RH_BIN" capture "$RH_TEST_PG" --out w.db --replace
assert_eq '' "$(query "SELECT sql FROM texts WHERE sql LIKE '%rehearse%' OR sql LIKE '%pg_catalog%'
    OR sql LIKE '%search_path%' OR sql LIKE 'fetch%'")" 'own statements'
