# Standard output, input and error that are full or closed; databases that are none. Each time the exit
# code is 2, somebody is told if that is possible, and nothing lands in a file where it does not belong.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/ledger.sh"
require_program
cd "$scratch"
make_ledger prod.db 3000
echo 'SELECT count(*) FROM balances WHERE quantity > 7' >one.sql
printf 'version: 1\nkey: {file: mask.key}\ncolumns:\n  "*.*": keep\n' >rules.yaml
assert_ok "$RH_BIN" keygen --mask mask.key
assert_ok "$RH_BIN" snapshot prod.db --repo repo --raw --unsealed-raw
assert_ok "$RH_BIN" capture one.sql --engine sqlite --out w.db
assert_ok "$RH_BIN" restore latest copy.db --repo repo

# Everything that prints; each line is a command of its own.
cat >commands <<'LINES'
--help
--version
snapshot --help
list --repo repo
show latest --repo repo --json
diff latest latest --repo repo
cat latest balances --repo repo
cat latest blocks --repo repo
verify --repo repo
prune --repo repo --keep-last 5 --dry-run
rules init prod.db
rules check prod.db --rules rules.yaml
rules preview prod.db blocks --rules rules.yaml
leaks copy.db --json
fidelity prod.db copy.db
capture one.sql --engine sqlite --out w.db --replace --json
replay w.db copy.db --speed max
profile copy.db -f one.sql --json
snapshot prod.db --repo repo --raw --unsealed-raw --json
mirror prod.db copy.db --raw --swap
LINES
find repo prod.db -type f -exec sha256sum {} + | sort >before

say 'a standard output that is full'
while read -r line; do
    code=0
    # shellcheck disable=SC2086 # words
    "$RH_BIN" $line >/dev/full 2>stderr || code=$?
    assert_eq 2 "$code" "$line: exit code"
    assert_stderr_contains 'standard output'
done <commands

say 'one that is closed, all of them closed'
while read -r line; do
    for closed in '>&-' '<&- >&- 2>&-'; do
        code=0
        eval "$RH_BIN $line 2>stderr $closed" || code=$?
        assert_eq 2 "$code" "$line $closed: exit code"
    done
done <commands
sha256sum --quiet -c before || fail 'a file of the repository or the database has changed'
assert_eq '' "$(find repo -name lock -size +0)" 'the lock file is empty'
assert_ok "$RH_BIN" verify --repo repo
eval "$RH_BIN list --repo none 2>&-" && fail 'there is no such repository'

say 'databases that are none'
mkdir folder
head -c 9000 /dev/urandom >junk
head -c 3000 prod.db >short
for wrong in folder junk short sqlite:nowhere /dev/zero; do
    for line in "snapshot $wrong --repo repo --raw --unsealed-raw" "rules init $wrong" "leaks $wrong" "profile $wrong -f one.sql" \
        "fidelity $wrong prod.db" "mirror $wrong new.db --raw" "ledger import --from-db $wrong --out new.w"; do
        # shellcheck disable=SC2086 # words
        assert_exit 2 "$RH_BIN" $line
        [ "$wrong" = /dev/zero ] || assert_stderr_contains "${wrong#sqlite:}"
    done
done
assert_exit 2 "$RH_BIN" snapshot service=nope --repo repo --raw --unsealed-raw
assert_stderr_contains "the connection service 'nope' is not defined"
assert_no_file new.db
assert_no_file new.w
assert_exit 2 "$RH_BIN" export latest prod.db/below --repo repo
assert_lacks "$(cat stderr)" 'could not be removed' 'what was never made'
if [ "$(id -u)" -ne 0 ]; then
    chmod 0 repo
    assert_exit 2 "$RH_BIN" list --repo repo
    chmod 700 repo
    assert_stderr_contains 'Permission denied'
fi
