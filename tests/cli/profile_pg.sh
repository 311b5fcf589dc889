#!/bin/bash
# profile on PostgreSQL: what it prints, what it refuses, that nothing stays and counters do not move.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/profile_twenty.sh"
require_program
require_tool psql jq sqlite3
cd "$scratch"
pg_create_db profile

narrow()
{
    assert_eq '' "$(awk 'length($0) > 80' stdout)" 'lines wider than 80 columns'
}

pg_sql "$pg_db" "CREATE TABLE a (id int PRIMARY KEY, name text)" \
    "CREATE TABLE tx (id int PRIMARY KEY, acct int, amount int, memo text)" \
    "INSERT INTO a SELECT n, 'n' || n FROM generate_series(1, 100) n" \
    "INSERT INTO tx SELECT n, n % 100 + 1, n % 97, repeat('m', 20) FROM generate_series(1, 30000) n" \
    "VACUUM ANALYZE"
cat >q.sql <<'SQL'
-- name: totals
SELECT a.name,
       (SELECT sum(t.amount) FROM tx t WHERE t.acct = a.id) AS total
  FROM a;
SQL

say 'text: plan, place, finding, within 80 columns'
assert_exit 1 "$RH_BIN" profile "$pg_db" -f q.sql --query totals
assert_stdout_contains 'SubPlan 1: Aggregate [1]'
assert_stdout_contains 'q.sql:3:8  expr in select, correlated by a.id'
assert_stdout_contains 'run 100 times'
assert_stdout_contains '^^^^^^^^^^'
assert_stdout_contains '[1] error correlated-subquery'
assert_stdout_contains 'CREATE INDEX ON tx (acct)'
narrow

say 'JSON: loops and share of the subquery'
assert_exit 1 "$RH_BIN" profile "$pg_db" -f q.sql --json
assert_eq '100 own true' \
    "$(jq -r '.subqueries[0] | "\(.loops) \(.fate) \(.share > 0.99)"' stdout)" 'subquery'
assert_eq 3000200 "$(jq .counters.rows_processed stdout)" 'rows processed'

if pg_sql "$pg_db" 'CREATE EXTENSION hypopg' 2>/dev/null; then
    say 'the advised index is proved by HypoPG'
    assert_exit 1 "$RH_BIN" profile "$pg_db" -f q.sql --json
    assert_eq 'hypopg true true' \
        "$(jq -r '.findings[0].proof | "\(.how) \(.used) \(.after < .before)"' stdout)" 'proof'
    assert_eq '' "$(pg_sql "$pg_db" "SELECT indexname FROM pg_indexes WHERE tablename = 'tx'
        AND indexname <> 'tx_pkey'")" 'no index stays'
else
    say 'HypoPG is not installed: its proof is not tested here'
fi

say 'an index for partitions is one of their table'
pg_sql "$pg_db" "CREATE TABLE pt (id int, acct int, amount int) PARTITION BY RANGE (id)" \
    "CREATE TABLE pt_1 PARTITION OF pt FOR VALUES FROM (0) TO (15000)" \
    "CREATE TABLE pt_2 PARTITION OF pt FOR VALUES FROM (15000) TO (30000)" \
    "INSERT INTO pt SELECT n, n % 100 + 1, n % 97 FROM generate_series(0, 29999) n" "ANALYZE pt"
assert_exit 1 "$RH_BIN" profile "$pg_db" -c 'SELECT a.name, (SELECT sum(t.amount) FROM pt t WHERE t.acct = a.id) FROM a'
assert_stdout_contains 'CREATE INDEX ON pt (acct)'
assert_lacks "$(cat stdout)" 'INDEX ON pt_' 'an index on one partition'
pg_sql "$pg_db" 'DROP TABLE pt'

say 'parameters, given or unknown'
assert_ok "$RH_BIN" profile "$pg_db" -c 'SELECT * FROM tx WHERE id = $1' --param 7 --json
assert_eq 1 "$(jq .counters.rows stdout)" 'rows'
assert_ok "$RH_BIN" profile "$pg_db" -c 'SELECT * FROM tx WHERE id = $1' --generic
assert_stdout_contains 'planned for unknown'
assert_ok "$RH_BIN" profile "$pg_db" -c 'SELECT $1::int + $2::int'
assert_stdout_contains 'planned for unknown'
assert_stdout_contains 'parameter 1'

