# Labels of an enum type that tell something get new names, in the type and wherever they stand.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
require_tool jq
cd "$scratch"
pg_create_db labels
prod=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=lab_$$}
at_exit pg_drop_db "lab_$$"
pg_sql "$prod" "CREATE SCHEMA \"odd one\";
CREATE TYPE \"odd one\".\"Client\" AS ENUM ('Canary & Sons', 'it''s Canary', 'a', 'Canary-3', 'none');
CREATE TYPE level AS ENUM ('low', 'high');
CREATE TABLE visit(id int, client \"odd one\".\"Client\" DEFAULT 'Canary-3' CHECK (client <> 'none'), was \"odd one\".\"Client\"[], level level,
    CONSTRAINT early CHECK (client < 'none')) PARTITION BY LIST (client);
CREATE TABLE visit_c PARTITION OF visit FOR VALUES IN ('Canary & Sons', 'it''s Canary');
CREATE TABLE visit_rest PARTITION OF visit DEFAULT;
CREATE TYPE stay AS (nights int, client \"odd one\".\"Client\");
CREATE TABLE past(stay stay, stays stay[]);
INSERT INTO past SELECT (3, 'it''s Canary')::stay, ARRAY[(1, 'Canary & Sons')::stay, (2, NULL)::stay, (NULL, 'a')::stay] FROM generate_series(1, 9);
CREATE TABLE other(client \"odd one\".\"Client\");
CREATE INDEX part ON visit(id) WHERE client >= 'Canary-3';
CREATE VIEW chosen AS SELECT id, 'Canary-3'::\"odd one\".\"Client\" AS label FROM visit WHERE client = 'it''s Canary';
CREATE FUNCTION mine(c \"odd one\".\"Client\") RETURNS bigint LANGUAGE sql AS \$\$ SELECT count(*) FROM public.visit WHERE client = c \$\$;
INSERT INTO visit SELECT i, (enum_range(NULL::\"odd one\".\"Client\"))[1 + i % 4], ARRAY['a', 'Canary-3', NULL]::\"odd one\".\"Client\"[],
    CASE i % 3 WHEN 0 THEN 'low' ELSE 'high' END::level FROM generate_series(1, 999) i;
INSERT INTO other VALUES ('Canary & Sons'), ('none'); ANALYZE"
write_mask_key mask.key
write_rules() # file, rule of visit.client, of other.client, of fields of composites
{
    cat >"$1" <<YAML
version: 1
key: {file: mask.key}
columns:
  "visit.client": $2
  "visit.was": {mask: enum, rename: true}
  "other.client": $3
  "visit.level": enum
  "past.stay": {mask: composite, fields: {2: $4}}
  "past.stays": {mask: array, element: {mask: composite, fields: {2: $4}}}
  "visit.id": keep
YAML
}
rename='{mask: enum, rename: true}'
inside="{mask: enum, rename: true, type: '\"odd one\".\"Client\"'}"
write_rules rules.yaml "$rename" "$rename" "$inside"
assert_ok "$RH_BIN" rules check "$prod" --rules rules.yaml --json
assert_eq 'preserved' "$(jq -r '[.[] | select(.object_kind == "check" or .object_kind == "partial index" or .object_kind == "enum type") | .verdict] | unique | join(",")' stdout)" 'the proof'
assert_eq '' "$(jq -r '.[] | select(.object_kind | startswith("text of")) | .object' stdout)" 'texts that are named'
assert_ok "$RH_BIN" mirror "$prod" "$staging" --rules rules.yaml --seen seen
pg_dump "$staging" >dump.sql
assert_eq 0 "$(grep -ci canary dump.sql)" 'lines of the dump with a raw label'
assert_eq 1 "$(grep -c "'low'" dump.sql)" 'another type'
position="array_position(enum_range(NULL::\"odd one\".\"Client\"), client)"
for query in "SELECT $position, count(*), tableoid::regclass::text FROM visit GROUP BY 1, 3 ORDER BY 1" \
    "SELECT $position FROM other ORDER BY 1" 'SELECT count(*) FROM chosen' 'SELECT sum(mine(client)) FROM (SELECT client FROM chosen, visit LIMIT 5) x' \
    "SELECT id FROM visit ORDER BY client, id LIMIT 7" "SELECT count(*) FROM visit WHERE client = ANY (was)" \
    "SELECT count(*) FROM past p, chosen c WHERE (p.stay).client > c.label" "SELECT sum((p.stay).nights), count(*) FROM past p, other o WHERE (p.stays[1]).client = o.client" \
    "SELECT length(label::text) FROM chosen LIMIT 1" "SELECT reltuples FROM pg_class WHERE relname = 'visit_rest_id_idx'" \
    "SELECT most_common_freqs FROM pg_stats WHERE tablename = 'visit_c' AND attname = 'client'"; do
    assert_eq "$(pg_sql "$prod" "$query")" "$(pg_sql "$staging" "$query")" "$query"
done
assert_eq "$(pg_sql "$staging" "INSERT INTO visit(id) VALUES (0) RETURNING client")" \
    "$(pg_sql "$staging" "SELECT label FROM chosen LIMIT 1")" 'the default and the literal of the view'
assert_ok "$RH_BIN" leaks "$staging" --seen seen --seen-key mask.key

assert_ok "$RH_BIN" snapshot "$prod" --repo raw --raw --unsealed-raw
assert_ok "$RH_BIN" anonymize latest --repo raw --rules rules.yaml --to masked
for section in structure pre-data post-data statistics; do
    assert_ok "$RH_BIN" cat latest --section $section --repo masked
    assert_lacks "$(cat stdout)" Canary "section $section"
done
assert_ok "$RH_BIN" restore latest "$staging" --repo masked --swap --allow-unmarked

# One name for one type: what does not agree is refused before a row is read.
refused() # what it says, rules as above
{
    local said=$1
    shift
    write_rules bad.yaml "$@"
    assert_exit 2 "$RH_BIN" mirror "$prod" "$staging" --rules bad.yaml --swap
    assert_contains "$(cat stdout stderr)" "$said" 'the reason'
}
refused "renamed, but not in 'public.other.client'" "$rename" keep "$inside"
refused "renamed, but not in 'public.other.client'" "$rename" enum "$inside"
refused "'rename' goes without 'labels'" '{mask: enum, rename: true, labels: [a]}' "$rename" "$inside"
refused 'no column of the type renames its labels' "$rename" "$rename" '{mask: enum, rename: true, type: public.level}'
refused "no column is of the enum type 'nothing'" "$rename" "$rename" '{mask: enum, rename: true, type: nothing}'
refused "'type' goes with 'rename: true'" "$rename" "$rename" '{mask: enum, type: public.level}'
refused "'type' is for values inside of others" '{mask: enum, rename: true, type: public.level}' "$rename" "$inside"
pg_sql "$prod" 'ALTER TABLE visit ADD level2 text'
sed 's/"visit.level": enum/"visit.level": enum\n  "visit.level2": {mask: enum, rename: true}/' rules.yaml >text.yaml
assert_exit 2 "$RH_BIN" rules check "$prod" --rules text.yaml
assert_stderr_contains 'is of no enum type'
