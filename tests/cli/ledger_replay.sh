#!/bin/bash
# rehearse ledger replay: counters, samples, writes that are rolled back, variants, and what is wrong.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/ledger.sh"
require_program
require_tool python3 sqlite3
cd "$scratch"

replay() { assert_ok "$RH_BIN" ledger replay w ledger.db --json --progress never "$@"; }

small_block
assert_ok "$RH_BIN" ledger import --synthesize 2 --like small.raw --transactions 200 --first-height 866000 --out w --json
inputs=$(figure 'd["inputs"]')
make_balances ledger.db 2000
write_calls calls.yaml

say 'statistics of an all-NULL column turn each look-up into a scan of the table'
replay --calls calls.yaml
assert_eq "$inputs 0 0" "$(figure '"%d %d %d" % tuple(d["calls"][0][k] for k in ("statements", "rows", "full_scan_steps"))')"
good=$(figure 'd["calls"][0]["vm_steps"]')
sqlite3 ledger.db ANALYZE
replay --calls calls.yaml
assert_eq "$((inputs * 1999))" "$(figure 'd["calls"][0]["full_scan_steps"]')" 'rows scanned'
bad=$(figure 'd["calls"][0]["vm_steps"]')
[ "$bad" -gt $((100 * good)) ] || fail "VM steps: $bad with statistics, $good without"

say 'a sample predicts what the full run counted, and says that it is one'
replay --calls calls.yaml --sample 10
assert_eq "True $inputs" "$(figure '"%s %d" % (d["calls"][0]["sampled"], d["calls"][0]["statements"])')"
measured=$(figure 'd["calls"][0]["measured"]')
[ "$measured" -ge 20 ] && [ "$measured" -le 22 ] || fail "$measured units measured"
assert_eq "$((measured * 1999))" "$(figure 'd["calls"][0]["full_scan_steps"]')"
replay --calls calls.yaml --sample 10 --step-budget 1000
assert_eq 2 "$(figure 'd["calls"][0]["measured"]')" 'one unit of each block is always measured'


say 'before its activation a call is not made'
sed 's/866000/866001/' calls.yaml >later.yaml
replay --calls later.yaml
second=$(sqlite3 w "SELECT count(*) FROM executions e JOIN texts t ON t.id = e.text WHERE sql = '-- input' AND tx = 2")
assert_eq "$second" "$(figure 'd["calls"][0]["statements"]')"

say 'writes: results feed the next statement; everything is rolled back; --commit is not'
cat >write.yaml <<'YAML'
open: ["PRAGMA cache_size = -2000"]
calls:
  begin_block: {per: block, sql: "SELECT :block_index, :tx_count"}
  credit:
    per: output
    steps:
      - sql: SELECT quantity FROM balances WHERE address = :address ORDER BY rowid DESC LIMIT 1
        take: [quantity]
      - sql: INSERT INTO balances VALUES (:address, 'XCP', coalesce(:quantity, 0) + :value, :block_index, 7, :outpoint, NULL)
        when: missing
      - sql: INSERT INTO balances VALUES (:address, 'XCP', -1, :block_index, 8, NULL, NULL)
        when: found
YAML
before=$(sha256sum <ledger.db)
replay --calls write.yaml
assert_eq "$before" "$(sha256sum <ledger.db)" 'database after a rolled back replay'
cp ledger.db kept.db
assert_ok "$RH_BIN" ledger replay w kept.db --calls write.yaml --commit --quiet
assert_ne 0 "$(sqlite3 kept.db 'SELECT count(*) FROM balances WHERE tx_index = 7 AND quantity > 0')"