say 'values that nobody gave come from the statistics, and are not shown'
sql='SELECT id FROM tx WHERE memo = $1 AND amount > 3 AND id < $2 ORDER BY id LIMIT $3'
for options in '' --no-execute; do
    assert_ok "$RH_BIN" profile "$pg_db" -c "$sql" --no-proof --fail-on never $options --json
    assert_eq 'tx.memo most common 1' "$(jq -r '.cases[0].taken[0] |
        "\(.column) \(.taken) \(.fraction)"' stdout)" 'memo'
    assert_eq 'common rare' "$(jq -r '[.cases[].case] | join(" ")' stdout)" 'cases'
    assert_contains "$(jq -r '.plan[].filter // empty' stdout)" '(tx.amount > 3)'
    assert_contains "$(jq -r '.plan[].filter // empty' stdout)" '$1::text'
    assert_contains "$(jq -r '.plan[].index_cond // empty' stdout)" '(tx.id < $2)'
    ! grep -q mmmm stdout || fail 'a value is printed'
done
assert_ok "$RH_BIN" profile "$pg_db" -c "$sql" --fail-on never --show-values
assert_stdout_contains 'parameter 1: the most common value of tx.memo (100.0 % of rows)'
assert_stdout_contains '      = "mmmm'
narrow
assert_ok "$RH_BIN" profile "$pg_db" -c 'SELECT id FROM a WHERE id = ANY ($1)' --json
assert_eq '1 0' "$(jq -r '.cases | map(.counters.rows) | join(" ")' stdout)" 'arrays'
pg_sql "$pg_db" "CREATE DOMAIN odd AS text CHECK (value <> 'rehearse-absent')" \
    "CREATE TABLE picky (v odd)" "INSERT INTO picky SELECT n FROM generate_series(1, 50) n" \
    "ANALYZE picky"
assert_ok "$RH_BIN" profile "$pg_db" -c 'SELECT * FROM picky WHERE v = $1::odd' --json
assert_eq false "$(jq .executed stdout)" 'a value that the domain refuses is not insisted on'
assert_stdout_contains 'the database refuses values'

say 'a workload from a log: typical and worst parameters by what they took'
while read -r ms value; do
    printf '2026-01-01 00:00:0%s.000 UTC [7] LOG:  duration: %s ms  execute S_1: %s\n' \
        "${ms:0:1}" "$ms" 'SELECT count(*) FROM tx WHERE id <= $1'
    printf "2026-01-01 00:00:0%s.000 UTC [7] DETAIL:  parameters: \$1 = '%s'\n" "${ms:0:1}" "$value"
done >pg.log <<'LOG'
1.5 100
2.5 300
9.5 30000
LOG
assert_ok "$RH_BIN" capture pg.log --out w.db
name=$(sqlite3 w.db 'SELECT fingerprint FROM statements')
assert_ok "$RH_BIN" profile "$pg_db" --query "$name" --workload w.db --serial --json
assert_eq 'typical worst worst' "$(jq -r '[.cases[].case, .case] | join(" ")' stdout)" 'cases'
assert_eq true "$(jq '.worst_ratio > 90 and .worst_ratio <= 100' stdout)" '30,000 rows over 300'
assert_ok "$RH_BIN" profile "$pg_db" --query "${name:0:8}" --workload w.db --serial
assert_stdout_contains 'with typical parameters: '
assert_stdout_contains 'with worst parameters: '
assert_match "$(cat stdout)" 'worst / typical: 9[0-9]\.'
narrow
assert_exit 2 "$RH_BIN" profile "$pg_db" -c 'SELECT $1::int + $2::int' --param 7
assert_stderr_contains 'has 2 parameters'

say 'statements that write are rolled back'
assert_ok "$RH_BIN" profile "$pg_db" -c 'DELETE FROM a WHERE id < 50' --json
assert_eq 100 "$(pg_sql "$pg_db" 'SELECT count(*) FROM a')" 'rows'
assert_exit 2 "$RH_BIN" profile "$pg_db" -c 'SELECT 1; DROP TABLE a'
assert_exit 2 "$RH_BIN" profile "$pg_db" -c 'VACUUM a'
pg_sql "$pg_db" 'CREATE SEQUENCE s'
assert_exit 2 "$RH_BIN" profile "$pg_db" -c "SELECT nextval('s')"
assert_stderr_contains 'read-only'

say 'triggers: their calls, and what they scan'
pg_sql "$pg_db" "CREATE TABLE kept (id int PRIMARY KEY, a_id int REFERENCES a)" \
    "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM 1 FROM tx WHERE amount = -1; RETURN NULL; END'" \
    "CREATE TRIGGER a_look AFTER UPDATE ON a FOR EACH ROW EXECUTE FUNCTION look()"
assert_exit 1 "$RH_BIN" profile "$pg_db" -c 'UPDATE a SET name = name WHERE id < 11'
assert_stdout_contains '         10 calls  a_look on a'
assert_stdout_contains '300,000 rows are read by 10 full scans of tx'
assert_stdout_contains 'auto_explain.log_nested_statements'
narrow
assert_exit 1 "$RH_BIN" profile "$pg_db" -c 'UPDATE a SET name = name WHERE id < 11' --json
assert_eq '[{"calls":10,"constraint":null,"name":"a_look","relation":"a"}]' \
    "$(jq -Sc .triggers stdout)" 'triggers'
