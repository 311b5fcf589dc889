#!/bin/bash
# rehearse ledger growth: exponents that are known by construction, the table of sizes, its findings,
# and that the database stays as it is.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/ledger.sh"
require_program
require_tool python3 sqlite3
cd "$scratch"

growth() { assert_exit "$1" "$RH_BIN" ledger growth w ledger.db "${@:2}" --json --progress never; }
call() { printf 'next(c for c in d["calls"] if c["name"] == "%s")' "$1"; }
# exponent CALL WHICH LOW HIGH
exponent()
{
    assert_eq True "$(figure "$3 <= $(call "$1")[\"$2\"][\"exponent\"] <= $4")" \
        "$2 of $1: $(figure "$(call "$1")[\"$2\"][\"exponent\"]") is not from $3 to $4"
}

small_block
assert_ok "$RH_BIN" ledger import --synthesize 1 --like small.raw --transactions 300 --first-height 866000 --out w
make_balances ledger.db 4096
sqlite3 ledger.db 'CREATE TABLE holders(id INTEGER PRIMARY KEY, name TEXT)' \
    "INSERT INTO holders SELECT rowid, address FROM balances WHERE rowid <= 2048" \
    'CREATE VIEW rich AS SELECT * FROM balances WHERE quantity > 1000' \
    'CREATE TABLE events(n INTEGER)' \
    'CREATE TRIGGER journal AFTER INSERT ON holders BEGIN INSERT INTO events VALUES (new.id); END'
cat >calls.yaml <<'YAML'
open: ["PRAGMA foreign_keys = ON"]
calls:
  tip: {per: block, sql: "SELECT max(rowid) FROM balances"}
  by_index: {per: input, sql: "SELECT quantity FROM balances WHERE utxo = :outpoint"}
  by_scan: {per: input, sql: "SELECT count(*) FROM balances WHERE +utxo = :outpoint"}
  by_view: {per: block, sql: "SELECT count(*) FROM rich WHERE block_index + 0 = :block_index"}
budget: {interval: 1000h}
YAML

say 'an index look-up does not grow, a scan grows as the table, statements as the block'
before=$(sha256sum <ledger.db)
growth 0 --calls calls.yaml
exponent tip cost -0.01 0.01
exponent by_index cost -0.01 0.01
exponent by_scan cost 0.97 1.03
exponent by_view cost 0.97 1.03
exponent tip statements -0.01 0.01
exponent by_index statements 0.9 1.1
assert_eq '64 4096' "$(figure '"%d %d" % tuple('"$(call by_scan)"'["cost"]["points"][i]["rows"] for i in (-7, -1))')" 'sizes'
assert_eq "$before" "$(sha256sum <ledger.db)" 'database after growth'
assert_eq balances "$(figure 'd["largest"]')"
assert_eq "balances" "$(figure '" ".join(sorted(t["table"] for t in d["tables"]))')" 'tables copied: those that are used'

say 'the sizes: small, as it is, ten times as many rows; the first two are measured'
assert_eq 'testnet-like mainnet-like x10' "$(figure '" ".join(s["size"] for s in d["sizes"])')"
assert_eq '41 4096 40960' "$(figure '" ".join(str(s["rows"]) for s in d["sizes"])')"
assert_eq 'False False True' "$(figure '" ".join(str(s["model"]) for s in d["sizes"])')"
assert_eq True "$(figure '9.5 < d["sizes"][2]["calls"][2]["cost"] / d["sizes"][1]["calls"][2]["cost"] < 10.5')" 'a scan of ten times the rows'
growth 0 --calls calls.yaml --mainnet-rows 6330000 --testnet-rows 500 --testnet-units 9
assert_eq '500 6330000 63300000' "$(figure '" ".join(str(s["rows"]) for s in d["sizes"])')"
assert_eq 9 "$(figure 'd["sizes"][0]["units"]')"
assert_eq True "$(figure '0.9 < d["sizes"][1]["calls"][2]["cost"] / (6330000 / 4096 * '"$(call by_scan)"'["cost"]["points"][-1]["cost"]) < 1.1')" 'a scan of mainnet'

say 'a scan for each row of a scan is found, and does not take long'
cat >square.yaml <<'YAML'
calls:
  pairs: {per: block, sql: "SELECT count(*) FROM balances a, balances b WHERE +a.quantity = +b.quantity + :block_index"}
  by_index: {per: input, sql: "SELECT quantity FROM balances WHERE utxo = :outpoint"}
budget: {interval: 1000h}
YAML
growth 1 --calls square.yaml --step-budget 3000000
exponent pairs cost 1.9 2.05
assert_eq superlinear-growth:error:pairs "$(figure '[":".join((f["finding"], f["severity"], f["query"])) for f in d["findings"] if f["severity"] == "error"][0]')"
assert_eq 1024 "$(figure "$(call pairs)"'["stopped_at"]')" 'rows at which the budget ended it'
exponent by_index cost -0.01 0.01
assert_eq 4096 "$(figure "$(call by_index)"'["cost"]["points"][-1]["rows"]')" 'the other call went on'
assert_exit 1 "$RH_BIN" ledger growth w ledger.db --calls square.yaml --step-budget 3000000
assert_stdout_contains 'stopped at 1024 rows'
assert_stdout_contains 'x10'

