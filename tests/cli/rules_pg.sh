#!/bin/bash
# The first hour of a user with a PostgreSQL database of every day's types: the draft, its open lines
# decided, the proof, a look at rows, the copy. Tables are larger than what a sample reads.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
cd "$scratch"
pg_create_db drafts
prod=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=drafted_$$}
at_exit pg_drop_db "drafted_$$"
pg_sql "$prod" "
CREATE TYPE tier AS ENUM ('bronze', 'silver', 'gold');
CREATE DOMAIN mail AS text CHECK (VALUE ~ '@');
CREATE TABLE customer(id bigserial PRIMARY KEY, email mail UNIQUE NOT NULL, full_name text, born date,
    tier tier, tags text[], prefs jsonb, ip inet, uid uuid, page xml, active_during tstzrange,
    pw_hash text);
CREATE TABLE orders(id bigserial, customer_id bigint NOT NULL REFERENCES customer,
    at timestamptz NOT NULL, amount numeric(18,8), status text, PRIMARY KEY (id, at))
    PARTITION BY RANGE (at);
CREATE TABLE orders_23 PARTITION OF orders FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE orders_24 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO customer(email, full_name, born, tier, tags, prefs, ip, uid, page, active_during, pw_hash)
SELECT 'canary' || i || '@example.test', 'Canary ' || i, date '1960-01-01' + i % 9000, 'gold',
    ARRAY['canary' || i || '@example.test'], jsonb_build_object('email', 'canary' || i || '@example.test',
    'addr', jsonb_build_object('zip', i), 'canary' || i, 1, 'flag', true),
    ('10.' || i % 200 || '.' || i % 250 || '.1')::inet, md5(i::text)::uuid,
    xmlparse(content '<a n=\"canary' || i || '\">canary' || i || '</a>'),
    tstzrange(timestamptz '2022-01-01' + i * interval '1 hour', NULL), md5(i::text)
FROM generate_series(1, 4000) i;
INSERT INTO orders(customer_id, at, amount, status) SELECT 1 + i * 7 % 4000,
    timestamptz '2023-01-01' + i * interval '50 minutes', i * 1.37, 'open'
FROM generate_series(1, 12000) i;
ANALYZE"

write_mask_key mask.key
assert_ok "$RH_BIN" rules init "$prod" --out draft.yaml
assert_lacks "$(tr 'A-Z' 'a-z' <draft.yaml)" canary 'the draft'
for line in '"public.customer.id": {mask: integer, mode: monotone}' '"public.customer.email": {domain: email}' \
    '"public.customer.tags": {domain: email}' '"public.customer.page": xml' \
    '"public.customer.active_during": shift-time' '"public.customer.pw_hash": destroy' \
    '# "public.customer.prefs":  ' '#     "$.email": {domain: email}' '#     "$.addr.zip": integer' \
    '# public.orders: 400 rows looked at' '# public.orders_23: follows public.orders' \
    '"public.orders.status": keep'; do
    assert_contains "$(cat draft.yaml)" "$line" 'the draft'
done
# What is open stops there; whoever takes the marks away has decided.
assert_exit 2 "$RH_BIN" rules check "$prod" --rules draft.yaml
assert_contains "$(cat stderr)" "no rule decides column 'public.customer.prefs' (jsonb)" 'the open column'
sed -E 's/^  # ("public|  mask: json|  paths:|    "\$)/  \1/' draft.yaml >rules.yaml
assert_ok "$RH_BIN" rules check "$prod" --rules rules.yaml
assert_stdout_contains 'public.orders_23: follows public.orders'
assert_eq 1 "$(grep -c '^not guaranteed: public.orders.*amount' stdout)" 'what is said of partitions, too'
assert_lacks "$(cat stdout)" 'text of default id' 'names of sequences are no values'
assert_ok "$RH_BIN" rules explain "$prod" orders_24.customer_id --rules rules.yaml
assert_stdout_contains 'through  foreign key'
assert_ok "$RH_BIN" rules preview "$prod" customer --rules rules.yaml --limit 3
assert_eq 3 "$(grep -c '^row ' stdout)" 'rows looked at'
assert_lacks "$(tr 'A-Z' 'a-z' <stdout)" canary 'the preview'
assert_ok "$RH_BIN" mirror "$prod" "$staging" --rules rules.yaml --seen seen.bin
query='SELECT count(*), count(DISTINCT customer_id), min(status) FROM orders'
assert_eq "$(pg_sql "$prod" "$query")" "$(pg_sql "$staging" "$query")" "$query"
query="SELECT count(*) FROM customer WHERE tags[1] = email AND prefs->>'email' = email"
assert_eq 4000 "$(pg_sql "$staging" "$query")" "$query"
# The keys of prefs are values: what the draft shows as "$.*" stays for whoever decides, and leaks tells.
assert_exit 1 "$RH_BIN" leaks "$staging" --seen seen.bin --seen-key mask.key
assert_contains "$(cat stdout)" prefs 'the keys that stayed'
