# Partition keys under masks: bounds follow their rows, and what cannot follow is refused before.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
cd "$scratch"
pg_create_db parts
prod=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=pst_$$}
at_exit pg_drop_db "pst_$$"
pg_sql "$prod" "
CREATE TABLE event(id bigint, at timestamptz NOT NULL, tenant text, amount numeric)
    PARTITION BY RANGE (at);
CREATE TABLE event_old PARTITION OF event FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE event_24 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
    PARTITION BY LIST (tenant);
CREATE TABLE \"Event 24 a\" PARTITION OF event_24 FOR VALUES IN ('rawtenant''1', 'rawtenant2');
CREATE TABLE event_24_b PARTITION OF event_24 FOR VALUES IN ('rawtenant3', NULL);
CREATE TABLE event_rest PARTITION OF event DEFAULT;
CREATE TABLE item(shop int, no bigint, price numeric(12,2)) PARTITION BY RANGE (shop, no);
CREATE TABLE item_1 PARTITION OF item FOR VALUES FROM (-100, MINVALUE) TO (5, 1000);
CREATE TABLE item_2 PARTITION OF item FOR VALUES FROM (5, 1000) TO (MAXVALUE, MAXVALUE);
CREATE TABLE priced(price numeric) PARTITION BY RANGE (price);
CREATE TABLE priced_low PARTITION OF priced FOR VALUES FROM (0) TO (99.50);
CREATE TABLE priced_high PARTITION OF priced FOR VALUES FROM (99.50) TO (MAXVALUE);
INSERT INTO event SELECT i, timestamptz '2023-07-01 00:00:00+00' + i * interval '2 hours',
    CASE i % 4 WHEN 0 THEN 'rawtenant''1' WHEN 3 THEN NULL ELSE 'rawtenant' || i % 4 + 1 END, i
    FROM generate_series(1, 4000) i;
INSERT INTO event VALUES (0, '2024-01-01', 'rawtenant2', 1), (0, '2025-01-01', 'x', 1);
INSERT INTO item SELECT i % 11 - 2, i, i FROM generate_series(1, 3000) i;
INSERT INTO item VALUES (5, 999, 1), (5, 1000, 1);
CREATE TABLE hashed(id bigint PRIMARY KEY, mail text, n int, CHECK (n > 0)) PARTITION BY HASH (id);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (modulus 4, remainder 1);
CREATE TABLE \"Hashed 3\" PARTITION OF hashed FOR VALUES WITH (modulus 4, remainder 3);
CREATE TABLE points_at(id bigint REFERENCES hashed);
CREATE TABLE spread(mail text) PARTITION BY HASH (lower(mail));
CREATE TABLE spread_0 PARTITION OF spread FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE spread_1 PARTITION OF spread FOR VALUES WITH (modulus 2, remainder 1);
INSERT INTO hashed SELECT i, 'rawmail' || i || '@example.org', i FROM generate_series(1, 3000) i;
INSERT INTO points_at SELECT i FROM generate_series(1, 3000, 7) i;
INSERT INTO spread SELECT mail FROM hashed;
INSERT INTO priced SELECT i / 2.0 FROM generate_series(1, 400) i; ANALYZE"
write_mask_key mask.key
write_rules() { # file, rule of event.at, event.tenant, item.shop, priced.price
    cat >"$1" <<YAML
version: 1
key: {file: mask.key}
columns:
  "event.at": $2
  "event.tenant": $3
  "event.id": keep
  "event.amount": keep
  "item.shop": $4
  "item.no": {mask: integer, mode: monotone}
  "item.price": keep
  "hashed.id": integer
  "hashed.n": keep
  "*.mail": email
  "priced.price": $5
YAML
}
monotone='{mask: integer, mode: monotone}'
write_rules rules.yaml time text "$monotone" numeric
assert_ok "$RH_BIN" rules check "$prod" --rules rules.yaml --json
assert_stdout_contains 'the bounds of the partitions go through the same mask'
assert_stdout_contains 'the lists of the partitions go through the same mask'

# Which bounds are mapped is said to anybody, what they are on a terminal.
assert_ok "$RH_BIN" rules check "$prod" --rules rules.yaml
assert_stdout_contains 'bounds of partitions of public.event go through at: time
  event_24, event_old'
assert_stdout_contains 'bounds of partitions of public.event_24 go through tenant: text
  Event 24 a, event_24_b'
