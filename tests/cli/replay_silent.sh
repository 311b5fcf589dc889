#!/bin/bash
# A host that accepts a connection and says nothing keeps nobody else waiting.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/workload.sh"
require_program
require_tool sqlite3 psql jq python3
cd "$scratch"
pg_create_db silent
# shellcheck disable=SC2154 # pg_create_db sets it
db=$pg_db
psql -X -q "$db" -c 'CREATE SEQUENCE s'
pg_mark_staging "$db"
socket=$(psql -X -At "$db" -c "SELECT split_part(current_setting('unix_socket_directories'), ',', 1)
    || '/.s.PGSQL.' || current_setting('port')")
python3 "$RH_SOURCE_DIR/tests/support/black_hole.py" "$socket" port hold &
at_exit kill $!
for _ in $(seq 100); do [ ! -s port ] || break; sleep 0.05; done
# No time-out that could help, should anybody wait. The role may not own anything here.
through="host=127.0.0.1 port=$(cat port) connect_timeout=100000 sslmode=disable gssencmode=disable
    dbname=$(psql -X -At "$db" -c 'SELECT current_database()') user=$(psql -X -At "$db" -c 'SELECT current_user')"

numbers()
{
    psql -X -At "$db" -c 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM s'
}
# Begins a replay that takes numbers, which no rollback takes back; once the first is taken, nobody
# gets a connection any more.
begin()
{
    psql -X -q "$db" -c 'ALTER SEQUENCE s RESTART'
    "$RH_BIN" replay "$1" "$2" --progress never --speed max --json >out 2>err &
    pid=$!
    for _ in $(seq 200); do
        [ "$(numbers)" = 0 ] || break
        sleep 0.02
    done
    touch hold
}
end()
{
    code=0
    wait "$pid" || code=$?
    rm -f hold
}

# Session 1 loses its connection; session 2 goes on.
workload_new two postgresql
workload_add two 1 NULL 1000000 'SELECT pg_sleep(0.5)'
workload_add two 1 NULL 1000001 'SELECT pg_terminate_backend(pg_backend_pid())'
workload_add two 1 NULL 1000002 'SELECT 1'
for i in 1 2 3 4 5; do workload_add two 2 NULL $((1000000 + i)) "SELECT $i, nextval('s'), pg_sleep(0.3)"; done
begin two "$through"
for _ in $(seq 400); do
    [ "$(numbers)" != 5 ] || break
    sleep 0.05
done
assert_eq 5 "$(numbers)"
rm hold
end
assert_eq 0 "$code"
assert_eq '[8,1,1,0]' "$(jq -c '.summary | [.executions, .errors, .connections_lost, .attempts_failed]' out)"

# Alone it waits, but an interrupt does not; and where there is a limit, it holds.
workload_new one postgresql
workload_add one 1 NULL 1000000 "SELECT nextval('s'), pg_sleep(1)"
workload_add one 1 NULL 1000001 'SELECT pg_terminate_backend(pg_backend_pid())'
workload_add one 1 NULL 1000002 'SELECT 1'
begin one "$through"
for _ in $(seq 200); do
    [ "$(psql -X -At "$db" -c "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%sleep(1)%' AND pid <> pg_backend_pid()")" != 0 ] || break
    sleep 0.05
done
kill -INT "$pid"
end
assert_eq 2 "$code"
assert_contains "$(cat err)" interrupted
begin one "${through/connect_timeout=100000/connect_timeout=1}"
end
assert_eq 2 "$code"
assert_contains "$(cat err)" 'no connection can be opened any more'
