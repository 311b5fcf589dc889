# Snapshot, look, prove, restore, swap, roll back, thin out: the whole life of an SQLite repository.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/ledger.sh"
require_program
require_tool sqlite3
cd "$scratch"
make_ledger prod.db

say 'raw rows need a seal, or the word'
assert_exit 2 "$RH_BIN" snapshot prod.db --repo repo --raw
assert_stderr_contains 'not sealed'
assert_ok "$RH_BIN" snapshot prod.db --repo repo --raw --unsealed-raw --label first
assert_stdout_contains 'snapshot 2'
export REHEARSE_REPO=$scratch/repo

say 'look at it'
assert_ok "$RH_BIN" list
assert_stdout_contains first
assert_ok "$RH_BIN" show latest
assert_stdout_contains 'main.balances'
assert_ok "$RH_BIN" cat latest main.balances --limit 3
assert_eq 3 "$(wc -l <stdout)" 'rows of cat --limit 3'
assert_stdout_contains "'ASSET1'"
assert_ok "$RH_BIN" cat latest balances
assert_eq 5000 "$(wc -l <stdout)" 'rows of cat'
assert_ok "$RH_BIN" cat latest --section schema
assert_stdout_contains 'CREATE TRIGGER no_update'
assert_ok "$RH_BIN" cat latest --section structure
assert_eq balances "$(sqlite3 :memory: "SELECT json_extract(value, '$.name')
    FROM json_each(readfile('stdout'), '$.tables')
    WHERE json_extract(value, '$.name') = 'balances'")" 'a table of the structure'
assert_exit 2 "$RH_BIN" cat latest nosuchtable
assert_stderr_contains nosuchtable
assert_exit 2 "$RH_BIN" show 1999
assert_stderr_contains 1999

say 'prove it'
for level in manifest packs data; do
    assert_ok "$RH_BIN" verify --level $level
done
assert_ok "$RH_BIN" verify latest --level restore --on "$scratch/trial.db"
assert_no_file trial.db
assert_exit 2 "$RH_BIN" verify latest --level restore

say 'restore it'
assert_ok "$RH_BIN" restore latest staging.db
assert_same_database prod.db staging.db
assert_no_file staging.db-wal
assert_exit 2 "$RH_BIN" restore latest staging.db
assert_stderr_contains swap
assert_exit 2 "$RH_BIN" restore latest prod.db --swap
assert_exit 2 "$RH_BIN" restore latest prod.db --swap --allow-unmarked

say 'a second night stores what changed'
sqlite3 prod.db "INSERT INTO balances SELECT 'new' || rowid, asset, 1, NULL FROM balances LIMIT 40"
assert_ok "$RH_BIN" snapshot prod.db --raw --unsealed-raw --json
new=$(sqlite3 :memory: "SELECT json_extract(readfile('stdout'), '$.new_chunks')")
all=$(sqlite3 :memory: "SELECT json_extract(readfile('stdout'), '$.chunks')")
[ "$new" -le 8 ] && [ "$new" -lt "$all" ] || fail "$new of $all chunks are new"
assert_ok "$RH_BIN" diff latest~1 latest
assert_stdout_contains 'main.balances'
assert_stdout_contains '5,040'
assert_lacks "$(cat stdout)" 'main.blocks' diff

say 'swap, look, roll back'
cp staging.db before.db
assert_ok "$RH_BIN" restore latest staging.db --swap
assert_same_database prod.db staging.db
assert_ok "$RH_BIN" restore --rollback staging.db
assert_same_database before.db staging.db

say 'an unmarked database is not ours to replace'
sqlite3 foreign.db 'CREATE TABLE mine(x)'
assert_exit 2 "$RH_BIN" restore latest foreign.db --swap
assert_eq mine "$(sqlite3 foreign.db 'SELECT name FROM sqlite_schema')" 'the foreign database'
assert_ok "$RH_BIN" restore latest foreign.db --swap --allow-unmarked
assert_same_database prod.db foreign.db

say 'export it'
assert_ok "$RH_BIN" export latest plain
assert_ok sh -c 'cd plain && sha256sum -c SHA256SUMS'
assert_same_database prod.db plain/*.sqlite
assert_exit 2 "$RH_BIN" export latest plain

say 'thin it out'
assert_ok "$RH_BIN" prune --keep-last 1 --grace 0s --dry-run
assert_eq 2 "$("$RH_BIN" list | grep -c '^2')" 'snapshots after a dry run'
assert_ok "$RH_BIN" prune --keep-last 1 --grace 0s
assert_eq 1 "$("$RH_BIN" list | grep -c '^2')" 'snapshots after prune'
assert_ok "$RH_BIN" verify
assert_ok "$RH_BIN" restore latest after.db
assert_same_database prod.db after.db

say 'quiet is quiet'
assert_ok "$RH_BIN" snapshot prod.db --raw --unsealed-raw --quiet
assert_eq '' "$(cat stdout stderr)" 'output with --quiet'

say 'no table of the program is wider than a terminal'
for words in list 'show latest' 'diff latest~1 latest' 'verify'; do
    # shellcheck disable=SC2086
    assert_ok "$RH_BIN" $words
    assert_eq '' "$(awk 'length($0) > 80' stdout)" "wide lines of $words"
done
