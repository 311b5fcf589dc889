# Places where values hide beside rows: sequences, full-text indexes, defaults, large objects.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
require_tool sqlite3 jq
cd "$scratch"
write_mask_key mask.key

say 'SQLite: sqlite_sequence of a masked rowid is left to the rows'
sqlite3 seq.db "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT);
    CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT);
    INSERT INTO a VALUES (70001, 'one'); INSERT INTO b VALUES (5, 'two'); DELETE FROM b"
write_rules seq.yaml '"a.id": {mask: integer, mode: monotone}' '"b.id": keep' '"*.x": text'
assert_ok "$RH_BIN" mirror seq.db seq2.db --rules seq.yaml
assert_eq 'b|5' "$(sqlite3 seq2.db 'SELECT * FROM sqlite_sequence')" sqlite_sequence
sqlite3 seq2.db "INSERT INTO a(x) VALUES ('new'); INSERT INTO b(x) VALUES ('new')"
assert_eq '1|6' "$(sqlite3 seq2.db "SELECT (SELECT max(id) - min(id) FROM a), max(id) FROM b")" 'ids that follow'

say 'SQLite: full-text indexes are made again from masked texts'
sqlite3 fts.db "CREATE TABLE docs(id INTEGER PRIMARY KEY, body TEXT); CREATE TABLE pairs(v);
    INSERT INTO docs VALUES (1, 'zanzibar canary'), (2, 'canary yellow'), (3, 'plain words');
    CREATE VIRTUAL TABLE own USING fts5(a, b); INSERT INTO own VALUES ('zanzibar one', 'canary'), ('two', 'canary canary');
    CREATE VIRTUAL TABLE outside USING fts5(body, content='docs', content_rowid='id');
    INSERT INTO outside(outside) VALUES ('rebuild');
    CREATE VIRTUAL TABLE none USING fts5(a, content=''); INSERT INTO none(rowid, a) VALUES (1, 'zanzibar canary');
    CREATE VIRTUAL TABLE four USING fts4(a, b); INSERT INTO four VALUES ('zanzibar', 'canary'), ('x', 'y');
    CREATE VIRTUAL TABLE four_out USING fts4(content='docs', body); INSERT INTO four_out(four_out) VALUES ('rebuild');
    CREATE VIRTUAL TABLE four_none USING fts4(content='', a); INSERT INTO four_none(docid, a) VALUES (1, 'zanzibar');"
write_rules fts.yaml '"docs.id": keep' '"docs.body": {mask: words, by: word}' '"own_content.id": keep' '"own_content.c?": words' \
    '"four_content.docid": keep' '"four_content.c*": words' '"*.v": words'
assert_ok "$RH_BIN" mirror fts.db fts2.db --rules fts.yaml --seen seen
for word in zanzibar canary anzibar anary; do
    assert_eq 0 "$(grep -aci "$word" fts2.db)" "the file and '$word'"
done
for table in own outside none four four_out; do
    sqlite3 fts2.db "INSERT INTO $table($table) VALUES ('integrity-check')" || fail "$table is damaged"
done
assert_eq ok "$(sqlite3 fts2.db 'PRAGMA integrity_check')" integrity_check
assert_eq 1 "$(sqlite3 fts2.db "INSERT INTO four_none(docid, a) VALUES (7, 'new'); SELECT count(*) FROM four_none WHERE four_none MATCH 'new'")" \
    'an FTS4 index without content is empty and works'
word=$(sqlite3 fts2.db "SELECT substr(body, 1, instr(body, ' ') - 1) FROM docs WHERE id = 2")
assert_eq "$(sqlite3 fts.db "SELECT group_concat(rowid) FROM outside('canary')")" \
    "$(sqlite3 fts2.db "SELECT group_concat(rowid) FROM outside('$word')")" 'rows that a word finds'
