# What CHECKs, indexes, views, triggers, policies and functions compare masked columns with follows
# the rows: the same rows satisfy them, and the raw value is gone.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
require_tool sqlite3
require_tool jq
cd "$scratch"
write_mask_key mask.key
cat >rules.yaml <<'YAML'
version: 1
key: {file: mask.key}
columns:
  "customer.id": keep
  "customer.mail": email
  "customer.tier": text
  "customer.age": {mask: integer, mode: monotone}
  "customer.city": keep
  "log.*": keep
YAML

# verdict_of: what the proof in stdout says about an object of a kind
verdict_of()
{
    jq -r --arg kind "$1" --arg object "$2" '[.[] | select(.object_kind == $kind and (.object | contains($object))) | .verdict] | unique | join(",")' stdout
}

say 'SQLite: the proof knows which texts follow'
sqlite3 prod.db "CREATE TABLE log(what TEXT);
CREATE TABLE customer(id INTEGER PRIMARY KEY, mail TEXT, -- canary comment
    tier TEXT NOT NULL CONSTRAINT tiers CHECK (tier IN ('canary-gold', 'canary-blue')),
    age INTEGER CONSTRAINT grown CHECK (age > 17 AND 150 > age) CONSTRAINT band CHECK (age BETWEEN 3 AND 400), city TEXT,
    vip INTEGER AS (tier = 'canary-gold'), CONSTRAINT nobody CHECK (NOT mail = 'canary@corp.test' AND mail NOT IN ('eve-canary@corp.test')));
CREATE INDEX gold ON customer(city) WHERE tier = 'canary-gold';
CREATE INDEX ex ON customer((tier = 'canary-gold'), city COLLATE NOCASE DESC);
CREATE VIEW golden AS SELECT id FROM customer c /* canary */ WHERE c.tier = 'canary-gold' AND city = 'kept city';
CREATE VIEW said AS SELECT 'not-attributed' AS x, id FROM customer WHERE tier = \"canary-blue\";
CREATE TRIGGER seen AFTER UPDATE ON customer WHEN new.tier = 'canary-gold' AND old.mail <> 'canary@corp.test' BEGIN
    INSERT INTO log VALUES ('kept word'); UPDATE customer SET mail = 'set-canary@corp.test' WHERE tier = 'canary-blue' AND id = new.id; END;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) INSERT INTO customer(mail, tier, age, city)
    SELECT 'u' || i || '@corp.test', CASE WHEN i % 5 = 0 THEN 'canary-gold' ELSE 'canary-blue' END, 18 + i % 80, 'kept city' FROM n;
ANALYZE"
assert_ok "$RH_BIN" rules check prod.db --rules rules.yaml --json
for check in tiers grown band nobody; do
    assert_eq preserved "$(verdict_of check $check)" "check $check"
done
assert_eq preserved "$(verdict_of 'partial index' gold)" 'the partial index'
assert_eq 'text of view' "$(jq -r '.[] | select(.object_kind | startswith("text of")) | .object_kind' stdout)" 'texts that are named'
assert_eq 'not guaranteed' "$(verdict_of 'text of view' main.said)" 'the view with a literal of its own'

say 'SQLite: they mean the same in the copy'
assert_ok "$RH_BIN" mirror prod.db staging.db --rules rules.yaml --seen seen
sqlite3 staging.db .schema >schema.sql
assert_eq 0 "$(grep -c canary schema.sql)" 'lines of the schema with a raw value'
assert_eq 2 "$(grep -c 'kept city\|kept word' schema.sql)" 'literals of kept columns'
assert_eq 0 "$(grep -ac canary staging.db)" 'raw bytes in the file'
for query in 'SELECT count(*) FROM golden' 'SELECT count(*) FROM said' 'SELECT sum(vip) FROM customer' \
    "SELECT stat FROM sqlite_stat1 WHERE idx = 'gold'"; do
    assert_eq "$(sqlite3 prod.db "$query")" "$(sqlite3 staging.db "$query")" "$query"
