#!/bin/bash
# The walk of examples/ledger: each command of its README at small size, with the outcome that it tells.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/walk.sh"
require_program
require_tool cc jq python3 sqlite3
cp "$RH_SOURCE_DIR"/examples/ledger/* "$scratch"
cd "$scratch"
walk_path

# The commands of the README, smaller; those on PostgreSQL where there is a server.
walk_commands README.md |
    sed -e 's/db 20000 500/db 2000 50/' -e 's/db 200000/db 5000/' -e 's/--transactions 4000/--transactions 400/' >commands
assert_eq 25 "$(wc -l <commands)" 'commands'
assert_eq 3 "$(grep -c 'db 2000 50\|db 5000\|transactions 400 ' commands)" 'sizes made smaller'
expected=ppfffppr
if [ -n "$(compgen -G '/usr/lib/postgresql/*/bin/initdb')" ]; then
    walk_server
    expected+=p
else
    sed -i '/balances.csv$/,$d' commands
fi

# The findings of a check, from a second run that prints JSON.
findings()
{
    run bash -c "${1%%#*} --json"
    jq -r '[.findings[] | .finding + ":" + .severity] | unique | join(" ")' stdout
}
seen=
while IFS= read -r command; do
    walk_step "$command"
    case $command in
        *'low-quality-index, '* | *'same finding'*)
            assert_contains "$(findings "$command")" low-quality-index:error
            seen+=f
            ;;
        *result-changed*)
            assert_stdout_contains "result-changed: call 'get_utxos_info' first differs in block 866000, transaction"
            seen+=r
            ;;
        *'ledger check'*'exit 0'*)
            assert_eq 0 "$(findings "$command" | grep -c error || true)" 'errors among the findings'
            seen+=p
            ;;
    esac
done <commands
assert_eq $expected "$seen" 'what the walk showed, in order'
assert_eq ok "$(sqlite3 mainnet.db 'PRAGMA integrity_check')" 'integrity_check'

say 'the ledger has the proportions that it promises'
sqlite3 again.db <schema.sql
./make-ledger again.db 5000
sqlite3 again.db <indexes.sql
assert_match "$(sqlite3 again.db 'SELECT count(*) FROM balances')" '^500[0-2]$' balances
assert_eq "$(sqlite3 again.db 'SELECT count(*) FROM balances')" \
    "$(sqlite3 again.db 'SELECT (SELECT count(*) FROM credits) + (SELECT count(*) FROM debits)')" 'one for each credit and debit'
assert_eq 1 "$(sqlite3 again.db "SELECT count(*) * 1.0 / (SELECT count(*) FROM debits) BETWEEN 0.13 AND 0.18 FROM debits WHERE asset = 'XCP'")" 'XCP is 15 % of debits'
run sqlite3 again.db 'UPDATE balances SET quantity = 1'
assert_ne 0 "$run_status" 'exit code of an update'
assert_stderr_contains 'UPDATES NOT ALLOWED'
sqlite3 third.db <schema.sql
./make-ledger third.db 5000
sqlite3 third.db <indexes.sql
assert_eq "$(sqlite3 again.db .dump | sha256sum)" "$(sqlite3 third.db .dump | sha256sum)" 'the same rows each time'
assert_exit 2 ./make-ledger again.db none
