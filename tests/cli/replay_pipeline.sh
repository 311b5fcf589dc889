#!/bin/bash
# Several statements of a session on their way at once give the same rows, errors and counters as
# one at a time: failures and lost connections in the middle, transactions, settings, texts that are
# prepared, forgotten, or without types.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/workload.sh"
require_program
require_tool sqlite3 psql jq
cd "$scratch"
pg_create_db pipeline
# shellcheck disable=SC2154 # pg_create_db sets it
db=$pg_db
psql -X -q "$db" -c 'CREATE TABLE t(a int PRIMARY KEY, b text)' \
    -c "INSERT INTO t SELECT i, 'x' || i FROM generate_series(1, 1000) i" \
    -c "CREATE FUNCTION forget() RETURNS int LANGUAGE plpgsql AS
        \$\$ BEGIN EXECUTE 'DEALLOCATE ALL'; RETURN 1; END \$\$" \
    -c "CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS
        \$\$ BEGIN INSERT INTO t VALUES(-1, 'stays'); RETURN 1; END \$\$"
pg_mark_staging "$db"
state()
{
    psql -X -At "$db" -c "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY a)) FROM t"
}

# One execution of each text, which gives it its number; text 5 and text 7 fail, text 16 loses the
# connection.
workload_new w postgresql
texts=('SELECT * FROM t WHERE a = $1' 'SELECT count(*) FROM t WHERE b LIKE $1' 'SELECT 1'
    'SELECT generate_series(1, 300)' 'SELECT 100 / (a - 50) FROM t WHERE a = $1'
    "SELECT b FROM t WHERE current_setting('statement_timeout') = '1min' AND a = 3"
    'SELECT * FROM nope WHERE a = $1' 'SELECT $1 + $2' 'SELECT forget()'
    "UPDATE t SET b = b || 'u' WHERE a = \$1" 'SELECT a FROM t WHERE a = $1 FOR UPDATE'
    "SET work_mem = '1MB'" 'DISCARD ALL' 'BEGIN' 'COMMIT'
    'SELECT pg_terminate_backend(pg_backend_pid())' 'SELECT 1; SELECT a FROM t WHERE a < 4'
    'RESET ALL' 'SELECT sneak()')
for i in "${!texts[@]}"; do
    case ${texts[$i]} in
    *'$2'*) parameters='["5","7"]' ;;
    *'$1'*) parameters='["50"]' ;;
    *) parameters= ;;
    esac
    workload_add w 1 NULL $((1000000 + i)) "${texts[$i]}" "$parameters" "$i"
done
# Six sessions of 250: mostly reads, each 40th a block of ten in a transaction, each 97th something
# else. Session 5 loses its connection outside of a transaction, session 6 inside of one.
sqlite3 w "INSERT OR IGNORE INTO sessions(id) VALUES(1), (2), (3), (4), (5), (6);
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1499),
    m(i, s, k) AS (SELECT i, 1 + i % 6, i / 6 FROM n),
    picked(i, s, k, tx, text) AS (
        SELECT i, s, k, CASE WHEN k % 40 BETWEEN 20 AND 29 THEN 1000 * s + k / 40 END,
            CASE
            WHEN s = 5 AND k = 199 OR s = 6 AND k = 185 THEN 16
            WHEN k % 40 = 20 THEN 14
            WHEN k % 40 = 29 THEN 15
            WHEN k % 40 BETWEEN 21 AND 28 THEN 1 + (k + s) % CASE WHEN k % 3 = 0 THEN 8 ELSE 6 END
            WHEN k % 97 = 96 THEN 9 + (k / 97 + s) % 5
            WHEN k % 97 = 50 THEN 17 + (k / 97 + s) % 3
            ELSE 1 + (k * 7 + s) % 8 END
        FROM m)
    INSERT INTO executions(session, tx, text, start_us, duration_us, protocol, name, parameters, source, line)
    SELECT s, tx, text, 2000000 + i, 10, CASE WHEN p IS NULL THEN 0 ELSE 2 END,
        CASE WHEN p IS NOT NULL THEN 'S_' || text END, p, 1, 100 + i
    FROM (SELECT *, CASE WHEN text IN (1, 5, 7, 10, 11) THEN '[\"' || (1 + k % 60) || '\"]'
                         WHEN text = 2 THEN '[\"x' || (k % 10) || '%\"]'
                         WHEN text = 8 THEN '[\"' || k || '\",\"2\"]' END AS p FROM picked)"