done
gold=$(sqlite3 staging.db "SELECT tier FROM customer WHERE vip LIMIT 1")
assert_contains "$(sqlite3 staging.db "EXPLAIN QUERY PLAN SELECT id FROM customer WHERE tier = '$gold' AND city = 'x'")" 'USING INDEX gold' 'the plan'
assert_exit 19 sqlite3 staging.db "INSERT INTO customer(tier, age) VALUES ('canary-gold', 100)"
assert_exit 19 sqlite3 staging.db "UPDATE customer SET age = 2 WHERE id = 1"
assert_eq "kept word|1" "$(sqlite3 staging.db "UPDATE customer SET city = 'y' WHERE id = 5; SELECT what, count(*) FROM log")" 'the trigger'
assert_ok "$RH_BIN" leaks staging.db --seen seen --seen-key mask.key

say 'SQLite: through a repository, and masked out of a raw one'
assert_ok "$RH_BIN" snapshot prod.db --repo raw --raw --unsealed-raw
assert_ok "$RH_BIN" anonymize latest --repo raw --rules rules.yaml --to masked
for section in structure schema; do
    assert_ok "$RH_BIN" cat latest --section $section --repo masked
    assert_lacks "$(cat stdout)" canary "section $section"
done
assert_ok "$RH_BIN" restore latest again.db --repo masked
assert_eq "$(cat schema.sql)" "$(sqlite3 again.db .schema)" 'the schema by another way'

say 'SQLite: masks that keep no order, or make all values one, leave the text and say so'
sed 's/"customer.age".*/"customer.age": {mask: integer, low: 1, high: 400}/; s/"customer.mail".*/"customer.mail": {mask: constant, value: x@y.test}/' rules.yaml >weak.yaml
assert_ok "$RH_BIN" rules check prod.db --rules weak.yaml --json
assert_eq 'not guaranteed' "$(verdict_of check grown)" 'a range under a permutation'
assert_contains "$(verdict_of 'text of check' nobody)" 'not guaranteed' 'constants'

[ -n "${RH_TEST_PG:-}" ] || exit 0
pg_create_db texts
prod=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=txs_$$}
at_exit pg_drop_db "txs_$$"
pg_sql "$prod" "CREATE DOMAIN plate AS text CHECK (VALUE <> 'canary-plate');
CREATE DOMAIN lone AS text CHECK (VALUE <> 'lone-literal');
CREATE TYPE level AS ENUM ('low', 'high');
CREATE TABLE customer(id int PRIMARY KEY, mail text CONSTRAINT nobody CHECK (mail <> 'canary@corp.test'), tier varchar(20) NOT NULL,
    at timestamptz CONSTRAINT since CHECK (at > '2001-02-03 04:05:06+00'), level level, plate plate,
    amount numeric(14,2) CONSTRAINT band CHECK (amount >= 10.5 AND amount BETWEEN -3 AND 99999),
    vip boolean GENERATED ALWAYS AS (tier = 'canary-gold') STORED,
    CONSTRAINT tiers CHECK (tier IN ('canary-gold', 'canary-blue')), CONSTRAINT never CHECK (tier NOT IN ('canary-1', 'canary-2')));
