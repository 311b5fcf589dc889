# A standby as the source: no writes, no superuser tricks; what it cannot read is left out by name.
. "$(dirname "$0")/../../support/lib.sh"
require_program
cd "$scratch"
pg_private
# shellcheck disable=SC1091 # dir, bin and owner of the cluster
. "$scratch/private.state"

# Run a server program as the cluster's owner, with nothing open to the test's pipes.
as_owner()
{
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups -- "$@" </dev/null
    else
        "$@" </dev/null
    fi
}

pg_sql "$RH_TEST_PG" 'CREATE DATABASE prod'
prod=${RH_TEST_PG/dbname=postgres/dbname=prod}
pg_sql "$prod" "
CREATE TABLE kept(id serial PRIMARY KEY, t text); INSERT INTO kept(t) SELECT md5(i::text)
    FROM generate_series(1, 20000) i;
CREATE UNLOGGED TABLE fleeting(id int); INSERT INTO fleeting VALUES (1);
SELECT lo_from_bytea(7, 'large')"

say 'a standby of the cluster'
standby=$dir/standby
as_owner "$bin/pg_basebackup" -h "$dir" -p 5432 -U rehearse -D "$standby" -R -c fast -X stream \
    >/dev/null 2>&1 || skip 'no base backup of the test cluster'
as_owner mkdir "$dir/second"
echo "unix_socket_directories = '$dir/second'" >>"$standby/postgresql.conf"
as_owner "$bin/pg_ctl" start -D "$standby" -l "$dir/standby.log" -w -t 60 >/dev/null 2>&1
at_exit as_owner "$bin/pg_ctl" stop -D "$standby" -m immediate
source="host=$dir/second port=5432 user=rehearse dbname=prod"
export REHEARSE_REPO=$scratch/repo

say 'snapshot of the standby, restore on the primary'
assert_ok "$RH_BIN" snapshot "$source" --raw --unsealed-raw --jobs 2
assert_stderr_contains 'the source is a standby'
assert_stderr_contains 'hot_standby_feedback'
assert_stderr_contains 'unlogged'
assert_ok "$RH_BIN" restore latest "${RH_TEST_PG/dbname=postgres/dbname=copy}" --jobs 2
copy=${RH_TEST_PG/dbname=postgres/dbname=copy}
assert_eq "$(pg_sql "$prod" 'SELECT count(*), sum(hashtext(t)) FROM kept')" \
    "$(pg_sql "$copy" 'SELECT count(*), sum(hashtext(t)) FROM kept')" kept
assert_eq 0 "$(pg_sql "$copy" 'SELECT count(*) FROM fleeting')" fleeting
assert_eq large "$(pg_sql "$copy" "SELECT convert_from(lo_get(7), 'UTF8')")" 'large object'