say 'batches: fewer statements, the same rows'
sed -e 's/utxo = :outpoint/utxo IN (:outpoint)/' -e 's/per: input/per: input\n    batch: 100/' calls.yaml >batch.yaml
outpoint=$(sqlite3 w "SELECT json_extract(parameters, '\$[0].value') FROM calls WHERE sql = '-- input' AND parameters NOT LIKE '%coinbase%' LIMIT 1 OFFSET 20")
sqlite3 ledger.db "INSERT INTO balances VALUES (NULL, 'XCP', 5, 1, 1, '$outpoint', 'x'), (NULL, 'A', 6, 1, 1, '$outpoint', 'x')"
replay --calls calls.yaml --against batch.yaml
assert_eq "$inputs 2 2" "$(figure '"%d %d %d" % (d["calls"][0]["statements"], d["calls"][0]["rows"], d["against"]["calls"][0]["rows"])')"
[ "$(figure 'd["against"]["calls"][0]["statements"]')" -le 20 ] || fail 'batches of 100'

say 'a cache that counts spent outputs costs nothing and gives another answer'
cat >query.yaml <<'YAML'
calls:
  has_balance:
    per: input
    result: exists
    sql: SELECT 1 FROM (SELECT utxo, asset, quantity, MAX(rowid) FROM balances WHERE utxo = :outpoint GROUP BY utxo, asset) WHERE quantity > 0
YAML
cat >cache.yaml <<'YAML'
calls:
  has_balance:
    per: input
    result: exists
    cache:
      sql: SELECT utxo, asset, quantity, MAX(rowid) FROM balances WHERE utxo IS NOT NULL GROUP BY utxo, asset
      key: utxo
      field: outpoint
YAML
replay --calls query.yaml --against cache.yaml
assert_eq 0 "$(figure 'd["against"]["calls"][0]["statements"]')"
assert_ok "$RH_BIN" ledger replay w ledger.db --calls query.yaml --against cache.yaml
assert_stdout_contains "compared: 'has_balance' in $inputs units"
assert_stdout_contains 'results: both gave the same in every unit that was compared'

say 'calls are paired by name or by replaces; what has no partner is told, and no pair is no answer'
sed 's/has_balance/other/' cache.yaml >other.yaml
against() { "$RH_BIN" ledger replay w ledger.db --calls query.yaml --against other.yaml "$@"; }
assert_exit 2 against
assert_stderr_contains "no call of 'query.yaml' has a partner in 'other.yaml'"
sed -i 's/per: input/replaces: has_balance\n    per: input/' other.yaml
assert_ok against
assert_stdout_contains "compared: 'has_balance' with 'other' in $inputs units"
printf '  lonely: {per: block, sql: "SELECT 1"}\n' >>other.yaml
assert_ok against
assert_stderr_contains "call 'lonely' of 'other.yaml' is not compared: 'query.yaml' has none for it"
assert_ok against --json
assert_eq "has_balance other $inputs [] ['lonely']" "$(figure '"%s %s %d %s %s" % (*(d["compared"][0][k] for k in ("query", "against", "units")), d["not_compared"]["calls"], d["not_compared"]["against"])')"
printf '  has_balance: {per: block, result: exists, sql: "SELECT 1"}\n' >>other.yaml
assert_exit 2 against
assert_stderr_contains "other.yaml:11: 'other' and 'has_balance' both stand for 'has_balance'"
sed -i -e '$d' -e 's/replaces: has_balance/replaces: absent/' other.yaml
assert_exit 2 against
assert_stderr_contains "call 'other' replaces 'absent', which 'query.yaml' lacks"
sed -e 's/replaces: absent/replaces: has_balance/' -e 's/result: exists/result: rows/' -i other.yaml
assert_exit 2 against
assert_stderr_contains "differ in 'result'"
sed 's/per: input/per: input\n    active_from: 999999/' query.yaml >later.yaml
assert_exit 2 "$RH_BIN" ledger replay w ledger.db --calls later.yaml --against cache.yaml
assert_stderr_contains 'no result of the two variants could be compared'
replay --calls query.yaml --against cache.yaml --sample 3
assert_eq 8 "$(figure 'd["compared"][0]["units"]')" 'units of the sample'

