# Two jobs on one repository: the second says who holds it and changes nothing; readers go on.
. "$(dirname "$0")/../../support/lib.sh"
. "$(dirname "$0")/../../cli/ledger.sh"
require_program
require_tool sqlite3
cd "$scratch"
make_ledger prod.db 150000
export REHEARSE_REPO=$scratch/repo
assert_ok "$RH_BIN" snapshot prod.db --raw --unsealed-raw

say 'a slow run holds the lock'
"$RH_BIN" snapshot prod.db --raw --unsealed-raw --max-rate 300KiB >slow.out 2>&1 </dev/null &
slow=$!
at_exit kill -9 "$slow"
for _ in $(seq 100); do
    [ -e repo/tmp/write.lock ] && ! flock -n repo/tmp/write.lock true && break
    sleep 0.05
done
assert_exit 2 "$RH_BIN" snapshot prod.db --raw --unsealed-raw
assert_stderr_contains "$slow"
assert_exit 2 "$RH_BIN" prune --grace 0s
say 'readers are welcome'
assert_ok "$RH_BIN" list
assert_ok "$RH_BIN" restore latest staging.db
assert_same_database prod.db staging.db

say 'Ctrl-C: prompt, says so, exit code 2, nothing left'
kill -INT "$slow"
status=0
wait "$slow" || status=$?
assert_eq 2 "$status" 'exit code after SIGINT'
assert_contains "$(cat slow.out)" interrupted 'message after SIGINT'
assert_eq 1 "$("$RH_BIN" list | grep -c '^2')" snapshots
assert_ok "$RH_BIN" snapshot prod.db --raw --unsealed-raw
assert_ok "$RH_BIN" verify

say '--max-hold lets the snapshot go and says so'
assert_exit 2 "$RH_BIN" snapshot prod.db --raw --unsealed-raw --max-rate 1MiB --max-hold 300ms
assert_stderr_contains --max-hold
