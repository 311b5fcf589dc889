#!/bin/bash
# A host that accepts a connection and says nothing, or falls silent in the middle of a statement:
# every command that connects ends when it is interrupted, with exit code 2 and one message.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/workload.sh"
require_program
require_tool sqlite3 psql python3
cd "$scratch"
pg_create_db silent
# shellcheck disable=SC2154 # pg_create_db sets it
db=$pg_db
name=$(psql -X -At "$db" -c 'SELECT current_database()')
psql -X -q "$db" -c 'CREATE TABLE t(id bigint PRIMARY KEY, v text)' \
    -c "INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(1, 40000) i"
pg_mark_staging "$db"
socket=$(psql -X -At "$db" -c "SELECT split_part(current_setting('unix_socket_directories'), ',', 1)
    || '/.s.PGSQL.' || current_setting('port')")
touch hold
python3 "$RH_SOURCE_DIR/tests/support/black_hole.py" "$socket" port hold &
at_exit kill $!
for _ in $(seq 200); do [ ! -s port ] || break; sleep 0.05; done
# No time-out that could help: only the interrupt ends it.
through="host=127.0.0.1 port=$(cat port) connect_timeout=100000 sslmode=disable gssencmode=disable
    dbname=$name user=$(psql -X -At "$db" -c 'SELECT current_user')"
workload_new w postgresql
workload_add w 1 NULL 1000000 'SELECT pg_sleep(100)'

# ends LABEL PID: its exit code; a process that hangs is named and killed.
ends()
{
    for _ in $(seq 600); do
        kill -0 "$2" 2>/dev/null || break
        sleep 0.1
    done
    if kill -0 "$2" 2>/dev/null; then
        kill -KILL "$2"
        fail "$1 hangs"
    fi
    wait "$2"
}

# interrupted NAME COMMAND...: run it in the background until the host has it, then interrupt it.
interrupted()
{
    local label=$1 before=0 code=0
    shift
    [ ! -e hold.met ] || before=$(wc -l <hold.met)
    "$@" >"$label.out" 2>"$label.err" &
    local pid=$!
    for _ in $(seq 400); do
        [ ! -e hold.met ] || [ "$(wc -l <hold.met)" = "$before" ] || break
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    kill -INT "$pid" 2>/dev/null || fail "$label ended by itself: $(cat "$label.err")"
    ends "$label" "$pid" || code=$?
    assert_eq "$label 2" "$label $code"
    assert_contains "$(cat "$label.err")" interrupted
}

# 1. The first connection.
interrupted replay "$RH_BIN" replay w "$through" --progress never
interrupted profile "$RH_BIN" profile "$through" -c 'SELECT 1' --progress never
interrupted snapshot "$RH_BIN" snapshot "$through" --repo repo --raw --unsealed-raw --progress never
interrupted capture "$RH_BIN" capture "postgresql://127.0.0.1:$(cat port)/$name?connect_timeout=100000&sslmode=disable&gssencmode=disable" \
    --out stats.workload --progress never
interrupted fidelity "$RH_BIN" fidelity "$through" "$through" --progress never

# Several hosts: libpq's time limit moves on to the next one.
rm -f hold hold.met
assert_ok "$RH_BIN" profile "$through" -c 'SELECT 1' --progress never
touch hold
silent=$(cat port)
assert_ok "$RH_BIN" profile "host=127.0.0.1,${socket%/*} port=$silent,${socket##*.} connect_timeout=2 sslmode=disable
    gssencmode=disable dbname=$name user=$(psql -X -At "$db" -c 'SELECT current_user')" -c 'SELECT 1' --progress never
rm -f hold

# 2. Silence in the middle of a statement: neither its answer comes, nor can it be cancelled.
freeze_and_interrupt()
{
    local label=$1 like=$2 code=0
    shift 2
    "$@" >"$label.out" 2>"$label.err" &
    local pid=$!
    for _ in $(seq 400); do
        [ "$(psql -X -At "$db" -c "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND query LIKE '$like' AND state = 'active' AND pid <> pg_backend_pid()")" = 0 ] || break
        kill -0 "$pid" 2>/dev/null || fail "$label ended by itself: $(cat "$label.err")"
        sleep 0.05
    done
    touch hold hold.all
    kill -INT "$pid"
    ends "$label" "$pid" || code=$?
    rm -f hold hold.all
    assert_eq "$label 2" "$label $code"
    assert_contains "$(cat "$label.err")" interrupted
}
freeze_and_interrupt replay_running '%pg_sleep(100)%' "$RH_BIN" replay w "$through" --progress never --speed max
psql -X -q -At "$db" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()" >/dev/null
freeze_and_interrupt profile_running '%pg_sleep(100)%' "$RH_BIN" profile "$through" -c 'SELECT pg_sleep(100)' \
    --progress never
