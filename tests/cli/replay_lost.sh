#!/bin/bash
# A server that restarts in the middle of a replay is found again; one that is gone for good ends it.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/workload.sh"
require_program
require_tool sqlite3 psql jq
cd "$scratch"
pg_private
db=$RH_TEST_PG
pg_mark_staging "$db"

workload_new w postgresql
workload_add w 1 NULL 1000000 'SELECT 1'
workload_add w 1 NULL 1000100 'SELECT pg_sleep(0.02)'
sqlite3 w "INSERT OR IGNORE INTO sessions(id) VALUES(2), (3), (4);
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 799)
    INSERT INTO executions(session, tx, text, start_us, duration_us, protocol, source, line)
    SELECT 1 + i % 4, NULL, 2, 2000000 + i, 10, 0, 1, 1 FROM n"

# Begins a replay and waits until it runs statements.
begin()
{
    "$RH_BIN" replay w "$db" --progress never --speed max --json >out 2>err &
    pid=$!
    for _ in $(seq 100); do
        [ "$(psql -X -At "$db" -c "SELECT count(*) FROM pg_stat_activity
            WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()")" = 0 ] || return 0
        sleep 0.05
    done
    fail 'the replay never began'
}
end()
{
    code=0
    wait "$pid" || code=$?
}

begin
pg_private_restart immediate >/dev/null
end
assert_eq 0 "$code"
assert_eq true "$(jq '.summary.connections_lost >= 4' out)"
assert_eq 802 "$(jq '.summary.executions + .summary.skipped' out)"
assert_eq true "$(jq '.summary.errors < 100' out)"

begin
pg_private_stop >/dev/null
end
assert_eq 2 "$code"
assert_contains "$(cat err)" 'no connection can be opened any more'
