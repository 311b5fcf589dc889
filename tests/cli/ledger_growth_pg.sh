#!/bin/bash
# rehearse ledger growth on PostgreSQL: exponents known by construction, on temporary copies; nothing
# of the database changes, not even a sequence.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/ledger.sh"
require_program
require_tool python3
cd "$scratch"
exponent() # CALL LOW HIGH
{
    assert_eq True "$(figure "next($2 <= c[\"cost\"][\"exponent\"] <= $3 for c in d[\"calls\"] if c[\"name\"] == \"$1\")")" "exponent of $1"
}

small_block
assert_ok "$RH_BIN" ledger import --synthesize 1 --like small.raw --transactions 100 --first-height 866000 --out w
pg_create_db growth
pg_sql "$pg_db" 'CREATE TABLE balances(id bigserial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, address text, quantity bigint,
        double bigint GENERATED ALWAYS AS (quantity * 2) STORED, utxo text)' \
    "INSERT INTO balances(address, quantity) SELECT 'a' || n, n % 1000 FROM generate_series(1, 20000) n" \
    'CREATE TABLE assets(name text)' "INSERT INTO assets SELECT 'x' || n FROM generate_series(1, 64) n" \
    'CREATE INDEX ON balances(utxo)' 'CREATE VIEW rich AS SELECT * FROM balances' 'ANALYZE'
state() { pg_sql "$pg_db" "SELECT (SELECT md5(string_agg(b::text, ',' ORDER BY id)) FROM balances b), (SELECT last_value FROM balances_id_seq), (SELECT count(*) FROM pg_class WHERE relname ~ 'balances|rehearse')"; }
before=$(state)
cat >calls.yaml <<'YAML'
calls:
  by_index: {per: input, sql: "SELECT quantity FROM balances WHERE utxo = :outpoint"}
  by_scan: {per: block, sql: "SELECT count(*) FROM balances b JOIN assets ON assets.name = b.address WHERE b.quantity + 0 >= 0"}
  pairs: {per: block, sql: "SELECT count(*) FROM balances a, balances b WHERE a.quantity + b.quantity < :block_index"}
  credit: {per: output, sql: "INSERT INTO balances(address, quantity, utxo) VALUES (:address, :value, :outpoint)"}
budget: {interval: 1000h}
YAML
assert_exit 1 "$RH_BIN" ledger growth w "$pg_db" --calls calls.yaml --step-budget 3000000 --json
exponent by_index -0.1 0.1
exponent by_scan 0.9 1.1
exponent pairs 1.9 2.1
exponent credit -0.1 0.1
assert_eq 'superlinear-growth pairs' "$(figure '" ".join((d["findings"][0]["finding"], d["findings"][0]["query"]))')"
assert_eq 'rows processed' "$(figure 'd["unit"]')"
assert_eq True "$(figure 'any(c["name"] == "pairs" and c["stopped_at"] for c in d["calls"])')" 'the budget ended the pairs'
assert_eq "$before" "$(state)" 'rows, sequence and tables after growth'

say 'tables that are named with their schema, quoted or not, are measured on their copies, too'
cat >schemas.yaml <<'YAML'
calls:
  qualified: {per: block, sql: 'SELECT public.balances.id FROM Public . balances JOIN "x y"."odd ""table" o ON o.a = public.balances.id'}
  literal: {per: block, sql: "SELECT 'public.balances' FROM balances"}
  credit: {per: output, sql: "INSERT INTO public.balances(address, quantity) VALUES (:address, :value)"}
budget: {interval: 1000h}
YAML
pg_sql "$pg_db" 'CREATE SCHEMA "x y"' 'CREATE TABLE "x y"."odd ""table"(a int)' 'INSERT INTO "x y"."odd ""table" SELECT generate_series(1, 500)'
assert_ok "$RH_BIN" ledger growth w "$pg_db" --calls schemas.yaml --json
exponent qualified 0.9 1.1
exponent literal 0.9 1.1
exponent credit -0.1 0.1
assert_eq "$before" "$(state)" 'rows, sequence and tables after growth'

say 'tables that copies cannot stand in for'
pg_sql "$pg_db" 'CREATE VIEW unused AS SELECT * FROM balances' 'CREATE VIEW richest AS SELECT * FROM rich WHERE quantity > 900' \
    'CREATE TABLE "x y".assets(name text)'
refused() # PART SQL
{
    echo "calls: {a: {per: block, sql: \"$2\"}}" >wrong.yaml
    assert_exit 2 "$RH_BIN" ledger growth w "$pg_db" --calls wrong.yaml
    assert_stderr_contains "$1"
}
refused "table 'public.balances' is read through a view: 'public.rich'" 'SELECT * FROM rich'
refused "is read through a view: 'public.rich', 'public.richest'" 'SELECT * FROM public.richest'
refused "two tables of one name, 'public.assets' and 'x y.assets'" 'SELECT * FROM assets UNION ALL SELECT * FROM \"x y\".assets'
echo 'calls: {a: {per: block, sql: "SELECT * FROM absent"}}' >wrong.yaml
assert_exit 2 "$RH_BIN" ledger growth w "$pg_db" --calls wrong.yaml
assert_stderr_contains 'absent'
assert_exit 2 "$RH_BIN" ledger growth w "$pg_db" --calls calls.yaml --statistics w
assert_eq "$before" "$(state)"