assert_eq "$(sqlite3 fts.db "SELECT count(*) FROM four_out WHERE body MATCH 'canary'")" \
    "$(sqlite3 fts2.db "SELECT count(*) FROM four_out WHERE body MATCH '$word'")" 'the same in FTS4'
assert_eq 2 "$(sqlite3 fts2.db 'SELECT count(*) FROM own')" 'rows of fts5'
assert_ok "$RH_BIN" leaks fts2.db --seen seen --seen-key mask.key
assert_ok "$RH_BIN" snapshot fts.db --repo ftsrepo --rules fts.yaml
assert_ok "$RH_BIN" restore latest fts3.db --repo ftsrepo
both="SELECT * FROM own; SELECT rowid FROM outside('$word'); SELECT docid FROM four_out WHERE body MATCH '$word'"
assert_eq "$(sqlite3 fts2.db "$both")" "$(sqlite3 fts3.db "$both")" 'by way of a repository'
assert_ok "$RH_BIN" snapshot fts.db --repo ftsraw --raw --unsealed-raw
assert_ok "$RH_BIN" restore latest fts4.db --repo ftsraw
assert_eq "$(sqlite3 fts.db .dump)" "$(sqlite3 fts4.db .dump)" 'raw copies keep their indexes'

say 'SQLite: a literal default goes through the mask of its column'
sqlite3 def.db "CREATE TABLE d(id INTEGER PRIMARY KEY, mail TEXT DEFAULT 'canary@corp.test' CHECK (mail <> ''), -- DEFAULT 'no'
    [odd name] DEFAULT \"canary@corp.test\", kept TEXT DEFAULT 'canary-kept', n INTEGER NOT NULL DEFAULT -4711);
    INSERT INTO d(mail) VALUES ('canary@corp.test')"
write_rules def.yaml '"d.id": keep' '"d.mail": {domain: mail}' '"d.odd name": {domain: mail}' '"d.kept": keep' '"d.n": {mask: integer, mode: monotone}'
sed -i 's/^columns:/domains: {mail: email}\ncolumns:/' def.yaml
assert_ok "$RH_BIN" mirror def.db def2.db --rules def.yaml --seen seen
sqlite3 def2.db "INSERT INTO d(id) VALUES (9)"
assert_eq '1|1|1|canary-kept|1' "$(sqlite3 def2.db "SELECT count(DISTINCT mail), count(DISTINCT n), count(DISTINCT [odd name]), max(kept), max(n) < 0 FROM d")" 'rows and defaults agree'
assert_eq 0 "$(sqlite3 def2.db .dump | grep -c 'canary@')" 'lines with the raw default'
assert_lacks "$(sqlite3 def2.db .schema)" "DEFAULT 'no'" 'comments of the text'

# texts_named: what the proof in stdout says about texts, "kind object" per line
texts_named()
{
    jq -r '.[] | select(.object_kind | startswith("text of")) | [.object_kind, .object, .verdict] | join("|")' stdout | sort
}

say 'SQLite: literals that no mask reaches are named before a row is read, or refused'
sqlite3 texts.db "CREATE TABLE t(id INTEGER PRIMARY KEY, mail TEXT CONSTRAINT not_eve CHECK (lower(mail) <> 'eve@corp.test') CHECK (mail <> 'bob@corp.test'),
    note TEXT CHECK (note <> 'kept'), low TEXT AS (lower(mail) || '!'), n INT DEFAULT (abs(5)), d TEXT DEFAULT 'x', e TEXT DEFAULT (lower('X')));