say 'what a sample cut short or left out is not taken for a result'
sqlite3 ledger.db "CREATE TABLE many AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000) SELECT i FROM n"
echo 'calls: {all: {per: input, sql: "SELECT i FROM many WHERE i > length(:outpoint)"}}' >all.yaml
echo 'calls: {all: {per: input, sql: "SELECT i FROM many WHERE i > length(:outpoint) ORDER BY -i"}}' >sorted.yaml
replay --calls all.yaml --against sorted.yaml --sample 2
echo 'calls: {all: {per: input, batch: 50, sql: "SELECT count(*) FROM many WHERE i IN (:value)"}}' >listed.yaml
echo 'calls: {all: {per: input, sql: "SELECT count(*) FROM many WHERE i IN (:value)"}}' >one.yaml
assert_exit 2 "$RH_BIN" ledger replay w ledger.db --calls one.yaml --against listed.yaml --sample 2
assert_stderr_contains 'no result of the two variants could be compared'
sqlite3 ledger.db 'DROP TABLE many; VACUUM'
sqlite3 ledger.db "INSERT INTO balances VALUES (NULL, 'XCP', 0, 2, 2, '$outpoint', 'x'), (NULL, 'A', 0, 2, 2, '$outpoint', 'x')"
assert_exit 1 "$RH_BIN" ledger replay w ledger.db --calls query.yaml --against cache.yaml --json
assert_eq 'result-changed has_balance 866000' "$(figure '" ".join(str(d["findings"][0][k]) for k in ("finding", "query", "block"))')"
txid=$(sqlite3 w "SELECT name FROM units WHERE id = (SELECT unit FROM executions WHERE parameters LIKE '%$outpoint%')")
assert_eq "$txid" "$(figure 'd["findings"][0]["txid"]')" 'transaction of the first difference'

say 'what is wrong is named, and the database stays as it was'
before=$(sha256sum <ledger.db)
wrong() # PART YAML
{
    printf '%s\n' "$2" >wrong.yaml
    assert_exit 2 "$RH_BIN" ledger replay w ledger.db --calls wrong.yaml
    assert_stderr_contains "$1"
}
wrong "wrong.yaml:2:24: call 'a' has the parameter ':outpont'" 'calls:
  a: {per: input, sql: "SELECT :outpont"}'
wrong "which is no field of a block" 'calls: {a: {per: block, sql: "SELECT :txid"}}'
wrong "'per'" 'calls: {a: {sql: "SELECT 1"}}'
wrong 'unknown' 'calls: {a: {per: block, sql: "SELECT 1", chache: 1}}'
wrong "'interval' must be a duration" 'calls: {a: {per: block, sql: "SELECT 1"}}
budget: {interval: 10 parsecs}'
wrong "'unit' cannot be 'fortnight'" 'calls: {a: {per: block, sql: "SELECT 1"}}
budget: {unit: fortnight}'
wrong "call 'a'" 'calls: {a: {per: block, sql: "SELECT * FROM absent"}}'
wrong 'neither reads nor writes' 'calls: {a: {per: block, sql: "DROP TABLE balances"}}'
wrong "block 866000, call 'a'" 'calls: {a: {per: block, sql: "INSERT INTO balances SELECT abs(-9223372036854775807 - 1), 1, 1, 1, 1, 1, 1"}}'
wrong "which its result lacks" 'calls: {a: {per: block, steps: [{sql: "SELECT 1 AS x", take: [y]}]}}'
assert_exit 2 "$RH_BIN" ledger replay ledger.db ledger.db --calls calls.yaml
assert_exit 2 "$RH_BIN" ledger replay w missing.db --calls calls.yaml
assert_exit 2 "$RH_BIN" ledger replay w ledger.db

say 'an error in one transaction is counted with --keep-going, and its writes are undone'
cat >failing.yaml <<'YAML'
calls:
  credit: {per: output, sql: "INSERT INTO balances VALUES (:address, 'B', 1, 1, 1, NULL, NULL)"}
  fails: {per: transaction, sql: "SELECT abs(-9223372036854775807 - 1 + (:tx_index % 2))"}
