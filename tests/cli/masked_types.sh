# Every type of PostgreSQL with odd values, under the mask that fits it: the masked copy loads, and
# what must stay different stays different.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
cd "$scratch"
pg_create_db masktypes
prod=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=mty_$$}
at_exit pg_drop_db "mty_$$"
# Identifiers are hashes cut to the type: any bits, as applications make them.
pg_sql "$prod" "
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN code AS text CHECK (length(VALUE) BETWEEN 1 AND 40);
CREATE TABLE t(
    id uuid PRIMARY KEY, host inet NOT NULL, net cidr, mac macaddr, mac8 macaddr8,
    big bigint UNIQUE, small smallint, price numeric, exact numeric(78,0), ratio double precision,
    born date, seen timestamptz, local timestamp, span interval, at time, flag boolean,
    feeling mood, doc jsonb, raw json, page xml, tags text[], grid int[][], period tstzrange,
    slots int4multirange, bits bytea, fixed char(12), short varchar(8), named code, ci text, words text);
INSERT INTO t SELECT md5('u' || g)::uuid,
    (CASE g % 4 WHEN 0 THEN '::ffff:10.1.2.' || g % 250 WHEN 1 THEN 'fe80::' || to_hex(g) || '/64'
        WHEN 2 THEN '10.' || g % 250 || '.0.9/8' ELSE '192.0.2.' || g % 250 END)::inet,
    (CASE g % 3 WHEN 0 THEN '10.0.0.0/8' WHEN 1 THEN '2001:db8::/32' ELSE '0.0.0.0/0' END)::cidr,
    (lpad(to_hex(g), 12, 'a'))::macaddr, (lpad(to_hex(g), 16, 'b'))::macaddr8,
    (('x' || md5('b' || g))::bit(64)::bigint) / 2, (g % 65536 - 32768)::smallint,
    CASE g % 50 WHEN 0 THEN 'NaN' WHEN 1 THEN 'Infinity' WHEN 2 THEN '-Infinity'
        ELSE (g::numeric ^ 9) / 7 END,
    (('1' || repeat('7', g % 74 + 1))::numeric),
    CASE g % 50 WHEN 0 THEN 'NaN'::float8 WHEN 1 THEN '-Infinity' WHEN 2 THEN 5e-30 ELSE g / 3.0 END,
    CASE g % 100 WHEN 0 THEN 'infinity' WHEN 1 THEN '-infinity' WHEN 2 THEN '0044-03-15 BC'
        ELSE date '1930-01-01' + g END,
    CASE g % 100 WHEN 0 THEN 'infinity' WHEN 1 THEN '-infinity' ELSE timestamptz '2001-01-01' + g * interval '1 h 1 ms' END,
    timestamp '1999-12-31 23:59:60' + g * interval '1 us', g * interval '1 min', time '23:59:59.999999',
    g % 2 = 0, (ARRAY['sad', 'ok', 'happy'])[1 + g % 3]::mood,
    CASE g % 5 WHEN 0 THEN 'null' WHEN 1 THEN '[]' WHEN 2 THEN '\"text ' || g || '\"'
        ELSE jsonb_build_object('mail', 'p' || g || '@corp.test', 'deep', jsonb_build_array(g, jsonb_build_object('mail', NULL)))::text END::jsonb,
    ('{ \"mail\" : \"q' || g || '@corp.test\", \"mail\": 1e400 }')::json,
    xmlparse(content '<a name=\"n' || g || '\">text &amp; ' || g || '<!-- c --></a>'),
    CASE g % 3 WHEN 0 THEN '{}' WHEN 1 THEN ARRAY['a,\"b', NULL, 'null', ''] ELSE ARRAY['tag ' || g] END,
    ARRAY[[g, g + 1], [g + 2, NULL]],
    CASE g % 4 WHEN 0 THEN 'empty' WHEN 1 THEN '(,)' WHEN 2 THEN tstzrange('2001-01-01', NULL)
        ELSE tstzrange(timestamptz '2001-01-01' + g * interval '1 s', timestamptz '2002-01-01' + g * interval '1 s') END,
    int4multirange(int4range(g, g + 5), int4range(g + 10, NULL)), decode(md5('x' || g), 'hex'),
    left('key' || g, 12), left('é' || g, 8), 'code ' || g, 'Łódź ' || g, E'tab\tback\\\\slash\nline ' || g
FROM generate_series(1, 3000) g"
write_mask_key mask.key
cat >rules.yaml <<'YAML'
version: 1
key: {file: mask.key}
columns:
  "t.id": uuid
  "t.host": ip
  "t.net": ip
  "t.mac": mac
  "t.mac8": mac
  "t.big": integer
  "t.small": integer
  "t.price": numeric
  "t.exact": numeric
  "t.ratio": numeric
  "t.born": shift-time
  "t.seen": time
  "t.local": time
  "t.span": keep
  "t.at": keep
  "t.flag": keep
  "t.feeling": enum
  "t.doc": {mask: json, paths: {"$..mail": email}}
  "t.raw": {mask: json, paths: {"$.mail": email}}
  "t.page": xml
  "t.tags": text
  "t.grid": keep
  "t.period": time
  "t.slots": {mask: multirange, bound: {mask: integer, mode: monotone}}
  "t.bits": bytes
  "t.fixed": text
  "t.short": text
  "t.named": text
  "t.ci": text
  "t.words": words
YAML
assert_ok "$RH_BIN" rules check "$prod" --rules rules.yaml
assert_ok "$RH_BIN" mirror "$prod" "$staging" --rules rules.yaml --jobs 2

same()
{
    assert_eq "$(pg_sql "$prod" "$1")" "$(pg_sql "$staging" "$1")" "$1"
}
for column in id host mac mac8 big small price exact born seen local bits fixed short named words; do
    same "SELECT count($column), count(DISTINCT $column) FROM t"
    changed="SELECT md5(string_agg($column::text, ',' ORDER BY $column::text)) FROM t"
    assert_ne "$(pg_sql "$prod" "$changed")" "$(pg_sql "$staging" "$changed")" "$column is masked"
done
same "SELECT count(*), sum((doc = 'null')::int), sum((doc ? 'mail')::int), sum(jsonb_array_length(doc->'deep')) FROM t
    WHERE jsonb_typeof(doc) <> 'array' OR doc = '[]'"
same "SELECT sum(isempty(period)::int), sum(lower_inf(period)::int), sum(upper_inf(period)::int) FROM t"
same "SELECT sum(cardinality(tags)), count(array_position(tags, NULL)) FROM t"
same "SELECT family(host), masklen(host), count(*) FROM t GROUP BY 1, 2 ORDER BY 1, 2"
same "SELECT sum((price = 'NaN')::int), sum((ratio = 'NaN')::int), sum((born = 'infinity')::int) FROM t"
same "SELECT max(length(fixed)), max(length(short)) FROM t"
assert_eq 0 "$(pg_sql "$staging" "SELECT count(*) FROM t WHERE doc::text LIKE '%corp.test%' OR raw::text LIKE '%corp.test%'
    OR page::text LIKE '%text %' OR words LIKE 'Łódź%'")" 'raw values'
