# mirror: one stream, both engines, the same result as snapshot and restore; failures change nothing.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/ledger.sh"
require_program
require_tool sqlite3
cd "$scratch"

say 'SQLite'
make_ledger prod.db 20000
assert_exit 2 "$RH_BIN" mirror prod.db staging.db
assert_ok "$RH_BIN" mirror prod.db staging.db --raw
assert_same_database prod.db staging.db
assert_exit 2 "$RH_BIN" mirror prod.db staging.db --raw
assert_exit 2 "$RH_BIN" mirror prod.db prod.db --raw --swap --allow-unmarked
assert_ok "$RH_BIN" mirror prod.db staging.db --raw --swap
assert_same_database prod.db staging.db
assert_exit 2 "$RH_BIN" mirror prod.db "host=/nowhere dbname=x" --raw
assert_eq '' "$(find . -name '.staging*')" 'half-built files'

say 'SQLite: an interrupt leaves the old target'
before=$(sha256sum <staging.db)
"$RH_BIN" mirror prod.db staging.db --raw --swap --max-rate 20KiB >slow.out 2>&1 </dev/null &
slow=$!
sleep 1
kill -INT "$slow"
status=0
wait "$slow" || status=$?
assert_eq 2 "$status" 'exit code after SIGINT'
assert_eq "$before" "$(sha256sum <staging.db)" 'the target'
assert_eq '' "$(find . -name '.staging*')" 'half-built files'

say 'PostgreSQL'
[ -n "${RH_TEST_PG:-}" ] || skip 'no PostgreSQL server: the SQLite half passed'
pg_create_db mirror
prod=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=mstage_$$}
at_exit pg_drop_db "mstage_$$"
pg_sql "$prod" "CREATE TABLE a(id int PRIMARY KEY, v text);
INSERT INTO a SELECT i, md5(i::text) FROM generate_series(1, 30000) i;
CREATE TABLE b(a int REFERENCES a, x text[]); INSERT INTO b SELECT id, ARRAY[v, NULL] FROM a; ANALYZE"
sum='SELECT (SELECT sum(hashtext(a::text)::bigint) FROM a), (SELECT sum(hashtext(b::text)::bigint) FROM b)'
assert_ok "$RH_BIN" mirror "$prod" "$staging" --raw --jobs 2
assert_eq "$(pg_sql "$prod" "$sum")" "$(pg_sql "$staging" "$sum")" rows
pg_sql "$prod" "DELETE FROM b WHERE a % 3 = 0"
assert_ok "$RH_BIN" mirror "$prod" "$staging" --raw --jobs 2 --swap --json
assert_eq "$(pg_sql "$prod" "$sum")" "$(pg_sql "$staging" "$sum")" 'rows after the swap'
assert_ok "$RH_BIN" restore --rollback "$staging"
assert_eq 30000 "$(pg_sql "$staging" 'SELECT count(*) FROM b')" 'rows after rollback'
for database in $(pg_sql "$RH_TEST_PG" \
    "SELECT datname FROM pg_database WHERE datname LIKE 'mstage\_$$\_\_%'"); do
    at_exit pg_drop_db "$database"
done
left=$(pg_sql "$RH_TEST_PG" \
    "SELECT count(*) FROM pg_database WHERE datname LIKE 'mstage\_$$\_\_rehearse\_new%'")
assert_eq 0 "$left" 'half-built databases'