CREATE INDEX part ON t(id) WHERE mail || 'x' = 'eve@corp.test'; CREATE INDEX plain ON t(mail);
CREATE VIEW eve AS SELECT id, 'eve@corp.test' FROM t; CREATE VIEW quoted AS SELECT id FROM t WHERE lower(mail) = \"eve@corp.test\";
CREATE VIEW harmless AS SELECT \"id\", 1, '' FROM t WHERE mail IN ('bob@corp.test', \"bob@corp.test\") AND note = 'kept';
CREATE TRIGGER watch AFTER INSERT ON t WHEN lower(new.mail) = 'eve@corp.test' BEGIN SELECT 1; END;
CREATE TRIGGER quiet AFTER INSERT ON t BEGIN SELECT 1; END; INSERT INTO t(id, mail) VALUES (1, 'adam@corp.test')"
write_rules texts.yaml '"t.mail": email' '"t.d": text' '"t.e": text' '"*.*": keep'
assert_ok "$RH_BIN" rules check texts.db --rules texts.yaml --json
cat >expected <<'EOF'
text of check|not_eve|not guaranteed
text of default|e|not guaranteed
text of generated column|low|not guaranteed
text of index|part|not guaranteed
text of trigger|watch|not guaranteed
text of view|main.eve|not guaranteed
text of view|main.quoted|not guaranteed
EOF
assert_eq "$(cat expected)" "$(texts_named)" 'texts that are named'
assert_ok "$RH_BIN" rules check texts.db --rules texts.yaml
assert_stdout_contains 'text of view main.eve'
assert_stdout_contains 'it holds literals'
assert_lacks "$(cat stdout stderr)" 'eve@' 'the value'
assert_ok "$RH_BIN" mirror texts.db texts2.db --rules texts.yaml
sed -i 's/^columns:/schema_texts: refuse\ncolumns:/' texts.yaml
assert_exit 1 "$RH_BIN" rules check texts.db --rules texts.yaml
assert_exit 2 "$RH_BIN" mirror texts.db texts3.db --rules texts.yaml
assert_stderr_contains "text of trigger 'watch'"
assert_stderr_contains "text of view 'main.quoted'"
[ ! -e texts3.db ] || fail 'a refused run left a file'
sqlite3 texts.db "DROP VIEW eve; DROP VIEW quoted; DROP TRIGGER watch; DROP INDEX part; DROP TRIGGER quiet; DROP VIEW harmless; DROP TABLE t;
    CREATE TABLE t(id INTEGER PRIMARY KEY, mail TEXT CHECK (mail <> 'bob@corp.test'), note TEXT CHECK (note <> 'kept'), d TEXT DEFAULT 'x', e TEXT)"
assert_ok "$RH_BIN" mirror texts.db texts3.db --rules texts.yaml
sed -i 's/refuse/perhaps/' texts.yaml
assert_exit 2 "$RH_BIN" rules check texts.db --rules texts.yaml
assert_stderr_contains "texts.yaml:3:15: 'schema_texts' must be keep or refuse"

[ -n "${RH_TEST_PG:-}" ] || exit 0
say 'PostgreSQL: sequences of masked columns follow the values'
pg_create_db hidden
prod=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=hst_$$}
at_exit pg_drop_db "hst_$$"
pg_sql "$prod" "CREATE TABLE a(id serial PRIMARY KEY, x text);
CREATE TABLE b(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x text);
CREATE SEQUENCE shared START 500; CREATE TABLE c(n int DEFAULT nextval('shared'), x text);
CREATE TABLE k(id serial, x text); CREATE SEQUENCE lonely; SELECT setval('lonely', 77);
INSERT INTO a(x) SELECT 'a' FROM generate_series(1, 60); SELECT setval('a_id_seq', 7654321);
INSERT INTO b(x) SELECT 'b' FROM generate_series(1, 40);
INSERT INTO c(x) SELECT 'c' FROM generate_series(1, 20); INSERT INTO k(x) VALUES ('k'), ('k')" >/dev/null
write_rules seq.yaml '"a.id": {mask: integer, mode: monotone}' '"b.id": integer' '"c.n": {mask: integer, mode: monotone}' \
    '"k.id": keep' '"*.x": keep'
