#!/bin/bash
# The outage of block 866,000 at small size: found on full data, on 1 % of it and on empty tables with
# production's statistics; good on testnet-like statistics, and once the index is there.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/ledger.sh"
require_program
require_tool python3 sqlite3
cd "$scratch"

findings() { figure '" ".join(sorted(f["finding"] + ":" + f["severity"] for f in d["findings"]))'; }
check() { assert_exit "$1" "$RH_BIN" ledger check w "${@:2}" --json --progress never; }

small_block
assert_ok "$RH_BIN" ledger import --synthesize 1 --like small.raw --transactions 300 --first-height 866000 --out w
write_calls calls.yaml
make_balances full.db 20000
make_balances small.db 200
sqlite3 full.db .schema >schema.sql
sqlite3 empty.db <schema.sql
# As gathered on mainnet while the column was all NULL.
cp empty.db production.db
sqlite3 production.db "ANALYZE; INSERT INTO sqlite_stat1 VALUES
    ('balances', 'balances_utxo_idx', '6330000 6330000'), ('balances', 'balances_utxo_address_idx', '6330000 6330000'),
    ('balances', 'balances_asset_idx', '6330000 26'), ('balances', 'balances_address_idx', '6330000 20'),
    ('balances', 'balances_address_asset_idx', '6330000 20 5'), ('balances', 'balances_block_index_idx', '6330000 10'),
    ('balances', 'balances_quantity_idx', '6330000 4')"

say 'without statistics all is well: what a fresh test database shows'
check 0 full.db --calls calls.yaml
assert_eq n-plus-one:note "$(findings)"
assert_stdout_contains 'SEARCH balances USING INDEX balances_utxo_idx'

say 'full data, its own statistics: the plan is bad, and named'
sqlite3 full.db ANALYZE
check 1 full.db --calls calls.yaml
assert_contains "$(findings)" low-quality-index:error
assert_eq get_utxos_info "$(figure '[f["query"] for f in d["findings"] if f["finding"] == "low-quality-index"][0]')"
assert_match "$(figure 'd["calls"][0]["plans"]["production"][0]')" '^SCAN balances' 'plan under production statistics'
assert_match "$(figure 'd["calls"][0]["plans"]["none"][0]')" '^SEARCH balances USING INDEX balances_utxo_idx' 'plan without'
assert_match "$(figure 'd["calls"][0]["plans"]["after"][0]')" '^SEARCH balances USING INDEX balances_utxo_idx' 'plan after activation'
assert_eq "$(sqlite3 :memory: 'SELECT sqlite_version()')" "$(figure 'd["measured"]["version"]')" 'library that planned'

say 'empty tables and few rows with production statistics: no node could keep up'
for db in empty.db small.db full.db; do
    before=$(sha256sum <"$db")
    check 1 "$db" --calls calls.yaml --statistics production.db
    assert_contains "$(findings)" 'block-budget:error' "$db"
    assert_contains "$(findings)" 'low-quality-index:error' "$db"
    assert_eq True "$(figure '[f["model"] for f in d["findings"] if f["finding"] == "block-budget"][0]')" 'scaled costs are a model'
    assert_eq "$before" "$(sha256sum <"$db")" "$db after the check"
done

say 'the index of the cure: good, on full data and on empty tables'
cure='CREATE INDEX balances_utxo_asset_idx ON balances(utxo, asset)'
sqlite3 full.db "$cure; ANALYZE"
sqlite3 empty.db "$cure"
check 0 full.db --calls calls.yaml
check 0 empty.db --calls calls.yaml --statistics production.db
assert_lacks "$(findings)" error

say 'budgets of a call and of statements per block'
sed 's/active_from: 866000/budget: {steps: 5}/' calls.yaml >tight.yaml
check 1 full.db --calls tight.yaml
assert_contains "$(findings)" call-budget:error
echo 'calls: {list: {per: block, sql: "SELECT asset FROM balances LIMIT 20", budget: {rows: 19}}}' >rows.yaml
check 1 full.db --calls rows.yaml
assert_eq 'call-budget list 20 19 rows' "$(figure '" ".join(str(f[k]) for f in d["findings"] for k in ("finding", "query", "value", "threshold", "unit")).replace(".0", "")')"
sed -i 's/rows: 19/rows: 20/' rows.yaml
check 0 full.db --calls rows.yaml
sed 's/share: 5%/share: 5%, statements: 10/' calls.yaml >few.yaml
check 1 full.db --calls few.yaml
assert_contains "$(findings)" block-budget:error

say 'a long scan is cut, and the rest of it reckoned; a plan that is more than a scan is not cut'
sqlite3 plain.db <schema.sql
sqlite3 plain.db "ATTACH 'full.db' AS f; INSERT INTO balances SELECT * FROM f.balances"
cat >scan.yaml <<'YAML'
calls:
  scan: {per: input, sql: "SELECT count(*) FROM balances WHERE +utxo = :outpoint"}
budget: {interval: 1000h}
YAML
check 0 plain.db --calls scan.yaml --step-budget 1000000000
whole=$(figure 'd["steps_per_block"]')
assert_eq '0 False' "$(figure '"%d %s" % (d["measured"]["calls"][0]["cut"], d["calls"][0]["model"])')"
check 0 plain.db --calls scan.yaml --step-budget 20000
assert_eq '1 True' "$(figure '"%d %s" % (d["measured"]["calls"][0]["cut"], d["calls"][0]["model"])')" 'a scan that was cut'
assert_eq True "$(figure "0.8 < d[\"steps_per_block\"] / $whole < 1.2")" "$(figure 'd["steps_per_block"]') steps predicted, $whole counted"
sed 's/FROM balances WHERE/FROM balances a, balances b WHERE a.rowid = b.rowid AND/; s/+utxo/+b.utxo/' scan.yaml >join.yaml
check 0 plain.db --calls join.yaml --step-budget 20000
assert_eq 0 "$(figure 'd["measured"]["calls"][0]["cut"]')" 'a join is not cut'

