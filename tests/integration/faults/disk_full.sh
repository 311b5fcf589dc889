# A full disk, in the repository and in the target: a clear error, nothing half done, and the next
# run goes through. Needs to mount a small tmpfs.
. "$(dirname "$0")/../../support/lib.sh"
. "$(dirname "$0")/../../cli/ledger.sh"
require_program
. "$(dirname "$0")/../../support/ledger.sh"
require_tool sqlite3 python3
cd "$scratch"
mkdir small
mount -t tmpfs -o size=1m none small 2>/dev/null || skip 'cannot mount a tmpfs here'
at_exit umount "$scratch/small"
make_ledger prod.db 150000

say 'the repository does not fit'
assert_exit 2 "$RH_BIN" snapshot prod.db --repo small/repo --raw --unsealed-raw
assert_stderr_contains 'No space left'
assert_eq '' "$(find small/repo/snapshots -name '*.json' 2>/dev/null)" 'no snapshot of a failed run'
mount -o remount,size=64m small
assert_ok "$RH_BIN" snapshot prod.db --repo small/repo --raw --unsealed-raw
assert_ok "$RH_BIN" verify --repo small/repo

say 'the target does not fit'
mkdir tiny
mount -t tmpfs -o size=1m none tiny
at_exit umount "$scratch/tiny"
sqlite3 tiny/staging.db 'CREATE TABLE old(x); INSERT INTO old VALUES (1)'
echo '{}' >tiny/staging.db.rehearse
assert_exit 2 "$RH_BIN" restore latest tiny/staging.db --repo small/repo --swap
assert_eq 1 "$(sqlite3 tiny/staging.db 'SELECT x FROM old')" 'the old target'
assert_eq '' "$(find tiny -name '.staging*')" 'half-built files'
mount -o remount,size=64m tiny
assert_ok "$RH_BIN" restore latest tiny/staging.db --repo small/repo --swap --allow-unmarked
assert_same_database prod.db tiny/staging.db

say 'a captured workload and the copies of a forecast do not fit'
mkdir full
mount -t tmpfs -o size=1m none full
at_exit umount "$scratch/full"
for n in $(seq 30000); do echo "SELECT address FROM balances WHERE rowid = $n AND quantity > 1${n}7;"; done >many.sql
assert_exit 2 "$RH_BIN" capture many.sql --engine sqlite --out full/w.db
assert_match "$(cat stderr)" "cannot write '[^']*full/[^']*' \\([0-9.]+ [KM]iB so far, [0-9.]+ [KM]?i?B free\\): No space left"
assert_eq '' "$(ls -A full)" 'what a workload leaves'
small_block
assert_ok "$RH_BIN" ledger import --synthesize 1 --like small.raw --transactions 10 --first-height 866000 --out blocks.w
echo 'calls: {look: {per: block, sql: "SELECT count(*) FROM balances WHERE quantity + 0 > 5"}}' >calls.yaml
SQLITE_TMPDIR=$scratch/full assert_exit 2 "$RH_BIN" ledger growth blocks.w prod.db --calls calls.yaml
assert_match "$(cat stderr)" "cannot write a temporary file in '$scratch/full' \\([0-9.]+ [KM]?i?B free\\): No space left"
assert_eq '' "$(ls -A full)" 'what a forecast leaves'