assert_ok "$RH_BIN" snapshot "$prod" --repo seqrepo --rules seq.yaml
assert_ok "$RH_BIN" show latest --repo seqrepo --json
assert_lacks "$(cat stdout)" 7654321 'the manifest'
assert_ok "$RH_BIN" restore latest "$staging" --repo seqrepo
for pair in a.id b.id c.n; do
    assert_eq t "$(pg_sql "$staging" "INSERT INTO ${pair%.*}(x) VALUES ('new');
        SELECT max(${pair#*.}) = (SELECT ${pair#*.} FROM ${pair%.*} WHERE x = 'new') FROM ${pair%.*}" | tail -1)" "$pair goes on"
done
assert_eq '77 2' "$(pg_sql "$staging" "SELECT last_value, (SELECT last_value FROM k_id_seq) FROM lonely" | tr '|' ' ')" 'others stay'
assert_ok "$RH_BIN" export latest exported --repo seqrepo
assert_contains "$(cat exported/sequences.sql)" 'max(v)' 'the export'
assert_ok "$RH_BIN" snapshot "$prod" --repo seqraw --raw --unsealed-raw
assert_ok "$RH_BIN" anonymize latest --repo seqraw --rules seq.yaml --to seqagain
assert_ok "$RH_BIN" show latest --repo seqagain --json
assert_lacks "$(cat stdout)" 7654321 'the manifest of another repository'

say 'PostgreSQL: a literal default goes through the mask of its column'
pg_sql "$prod" "DROP TABLE a, b, c, k; DROP SEQUENCE lonely; CREATE SCHEMA \"odd one\";
CREATE TABLE d(mail text DEFAULT 'canary@corp.test', n int DEFAULT -4711, \"Odd Name\" varchar(30) DEFAULT 'it''s canary',
    kept text DEFAULT 'canary-kept', at timestamptz DEFAULT now(), num numeric(10,2) DEFAULT 12.50);
CREATE TABLE \"odd one\".d(mail text DEFAULT 'canary@corp.test');
CREATE TABLE p(k int, mail text DEFAULT 'canary@corp.test') PARTITION BY LIST (k);
CREATE TABLE p1 PARTITION OF p(mail DEFAULT 'canary2@corp.test') FOR VALUES IN (1);
CREATE TABLE par(mail text DEFAULT 'canary@corp.test'); CREATE TABLE chi() INHERITS (par);
ALTER TABLE chi ALTER mail SET DEFAULT 'canary3@corp.test';
INSERT INTO d(mail) VALUES ('canary@corp.test'), ('x@y.test'); INSERT INTO p VALUES (1)"
write_rules def.yaml '"*.mail": {domain: mail}' '"d.n": {mask: integer, mode: monotone}' '"d.Odd Name": text' '"d.kept": keep' \
    '"d.at": keep' '"d.num": numeric' '"p.k": keep'
sed -i 's/^columns:/domains: {mail: email}\ncolumns:/' def.yaml
assert_ok "$RH_BIN" mirror "$prod" "$staging" --rules def.yaml --swap --seen seen
pg_dump "$staging" >dump.sql
assert_eq 3 "$(grep -c canary dump.sql)" 'lines of the dump with the word: the kept default, in two rows'
assert_eq 0 "$(grep -c 'canary[0-9]*@' dump.sql)" 'lines with a raw default'
assert_eq '2|t' "$(pg_sql "$staging" "INSERT INTO d(kept) VALUES ('new');
    SELECT (SELECT max(n) FROM (SELECT count(*) AS n FROM d GROUP BY mail) x), bool_and(n < 0 AND num > 0 AND
        length(\"Odd Name\") = 11 AND at > now() - interval '1 hour') FROM d" | tail -1)" 'rows and defaults agree'
assert_ok "$RH_BIN" leaks "$staging" --seen seen --seen-key mask.key

say 'PostgreSQL: large objects need a decision, and are emptied by it'
pg_sql "$prod" "DROP TABLE d, \"odd one\".d, p, chi, par; CREATE TABLE docs(id int, file oid);
    INSERT INTO docs VALUES (1, lo_from_bytea(0, 'canary in a file'))"
write_rules lo.yaml '"docs.*": keep'
assert_exit 2 "$RH_BIN" mirror "$prod" "$staging" --rules lo.yaml --swap
assert_stderr_contains 'pg_largeobject.data'
write_rules lo.yaml '"docs.*": keep' '"pg_catalog.pg_largeobject.*": keep' '"pg_catalog.pg_largeobject.data": {mask: destroy, as: empty}'
assert_ok "$RH_BIN" mirror "$prod" "$staging" --rules lo.yaml --swap --seen seen
assert_eq 0 "$(pg_sql "$staging" 'SELECT length(lo_get(file)) FROM docs')" 'bytes of the object'
assert_ok "$RH_BIN" leaks "$staging" --seen seen --seen-key mask.key

say 'PostgreSQL: literals that no mask reaches are named before a row is read, or refused'
pg_sql "$prod" "DROP TABLE docs; SELECT lo_unlink(oid) FROM pg_largeobject_metadata; CREATE DOMAIN polite AS text DEFAULT 'eve' CHECK (VALUE <> 'eve');
CREATE TABLE t(id int, mail text CONSTRAINT not_eve CHECK (lower(mail) <> 'eve@corp.test') CHECK (mail <> 'bob@corp.test'), note text CHECK (note <> 'kept'), d text DEFAULT 'x', e text DEFAULT lower('X'));
CREATE INDEX part ON t(id) WHERE mail || 'x' = 'eve@corp.test'; CREATE INDEX plain ON t(mail);
CREATE VIEW eve AS SELECT id, 'eve@corp.test' FROM t; CREATE VIEW harmless AS SELECT id, 1 FROM t WHERE mail = 'bob@corp.test';
CREATE FUNCTION says() RETURNS trigger LANGUAGE plpgsql AS \$\$BEGIN IF new.mail = 'eve@corp.test' THEN RETURN NULL; END IF; RETURN new; END\$\$;
CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS \$\$BEGIN RETURN new; END\$\$;
CREATE FUNCTION remarks() RETURNS int LANGUAGE sql AS \$\$SELECT 1 -- eve@corp.test\$\$;
CREATE TRIGGER watch BEFORE INSERT ON t FOR EACH ROW WHEN (lower(new.mail) = 'eve@corp.test') EXECUTE FUNCTION quiet();
CREATE TRIGGER calm BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION says();
CREATE RULE hidden AS ON DELETE TO t WHERE old.mail = 'eve@corp.test' DO INSTEAD NOTHING;
CREATE POLICY own ON t USING (lower(mail) = 'eve@corp.test')" >/dev/null
write_rules texts.yaml '"t.mail": email' '"t.d": text' '"t.e": text' '"*.*": keep'
assert_ok "$RH_BIN" rules check "$prod" --rules texts.yaml --json
cat >expected <<'EOF'
text of check|not_eve|not guaranteed
text of default|e|not guaranteed
text of domain type|polite|not guaranteed
text of function|public.remarks()|not guaranteed
text of function|public.says()|not guaranteed
text of index|part|not guaranteed
text of policy|t.own|not guaranteed
text of rule|t.hidden|not guaranteed
text of trigger|t.watch|not guaranteed
text of view|public.eve|not guaranteed
EOF
assert_eq "$(cat expected)" "$(texts_named | sed 's/public\.\(polite\|t\.\)/\1/')" 'texts that are named'
assert_ok "$RH_BIN" snapshot "$prod" --repo textsrepo --raw --unsealed-raw --quiet
sed -i 's/^columns:/schema_texts: refuse\ncolumns:/' texts.yaml
assert_exit 2 "$RH_BIN" mirror "$prod" "$staging" --rules texts.yaml --swap
assert_stderr_contains "text of function 'public.says()'"
assert_exit 2 "$RH_BIN" anonymize latest --repo textsrepo --rules texts.yaml --to textsmasked
assert_stderr_contains "text of function 'public.says()'"
