# kill -9 at random points of snapshot and restore: the repository verifies, the next run continues,
# the target that was there is untouched.
. "$(dirname "$0")/../../support/lib.sh"
. "$(dirname "$0")/../../cli/ledger.sh"
require_program
require_tool sqlite3
cd "$scratch"
rounds=$([ "${RH_TEST_LONG:-0}" = 1 ] && echo 40 || echo 8)
make_ledger prod.db 120000
export REHEARSE_REPO=$scratch/repo
assert_ok "$RH_BIN" keygen --seal ops
export REHEARSE_KEY=$scratch/ops.secret

# kill_after SECONDS COMMAND...: true when the command was still running and died.
kill_after()
{
    local delay=$1 pid
    shift
    "$@" >killed.out 2>&1 </dev/null &
    pid=$!
    sleep "$delay"
    kill -9 "$pid" 2>/dev/null || true
    ! wait "$pid" 2>/dev/null
}

say 'snapshots'
start=$(date +%s%N)
assert_ok "$RH_BIN" snapshot prod.db --repo timing --raw --seal-to ops.writer
took=$((($(date +%s%N) - start) / 1000000))
killed=0
for round in $(seq "$rounds"); do
    delay=$(awk -v r="$round" -v n="$rounds" -v t="$took" 'BEGIN { printf "%.3f", t * r / (n + 1) / 1000 }')
    if kill_after "$delay" "$RH_BIN" snapshot prod.db --raw --seal-to ops.writer; then
        killed=$((killed + 1))
    fi
    [ -e repo/config ] || continue
    assert_ok "$RH_BIN" verify
done
[ "$killed" -gt 0 ] || fail 'no run was killed: the test proves nothing'
assert_ok "$RH_BIN" snapshot prod.db --raw --seal-to ops.writer
assert_ok "$RH_BIN" verify
assert_ok "$RH_BIN" restore latest staging.db
assert_same_database prod.db staging.db
left=$(find repo/tmp -type f ! -name '*.lock' | wc -l)
assert_eq 0 "$left" 'files left in tmp after a good run'

say 'restores over a database that is in use'
before=$(sha256sum <staging.db)
killed=0
start=$(date +%s%N)
assert_ok "$RH_BIN" restore latest other.db
took=$((($(date +%s%N) - start) / 1000000))
for round in $(seq "$rounds"); do
    delay=$(awk -v r="$round" -v n="$rounds" -v t="$took" 'BEGIN { printf "%.3f", t * r / (n + 2) / 1000 }')
    if kill_after "$delay" "$RH_BIN" restore latest staging.db --swap; then
        killed=$((killed + 1))
        assert_eq ok "$(sqlite3 staging.db 'PRAGMA integrity_check')" 'integrity after a kill'
    fi
done
[ "$killed" -gt 0 ] || fail 'no restore was killed'
assert_same_database prod.db staging.db
assert_ok "$RH_BIN" restore latest staging.db --swap
assert_same_database prod.db staging.db
: "$before"

say 'a good restore clears up what killed ones left beside the target'
left=$(find . -maxdepth 1 -name '.staging.db.rehearse*' | wc -l)
assert_eq 0 "$left" 'half-built files'