say 'writes: in the copies only, triggers included'
cat >write.yaml <<'YAML'
calls:
  join: {per: block, sql: "INSERT INTO holders VALUES (1000000 + :block_index, 'x')"}
  look: {per: block, sql: "SELECT count(*) FROM events"}
budget: {interval: 1000h}
YAML
growth 0 --calls write.yaml
assert_eq "$before" "$(sha256sum <ledger.db)" 'database after writes'
assert_eq 'events holders' "$(figure '" ".join(sorted(t["table"] for t in d["tables"]))')"
exponent join cost -0.01 0.01

say 'the trap of block 866,000: the plan follows the statistics, whatever the rows'
sqlite3 ledger.db ANALYZE
write_calls trap.yaml
sed 's/600s/1000h/' trap.yaml >patient.yaml
growth 0 --calls patient.yaml
exponent get_utxos_info cost 0.97 1.03
growth 1 --calls trap.yaml --mainnet-rows 63300000
assert_eq block-budget:error "$(figure '[f["finding"] + ":" + f["severity"] for f in d["findings"] if f["severity"] == "error"][0]')"
sqlite3 ledger.db .schema | grep -v sqlite_stat >schema.sql
sqlite3 good.db <schema.sql
sqlite3 good.db 'ANALYZE sqlite_schema'
growth 0 --calls patient.yaml --statistics good.db
exponent get_utxos_info cost -0.01 0.01

say 'a scan that only the larger size has is a cliff; SQLite gives automatic indexes up at some thousand rows'
sqlite3 cliff.db <schema.sql
sqlite3 cliff.db 'ANALYZE sqlite_schema' "INSERT INTO sqlite_stat1 VALUES ('holders', NULL, '1000')"
cat >cliff.yaml <<'YAML'
calls:
  c: {per: block, sql: "SELECT count(*) FROM holders x WHERE name IN (SELECT name FROM holders y WHERE y.name = x.name)"}
budget: {interval: 1000h}
YAML
run "$RH_BIN" ledger growth w ledger.db --calls cliff.yaml --statistics cliff.db --testnet-rows 1000 --mainnet-rows 100000 --json
assert_eq "$(figure 'any(l.startswith("SCAN") and l not in d["sizes"][0]["calls"][0]["plan"] for l in d["sizes"][1]["calls"][0]["plan"])')" \
    "$(figure 'any(f["finding"] == "plan-cliff" and f["value"] == 100000 for f in d["findings"])')" 'a cliff where a scan is new'
assert_eq True "$(figure 'len(d["sizes"][1]["calls"][0]["plan"]) >= 2')" 'lines of the plan'
growth 0 --calls calls.yaml --statistics cliff.db
assert_eq 0 "$(figure 'len([f for f in d["findings"] if f["finding"] == "plan-cliff"])')" 'plans that stay'

say 'what cannot be measured is said, with exit code 2'
cannot() # TEXT ARGUMENT...
{
    assert_exit 2 "$RH_BIN" ledger growth "${@:2}"
    assert_stderr_contains "$1"
}
make_balances tiny.db 20
cannot 'has 20' w tiny.db --calls trap.yaml
sed 's/866000/866001/' trap.yaml >later.yaml
cannot 'no call is active' w ledger.db --calls later.yaml
cannot 'raise --step-budget' w ledger.db --calls square.yaml --step-budget 2000
cannot "no such table: absent" w ledger.db --calls <(echo 'calls: {a: {per: block, sql: "SELECT * FROM absent"}}')
cannot '--calls is missing' w ledger.db
cannot 'missing.db' w missing.db --calls trap.yaml
cannot '' ledger.db ledger.db --calls trap.yaml

say 'interrupted or killed: nothing left behind, the database as it was'
make_balances large.db 60000
cat >slow.yaml <<'YAML'
calls:
  slow: {per: input, sql: "SELECT count(*) FROM balances a, balances b WHERE +a.quantity < +b.quantity"}
YAML
before=$(sha256sum <large.db)
mkdir tmp
for signal in INT KILL; do
    TMPDIR=$scratch/tmp SQLITE_TMPDIR=$scratch/tmp "$RH_BIN" ledger growth w large.db --calls slow.yaml \
        --step-budget 2000000000 --sample 1000 --progress always 2>interrupted &
    growing=$!
    for _ in $(seq 200); do grep -q sizes interrupted && break || sleep 0.05; done
    assert_eq '' "$(ls tmp)" 'scratch files with a name'
    kill -"$signal" "$growing"
    code=0
    wait "$growing" || code=$?
    [ "$signal" = KILL ] || assert_eq 2 "$code" 'exit code of an interrupted run'
    assert_eq '' "$(ls tmp)" "scratch files left behind by SIG$signal"
    assert_eq "$before" "$(sha256sum <large.db)" "database after SIG$signal"
done
