#!/bin/bash
# examples/quickstart with the program of this build and a small ledger: it passes, the check fails with
# the finding of block 866,000, and passes again with the index; so for a query on PostgreSQL. Twice, because users run it twice.
. "$(dirname "$0")/../support/lib.sh"
require_program
require_tool gcc python3 sqlite3
quickstart=$RH_SOURCE_DIR/examples/quickstart

say 'with a block made up'
assert_ok "$quickstart" --program "$RH_BIN" "$scratch/first" 2000
assert_stdout_contains 'Production and staging are the same'
assert_stdout_contains "error: low-quality-index: call 'get_utxos_info'"
assert_stdout_contains 'blocks.workload masked.db --calls calls.yaml: has to pass'
assert_match "$(cat "$scratch/stdout")" 'good: [0-9,]+ VM steps per block' 'the last check'
assert_stdout_contains 'on a database of your own'
if [ -n "$(compgen -G '/usr/lib/postgresql/*/bin/initdb')" ]; then
    assert_stdout_contains 'profile dbname=sparse -f feature.sql: has to pass'
    assert_stdout_contains 'error correlated-subquery'
    assert_stdout_contains 'profile dbname=staging -f feature-rewritten.sql: has to pass'
    assert_no_file "$scratch/first/server.state"
else
    assert_stdout_contains 'No PostgreSQL server is installed'
fi

say 'a folder that is there is left alone'
touch "$scratch/first/mine"
assert_exit 1 "$quickstart" --program "$RH_BIN" "$scratch/first" 2000
[ -e "$scratch/first/mine" ] || fail 'the folder was emptied'

say 'with a real block and a real ledger'
require_shared bitcoin/mainnet-300025.raw
require_shared counterparty/ledger-fixture-v10.4.5.sql
QUICKSTART_LEDGER=$RH_SHARED_DATA/counterparty/ledger-fixture-v10.4.5.sql
export QUICKSTART_LEDGER
QUICKSTART_BLOCK=$RH_SHARED_DATA/bitcoin/mainnet-300025.raw
export QUICKSTART_BLOCK
assert_ok "$quickstart" --program "$RH_BIN" "$scratch/second" 2000
assert_stdout_contains 'real.workload masked.db --calls calls.yaml: has to fail'
assert_stdout_contains 'real.workload masked.db --calls calls.yaml: has to pass'
assert_stdout_contains '... --statistics production.db: has to fail'
assert_stdout_contains '... real-masked.db --statistics production.db: has to pass'
