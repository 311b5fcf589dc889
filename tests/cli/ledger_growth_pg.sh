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

say 'views read the copies: one of another, quoted, renamed columns, options, writes, materialized'
pg_sql "$pg_db" 'CREATE VIEW unused AS SELECT * FROM balances' 'CREATE VIEW richest AS SELECT * FROM rich WHERE quantity > 900' \
    'CREATE VIEW "x y"."Odd ""view" WITH (security_barrier = true) AS SELECT r.id AS number, r::text AS whole FROM public.richest r' \
    'ALTER VIEW "x y"."Odd ""view" RENAME number TO "No."' \
    'CREATE VIEW written WITH (check_option = local) AS SELECT id, address, quantity FROM balances WHERE quantity >= 0' \
    'CREATE MATERIALIZED VIEW sums AS SELECT address, sum(quantity) AS total FROM balances GROUP BY 1' 'CREATE INDEX ON sums(address)' \
    'CREATE TABLE "x y".assets(name text)' 'ANALYZE'
before=$(state)
cat >views.yaml <<'YAML'
calls:
  plain: {per: block, sql: 'SELECT count(*) FROM rich WHERE quantity + 0 >= 0'}
  nested: {per: block, sql: 'SELECT count("No.") FROM "x y"."Odd ""view" WHERE whole <> :block_hash'}
  both: {per: block, sql: 'SELECT * FROM public.richest JOIN balances USING (id)'}
  by_index: {per: input, sql: 'SELECT quantity FROM Public.Rich WHERE utxo = :outpoint'}
  write: {per: output, sql: 'INSERT INTO written(address, quantity) VALUES (:address, :value)'}
  stored: {per: block, sql: 'SELECT sum(total) FROM sums'}
  looked_up: {per: output, sql: 'SELECT total FROM sums WHERE address = :address'}
budget: {interval: 1000h}
YAML
assert_ok "$RH_BIN" ledger growth w "$pg_db" --calls views.yaml --json
for call in plain nested both stored; do
    exponent "$call" 0.9 1.1
done
for call in by_index write looked_up; do
    exponent "$call" -0.1 0.1
done
assert_eq "['balances', 'sums']" "$(figure 'sorted(t["table"] for t in d["tables"])')" 'tables that were copied'
assert_eq "$before" "$(state)"

say 'tables that copies cannot stand in for'
pg_sql "$pg_db" "CREATE FUNCTION all_of() RETURNS SETOF balances LANGUAGE sql STABLE AS 'SELECT * FROM public.balances'" \
    'CREATE VIEW ruled AS SELECT * FROM balances' 'CREATE RULE none AS ON DELETE TO ruled DO INSTEAD NOTHING' \
    'CREATE TABLE parts(a int) PARTITION BY RANGE (a)' 'CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9)' \
    'CREATE VIEW "x y".richest AS SELECT * FROM balances'
refused() # PART SQL
{
    echo "calls: {a: {per: block, sql: \"$2\"}}" >wrong.yaml
    assert_exit 2 "$RH_BIN" ledger growth w "$pg_db" --calls wrong.yaml
    assert_stderr_contains "$1"
}
refused "table 'public.balances' is read through a view: 'public.ruled'" 'SELECT * FROM ruled'
refused "table 'public.balances' is read otherwise than by its name" 'SELECT sum(quantity) FROM all_of()'
refused "table 'public.parts_1' is a part of 'parts'" 'SELECT * FROM parts'
refused "two tables of one name, 'public.assets' and 'x y.assets'" 'SELECT * FROM assets UNION ALL SELECT * FROM \"x y\".assets'
refused "two tables of one name, 'public.richest' and 'x y.richest'" 'SELECT * FROM richest, \"x y\".richest r'
echo 'calls: {a: {per: block, sql: "SELECT * FROM absent"}}' >wrong.yaml
assert_exit 2 "$RH_BIN" ledger growth w "$pg_db" --calls wrong.yaml
assert_stderr_contains 'absent'
assert_exit 2 "$RH_BIN" ledger growth w "$pg_db" --calls calls.yaml --statistics w
assert_eq "$before" "$(state)"
