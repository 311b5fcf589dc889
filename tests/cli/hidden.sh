# Places where values hide beside rows: sequences, full-text indexes, defaults, large objects.
. "$(dirname "$0")/../support/lib.sh"
require_program
require_tool sqlite3
cd "$scratch"
"$RH_BIN" keygen --mask mask.key --quiet
# write_rules FILE RULE...: a rule file of these columns
write_rules()
{
    file=$1
    printf 'version: 1\nkey: {file: mask.key}\ncolumns:\n' >"$file"
    shift
    printf '  %s\n' "$@" >>"$file"
}

say 'SQLite: sqlite_sequence of a masked rowid is left to the rows'
sqlite3 seq.db "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT);
    CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT);
    INSERT INTO a VALUES (70001, 'one'); INSERT INTO b VALUES (5, 'two'); DELETE FROM b"
write_rules seq.yaml '"a.id": {mask: integer, mode: monotone}' '"b.id": keep' '"*.x": text'
assert_ok "$RH_BIN" mirror seq.db seq2.db --rules seq.yaml
assert_eq 'b|5' "$(sqlite3 seq2.db 'SELECT * FROM sqlite_sequence')" sqlite_sequence
sqlite3 seq2.db "INSERT INTO a(x) VALUES ('new'); INSERT INTO b(x) VALUES ('new')"
assert_eq '1|6' "$(sqlite3 seq2.db "SELECT (SELECT max(id) - min(id) FROM a), max(id) FROM b")" 'ids that follow'

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
