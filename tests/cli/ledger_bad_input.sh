#!/bin/bash
# What is wrong with a call file, a ledger or its moment, told by each command that reads a ledger:
# exit code 2, a text that names it, and the file is the same to the byte afterwards.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/ledger.sh"
require_program
require_tool python3 sqlite3
cd "$scratch"

small_block
assert_ok "$RH_BIN" ledger import --synthesize 3 --like small.raw --transactions 40 --first-height 866000 --out w
make_balances ledger.db 2000
write_calls calls.yaml
hash=$(sha256sum <ledger.db)

# refused PART COMMAND ARGUMENT...: with the ledger and wrong.yaml.
refused()
{
    assert_exit 2 "$RH_BIN" ledger "$2" w ledger.db --calls wrong.yaml --progress never "${@:3}"
    assert_stderr_contains "$1"
    assert_eq "$hash" "$(sha256sum <ledger.db)" "ledger.db after $2: $1"
    assert_eq '' "$(ls -- *-journal *-wal *-shm 2>/dev/null)" "files beside ledger.db after $2: $1"
}
all() # PART: all three commands
{
    for command in replay check growth; do
        refused "$1" "$command"
    done
}

say 'a call with a parameter that no field and no earlier result gives'
echo 'calls: {a: {per: input, sql: "SELECT * FROM balances WHERE utxo = :outpont"}}' >wrong.yaml
all "':outpont'"
echo 'calls: {a: {per: block, sql: "DELETE FROM balances WHERE utxo = :outpoint"}}' >wrong.yaml
all 'which is no field of a block'
echo 'calls: {a: {per: input, sql: "SELECT * FROM balances WHERE utxo = ?"}}' >wrong.yaml
all "call 'a'"

say 'a budget in a unit that is none'
for budget in 'interval: 10 parsecs' 'unit: fortnight' 'share: 5 percents' 'statments: 5' 'steps: many'; do
    printf 'calls: {a: {per: block, sql: "DELETE FROM balances"}}\nbudget: {%s}\n' "$budget" >wrong.yaml
    all "${budget%%:*}"
done

say 'a call whose steps take more values than there is room for'
python3 - >wrong.yaml <<'PY'
columns = lambda n: ", ".join(f"c{n}_{i}" for i in range(15))
steps = ", ".join('{sql: "SELECT %s", take: [%s]}' % (", ".join(f"1 AS {c}" for c in columns(n).split(", ")), columns(n)) for n in range(5))
print("calls: {a: {per: block, steps: [%s]}}" % steps)
PY
all "call 'a' takes more than 64 columns in all"

say 'a ledger whose schema lacks the table or the column'
echo 'calls: {a: {per: block, sql: "INSERT INTO debits SELECT * FROM balances"}}' >wrong.yaml
all 'no such table: debits'
echo 'calls: {a: {per: input, sql: "DELETE FROM balances WHERE spent_by = :outpoint"}}' >wrong.yaml
all 'no such column: spent_by'
sqlite3 bare.db 'CREATE TABLE other(a)'
for call in "$(cat calls.yaml)" 'calls: {a: {per: block, sql: "DELETE FROM balances"}}'; do
    bare=$(sha256sum <bare.db)
    echo "$call" >wrong.yaml
    for command in replay check growth; do
        assert_exit 2 "$RH_BIN" ledger "$command" w bare.db --calls wrong.yaml
        assert_stderr_contains 'no such table: balances'
        assert_eq "$bare" "$(sha256sum <bare.db)" "bare.db after $command"
    done
done

say 'an error in the second of three blocks: named, and it ends there or goes on'
cat >wrong.yaml <<'YAML'
calls:
  writes: {per: block, sql: "UPDATE balances SET quantity = quantity + :block_index"}
  fails: {per: block, sql: "SELECT abs(-9223372036854775807 - (:block_index = 866001))"}
YAML
for command in replay check; do
    refused "block 866001, call 'fails'" "$command"
done
assert_ok "$RH_BIN" ledger replay w ledger.db --calls wrong.yaml --keep-going --json
assert_eq '3 3 1' "$(python3 -c 'import json; c=json.load(open("stdout"))["calls"]; print(c[0]["statements"], c[1]["statements"], c[1]["errors"])')" \
    'statements of three blocks, errors'
assert_ok "$RH_BIN" ledger replay w ledger.db --calls wrong.yaml --keep-going
assert_eq "$hash" "$(sha256sum <ledger.db)" 'ledger.db after errors that were passed'

say 'a ledger that a node has locked'
python3 - ledger.db <<'PY' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
open("locked", "w").close()
time.sleep(120)
PY
node=$!
at_exit kill "$node"
for _ in $(seq 100); do [ -e locked ] || sleep 0.1; done
assert_file locked
printf 'calls: {a: {per: block, sql: "DELETE FROM balances"}}\n' >writes.yaml
# told NAME COMMAND...: each waits for the lock for a while, so all of them at once.
told()
{
    "${@:2}" >"$1.out" 2>"$1.err" </dev/null && echo 0 >"$1.code" || echo "$?" >"$1.code"
}
waiting=()
for command in replay check growth; do
    for calls in calls writes; do
        told "$command-$calls" "$RH_BIN" ledger "$command" w ledger.db --calls "$calls.yaml" &
        waiting+=("$!")
    done
done
told import "$RH_BIN" ledger import --from-db ledger.db --out none &
wait "${waiting[@]}" "$!"
for command in {replay,check,growth}-{calls,writes} import; do
    assert_eq 2 "$(cat "$command.code")" "exit code of $command: $(cat "$command.err")"
    assert_contains "$(cat "$command.err")" locked "$command"
done
assert_no_file none
kill "$node"
wait "$node" || true
assert_eq "$hash" "$(sha256sum <ledger.db)" 'ledger.db after the node'
