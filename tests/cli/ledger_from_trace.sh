#!/bin/bash
# rehearse ledger import --from-trace: the call of block 866,000 is found in what a node executed, without
# a call file; on SQLite from our traces and the shell's, on PostgreSQL from a log.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/ledger.sh"
require_program
require_tool python3 sqlite3
here=$(cd "$(dirname "$0")" && pwd)
cd "$scratch"

call() { figure "[\" \".join(str(c[k]) for k in \"$2\".split()) for c in d[\"calls\"] if c[\"name\"].startswith(\"$1\")][0]"; }
findings() { figure '" ".join(sorted(f["finding"] + ":" + f["severity"] + ":" + str(f["query"])[:-9] for f in d["findings"]))'; }
cut_at() { assert_ok "$RH_BIN" ledger import --marker "$1" --out w --replace --json --progress never "${@:2}"; }
import() { cut_at 'INSERT INTO blocks' "$@"; }
wrong() # PART ARGUMENTS
{
    assert_exit 2 "$RH_BIN" ledger import --out none "${@:2}"
    assert_stderr_contains "$1"
    assert_no_file none
}

python3 "$here/make_trace.py" json 20 200 400 >node.trace
make_balances ledger.db 5000
sqlite3 ledger.db 'CREATE TABLE blocks(block_index INTEGER UNIQUE, block_hash TEXT, block_time INTEGER)'

say 'a trace is cut where the node writes a block; each block is a transaction from its BEGIN on'
import --from-trace node.trace
assert_eq '3 0 849 1 124' "$(figure '" ".join(str(x) for x in (d["blocks"], d["inputs"], d["statements"], d["left_out"]["statements_before_the_first_block"], d["left_out"]["statements_of_other_sessions"]))')"
assert_eq '31 544' "$(figure '"%d %d" % (d["statements_per_block"]["least"], d["statements_per_block"]["most"])')"
assert_eq '866000 866001 866002' "$(sqlite3 w "SELECT height FROM units WHERE kind = 'block'" | paste -sd' ')"
assert_eq 'BEGIN COMMIT' "$(sqlite3 w "SELECT group_concat(sql, ' ') FROM (SELECT sql FROM calls WHERE tx = 1 ORDER BY id)" | sed 's/^-- block \(BEGIN\) .* /\1 /')"
[ "$(find . -name '*.capture-*')" = '' ] || fail 'what was captured is still there'

say 'what a killed run captured is removed by the next one; that of a living one is not'
mkfifo killed.fifo
"$RH_BIN" ledger import --from-trace killed.fifo --marker 'INSERT INTO blocks' --out killed --progress never &
importing=$!
exec 4>killed.fifo
for ((i = 0; i < 20; i++)); do cat node.trace; done >&4
for ((i = 0; i < 600; i++)); do
    [ -z "$(find . -name '*killed.capture-*')" ] || break
    sleep 0.1
done
[ -n "$(find . -name '*killed.capture-*')" ] || fail 'nothing is captured beside the target'
kill -KILL "$importing"
wait "$importing" || true
exec 4>&-
[ -n "$(find . -name '*killed.capture-*')" ] || fail 'nothing is left of the killed run'
touch "killed.capture-99999999" "killed.capture-$$" killed.capture-x
assert_ok "$RH_BIN" ledger import --from-trace node.trace --marker 'INSERT INTO blocks' --out killed --progress never
assert_eq "killed.capture-$$ killed.capture-x" "$(find . -name '*killed.capture-*' -printf '%f\n' | sort | paste -sd' ')"
rm killed.capture-*