YAML
assert_ok "$RH_BIN" ledger replay w ledger.db --calls failing.yaml --keep-going --json
assert_eq 200 "$(figure 'd["calls"][1]["errors"]')"
assert_eq "$before" "$(sha256sum <ledger.db)"

say 'a database that a node has locked'
python3 - ledger.db <<'PY' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
open("locked", "w").close()
time.sleep(20)
PY
node=$!
at_exit kill "$node"
for _ in $(seq 100); do [ -e locked ] || sleep 0.1; done
assert_exit 2 "$RH_BIN" ledger replay w ledger.db --calls write.yaml
assert_stderr_contains 'locked'
kill "$node"
wait "$node" || true
assert_eq "$before" "$(sha256sum <ledger.db)"

say 'of many blocks those that cost most are listed, in their order; all are counted'
assert_ok "$RH_BIN" ledger import --synthesize 1200 --like small.raw --transactions 1 --first-height 1 --out long
echo 'calls: {loop: {per: block, sql: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1 + :block_index * 7919 % 1201) SELECT count(*) FROM n"}}' >loop.yaml
assert_ok "$RH_BIN" ledger replay long ledger.db --calls loop.yaml --json
assert_eq '1200 1000 1000' "$(figure '"%d %d %d" % (d["totals"]["blocks"], d["totals"]["blocks_listed"], len(d["blocks"]))')"
assert_eq True "$(figure '[b["height"] for b in d["blocks"]] == [h for h in range(1, 1201) if h * 7919 % 1201 > 200]')" 'the blocks listed'
assert_eq '1 1.0 1' "$(figure '"%d %s %d" % tuple(d["per_block"][k] for k in ("least_statements", "mean_statements", "most_statements"))')"
assert_eq 1200 "$(figure 'd["per_block"]["costliest_height"] * 7919 % 1201')"
assert_ok "$RH_BIN" ledger replay long ledger.db --calls loop.yaml
assert_stdout_contains '1 to 1 statements per block, 1 in the mean; block '

say 'caches find whole numbers, and what they find is what the query finds'
sqlite3 ledger.db 'CREATE TABLE seen(n INTEGER, what TEXT)' "INSERT INTO seen SELECT value, 'x' || value FROM generate_series(0, 3)" 2>/dev/null ||
    sqlite3 ledger.db "INSERT INTO seen VALUES (0, 'x0'), (1, 'x1'), (2, 'x2'), (3, 'x3')"
echo 'calls: {look: {per: input, sql: "SELECT what FROM seen WHERE n = :vout"}}' >look.yaml
echo 'calls: {held: {replaces: look, per: input, cache: {sql: "SELECT n, what FROM seen", key: n, field: vout}}}' >held.yaml
replay --calls look.yaml --against held.yaml
assert_eq True "$(figure 'd["calls"][0]["rows"] > 0 and d["compared"][0]["units"] > 0')"
sqlite3 ledger.db 'CREATE VIEW unlike AS SELECT n + 1 AS n, what FROM seen'
sed 's/FROM seen/FROM unlike/' held.yaml >other.yaml
assert_exit 1 "$RH_BIN" ledger replay w ledger.db --calls look.yaml --against other.yaml
assert_stdout_contains "result-changed: call 'look' first differs"

say 'mistakes in call files are named where they stand'
wrong 'wrong.yaml:1:9: call' 'calls: {a: {per: input, sql: "SELECT nothing FROM seen"}}'
wrong "it is one of block, transaction, input, output" 'calls: {a: {per: inputs, sql: "SELECT 1"}}'
wrong "'cache' stands instead of" 'calls: {a: {per: input, sql: "SELECT 1", cache: {sql: "SELECT n FROM seen", key: n, field: vout}}}'
wrong "'interval' must be" 'calls: {a: {per: block, sql: "SELECT 1"}}
budget: {interval: 9223372036854775807}'
