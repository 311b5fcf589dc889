# Mask custom: an expression on the source, a command per stream; and what goes wrong with both.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
require_tool sqlite3 sed
cd "$scratch"
write_mask_key mask.key

# Answers each line at once; @dies, @quiet, @twice, @bad misbehave.
cat >mask.sed <<'SED'
/@dies/Q3
/@quiet/d
/@twice/{s/.*/a\nb/;b}
/@bad/{s/.*/a\\q/;b}
w /dev/stderr
y/Canryw0123456789/Xbmuij1234567890/
SED
sqlite3 prod.db "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, city TEXT, born INTEGER, doc BLOB);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO t SELECT i, CASE WHEN i % 10 = 0 THEN NULL ELSE 'Canary-' || i END, 'town ' || (i % 7),
    1900 + i % 90, CAST('raw' || i AS BLOB) FROM n;
CREATE INDEX t_city ON t(city)"
others=('"t.id": keep' '"t.born": keep' '"t.doc": keep')

say 'SQLite: the source computes, NULL stays NULL, the rest of the row stays'
write_rules sql.yaml '"t.name": {mask: custom, sql: "upper(substr(name, 1, 3)) || (id * 7)", why: test}' \
    '"t.city": {mask: custom, sql: "'"'place-'"' || (length(city) + id % 7)"}' "${others[@]}"
assert_ok "$RH_BIN" rules check prod.db --rules sql.yaml
assert_ok "$RH_BIN" mirror prod.db masked.db --rules sql.yaml --jobs 2 --seen seen
assert_eq "$(sqlite3 prod.db "SELECT count(*), count(name), sum(born), sum(length(doc)) FROM t")" \
    "$(sqlite3 masked.db "SELECT count(*), count(name), sum(born), sum(length(doc)) FROM t")" counts
assert_eq 'CAN21|place-9' "$(sqlite3 masked.db 'SELECT name, city FROM t WHERE id = 3')" 'row 3'
assert_eq 0 "$(sqlite3 masked.db "SELECT count(*) FROM t WHERE name LIKE '%anary%' OR city LIKE 'town%'")" raw
assert_ok "$RH_BIN" leaks masked.db --seen seen --seen-key mask.key
assert_exit 1 "$RH_BIN" leaks prod.db --seen seen --seen-key mask.key
assert_stdout_contains main.t.name
assert_ok "$RH_BIN" snapshot prod.db --repo repo --rules sql.yaml
assert_ok "$RH_BIN" restore latest again.db --repo repo
assert_eq "$(sqlite3 masked.db 'SELECT * FROM t')" "$(sqlite3 again.db 'SELECT * FROM t')" 'the same rows'
assert_ok "$RH_BIN" snapshot prod.db --repo raw --raw --unsealed-raw
assert_exit 2 "$RH_BIN" anonymize latest --repo raw --rules sql.yaml --to other
assert_stderr_contains 'sql.yaml:4:'
assert_stderr_contains 'computed by the source'

say 'SQLite: an expression that is none stops before a row is read, at its place'
while read -r expression said; do
    write_rules bad.yaml "\"t.name\": {mask: custom, sql: \"$expression\"}" '"t.city": keep' "${others[@]}"
    assert_exit 2 "$RH_BIN" mirror prod.db bad.db --rules bad.yaml
    assert_stderr_contains 'bad.yaml:4:33'
    assert_stderr_contains "$said"
    assert_no_file bad.db
