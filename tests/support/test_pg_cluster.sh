#!/bin/bash
# The throwaway cluster: reachable by its socket only, restartable, gone when its owner is killed.
. "$(dirname "$0")/lib.sh"
cluster=$RH_SOURCE_DIR/tests/support/pg_cluster.sh

say 'the shared cluster'
pg_create_db cluster_test
assert_eq '|logical|UTF8|C.UTF-8' "$(pg_sql "$pg_db" "SELECT current_setting('listen_addresses'),
    current_setting('wal_level'), pg_encoding_to_char(encoding), datcollate
    FROM pg_database WHERE datname = current_database()")"
assert_eq on "$(pg_sql "$RH_TEST_PG" 'SHOW is_superuser')"
assert_exit 1 pg_sql "$pg_db" 'SELECT no_such_column'

say 'a private one, restarted the hard way'
pg_private work_mem=9MB
assert_eq 9MB "$(pg_sql "$RH_TEST_PG" 'SHOW work_mem')"
pg_private_restart immediate
assert_eq 1 "$(pg_sql "$RH_TEST_PG" 'SELECT 1')"

say 'a cluster whose owner is killed goes away'
bash -c 'bash "$1" start "$2" --watch-parent; kill -9 $$' - "$cluster" "$scratch/orphan.state" \
    >/dev/null 2>&1 || true
dir=$(sed -n 's/^dir=//p' "$scratch/orphan.state" 2>/dev/null || true)
for _ in {1..100}; do
    [ -e "$scratch/orphan.state" ] || break
    sleep 0.1
done
assert_no_file "$scratch/orphan.state"
[ -z "$dir" ] || assert_no_file "$dir"

say 'settings that the server refuses: an error, and nothing left'
assert_exit 1 bash "$cluster" start "$scratch/bad.state" no_such_setting=1
assert_stderr_contains no_such_setting
assert_no_file "$scratch/bad.state"
assert_ok bash "$cluster" stop "$scratch/bad.state"
assert_exit 2 bash "$cluster" env "$scratch/bad.state"

say 'no server: the tests are skipped'
echo bin=none >"$scratch/none.state"
assert_exit 77 bash "$cluster" run "$scratch/none.state" true
