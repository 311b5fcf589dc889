#!/bin/bash
# An exported PostgreSQL snapshot becomes a database again with createdb, psql and zstd alone.
# shellcheck disable=SC1091
. "$RH_SOURCE_DIR/tests/support/lib.sh"
require_program
require_tool zstd sha256sum psql createdb pg_dump

: "${RH_TEST_PG:?is set by pg_cluster.sh}"
host=$(sed -n 's/.*host=\([^ ]*\).*/\1/p' <<<"$RH_TEST_PG")
export PGHOST=$host PGUSER=rehearse PGPORT=5432
source=rh_export_source_$$
copy=rh_export_copy_$$
at_exit dropdb --if-exists "$source"
at_exit dropdb --if-exists "$copy"
createdb "$source"
psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -d "$source" <<'SQL'
CREATE SCHEMA "Odd ""schema""";
CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    twice bigint GENERATED ALWAYS AS (length(name) * 2) STORED,
    mood mood, at timestamptz, span interval, raw bytea, doc jsonb, list text[]);
CREATE TABLE "Odd ""schema"""."Order's  table%" (person bigint REFERENCES people, "a b" text, "new
line" int);
CREATE TABLE nothing ();
CREATE TABLE empty (x int);
CREATE TABLE parts (k int, v text) PARTITION BY RANGE (k);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE parts_2 PARTITION OF parts DEFAULT;
CREATE SEQUENCE "Seq'uence" START 42 INCREMENT -3 MINVALUE -100 MAXVALUE 100;
INSERT INTO people (name, mood, at, span, raw, doc, list)
SELECT E'na\tme\\' || i || E'\n', 'it''s ok', '2020-01-01 00:00+00'::timestamptz + i * '1 day'::interval,
    i * '1 mon 1 day'::interval, decode(md5(i::text), 'hex'), jsonb_build_object('i', i), ARRAY['\.', NULL, i::text]
FROM generate_series(1, 3000) i;
INSERT INTO "Odd ""schema"""."Order's  table%" SELECT id, 'x' || id, 1 FROM people;
INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES;
INSERT INTO parts SELECT i, i::text FROM generate_series(1, 300) i;
SELECT nextval('"Seq''uence"');
SELECT lo_from_bytea(0, decode(repeat('00ff41', 300000), 'hex'));
SELECT lo_create(0);
CREATE MATERIALIZED VIEW counts AS SELECT count(*) FROM people;
CREATE INDEX people_name ON people (lower(name));
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.name = 'touched'; RETURN new; END $$;
CREATE TRIGGER touch BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION touch();
SQL

say 'export'
assert_ok "$RH_BIN" snapshot "$RH_TEST_PG dbname=$source" --repo "$scratch/repo" --raw --unsealed-raw --jobs 2
assert_ok "$RH_BIN" export latest "$scratch/out" --repo "$scratch/repo"
(cd "$scratch/out" && sha256sum --quiet --strict -c SHA256SUMS)
assert_file "$scratch/out/pg_catalog.pg_largeobject.copy.zst"
assert_file "$scratch/out/public.people.copy.zst"
assert_lacks "$(cat "$scratch/out/schema-pre-data.sql")" 'restrict '

say 'load with psql'
assert_ok bash "$scratch/out/restore.sh" "$copy"
dump() { pg_dump "$1" | grep -v "^.\(un\)\?restrict "; }
dump "$source" >"$scratch/a.sql"
dump "$copy" >"$scratch/b.sql"
assert_same_file "$scratch/a.sql" "$scratch/b.sql" 'dumps'
assert_eq 2 "$(psql -XAt -d "$copy" -c 'SELECT count(*) FROM nothing')"

say 'a damaged file stops restore.sh before it makes a database'
printf x >>"$scratch/out/sequences.sql"
assert_exit 1 bash "$scratch/out/restore.sh" "${copy}_2"
assert_eq 0 "$(psql -XAt -d postgres -c "SELECT count(*) FROM pg_database WHERE datname = '${copy}_2'")"