say 'a scan of more rows in production makes a call of several steps dearer once, not once for each step'
cat >steps.yaml <<'YAML'
calls:
  two:
    per: block
    steps:
      - sql: SELECT count(*) AS n FROM balances WHERE quantity + 0 = 1
        take: [n]
      - sql: SELECT :n
      - sql: SELECT :n + 1
budget: {interval: 1000h}
YAML
sqlite3 ten.db <schema.sql
sqlite3 ten.db 'ANALYZE sqlite_schema' "INSERT INTO sqlite_stat1 VALUES ('balances', NULL, '200000')"
check 0 plain.db --calls steps.yaml --statistics ten.db
assert_eq 10.0 "$(figure 'd["calls"][0]["factor"]')"
assert_eq True "$(figure '9.9 < d["steps_per_block"] / d["measured"]["calls"][0]["vm_steps"] < 10.1')" 'ten times the steps'

say 'counters decide, the same on every machine and run; what they took here is told beside'
check 0 full.db --calls calls.yaml
steps=$(figure 'int(d["steps_per_block"])')
[ "$steps" -gt 1000 ] || fail "$steps steps per block"
assert_eq "$steps 120000000 VM steps per block" "$(figure '"%d %d %s" % (d["cost_per_block"], d["allowed_cost"], d["cost_unit"])')"
check 0 full.db --calls calls.yaml
assert_eq "$steps" "$(figure 'int(d["steps_per_block"])')" 'steps of another run'
sed "s/share: 5%/share: 0.00000001, steps: $((steps + 1))/" calls.yaml >enough.yaml
sed "s/share: 5%/share: 0.00000001, steps: $((steps - 1))/" calls.yaml >tight.yaml
check 0 full.db --calls enough.yaml
assert_eq 'seconds per block:note' "$(figure '" ".join(f["unit"] + ":" + f["severity"] for f in d["findings"] if f["finding"] == "block-budget")')" 'too slow here only'
check 1 full.db --calls tight.yaml
assert_eq 'VM steps per block:error seconds per block:note' "$(figure '" ".join(f["unit"] + ":" + f["severity"] for f in d["findings"] if f["finding"] == "block-budget")')"
sed "s/share: 5%/share: 5%, steps_per_second: $((steps / 30 + 1))/" calls.yaml >enough.yaml
sed "s/share: 5%/share: 5%, steps_per_second: $((steps / 30 - 1))/" calls.yaml >tight.yaml
check 0 full.db --calls enough.yaml
check 1 full.db --calls tight.yaml
sqlite3 bare.db <schema.sql
check 1 bare.db --calls enough.yaml --statistics production.db
assert_contains "$(figure '" ".join(f["unit"] for f in d["findings"])')" 'VM steps per block' 'empty tables'
assert_exit 2 "$RH_BIN" ledger check w full.db --calls calls.yaml --statistics absent.db

say 'without a call that ran there is no answer; one that did not is named'
sed 's/866000/999999/' calls.yaml >later.yaml
assert_exit 2 "$RH_BIN" ledger check w full.db --calls later.yaml
assert_stderr_contains 'no call ran in any block'
assert_stderr_contains "call 'get_utxos_info' never ran: it is active from height 999999 on"
printf 'calls:\n  get_utxos_info: {per: input, active_from: 999999, sql: "SELECT :outpoint"}\n  one: {per: block, sql: "SELECT 1"}\n' >mixed.yaml
assert_ok "$RH_BIN" ledger check w full.db --calls mixed.yaml
assert_stderr_contains "call 'get_utxos_info' never ran"

say 'an option that the verb does not look at is refused'
for option in '--commit' '--against calls.yaml' '--max-rows 5' '--out x'; do
    # shellcheck disable=SC2086
    assert_exit 2 "$RH_BIN" ledger check w full.db --calls calls.yaml $option
    assert_stderr_contains "${option%% *} is not for ledger check"
done
assert_exit 2 "$RH_BIN" ledger import w --out x --calls calls.yaml
assert_stderr_contains 'it is for ledger replay, check, growth'

say 'the stated pace decides; the measured one is told beside it, and nothing is wider than a terminal'
"$RH_BIN" ledger check w full.db --calls calls.yaml --json >stdout || true
assert_eq True "$(figure 'd["pace_per_second"]["stated"] == 4000000 and d["pace_per_second"]["measured"] > 0')"
assert_eq measured "$(figure 'd["pace_per_second"]["used"]')"
"$RH_BIN" ledger check w full.db --calls calls.yaml >stdout || true
assert_eq '' "$(awk 'length > 80' stdout)"
assert_match "$(paste -sd' ' stdout)" 'stated pace: 4,000,000 a second.*measured pace: [0-9,]+ a second'
"$RH_BIN" ledger check w bare.db --calls calls.yaml --statistics production.db --json >stdout || true
assert_eq stated "$(figure 'd["pace_per_second"]["used"]')" 'on empty tables'
"$RH_BIN" ledger check w bare.db --calls calls.yaml --statistics production.db >stdout || true
assert_stdout_contains 'per block at the stated pace'

say 'the advice on many statements fits what they do'
echo 'calls: {put: {per: input, sql: "INSERT INTO balances(utxo) VALUES (:outpoint)"}}' >put.yaml
assert_ok "$RH_BIN" ledger check w full.db --calls put.yaml --json
assert_contains "$(figure 'd["findings"][0]["finding"] + d["findings"][0]["advice"]')" 'write many at once'
