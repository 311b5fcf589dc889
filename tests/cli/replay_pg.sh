#!/bin/bash
# Replay on PostgreSQL: refusals, rollback, lost connections, order of commits, errors, interrupts.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/workload.sh"
require_program
require_tool sqlite3 psql jq
cd "$scratch"
pg_create_db replay
# shellcheck disable=SC2154 # pg_create_db sets it
db=$pg_db
psql -X -q "$db" -c 'CREATE TABLE t(a int PRIMARY KEY, b text)' \
    -c "INSERT INTO t SELECT i, 'x' || i FROM generate_series(1, 1000) i"
state()
{
    psql -X -At "$db" -c "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY a)) FROM t"
}
figure()
{
    jq -c "$1" "$scratch/stdout"
}

workload_new w postgresql
workload_add w 1 NULL 1000000 'SELECT * FROM t WHERE a = $1' '["5"]'
workload_add w 1 NULL 1050000 'SELECT * FROM t WHERE a = $1' '["6"]'
workload_add w 1 NULL 1060000 'SELECT $1::text IS NULL' '[null]'
workload_add w 1 1 1100000 'BEGIN'
workload_add w 1 1 1200000 "INSERT INTO t VALUES(5000, 'y')"
workload_add w 1 1 1210000 'SELECT count(*) FROM t'
workload_add w 1 1 1300000 'COMMIT'
workload_add w 2 NULL 1350000 "UPDATE t SET b = 'q' WHERE a < 10"
workload_add w 2 NULL 1500000 'SELECT * FROM nope' '' 99
workload_add w 2 NULL 1500001 'VACUUM t' '' 100
workload_add w 2 NULL 1500002 'SELECT 1 / 0' '' 101
workload_add w 2 NULL 1500003 'BEGIN; DELETE FROM t; COMMIT'
workload_add w 2 NULL 1500004 'DELETE FROM t; BEGIN; SELECT 1; COMMIT'
workload_add w 2 2 1500005 'BEGIN'
workload_add w 2 2 1500006 'SELECT pg_terminate_backend(pg_backend_pid())'
workload_add w 2 2 1500007 'DELETE FROM t'
workload_add w 2 2 1500008 'COMMIT'
workload_add w 2 NULL 1500009 'COPY t TO STDOUT'
workload_add w 2 NULL 1500010 'SELECT a FROM t WHERE a < 3'
replay=("$RH_BIN" replay w "$db" --progress never --speed max)

assert_exit 2 "${replay[@]}"
assert_stderr_contains 'not marked as a staging database'
psql -X -q "$db" -c "ALTER DATABASE $(psql -X -At "$db" -c 'SELECT quote_ident(current_database())')
    SET rehearse.production = 'on'"
assert_exit 2 "${replay[@]}"
assert_stderr_contains 'marked as production'
psql -X -q "$db" -c "ALTER DATABASE $(psql -X -At "$db" -c 'SELECT quote_ident(current_database())')
    RESET rehearse.production"
pg_mark_staging "$db"
assert_ok "${replay[@]}"
sqlite3 w "UPDATE sources SET database = '$(psql -X -At "$db" -c 'SELECT current_database()')',
    system_id = '$(psql -X -At "$db" -c 'SELECT system_identifier FROM pg_control_system()')'"
assert_exit 2 "${replay[@]}"
assert_stderr_contains 'where the workload was captured'
sqlite3 w 'UPDATE sources SET system_id = 1'

# A log does not tell its server; --source asks it. Also the log's other databases are off limits.
system=$(psql -X -At "$db" -c 'SELECT system_identifier FROM pg_control_system()')
here=$(psql -X -At "$db" -c 'SELECT current_database()')
printf '%s\n' "2026-01-05 10:00:00.000 UTC [9]: [1-1] user=u,db=$here,app=a,client=c LOG:  statement: SELECT 1" >pg.log
prefix=(--prefix '%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ')
assert_ok "$RH_BIN" capture pg.log "${prefix[@]}" --out untold
assert_ok "$RH_BIN" replay untold "$db" --speed max --progress never
assert_ok "$RH_BIN" capture pg.log "${prefix[@]}" --out told --source "$db"
assert_eq "$system|$here" "$(sqlite3 told 'SELECT system_id, database FROM sources')"
assert_exit 2 "$RH_BIN" replay told "$db" --speed max --progress never
assert_stderr_contains 'where the workload was captured'
assert_ok "$RH_BIN" replay told "$db" --speed max --progress never --i-know-this-is-not-production
assert_ok "$RH_BIN" capture pg.log "${prefix[@]}" --out told --replace --source "${db/dbname=$here/dbname=postgres}"
assert_eq "$system|postgres" "$(sqlite3 told 'SELECT system_id, database FROM sources')"
assert_exit 2 "$RH_BIN" replay told "$db" --speed max --progress never
assert_stderr_contains 'where the workload was captured'
psql -X -q "$db" -c "CREATE ROLE untold_role LOGIN" -c 'REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC'
assert_exit 2 "$RH_BIN" capture pg.log "${prefix[@]}" --out none --source "$db user=untold_role"
assert_stderr_contains 'system identifier'
psql -X -q "$db" -c 'GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC' -c 'DROP ROLE untold_role'
sqlite3 lite.db 'CREATE TABLE t(a)'
assert_exit 2 "$RH_BIN" capture pg.log "${prefix[@]}" --out none --source lite.db
assert_stderr_contains 'the source is of sqlite'
[ ! -e none ] || fail 'a refused capture left a file'

