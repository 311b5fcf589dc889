# Captured literals and parameters follow their columns' masks: what found rows in production finds
# as many in the masked copy, and nothing raw is left in the workload.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
tool=${1:?path of workload_tool}
require_program
require_tool sqlite3
cd "$scratch"
write_mask_key mask.key

# run_pg DB FILE: the number of rows of each text of a workload.
run_pg()
{
    local id
    sqlite3 "$2" "SELECT e.id FROM executions e ORDER BY e.id" | while read -r id; do
        sqlite3 "$2" "SELECT sql FROM executions e JOIN texts t ON t.id = e.text WHERE e.id = $id" \
            >statement.sql
        pg_sql "$1" "SELECT count(*) FROM ($(cat statement.sql)) q"
    done
}

say 'SQLite: the masked workload finds the masked rows'
sqlite3 prod.db <<'SQL'
CREATE TABLE acct(id INTEGER PRIMARY KEY, name TEXT, email TEXT, city TEXT, born INTEGER);
CREATE TABLE tx(id INTEGER PRIMARY KEY, acct_id INTEGER, amount INTEGER, note TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
INSERT INTO acct SELECT i, 'rawname' || i, 'rawmail' || i || '@example.org',
    CASE i % 3 WHEN 0 THEN 'Oslo' ELSE 'Rome' END, 1000 + i FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
INSERT INTO tx SELECT i, i % 300 + 1, i * 10, 'rawname' || (i % 50) FROM n;
SQL
cat >rules.yaml <<'YAML'
version: 1
key: {file: mask.key}
domains:
  person: text
columns:
  "acct.id": {mask: integer, mode: monotone}
  "tx.acct_id": {mask: integer, mode: monotone}
  "acct.name": {domain: person}
  "tx.note": {domain: person}
  "acct.email": text
  "acct.city": keep
  "acct.born": {mask: integer, mode: monotone}
  "tx.id": keep
  "tx.amount": {mask: integer, mode: monotone}
YAML
sed -i 's/"acct.id": {mask: integer, mode: monotone}/"acct.id": {domain: account}/
s/"tx.acct_id": {mask: integer, mode: monotone}/"tx.acct_id": {domain: account}/
s/^  person: text/  person: text\n  account: {mask: integer, mode: monotone}/' rules.yaml
assert_ok "$RH_BIN" mirror prod.db staging.db --rules rules.yaml
{
    echo "SELECT * FROM acct WHERE name = 'rawname7' -- raw-comment"
    echo "SELECT * FROM acct WHERE born BETWEEN 1100 AND 1150"
    echo "SELECT t.* FROM acct a JOIN tx t ON t.acct_id = a.id WHERE a.email IN ('rawmail5@example.org', 'rawmail6@example.org') AND t.amount > 500"
    printf 'SELECT * FROM tx WHERE acct_id = ?1 AND note = ?2\ti:18\tt:rawname17\n'
    printf 'SELECT * FROM tx WHERE note = :who LIMIT 5\t:who=t:rawname9\n'
    echo "SELECT * FROM (SELECT id AS i, city FROM acct) x WHERE x.i = 42 AND city = 'Oslo' OR x.i = 43"
    echo "SELECT * FROM acct a WHERE EXISTS (SELECT 1 FROM tx WHERE acct_id = a.id AND note = 'rawname30')"
    echo "UPDATE tx SET note = 'rawname3' WHERE acct_id = 21"
    echo "SELECT * FROM tx WHERE note = 'rawname3'"
    echo "INSERT INTO acct VALUES (901, 'rawname901', 'rawmail901@example.org', 'Oslo', 5)"
    echo "SELECT * FROM acct WHERE city LIKE 'O%' AND lower(city) = 'oslo' ORDER BY 1"
} >good.txt
{
    cat good.txt
    echo "SELECT * FROM acct WHERE lower(name) = 'rawname7'"
    echo "SELECT * FROM acct WHERE name LIKE '%rawname7%'"
    echo "SELECT * FROM acct WHERE born + 5 = 1020"
    echo "SELECT 'rawname8' FROM acct"
    printf 'SELECT * FROM acct WHERE upper(name) = ?\tt:RAWNAME7\n'
} >all.txt
"$tool" make sqlite good.workload <good.txt
"$tool" make sqlite all.workload <all.txt
assert_ok "$RH_BIN" anonymize prod.db --rules rules.yaml --workload all.workload --out masked.workload
assert_stdout_contains '11 of 16 executions'
assert_stdout_contains 'compared with an expression'
assert_stdout_contains 'a pattern over a masked column'
assert_stdout_contains 'in the select list'
assert_stdout_contains '1 plans were left out'
cp prod.db prod2.db
"$tool" run good.workload prod2.db >raw.rows
"$tool" run masked.workload staging.db >masked.rows
assert_same_file raw.rows masked.rows
assert_lacks "$(cat raw.rows)" error
for word in rawname rawmail raw-comment raw-plan raw-user raw-application 192.0.2.77 RAWNAME; do
    if grep -qa "$word" masked.workload; then
        fail "'$word' stands in the masked workload"
    fi
done
assert_eq 5 "$(sqlite3 masked.workload 'SELECT sum(count) FROM skipped')" 'dropped executions are told'
assert_eq 0 "$(sqlite3 masked.workload 'SELECT count(*) FROM plans')" plans

say 'the leak scan finds nothing in it'
assert_ok "$RH_BIN" mirror prod.db seen.db --rules rules.yaml --seen seen.file
assert_ok "$RH_BIN" leaks masked.workload --seen seen.file --seen-key mask.key
assert_exit 1 "$RH_BIN" leaks all.workload --seen seen.file --seen-key mask.key

say 'unattributed values are kept only when asked for, and said'
assert_ok "$RH_BIN" anonymize prod.db --rules rules.yaml --workload all.workload --out kept.workload \
    --keep-unattributed --json
assert_eq '16 0' "$(grep -o '"\(written\|dropped\)": *[0-9]*' stdout | grep -o '[0-9]*' | sort -rn | tr '\n' ' ' | sed 's/ $//')" counts

say 'bad input'
assert_exit 2 "$RH_BIN" anonymize prod.db --rules rules.yaml --workload all.workload --out masked.workload
assert_exit 2 "$RH_BIN" anonymize prod.db --rules rules.yaml --workload missing --out x.workload
assert_exit 2 "$RH_BIN" anonymize prod.db --rules rules.yaml --workload prod.db --out x.workload
assert_exit 2 "$RH_BIN" anonymize prod.db --rules rules.yaml --workload all.workload --out all.workload
assert_exit 2 "$RH_BIN" anonymize prod.db --rules rules.yaml --workload all.workload
assert_exit 2 "$RH_BIN" anonymize prod.db --rules rules.yaml --workload all.workload --out x --to y
grep -v born rules.yaml >drift.yaml
assert_exit 2 "$RH_BIN" anonymize prod.db --rules drift.yaml --workload all.workload --out x.workload
assert_no_file x.workload

say 'PostgreSQL: the structure comes from a snapshot'
pg_create_db raw
raw=$pg_db
pg_sql "$raw" "CREATE TABLE acct(id int PRIMARY KEY, name text, email text, born timestamptz);
CREATE TABLE tx(id int PRIMARY KEY, acct_id int REFERENCES acct, amount numeric(12,2), tags text[]);
INSERT INTO acct SELECT i, 'rawname' || i, 'rawmail' || i || '@example.org', '2020-01-01'::timestamptz + i * interval '1 day' FROM generate_series(1, 300) i;
INSERT INTO tx SELECT i, i % 300 + 1, i, NULL FROM generate_series(1, 2000) i" >/dev/null
cat >pg.yaml <<'YAML'
version: 1
key: {file: mask.key}
domains:
  account: {mask: integer, mode: monotone}
columns:
  "acct.id": {domain: account}
  "acct.name": text
  "acct.email": text
  "acct.born": {mask: shift-time}
  "tx.id": keep
  "tx.acct_id": {domain: account}
  "tx.amount": keep
  "tx.tags": keep
YAML
assert_ok "$RH_BIN" snapshot "$raw" --repo repo --rules pg.yaml
cat >pg.txt <<'TEXT'
SELECT * FROM acct WHERE name = 'rawname7' AND id = ANY ('{6,7,8}')
SELECT * FROM public.acct WHERE born >= timestamptz '2020-03-01 00:00:00+00' AND born < '2020-04-01 00:00:00+00'
WITH c AS (SELECT id, email FROM acct) SELECT t.id FROM tx t JOIN c ON c.id = t.acct_id WHERE c.email = $$rawmail9@example.org$$ AND t.amount > 100.5
SELECT * FROM tx WHERE acct_id IN (SELECT id FROM acct WHERE name IN ('rawname3', E'rawname\x34')) /* raw-comment */
SELECT * FROM acct WHERE md5(name) = 'rawhash'
TEXT
"$tool" make postgresql pg.workload <pg.txt
assert_ok "$RH_BIN" anonymize latest --repo repo --rules pg.yaml --workload pg.workload --out pg.masked
assert_stdout_contains '4 of 5 executions'
pg_create_db masked
assert_ok "$RH_BIN" mirror "$raw" "$pg_db" --rules pg.yaml
sed -i '$d' pg.txt
"$tool" make postgresql pg.good <pg.txt
run_pg "$raw" pg.good >raw.rows
run_pg "$pg_db" pg.masked >masked.rows
assert_same_file raw.rows masked.rows
for word in rawname rawmail raw-comment '2020-03-01 00:00:00+00'; do
    if grep -qa "$word" pg.masked; then
        fail "'$word' stands in the masked workload"
    fi
done
