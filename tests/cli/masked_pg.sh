# Masked copies of PostgreSQL: constraints hold, statistics and dumps carry nothing raw.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
cd "$scratch"
pg_create_db maskp
prod=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=mst_$$}
at_exit pg_drop_db "mst_$$"
pg_sql "$prod" "
CREATE TABLE customer(id bigserial PRIMARY KEY, email text UNIQUE, name text, ip inet, born date,
    doc jsonb, tags text[], note varchar(40));
COMMENT ON TABLE customer IS 'ask canary@corp.test';
CREATE TABLE orders(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer bigint NOT NULL REFERENCES customer, amount numeric(12,2), status text);
INSERT INTO customer(email, name, ip, born, doc, tags, note)
SELECT 'canary' || i || '@example' || i % 7 || '.test', 'Canary ' || i,
    ('10.' || i % 200 || '.' || i % 250 || '.1')::inet, date '1960-01-01' + i % 9000,
    jsonb_build_object('mail', 'canary' || i || '@example.test', 'k', i),
    ARRAY['canary' || i, NULL], E'line\\n\\tcanary ' || i FROM generate_series(1, 3000) i;
INSERT INTO orders(customer, amount, status) SELECT 1 + i * 7 % 3000, i * 1.37,
    CASE WHEN i % 10 = 0 THEN 'open' ELSE 'done' END FROM generate_series(1, 9000) i;
CREATE INDEX ON orders(amount); CREATE INDEX ON customer(lower(name)); ANALYZE"
write_mask_key mask.key
cat >rules.yaml <<'YAML'
version: 1
key: {file: mask.key}
columns:
  "customer.id": {mask: integer, mode: monotone}
  "customer.email": email
  "customer.name": name
  "customer.ip": ip
  "customer.born": shift-time
  "customer.doc": {mask: json, paths: {"$.mail": email}}
  "customer.tags": {mask: array, element: {mask: text}}
  "customer.note": text
  "orders.id": {mask: integer, mode: monotone}
  "orders.amount": numeric
  "orders.status": keep
YAML
assert_ok "$RH_BIN" rules check "$prod" --rules rules.yaml
assert_ok "$RH_BIN" mirror "$prod" "$staging" --rules rules.yaml --jobs 2
pg_dump "$staging" >dump.sql
for word in canary Canary 10.7.7.1; do
    assert_eq 0 "$(grep -ciF -- "$word" dump.sql)" "lines of the dump with '$word'"
done
assert_ok "$RH_BIN" snapshot "$prod" --repo repo --rules rules.yaml
for section in statistics structure pre-data post-data; do
    assert_ok "$RH_BIN" cat latest --section $section --repo repo
    assert_lacks "$(tr 'A-Z' 'a-z' <stdout)" canary "section $section"
done
for query in 'SELECT count(*), count(DISTINCT email), count(DISTINCT ip), count(tags) FROM customer' \
    'SELECT count(*) FROM orders JOIN customer c ON c.id = orders.customer' \
    "SELECT status, count(*) FROM orders GROUP BY 1 ORDER BY 1" \
    'SELECT count(*) FROM orders a JOIN orders b ON b.id = a.id WHERE a.amount < 0' \
    "SELECT (doc->>'k')::int FROM customer ORDER BY id LIMIT 3"; do
    assert_eq "$(pg_sql "$prod" "$query")" "$(pg_sql "$staging" "$query")" "$query"
done
order='SELECT string_agg((id - 1)::text, $$,$$ ORDER BY born, id) FROM
    (SELECT row_number() OVER (ORDER BY id) AS id, born FROM customer) c WHERE id < 50'
assert_eq "$(pg_sql "$prod" "$order")" "$(pg_sql "$staging" "$order")" 'the order of dates'
assert_eq t "$(pg_sql "$staging" "SELECT bool_and(length(note) <= 40) FROM customer")" widths
