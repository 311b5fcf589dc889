#!/bin/bash
# Replay on SQLite: refusals, nothing stays, results compared, budgets, errors with their places.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/workload.sh"
require_program
require_tool sqlite3 jq
cd "$scratch"

sqlite3 shop.db "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
    INSERT INTO t SELECT i, 'x' || i FROM n"
workload_new w sqlite
workload_add w 1 NULL 1000000 'SELECT * FROM t WHERE a = ?1' '[5]'
workload_add w 1 NULL 1001000 'SELECT * FROM t WHERE a = :a' '[{"name":":a","value":7}]'
workload_add w 1 1 1100000 'BEGIN'
workload_add w 1 1 1200000 "INSERT INTO t VALUES(5000, 'y')"
workload_add w 1 1 1210000 'SELECT count(*) FROM t'
workload_add w 2 NULL 1250000 "UPDATE t SET b = 'q' WHERE a < 10"
workload_add w 1 1 1300000 'COMMIT'
workload_add w 2 NULL 1400000 'SELECT sum(a) FROM t'
workload_add w 2 NULL 1500000 'SELECT * FROM nope' '' 99
workload_add w 2 NULL 1500001 "ATTACH 'other.db' AS o"
workload_add w 2 NULL 1500002 'PRAGMA journal_mode = WAL'
workload_add w 2 NULL 1500003 'VACUUM'
workload_add w 2 NULL 1500004 'SAVEPOINT s; DELETE FROM t; RELEASE s'
replay=("$RH_BIN" replay w shop.db --progress never --speed max)

# Who may be a target.
assert_exit 2 "${replay[@]}"
assert_stderr_contains 'not marked as a staging database'
touch shop.db.rehearse-production
assert_exit 2 "${replay[@]}"
assert_stderr_contains 'marked as production'
rm shop.db.rehearse-production
replay+=(--i-know-this-is-not-production)
assert_ok "${replay[@]}"
assert_stderr_contains 'replayed all the same'
sqlite3 w "UPDATE sources SET database = '$PWD/shop.db'"
assert_exit 2 "$RH_BIN" replay w shop.db
assert_stderr_contains 'where the workload was captured'
sqlite3 w "UPDATE sources SET database = NULL"

# Nothing stays: not a byte, not a file.
before=$(sha256sum <shop.db)
assert_ok "${replay[@]}" --json --out one
assert_eq "$before" "$(sha256sum <shop.db)"
assert_no_file other.db
assert_no_file shop.db-wal
cp "$scratch/stdout" report
assert_eq '13 2 2' "$(jq -r '.summary | "\(.executions) \(.sessions) \(.connections)"' report)"
assert_eq '{"file":"/var/log/pg.log","line":99,"execution":9}' \
    "$(jq -c '.errors[] | select(.message == "no such table: nope").places[0] | {file, line, execution}' report)"
assert_eq true "$(jq '.summary.errors == ([.errors[].count] | add)' report)"
assert_eq true "$(jq '.summary.steps > 1000 and .summary.steps == ([.statements[].steps] | add)' report)"

# A transaction sees its own writes; the next one does not see them any more.
assert_eq '[1,1,9]' "$(jq -c '[.outcomes[0][2], .outcomes[1][2], .outcomes[5][2]]' one)"
assert_eq true "$(jq '.outcomes[0][3] != .outcomes[1][3]' one)"

# The same data gives the same file, whatever the number of connections.
assert_ok "${replay[@]}" --compare one --out two --connections 1
assert_same_file one two
assert_stdout_contains '0 differ, 0 are missing, 0 are new'
sqlite3 shop.db "UPDATE t SET b = 'changed' WHERE a = 7"
assert_exit 1 "${replay[@]}" --compare one
assert_stdout_contains '1 differ'
assert_stdout_contains 'DIFF  execution 2 (/var/log/pg.log:1): 1 rows, before 1 rows, other values'
sqlite3 shop.db "UPDATE t SET b = 'x7' WHERE a = 7"
printf 'no run' >broken
assert_exit 2 "${replay[@]}" --compare broken

# Skip and commit.
assert_ok "${replay[@]}" --writes skip
assert_stdout_contains 'writes are skipped'
cp shop.db copy.db
assert_ok "$RH_BIN" replay w copy.db --speed max --writes commit --i-know-this-is-not-production
assert_eq 0 "$(sqlite3 copy.db 'SELECT count(*) FROM t')"

# A budget of steps stops a runaway on any machine.
workload_new endless sqlite
workload_add endless 1 NULL 1000000 \
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'
assert_ok "$RH_BIN" replay endless shop.db --max-steps 100000 --i-know-this-is-not-production
assert_stdout_contains '57014'

# Limits and wrong words.
assert_ok "${replay[@]}" --limit 2 --loop 3 --json
assert_eq 6 "$(jq .summary.executions "$scratch/stdout")"
assert_exit 2 "${replay[@]}" --speed 0
assert_exit 2 "${replay[@]}" --speed fast
assert_exit 2 "${replay[@]}" --connections 0
assert_exit 2 "${replay[@]}" --fingerprint xyz
assert_exit 2 "$RH_BIN" replay shop.db shop.db
assert_stderr_contains 'no workload file'
assert_exit 2 "$RH_BIN" replay w 'host=/nowhere dbname=x'

# Somebody else's lock: waited for, and told as that; or an error once --busy-timeout is over.
workload_new one_read sqlite
workload_add one_read 1 NULL 1000000 'SELECT count(*) FROM t'
(sqlite3 shop.db 'BEGIN EXCLUSIVE' '.shell touch held; while [ ! -e release ]; do sleep 0.05; done') &
locker=$!
for _ in $(seq 200); do [ ! -e held ] || break; sleep 0.05; done
busy=("$RH_BIN" replay one_read shop.db --speed max --progress never --i-know-this-is-not-production --json)
assert_ok "${busy[@]}" --busy-timeout 50ms
assert_eq '55P03 1 /var/log/pg.log 1' \
    "$(jq -r '.errors[0] | "\(.sqlstate) \(.count) \(.places[0].file) \(.places[0].line)"' "$scratch/stdout")"
(sleep 0.5; touch release) &
assert_ok "${busy[@]}" --busy-timeout 60s
wait "$locker"
assert_eq '[0,true]' "$(jq -c '[.summary.errors, .statements[0].latency_us.locks > 0]' "$scratch/stdout")"

# A histogram of each statement and of each session; both hold every execution.
assert_ok "${replay[@]}" --json
assert_eq '[true,true]' "$(jq -c '.summary.executions as $n | [.statements, .sessions]
    | map(([.[].latency_us.histogram[][1]] | add) == $n)' "$scratch/stdout")"

# 80 columns, whatever the statement.
workload_add one_read 1 NULL 1000001 'SELECT count(*) FROM t AS a_long_name JOIN t AS another_long_name USING (a) WHERE a_long_name.b IS NOT NULL'
assert_ok "$RH_BIN" replay one_read shop.db --speed max --progress never --i-know-this-is-not-production
assert_eq '' "$(awk 'length($0) > 80' "$scratch/stdout")"
assert_stdout_contains '...'