say 'replay runs the statements with their values, savepoints and all, and rolls back'
before=$(sha256sum <ledger.db)
assert_ok "$RH_BIN" ledger replay w ledger.db --json --progress never
assert_eq 'statement 620 0' "$(call select-balances 'per statements errors')"
assert_eq '20 400' "$(figure '[("%d %d" % (c["units_per_block"]["least"], c["units_per_block"]["most"])) for c in d["calls"] if "utxo" in c["sql"]][0]')" 'look-ups grow with the inputs'
assert_eq 24800 "$(call select-balances captured_us)"
assert_eq "$before" "$(sha256sum <ledger.db)"
cp ledger.db kept.db
assert_ok "$RH_BIN" ledger replay w kept.db --commit --quiet
assert_eq '31 9' "$(sqlite3 -separator ' ' kept.db 'SELECT count(*), min(quantity) FROM balances WHERE block_index >= 866000')" 'half was rolled back to its savepoint'
assert_eq 3 "$(sqlite3 kept.db 'SELECT count(*) FROM blocks')"

say 'the call is found from the trace alone'
assert_ok "$RH_BIN" ledger check w ledger.db --json --progress never
assert_eq n-plus-one:note:select-balances "$(findings)"
assert_eq SEARCH "$(call select-balances plan_line | cut -d' ' -f1)"
sqlite3 ledger.db ANALYZE
assert_exit 1 "$RH_BIN" ledger check w ledger.db --json --progress never
assert_eq 'low-quality-index:error:select-balances n-plus-one:note:select-balances' "$(findings)"
assert_eq 'SCAN balances' "$(call select-balances plan_line | cut -d' ' -f1,2)"
assert_match "$(figure '[f["advice"] for f in d["findings"] if f["finding"] == "n-plus-one"][0]')" '20 to 400 per block'
sqlite3 production.db 'CREATE TABLE t(a); INSERT INTO t VALUES (1); ANALYZE; DELETE FROM sqlite_stat1' \
    "INSERT INTO sqlite_stat1 VALUES ('balances', 'balances_utxo_idx', '6330000 6330000'), ('balances', 'balances_asset_idx', '6330000 26')"
sqlite3 ledger.db .schema | grep -v sqlite_stat | sqlite3 empty.db
assert_exit 1 "$RH_BIN" ledger check w empty.db --statistics production.db --json --progress never
assert_contains "$(findings)" block-budget:error:select-balances

say 'a call file without calls says how the trace is judged'
echo 'budget: {unit: block, interval: 600s, share: 5%, statements: 100}' >budget.yaml
sqlite3 ledger.db 'DELETE FROM sqlite_stat1'
assert_exit 1 "$RH_BIN" ledger check w ledger.db --calls budget.yaml --json
assert_contains "$(findings)" block-budget:error
assert_exit 2 "$RH_BIN" ledger replay w ledger.db --calls budget.yaml --against budget.yaml
assert_stderr_contains '--against goes with --calls'
printf 'calls: {height: {per: block, sql: "SELECT :block_index"}}\n' >own.yaml
assert_ok "$RH_BIN" ledger replay w ledger.db --calls own.yaml --json
assert_eq 'block 3' "$(call height 'per statements')"

say 'statements that fail: named, or counted'
assert_exit 2 "$RH_BIN" ledger replay w kept.db
assert_stderr_contains "block 866000, call 'insert-blocks-"
assert_stderr_contains 'as it was before the trace'
assert_ok "$RH_BIN" ledger replay w kept.db --keep-going --json
assert_eq '3 3' "$(call insert-blocks 'statements errors')"
assert_eq '62 0' "$(call insert-balances 'statements errors')"
sqlite3 bare.db 'CREATE TABLE blocks(block_index, block_hash, block_time)'
assert_exit 2 "$RH_BIN" ledger check w bare.db
assert_stderr_contains 'no such table: balances'
assert_ok "$RH_BIN" ledger check w bare.db --keep-going --json
assert_eq True "$(figure '[c["errors"] == c["measured"] > 0 for c in d["measured"]["calls"] if c["name"].startswith("select-balances")][0]')"