assert_eq '{"full_scans":10,"rows":300000,"schema":"public","table":"tx"}' \
    "$(jq -Sc '.table_scans[] | select(.table == "tx")' stdout)" 'scans'
assert_ok "$RH_BIN" profile "$pg_db" -c 'DELETE FROM a WHERE id < 11'
assert_stdout_contains '10 calls  foreign key kept_a_id_fkey on a'
assert_lacks "$(cat stdout)" 'log_nested_statements' 'a key is what the server itself does'
pg_sql "$pg_db" 'DROP TRIGGER a_look ON a' 'DROP TABLE kept'

say 'what is refused, with its place'
printf 'SELECT *\n  FROM tx\n WHER id = 1' >wrong.sql
assert_exit 2 "$RH_BIN" profile "$pg_db" -f wrong.sql
assert_stderr_contains 'wrong.sql:3:7: syntax error at or near "id"'
printf "SELECT 'ä', nope FROM tx" >column.sql
assert_exit 2 "$RH_BIN" profile "$pg_db" -f column.sql
assert_stderr_contains 'column.sql:1:13: column "nope" does not exist'
assert_exit 2 "$RH_BIN" profile "$pg_db" -c 'SELECT * FROM nowhere'
assert_stderr_contains 'relation "nowhere" does not exist'
pg_sql "$pg_db" "CREATE ROLE weak_$$ LOGIN"
at_exit pg_sql "$RH_TEST_PG" "DROP ROLE IF EXISTS weak_$$"
assert_exit 2 "$RH_BIN" profile "${pg_db/user=rehearse/user=weak_$$}" -c 'SELECT * FROM tx'
assert_stderr_contains 'permission denied for table tx'

say 'a limit of time: estimates and exit code 2'
assert_exit 2 "$RH_BIN" profile "$pg_db" --timeout 200ms -c 'SELECT pg_sleep(20) FROM a'
assert_stdout_contains 'ended by the limit of timeout'
assert_stdout_contains 'planned only'

say 'a lock is not waited for'
PGOPTIONS='' psql "$pg_db" -Xqc 'BEGIN; LOCK TABLE a IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60)' \
    >/dev/null 2>&1 &
locker=$!
for _ in {1..100}; do
    [ -n "$(pg_sql "$pg_db" "SELECT 1 FROM pg_locks WHERE relation = 'a'::regclass
        AND mode = 'AccessExclusiveLock' AND granted")" ] && break
    sleep 0.1
done
assert_exit 2 "$RH_BIN" profile "$pg_db" --lock-timeout 100ms -c 'SELECT * FROM a'
assert_stderr_contains 'lock timeout'
pg_sql "$pg_db" "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'BEGIN; LOCK%'" >/dev/null
wait "$locker" || true

say 'an interrupt stops what runs on the server, and nothing stays'
for sql in 'SELECT pg_sleep(60)' 'UPDATE a SET name = pg_sleep(60)::text'; do
    "$RH_BIN" profile "$pg_db" --timeout 0 -c "$sql" >out 2>err &
    pid=$!
    for _ in {1..100}; do
        [ -n "$(pg_sql "$pg_db" "SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND query LIKE '%EXPLAIN%pg_sleep(60)%' AND state = 'active'")" ] && break
        sleep 0.1
    done
    kill -INT "$pid"
    code=0
    wait "$pid" || code=$?
    assert_eq 2 "$code" 'exit code'
    assert_contains "$(cat err)" interrupted
    assert_eq '' "$(cat out)" 'no half report'
    for _ in {1..100}; do
        left=$(pg_sql "$pg_db" "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND backend_type = 'client backend'")
        [ "$left" != 0 ] || break
        sleep 0.1
    done
    assert_eq 0 "$left" 'sessions left'
    assert_eq 0 "$(pg_sql "$pg_db" "SELECT count(*) FROM pg_locks
        WHERE relation = 'a'::regclass AND pid <> pg_backend_pid()")" 'locks left'
done
assert_eq 100 "$(pg_sql "$pg_db" "SELECT count(*) FROM a WHERE name = 'n' || id")" 'rows unchanged'

say 'counters are the same in twenty runs under load'
cat >few.sql <<'SQL'
SELECT a.name, (SELECT sum(t.amount) FROM tx t WHERE t.acct = a.id) FROM a WHERE a.id <= 5;
SQL
profile_twenty rows_processed "$pg_db" -f few.sql --serial