# What must not depend on how many are on their way.
counters='{summary: (.summary | {executions, errors, rows, skipped, sessions, connections_lost, types_guessed}),
    statements: ([.statements[] | {fingerprint, executions, errors, rows, skipped}] | sort_by(.fingerprint)),
    sessions: [.sessions[] | {session, executions, errors, rows, skipped}],
    errors: ([.errors[] | {fingerprint, sqlstate, message, count, as_captured}] | sort_by(.fingerprint, .sqlstate)),
    skipped: ([.skipped[] | {reason, count}] | sort_by(.reason))}'
before=$(state)
replay_as()
{
    local name=$1
    shift
    assert_ok "$RH_BIN" replay w "$db" --progress never --speed max --json --out "$name.run" "$@"
    jq "$counters" "$scratch/stdout" >"$name.counters"
    assert_eq "$before" "$(state)"
}

for writes in rollback skip; do
    replay_as "$writes-1" --writes "$writes" --pipeline 1
    for depth in 2 7 64; do
        for connections in 6 2; do
            replay_as "$writes-$depth" --writes "$writes" --pipeline "$depth" --connections "$connections" \
                --order "$([ "$depth" = 7 ] && echo none || echo commit)"
            assert_same_file "$writes-1.run" "$writes-$depth.run"
            assert_same_file "$writes-1.counters" "$writes-$depth.counters"
        done
    done
done
# Not by doing nothing: everything above took part.
assert_eq '{"connections_lost":3,"executions":true}' \
    "$(jq -c '{connections_lost: .summary.connections_lost, executions: (.summary.executions > 1400)}' rollback-64.counters)"
assert_eq '["22012","42P01","57P01"]' "$(jq -c '[.errors[].sqlstate] | unique - ["25P02"]' rollback-64.counters)"
assert_eq true "$(jq '.summary.types_guessed > 50' rollback-64.counters)"
assert_eq true "$(jq '[.skipped[] | select(.reason | test("lost")).count] | add > 3' rollback-64.counters)"
# With --writes skip locks and a function that writes are refused by the connection, also behind
# RESET ALL.
assert_eq '["25006","25006"]' "$(jq -c '[.errors[].sqlstate] | map(select(. == "25006"))' skip-64.counters)"

# A result larger than memory would hold is read row by row, also behind another one.
workload_new large postgresql
workload_add large 1 NULL 1000000 'SELECT 1'
workload_add large 1 NULL 1000001 'SELECT repeat($$x$$, 1000) FROM generate_series(1, 300000)'
workload_add large 1 NULL 1000002 'SELECT 2'
assert_ok "$RH_BIN" replay large "$db" --progress never --speed max --json
assert_eq 300002 "$(jq .summary.rows "$scratch/stdout")"

# An interrupt stops what runs and what stands behind it.
workload_new slow postgresql
for i in 1 2 3 4 5; do workload_add slow 1 NULL $((1000000 + i)) "SELECT $i, pg_sleep(60)"; done
for arguments in '--writes rollback' '--writes skip'; do
    # shellcheck disable=SC2086 # two words
    "$RH_BIN" replay slow "$db" --progress never --speed max $arguments >out 2>err &
    pid=$!
    for _ in $(seq 100); do
        [ "$(psql -X -At "$db" -c "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE '%sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid()")" = 0 ] || break
        sleep 0.1
    done
    kill -INT "$pid"
    code=0
    wait "$pid" || code=$?
    assert_eq 2 "$code"
    assert_contains "$(cat err)" interrupted
    assert_eq 0 "$(psql -X -At "$db" -c "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%sleep(60)%' AND pid <> pg_backend_pid() AND state <> 'idle'")"
done

assert_exit 2 "$RH_BIN" replay w "$db" --pipeline 0
assert_exit 2 "$RH_BIN" replay w "$db" --pipeline 65
assert_exit 2 "$RH_BIN" replay w "$db" --pipeline 2 --writes commit
assert_exit 2 "$RH_BIN" replay w "$db" --pipeline 2 --order strict
assert_stderr_contains '--pipeline is for PostgreSQL'