say 'a captured workload and the shell'\''s .trace give the same blocks'
assert_ok "$RH_BIN" capture node.trace --out night.workload
import --from-trace night.workload
assert_eq '3 849' "$(figure '"%d %d" % (d["blocks"], d["statements"])')"
python3 "$here/make_trace.py" shell 20 200 400 >shell.trace
import --from-trace shell.trace --engine sqlite --format script
assert_eq '3 849' "$(figure '"%d %d" % (d["blocks"], d["statements"])')"
assert_eq '866000 866001 866002' "$(sqlite3 w "SELECT height FROM units WHERE kind = 'block'" | paste -sd' ')"
assert_ok "$RH_BIN" ledger replay w ledger.db --json
assert_eq 620 "$(call select-balances statements)" 'texts with values in them are one call'

say 'markers: patterns, the end of a block, heights of ones own'
cut_at '*INTO blocks*VALUES*' --from-trace node.trace
assert_eq 3 "$(figure 'd["blocks"]')"
cut_at COMMIT --from-trace node.trace --marker-at end --first-height 5
assert_eq '3 0 0' "$(figure '"%d %d %d" % (d["blocks"], d["left_out"]["statements_before_the_first_block"], d["left_out"]["statements_after_the_last_block"])')"
assert_eq '5 6 7' "$(sqlite3 w "SELECT height FROM units WHERE kind = 'block'" | paste -sd' ')"
cut_at COMMIT --from-trace node.trace
assert_stderr_contains 'tell no heights'

say 'what is wrong is named'
wrong "'node.trace': no statement begins with 'INSERT INTO blokcs'" --from-trace node.trace --marker 'INSERT INTO blokcs'
assert_stderr_contains 'insert into blocks'
wrong "no statement matches '*nonsense*'" --from-trace node.trace --marker '*nonsense*'
wrong 'go together' --from-trace node.trace
wrong 'go together' --marker x node.trace
wrong 'ledger workload already' --from-trace w --marker COMMIT
wrong 'absent' --from-trace absent.trace --marker COMMIT
wrong 'no workload' --from-trace ledger.db --marker COMMIT
head -c 100 /dev/urandom >noise
assert_exit 2 "$RH_BIN" ledger import --from-trace noise --marker COMMIT --out none
[ "$(find . -name '*.capture-*')" = '' ] || fail 'what was captured is still there'

say 'PostgreSQL: its log, its calls; a trace of the other engine is refused'
python3 "$here/make_trace.py" pglog 20 200 400 >pg.log
import --from-trace pg.log
assert_eq '3 849' "$(figure '"%d %d" % (d["blocks"], d["statements"])')"
assert_exit 2 "$RH_BIN" ledger replay w ledger.db
assert_stderr_contains "the trace is PostgreSQL's, the database SQLite's"
pg_create_db ledger
pg_sql "$pg_db" 'CREATE TABLE balances(address text, asset text, quantity bigint, block_index int, tx_index int, utxo text, utxo_address text)' \
    'CREATE INDEX ON balances(utxo)' 'CREATE TABLE blocks(block_index int UNIQUE, block_hash text, block_time bigint)'
assert_ok "$RH_BIN" ledger replay w "$pg_db" --json
assert_eq '620 0' "$(call select-balances 'statements errors')"
assert_eq 0 "$(pg_sql "$pg_db" 'SELECT count(*) FROM balances')"
assert_ok "$RH_BIN" ledger replay w "$pg_db" --commit --quiet
assert_eq 31 "$(pg_sql "$pg_db" 'SELECT count(*) FROM balances')" 'half was rolled back to its savepoint'
assert_exit 2 "$RH_BIN" ledger replay w "$pg_db"
assert_ok "$RH_BIN" ledger replay w "$pg_db" --keep-going --json
assert_eq '3 3' "$(call insert-blocks 'statements errors')"
assert_ok "$RH_BIN" ledger check w "$pg_db" --keep-going --json
assert_eq n-plus-one:note:select-balances "$(findings)"