done <<'LIST'
nme 'sql'
max(name) aggregate
(SELECT;1) semicolon
name)||(1 bracket
lower(name bracket
'x quote
name--x comment
LIST
write_rules bad.yaml '"t.name": {mask: custom, sql: load_extension(name)}' '"t.city": keep' "${others[@]}"
assert_exit 2 "$RH_BIN" mirror prod.db bad.db --rules bad.yaml
assert_stderr_contains 'not authorized'
write_rules bad.yaml '"t.id": {mask: custom, sql: id + 1}' '"t.name": keep' '"t.city": keep' \
    '"t.born": keep' '"t.doc": keep'
assert_exit 2 "$RH_BIN" mirror prod.db bad.db --rules bad.yaml
assert_stderr_contains rowid

say 'a command answers: text, numbers, binary; NULL is never sent, stderr never shown'
command='command: [sed, -u, -f, mask.sed]'
write_rules command.yaml "\"t.name\": {mask: custom, $command}" '"t.city": keep' '"t.id": keep' \
    "\"t.born\": {mask: custom, $command, keeps: [equality, unique]}" "\"t.doc\": {mask: custom, $command}"
assert_ok "$RH_BIN" mirror prod.db piped.db --rules command.yaml --jobs 2 --seen seen
assert_lacks "$(cat stderr stdout)" Canary 'what the command says'
assert_eq 'Xbmbui-4|integer|2014|blob|ubj4' \
    "$(sqlite3 piped.db "SELECT name, typeof(born), born, typeof(doc), doc FROM t WHERE id = 3")" 'row 3'
assert_eq "$(sqlite3 prod.db 'SELECT count(*), count(name) FROM t')" \
    "$(sqlite3 piped.db 'SELECT count(*), count(name) FROM t')" counts
assert_eq 18000 "$(sqlite3 piped.db "SELECT count(DISTINCT name) FROM t")" names

say 'no core files while masking: what the program starts inherits its limit'
if (ulimit -c unlimited) 2>/dev/null; then
    cat >limit.sh <<'SCRIPT'
ulimit -c >core-limit.txt
exec sed -u -f mask.sed
SCRIPT
    write_rules limit.yaml '"t.name": {mask: custom, command: [sh, limit.sh]}' '"t.city": keep' '"t.id": keep' \
        '"t.born": keep' '"t.doc": keep'
    (ulimit -c unlimited && "$RH_BIN" mirror prod.db limited.db --rules limit.yaml --quiet)
    assert_eq 0 "$(cat core-limit.txt)" 'the largest core file'
fi
sqlite3 nulls.db "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, city TEXT, born INTEGER, doc BLOB);
    INSERT INTO t(name, city) VALUES (NULL, 'x'), (char(10) || 'a\\b' || char(13), 'x'), ('keep me', 'x')"
write_rules nulls.yaml '"t.name": {mask: custom, command: [tee, told], keep: ["keep me"]}' '"t.city": keep' "${others[@]}"
assert_ok "$RH_BIN" mirror nulls.db nulls2.db --rules nulls.yaml
assert_eq '\na\\b\r
keep me' "$(cat told)" 'what the command is told'
assert_eq "$(sqlite3 nulls.db 'SELECT hex(name) FROM t')" "$(sqlite3 nulls2.db 'SELECT hex(name) FROM t')" 'an echo'
assert_ok "$RH_BIN" snapshot nulls.db --repo raw2 --raw --unsealed-raw
assert_ok "$RH_BIN" anonymize latest --repo raw2 --rules nulls.yaml --to masked2

say 'its environment has no keys of ours'
write_rules env.yaml '"t.name": {mask: custom, command: [sh, -c, "env >env.txt; cat"]}' '"t.city": keep' "${others[@]}"
PGPASSWORD=secret-1 REHEARSE_PG_BINDIR=/x SECRET=secret-2 assert_ok "$RH_BIN" mirror nulls.db env.db --rules env.yaml
assert_contains "$(cat env.txt)" 'REHEARSE_COLUMN=main.t.name' environment
assert_lacks "$(cat env.txt)" secret environment

say 'commands that misbehave fail the run, and nothing is published'
# misbehaves VALUE WORDS [TIMEOUT]
misbehaves()
{
    rm -f odd.db
    sqlite3 odd.db "CREATE TABLE t(name TEXT); INSERT INTO t VALUES ('fine'), ('$1'), ('fine')"
    write_rules odd.yaml "\"t.name\": {mask: custom, timeout: ${3:-30}, $command}"
    assert_exit 2 "$RH_BIN" mirror odd.db odd2.db --rules odd.yaml
    assert_stderr_contains "odd.yaml:4:"
    assert_stderr_contains "'command' of column 'main.t.name'"
    assert_stderr_contains "$2"
    assert_lacks "$(cat stderr)" fine 'the error'
    assert_no_file odd2.db
    assert_exit 2 "$RH_BIN" snapshot odd.db --repo oddrepo --rules odd.yaml
    assert_eq '' "$(find oddrepo/snapshots -name '*.json')" 'manifests'
}
misbehaves @dies 'ended after 1 of 3 answers'
misbehaves @quiet 'is silent after 2 of 3 answers' 1
misbehaves @twice 'more answers'
misbehaves @bad 'backslash'
command='command: [sh, -c, "cat; exit 4"]'
misbehaves x 'exit code 4'
command='command: [sh, -c, "cat; echo more"]'
misbehaves x 'more answers'
command='command: [no-such-program-here]'
misbehaves x 'was not found'

say 'the proof does not believe it, unless the rule vouches'
sqlite3 unique.db "CREATE TABLE t(name TEXT UNIQUE); INSERT INTO t VALUES ('a')"
write_rules unique.yaml '"t.name": {mask: custom, command: [cat]}'
assert_ok "$RH_BIN" rules check unique.db --rules unique.yaml --json
assert_contains "$(cat stdout)" '"not guaranteed"' proof
write_rules unique.yaml '"t.name": {mask: custom, command: [cat], keeps: [unique]}'
assert_ok "$RH_BIN" rules check unique.db --rules unique.yaml --json
assert_contains "$(cat stdout)" '"preserved"' proof
write_rules unique.yaml '"t.name": {mask: custom, command: [cat], keeps: [beauty]}'
assert_exit 2 "$RH_BIN" rules check unique.db --rules unique.yaml
assert_stderr_contains "unique.yaml:4:"
write_rules unique.yaml '"t.name": {mask: array, element: {mask: custom, sql: "1"}}'
assert_exit 2 "$RH_BIN" rules check unique.db --rules unique.yaml
write_rules unique.yaml '"t.name": {mask: custom, sql: "1", command: [cat]}'
assert_exit 2 "$RH_BIN" rules check unique.db --rules unique.yaml
assert_stderr_contains "either 'sql' or 'command'"

[ -n "${RH_TEST_PG:-}" ] || exit 0
say 'PostgreSQL: the same'
pg_create_db custom
prod=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=cst_$$}
at_exit pg_drop_db "cst_$$"
pg_sql "$prod" "CREATE TABLE t(id int PRIMARY KEY, name text, born date, code varchar(6) UNIQUE,
    twice int GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO t(id, name, born, code) SELECT i, CASE WHEN i % 10 > 0 THEN 'Canary' || i || E'\\t\\n' END,
    date '1960-01-01' + i, 'c' || i FROM generate_series(1, 20000) i; ANALYZE"
write_rules pg.yaml '"t.id": keep' "\"t.name\": {mask: custom, sql: \"md5(name || id)\"}" \
    '"t.born": {mask: custom, sql: "date_trunc('"'year'"', born)", keeps: [equality, order]}' \
    '"t.code": {mask: custom, command: [sed, -u, s/c/x/], keeps: [unique]}'
assert_ok "$RH_BIN" mirror "$prod" "$staging" --rules pg.yaml --jobs 2 --seen seen
assert_eq "$(pg_sql "$prod" "SELECT id, md5(name || id), date_trunc('year', born)::date, replace(code, 'c', 'x'), twice
    FROM t ORDER BY id" | md5sum)" "$(pg_sql "$staging" 'SELECT * FROM t ORDER BY id' | md5sum)" rows
assert_ok "$RH_BIN" leaks "$staging" --seen seen --seen-key mask.key
assert_ok "$RH_BIN" snapshot "$prod" --repo pgrepo --rules pg.yaml
assert_ok "$RH_BIN" cat latest --section statistics --repo pgrepo
assert_lacks "$(cat stdout)" Canary statistics
while IFS='|' read -r expression said; do
    sed "s/md5(name || id)/$expression/" pg.yaml >bad.yaml
    assert_exit 2 "$RH_BIN" snapshot "$prod" --repo bad --rules bad.yaml
    assert_stderr_contains 'bad.yaml:5:33'
    assert_stderr_contains "$said"
done <<'LIST'
nme|nme
max(name)|public.t.name
generate_series(1, 2)|set-returning
name; DROP TABLE t|semicolon
LIST
sed 's/md5(name || id)/(1 \/ (id - 500))/' pg.yaml >bad.yaml
assert_exit 2 "$RH_BIN" mirror "$prod" "${staging}x" --rules bad.yaml
assert_stderr_contains 'division by zero'
sed "s/md5(name || id)/name::int/" pg.yaml >bad.yaml
assert_exit 2 "$RH_BIN" mirror "$prod" "${staging}x" --rules bad.yaml
assert_lacks "$(cat stderr)" Canary 'the error'
