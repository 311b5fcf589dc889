# Sealed repositories: who can write, who can read, what a thief learns, what a wrong key says.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/ledger.sh"
require_program
require_tool sqlite3
cd "$scratch"
make_ledger prod.db
sqlite3 prod.db "INSERT INTO balances VALUES ('canary-address-of-a-customer', 'CANARYASSET', 4711, NULL)"
export REHEARSE_REPO=$scratch/repo
assert_ok "$RH_BIN" keygen --seal ops
assert_ok "$RH_BIN" keygen --seal audit --same-repo ops.writer
assert_ok "$RH_BIN" keygen --seal other
assert_ok "$RH_BIN" snapshot prod.db --raw --seal-to ops.writer --seal-to audit.writer

say 'a refused or failed first run does not decide over sealing'
assert_exit 2 "$RH_BIN" snapshot prod.db --repo fresh --raw
assert_stderr_contains --seal-to
assert_no_file fresh
sqlite3 wide.db 'CREATE TABLE t(v); INSERT INTO t VALUES (zeroblob(8192))'
assert_exit 2 "$RH_BIN" snapshot wide.db --repo fresh --raw --unsealed-raw --max-row 1KiB
assert_stderr_contains max-row
assert_file fresh/config
assert_ok "$RH_BIN" snapshot prod.db --repo fresh --raw --seal-to ops.writer
assert_exit 2 "$RH_BIN" cat latest balances --repo fresh
assert_ok "$RH_BIN" cat latest balances --repo fresh --key ops.secret

say 'nothing of the rows or the schema is in the clear'
for word in canary-address CANARYASSET 1Addr append; do
    if grep -rqa "$word" repo; then
        fail "'$word' stands in the repository"
    fi
done

say 'a writer key continues, deduplicates, and cannot read'
assert_ok "$RH_BIN" snapshot prod.db --raw --key ops.writer --json
assert_eq 0 "$(sqlite3 :memory: "SELECT json_extract(readfile('stdout'), '$.new_chunks')")" 'new chunks'
assert_exit 2 "$RH_BIN" restore latest x.db --key ops.writer
assert_exit 2 "$RH_BIN" cat latest balances --key ops.writer
assert_no_file x.db
assert_exit 2 "$RH_BIN" restore latest x.db
assert_stderr_contains --key

say 'each reader reads'
for key in ops audit; do
    assert_ok "$RH_BIN" restore latest $key.db --key $key.secret
    assert_same_database prod.db $key.db
done

say 'without a key, storage is proved; with one, content'
assert_ok "$RH_BIN" verify
assert_stdout_contains 'storage only'
assert_ok "$RH_BIN" verify --key ops.secret
assert_lacks "$(cat stdout)" 'storage only' verify

say 'a key of another repository is refused by name'
for command in 'verify' 'restore latest y.db' 'snapshot prod.db --raw'; do
    # shellcheck disable=SC2086
    assert_exit 2 "$RH_BIN" $command --key other.secret
done
assert_exit 2 "$RH_BIN" snapshot prod.db --raw --seal-to other.writer
assert_no_file y.db

say 'a secret that others can read is refused'
cp ops.secret loose.secret
chmod 644 loose.secret
assert_exit 2 "$RH_BIN" verify --key loose.secret
assert_stderr_contains loose.secret
