# Sources that cannot be copied say why, all of it, before a row is read.
. "$(dirname "$0")/../../support/lib.sh"
require_program
cd "$scratch"
pg_create_db source
prod=$pg_db
role=reader_$$
at_exit pg_sql "$RH_TEST_PG" "DROP ROLE IF EXISTS $role"
at_exit pg_sql "$prod" "DROP OWNED BY $role"
pg_sql "$prod" "
CREATE ROLE $role LOGIN;
CREATE SCHEMA hidden; CREATE TABLE hidden.inside(x int);
CREATE TABLE open_table(x int); CREATE TABLE closed_table(x int); CREATE TABLE guarded(x int);
CREATE SEQUENCE closed_sequence;
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY nobody ON guarded USING (false);
GRANT SELECT ON open_table, guarded TO $role;
INSERT INTO open_table SELECT generate_series(1, 1000)"
as_reader=${prod/user=rehearse/user=$role}
export REHEARSE_REPO=$scratch/repo

say 'every missing privilege is named at once'
assert_exit 2 "$RH_BIN" snapshot "$as_reader" --raw --unsealed-raw
for name in closed_table closed_sequence hidden guarded; do
    assert_stderr_contains "$name"
done
assert_lacks "$(cat stderr)" open_table 'the list of problems'
assert_eq '' "$(find "$REHEARSE_REPO/snapshots" -name '*.json' 2>/dev/null)" 'no snapshot after a refusal'

say 'with the rights, no superuser is needed'
pg_sql "$prod" "GRANT USAGE ON SCHEMA hidden TO $role; GRANT SELECT ON ALL TABLES IN SCHEMA hidden, public TO $role;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO $role; ALTER ROLE $role BYPASSRLS"
assert_ok "$RH_BIN" snapshot "$as_reader" --raw --unsealed-raw

say 'a lock that is not let go'
psql "$prod" -XAtq -c 'BEGIN' -c 'LOCK TABLE closed_table' -c 'SELECT pg_sleep(30)' >/dev/null 2>&1 &
holder=$!
at_exit kill "$holder"
for _ in $(seq 100); do
    held=$(pg_sql "$prod" "SELECT count(*) FROM pg_locks WHERE relation = 'closed_table'::regclass AND mode = 'AccessExclusiveLock' AND granted")
    [ "$held" -gt 0 ] && break
    sleep 0.05
done
assert_exit 2 "$RH_BIN" snapshot "$prod" --raw --unsealed-raw --lock-timeout 100ms --lock-wait 700ms
assert_stderr_contains closed_table
say 'writers of the table were not kept waiting by us: our attempts are short'
pg_sql "$prod" "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()" >/dev/null
wait "$holder" 2>/dev/null || true
assert_ok "$RH_BIN" snapshot "$prod" --raw --unsealed-raw

say 'tables left out by --exclude are empty, their keys not validated'
pg_sql "$prod" 'CREATE TABLE parent(id int PRIMARY KEY); INSERT INTO parent VALUES (1);
CREATE TABLE child(p int REFERENCES parent); INSERT INTO child VALUES (1)'
staging=${RH_TEST_PG/dbname=postgres/dbname=excl_$$}
at_exit pg_drop_db "excl_$$"
assert_ok "$RH_BIN" snapshot "$prod" --raw --unsealed-raw --exclude parent
assert_ok "$RH_BIN" restore latest "$staging"
assert_eq '0|1' "$(pg_sql "$staging" 'SELECT (SELECT count(*) FROM parent), (SELECT count(*) FROM child)')" rows
