#!/bin/bash
# rehearse ledger replay on PostgreSQL: the same call file, rolled back; errors go back to savepoints.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/ledger.sh"
require_program
require_tool python3
cd "$scratch"

small_block
assert_ok "$RH_BIN" ledger import small.raw --out w
pg_create_db ledger
pg_sql "$pg_db" 'CREATE TABLE balances(id bigserial, address text, asset text, quantity bigint, utxo text)' \
    "INSERT INTO balances(address, asset, quantity) SELECT 'a' || n, 'XCP', n FROM generate_series(1, 1000) n" \
    "INSERT INTO balances(utxo, asset, quantity) VALUES (repeat('aa', 32) || ':0', 'XCP', 5)" \
    'CREATE INDEX ON balances(utxo)' 'ANALYZE'
cat >calls.yaml <<'YAML'
open: ["SET work_mem = '8MB'"]
calls:
  get_utxos_info:
    per: input
    sql: SELECT DISTINCT ON (utxo, asset) utxo, asset, quantity::text FROM balances WHERE utxo = :outpoint ORDER BY utxo, asset, id DESC
  credit:
    per: output
    sql: INSERT INTO balances(address, asset, quantity, utxo) VALUES (:address, 'XCP', :value, :outpoint)
  fails: {per: transaction, sql: "SELECT 1 / (:tx_index::int - 1)"}
YAML
assert_exit 2 "$RH_BIN" ledger replay w "$pg_db" --calls calls.yaml
assert_stderr_contains "block 300025, call 'fails'"
assert_ok "$RH_BIN" ledger replay w "$pg_db" --calls calls.yaml --keep-going --json
assert_eq '4 1 1 postgresql None' "$(figure '"%s %s %s %s %s" % (d["calls"][0]["statements"], d["calls"][0]["rows"], d["calls"][2]["errors"], d["engine"], d["calls"][0]["vm_steps"])')"
assert_eq 1001 "$(pg_sql "$pg_db" 'SELECT count(*) FROM balances')" 'rows after a replay'

sed '/fails/d; /credit/,$d' calls.yaml >read.yaml
sed -e 's/utxo = :outpoint/utxo IN (:outpoint)/' -e 's/per: input/per: input\n    batch: 3/' read.yaml >batch.yaml
assert_ok "$RH_BIN" ledger replay w "$pg_db" --calls read.yaml --against batch.yaml --json
sed 's/quantity::text/quantity + 1/' read.yaml >other.yaml
assert_exit 1 "$RH_BIN" ledger replay w "$pg_db" --calls read.yaml --against other.yaml --json
assert_stdout_contains result-changed

say 'check tells the plan of the server, for any values of the parameters'
sed '/credit/,$d' calls.yaml >plans.yaml
assert_exit 0 "$RH_BIN" ledger check w "$pg_db" --calls plans.yaml --json
assert_match "$(figure 'd["calls"][0]["plan_line"]')" '^Index Scan using balances_utxo_idx on balances .*utxo = \$1' 'the look-up'
assert_eq True "$(figure 'len(d["calls"][0]["plans"]["production"]) > 1')" 'all nodes of the plan'
cat >plans.yaml <<'YAML'
calls:
  scan: {per: output, sql: "SELECT 1 FROM balances WHERE address = :address"}
budget: {statements: 1}
YAML
assert_exit 1 "$RH_BIN" ledger check w "$pg_db" --calls plans.yaml
assert_stdout_contains '    Seq Scan on balances'
assert_eq 0 "$(grep -c '^ *$' stdout)" 'empty lines'

say 'on PostgreSQL rows that plans process and statements are the budget; a key that an INSERT makes is made once'
cat >rows.yaml <<'YAML'
calls:
  scan: {per: output, sql: "SELECT 1 FROM balances WHERE address = :address"}
  keyed: {per: transaction, sql: "INSERT INTO keyed VALUES (:tx_index)"}
YAML
pg_sql "$pg_db" 'CREATE TABLE keyed(a int PRIMARY KEY)'
assert_ok "$RH_BIN" ledger check w "$pg_db" --calls rows.yaml --json
assert_eq '3007.0 30000000.0 rows per block' "$(figure '"%s %s %s" % (d["cost_per_block"] - 2 * 3, d["allowed_cost"], d["cost_unit"])')" 'four look-ups, three scans of 1,001 rows: an output has no address'
sed 's/^calls:/budget: {steps_per_second: 100}\ncalls:/' rows.yaml >few.yaml
assert_exit 1 "$RH_BIN" ledger check w "$pg_db" --calls few.yaml --json
assert_stdout_contains '"unit": "rows per block"'
assert_eq 0 "$(pg_sql "$pg_db" 'SELECT count(*) FROM keyed')" 'rows after a check'