before=$(state)
for order in commit strict none; do
    for connections in 1 2; do
        assert_ok "${replay[@]}" --json --order "$order" --connections "$connections" --out "$order$connections"
        assert_eq "$before" "$(state)"
    done
    assert_same_file "${order}1" "${order}2"
    assert_same_file commit1 "${order}1"
done
assert_eq 1 "$(figure .summary.connections_lost)"
assert_eq '["22012","42P01","57P01"]' "$(figure '[.errors[].sqlstate] | sort')"
assert_eq '{"file":"/var/log/pg.log","line":99,"execution":9}' \
    "$(figure '.errors[] | select(.sqlstate == "42P01").places[0] | {file, line, execution}')"
assert_eq 2 "$(figure '.skipped[] | select(.reason | test("lost")).count')"
assert_eq 1 "$(figure '.skipped[] | select(.reason | test("in a transaction")).count')"
assert_eq 1 "$(figure '.skipped[] | select(.reason | test("control")).count')"

# A changed answer is found, and where the statement stood.
psql -X -q "$db" -c "UPDATE t SET b = 'changed' WHERE a = 6"
assert_exit 1 "${replay[@]}" --compare commit1
assert_stdout_contains 'DIFF  execution 2 (/var/log/pg.log:1)'
psql -X -q "$db" -c "UPDATE t SET b = 'x6' WHERE a = 6"
assert_ok "${replay[@]}" --compare commit1

# Parameters whose types the server cannot tell get those that their values look like.
workload_new types postgresql
workload_add types 1 NULL 1000000 'SELECT $1 + $2' '["5","7"]'
workload_add types 1 1 1000100 'BEGIN'
workload_add types 1 1 1000200 'SELECT $1 * $2 / $3' '["2.5","5000000000","3"]'
workload_add types 1 1 1000300 'SELECT count(*) FROM t WHERE a < $1' '["10"]'
workload_add types 1 1 1000400 'SELECT abs($1)' '["-3"]'
workload_add types 1 1 1000500 'SELECT count(*) FROM t'
workload_add types 1 1 1000600 'COMMIT'
workload_add types 1 NULL 1000700 'SELECT $1 + $2' '["1","2.5"]'
workload_add types 1 NULL 1000800 'SELECT $1 + $2' '["x","2"]'
assert_ok "$RH_BIN" replay types "$db" --speed max --json
assert_eq '["42883"]' "$(figure '[.errors[].sqlstate]')"
assert_eq 4 "$(figure .summary.types_guessed)"
assert_eq 9 "$(figure .summary.executions)"
assert_ok "$RH_BIN" replay types "$db" --speed max
assert_stdout_contains '4 executions had the types of their parameters guessed'

# Commit order: session 2 began after session 1 had committed, which here takes longer.
workload_new order postgresql
workload_add order 1 1 1000000 'BEGIN'
workload_add order 1 1 1000100 'SELECT pg_sleep(0.3)'
workload_add order 1 1 1000200 "UPDATE t SET b = 'first' WHERE a = 1"
workload_add order 1 1 1000300 'COMMIT'
workload_add order 2 2 1001000 'BEGIN'
workload_add order 2 2 1001100 "UPDATE t SET b = b || '-second' WHERE a = 1"
workload_add order 2 2 1001200 'COMMIT'
workload_add order 3 NULL 1002000 'SELECT b FROM t WHERE a = 1'
assert_ok "$RH_BIN" replay order "$db" --speed max --writes commit --json
assert_eq first-second "$(psql -X -At "$db" -c 'SELECT b FROM t WHERE a = 1')"
assert_eq true "$(figure '.lag.order_us > 200000')"

# Waiting for a lock is told from a slow server.
workload_new locks postgresql
workload_add locks 1 1 1000000 'BEGIN'
workload_add locks 1 1 1000100 "UPDATE t SET b = 'l' WHERE a = 2"
workload_add locks 2 NULL 1100000 "UPDATE t SET b = 'm' WHERE a = 2"
workload_add locks 1 1 1400000 'SELECT pg_sleep(0.2)'
workload_add locks 1 1 1400100 'COMMIT'
workload_add locks 2 NULL 1400200 'SELECT 1'
assert_ok "$RH_BIN" replay locks "$db" --json
assert_eq true "$(figure '.summary.latency_us.locks > 200000')"
assert_eq true "$(figure '.lag.locks_us > 50000')"

# An interrupt stops what runs on the server, and is told as such.
workload_new slow postgresql
workload_add slow 1 NULL 1000000 'SELECT pg_sleep(60)'
"$RH_BIN" replay slow "$db" --progress never >out 2>err &
pid=$!
for _ in $(seq 100); do
    [ "$(psql -X -At "$db" -c "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%sleep(60)%' AND pid <> pg_backend_pid()")" = 0 ] || break
    sleep 0.1
done
kill -INT "$pid"
code=0
wait "$pid" || code=$?
assert_eq 2 "$code"
assert_contains "$(cat err)" interrupted
assert_eq 0 "$(psql -X -At "$db" -c "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE '%sleep(60)%' AND pid <> pg_backend_pid() AND state = 'active'")"
