# Passwords and rows never show: not in output, errors, JSON, process titles or the repository.
. "$(dirname "$0")/../support/lib.sh"
require_program
cd "$scratch"
pg_create_db secret
password='s3cr3t-p4ss'
host=$(sed -n 's/.*host=\([^ ]*\).*/\1/p' <<<"$RH_TEST_PG")
port=$(sed -n 's/.*port=\([^ ]*\).*/\1/p' <<<"$RH_TEST_PG")
database=$(sed -n 's/.*dbname=\([^ ]*\).*/\1/p' <<<"$pg_db")
pg_sql "$pg_db" "CREATE TABLE t(id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'canary-row')"

# assert_clean: the last run printed neither the password nor a row.
assert_clean()
{
    assert_lacks "$(cat stdout stderr)" "$password" output
    assert_lacks "$(cat stdout stderr)" canary-row output
}

say 'a good connection string with a password'
uri="postgresql://rehearse:$password@/$database?host=$host&port=$port"
assert_ok "$RH_BIN" snapshot "$uri" --repo repo --raw --unsealed-raw
assert_clean
if grep -rqa "$password" repo; then
    fail 'the password stands in the repository'
fi
assert_ok "$RH_BIN" show latest --repo repo --json
assert_clean

say 'wrong host, wrong database, wrong role, nonsense'
for bad in "postgresql://rehearse:$password@/nosuchdb?host=$host&port=$port" \
    "postgresql://nosuchrole:$password@/$database?host=$host&port=$port" \
    "host=$scratch dbname=x password=$password" \
    "postgresql://u:$password@/x?nosuchparameter=1" \
    "host=$host password='$password dbname=x" \
    "mysql://root:$password@localhost/db"; do
    assert_exit 2 "$RH_BIN" snapshot "$bad" --repo repo --raw --unsealed-raw
    assert_clean
    assert_exit 2 "$RH_BIN" snapshot "$bad" --repo repo --raw --unsealed-raw --json
    assert_clean
    # A database that does not exist is a fine target.
    case $bad in *nosuchdb*) continue ;; esac
    assert_exit 2 "$RH_BIN" restore latest "$bad" --repo repo
    assert_clean
done

say 'a wrong password, where the server asks for one'
pg_private
private=$RH_TEST_PG
private_host=$(sed -n 's/.*host=\([^ ]*\).*/\1/p' <<<"$private")
private_port=$(sed -n 's/.*port=\([^ ]*\).*/\1/p' <<<"$private")
pg_sql "$private" "CREATE ROLE asked LOGIN PASSWORD 'right-one'"
hba=$(pg_sql "$private" 'SHOW hba_file')
printf 'local all asked scram-sha-256\n%s\n' "$(cat "$hba")" >hba.new
cat hba.new >"$hba"
pg_sql "$private" 'SELECT pg_reload_conf()' >/dev/null
sleep 0.3
assert_exit 2 "$RH_BIN" snapshot \
    "host=$private_host port=$private_port user=asked dbname=postgres password=$password" \
    --repo repo --raw --unsealed-raw
assert_stderr_contains 'password authentication failed'
assert_clean