CREATE INDEX gold ON customer(level) WHERE tier = 'canary-gold';
CREATE INDEX ex ON customer((tier = 'canary-gold'));
CREATE INDEX recent ON customer(id) WITH (fillfactor = 70) WHERE at >= '2020-01-01 00:00:00+00' AND level = 'high';
CREATE VIEW golden AS SELECT id FROM customer c WHERE c.tier = 'canary-gold';
CREATE MATERIALIZED VIEW gold_now AS SELECT id FROM customer WHERE tier LIKE 'canary-gold';
CREATE VIEW said AS SELECT 'not-attributed' AS x, id FROM customer;
CREATE FUNCTION one() RETURNS bigint LANGUAGE sql AS \$\$ SELECT 1::bigint; SELECT count(*) FROM public.customer WHERE tier = 'canary-gold' \$\$;
CREATE FUNCTION two() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM public.customer WHERE tier = 'canary-gold'; END;
CREATE FUNCTION three() RETURNS bigint LANGUAGE plpgsql AS \$\$ BEGIN RETURN (SELECT count(*) FROM customer WHERE tier = 'plpgsql-literal'); END \$\$;
CREATE FUNCTION four() RETURNS bigint LANGUAGE plpgsql AS \$\$ BEGIN RETURN (SELECT count(*) FROM customer WHERE amount = 4711); END \$\$;
CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RETURN new; END \$\$;
CREATE TRIGGER watch BEFORE UPDATE ON customer FOR EACH ROW WHEN (new.tier = 'canary-gold') EXECUTE FUNCTION pass();
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON customer USING (tier = 'canary-gold') WITH CHECK (mail <> 'canary@corp.test');
ALTER TABLE customer ADD CONSTRAINT tardy CHECK (tier <> 'canary-late') NOT VALID;
INSERT INTO customer SELECT i, 'u' || i || '@corp.test', CASE WHEN i % 5 = 0 THEN 'canary-gold' ELSE 'canary-blue' END,
    '2019-01-01 00:00:00+00'::timestamptz + i * interval '1 day', CASE WHEN i % 3 = 0 THEN 'low' ELSE 'high' END::level, 'PLATE', i + 10
    FROM generate_series(1, 500) i;
REFRESH MATERIALIZED VIEW gold_now; ANALYZE" >/dev/null
cat >pg.yaml <<'YAML'
version: 1
key: {file: mask.key}
columns:
  "customer.id": keep
  "customer.mail": email
  "customer.tier": text
  "customer.at": time
  "customer.level": enum
  "customer.plate": text
  "customer.amount": numeric
YAML

say 'PostgreSQL: the proof knows which texts follow'
assert_ok "$RH_BIN" rules check "$prod" --rules pg.yaml --json
for check in nobody since band tiers never tardy; do
    assert_eq preserved "$(verdict_of check $check)" "check $check"
done
for index in gold recent; do
    assert_eq preserved "$(verdict_of 'partial index' $index)" "index $index"
done
jq -r '.[] | select(.object_kind | startswith("text of")) | .object_kind + " " + .object' stdout | sed 's/public\.//' | sort >found
cat >expected <<'EOF'
text of domain type lone
text of function four()
text of function three()
text of view said
EOF
assert_eq "$(cat expected)" "$(cat found)" 'texts that are named'

say 'PostgreSQL: they mean the same in the copy'
assert_ok "$RH_BIN" mirror "$prod" "$staging" --rules pg.yaml --seen seen
pg_dump "$staging" >dump.sql
assert_eq 0 "$(grep -c canary dump.sql)" 'lines of the dump with a raw value'
for query in 'SELECT count(*) FROM golden' 'SELECT count(*) FROM gold_now' 'SELECT one()' 'SELECT two()' \
    'SELECT count(*) FROM customer WHERE vip' "SELECT reltuples FROM pg_class WHERE relname IN ('gold', 'recent') ORDER BY 1"; do
    assert_eq "$(pg_sql "$prod" "$query")" "$(pg_sql "$staging" "$query")" "$query"
done
assert_exit 1 pg_sql "$staging" "INSERT INTO customer(id, tier) VALUES (1000, 'canary-gold')"
# The CHECK of a domain type refuses the image of what it refused.
plate=$(pg_sql "$staging" "SELECT split_part(pg_get_constraintdef(oid), chr(39), 2) FROM pg_constraint WHERE conname = 'plate_check'")
assert_exit 1 pg_sql "$staging" "SELECT '$plate'::plate"
assert_ok pg_sql "$staging" "SELECT 'canary-plate'::plate"
assert_ok "$RH_BIN" leaks "$staging" --seen seen --seen-key mask.key
assert_ok "$RH_BIN" snapshot "$prod" --repo pgraw --raw --unsealed-raw
assert_ok "$RH_BIN" anonymize latest --repo pgraw --rules pg.yaml --to pgmasked
for section in structure pre-data post-data; do
    assert_ok "$RH_BIN" cat latest --section $section --repo pgmasked
    assert_lacks "$(cat stdout)" canary "section $section"
done