assert_stdout_contains 'bounds of partitions of public.item go through shop: integer, no: integer'
assert_lacks "$(cat stdout)" 2024- 'values of ranges'
assert_lacks "$(cat stdout)" rawtenant 'values of lists'
assert_exit 2 "$RH_BIN" rules check "$prod" --rules rules.yaml --show-values
assert_stderr_contains '--show-values needs a terminal'
command="'$RH_BIN' rules check '$prod' --rules rules.yaml --show-values"
assert_ok script -qec "$command" /dev/null
assert_contains "$(tr -d '\r' <stdout)" "  public.Event 24 a
         FOR VALUES IN ('rawtenant''1', 'rawtenant2')
      -> FOR VALUES IN ('" 'a bound and its image'
assert_eq 1 "$(grep -c "rawtenant2'" stdout)" 'lines with a raw value'
assert_ok "$RH_BIN" mirror "$prod" "$staging" --rules rules.yaml --jobs 2

# Each row is in the partition that it was in.
rows='SELECT tableoid::regclass::text COLLATE "C", count(*) FROM %s GROUP BY 1 ORDER BY 1'
for table in event item priced; do
    # shellcheck disable=SC2059
    query=$(printf "$rows" "$table")
    assert_eq "$(pg_sql "$prod" "$query")" "$(pg_sql "$staging" "$query")" "partitions of $table"
done

# Rows by HASH are in the partitions that their images belong to, and all of them are there.
hashed() { # what
    assert_eq "$(pg_sql "$prod" 'SELECT count(*), sum(n) FROM hashed')" \
        "$(pg_sql "$staging" 'SELECT count(*), sum(n) FROM hashed')" "$1: rows"
    assert_eq 3000 "$(pg_sql "$staging" 'SELECT count(*) FROM hashed h WHERE h.tableoid = CASE
        WHEN satisfies_hash_partition($$hashed$$::regclass, 2, 0, id) THEN $$hashed_0$$::regclass
        WHEN satisfies_hash_partition($$hashed$$::regclass, 4, 1, id) THEN $$hashed_1$$::regclass
        ELSE $$"Hashed 3"$$::regclass END')" "$1: rows where they belong"
    assert_eq 429 "$(pg_sql "$staging" 'SELECT count(*) FROM points_at JOIN hashed USING (id)')" \
        "$1: joins"
    assert_eq 3000 "$(pg_sql "$staging" "SELECT count(*) FROM spread
        WHERE mail NOT LIKE 'rawmail%'")" "$1: a key that is an expression"
}
hashed mirror
# Figures of single partitions are those of the copy, of the table they are production's.
assert_eq "$(pg_sql "$staging" 'SELECT count(*) FROM ONLY hashed_0')" \
    "$(pg_sql "$staging" "SELECT reltuples::bigint FROM pg_class WHERE relname = 'hashed_0'")" \
    'rows that the planner knows of a partition'
pg_dump "$staging" >dump.sql
assert_eq 0 "$(grep -c rawtenant dump.sql)" 'lines of the dump with a raw list value'
assert_eq 0 "$(grep -c "TO ('2024-01-01 00:00:00" dump.sql)" 'raw bounds of ranges'
assert_eq 13 "$(grep -c 'ATTACH PARTITION .* FOR VALUES' dump.sql)" 'bounds'

# The same through a repository, and masked out of a raw one.
assert_ok "$RH_BIN" snapshot "$prod" --repo raw --raw --unsealed-raw
assert_ok "$RH_BIN" anonymize latest --repo raw --rules rules.yaml --to masked
for section in structure pre-data; do
    assert_ok "$RH_BIN" cat latest --section $section --repo masked
    assert_lacks "$(cat stdout)" rawtenant "section $section"
done
assert_ok "$RH_BIN" restore latest "$staging" --repo masked --swap --allow-unmarked
# shellcheck disable=SC2059
query=$(printf "$rows" event)
assert_eq "$(pg_sql "$prod" "$query")" "$(pg_sql "$staging" "$query")" 'partitions after restore'
hashed restore
assert_ok "$RH_BIN" export latest files --repo masked
pg_drop_db "pst_$$"
host=$(sed -n 's/.*host=\([^ ]*\).*/\1/p' <<<"$RH_TEST_PG")
assert_ok env PGHOST="$host" PGUSER=rehearse PGPORT=5432 bash files/restore.sh "pst_$$"
hashed 'restore of an export'

# What cannot follow is refused before a row is read.
refused() { # what stdout or stderr must say, rules as in write_rules
    local said=$1
    shift
    write_rules bad.yaml "$@"
    assert_exit 2 "$RH_BIN" mirror "$prod" "$staging" --rules bad.yaml --swap
    assert_contains "$(cat stdout stderr)" "$said" 'the reason'
}
refused 'ranges need a mask that keeps order' shift-time text integer numeric
refused 'the mask is not one to one' shift-time words "$monotone" numeric
refused "'keep' and 'invalid' leave the order" shift-time text "$monotone" '{mask: numeric, keep: [1]}'
refused "bound of partition 'public.item_1'" shift-time text \
    '{mask: integer, mode: monotone, low: -1, gap: 60000}' numeric
assert_exit 1 "$RH_BIN" rules check "$prod" --rules bad.yaml
assert_stderr_contains "bound of partition 'public.item_1'"
