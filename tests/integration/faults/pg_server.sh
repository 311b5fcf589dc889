# The server goes away in the middle: restart while copying, a terminated worker, a restart while
# restoring. Never a success with rows missing.
. "$(dirname "$0")/../../support/lib.sh"
require_program
cd "$scratch"
pg_private
export REHEARSE_REPO=$scratch/repo
admin=$RH_TEST_PG
prod=${admin/dbname=postgres/dbname=prod}
staging=${admin/dbname=postgres/dbname=staging}
pg_sql "$admin" 'CREATE DATABASE prod'
pg_sql "$prod" "CREATE TABLE t(id int PRIMARY KEY, v text);
INSERT INTO t SELECT i, md5(i::text) || md5((i * 3)::text) FROM generate_series(1, 200000) i"
sum='SELECT count(*), sum(hashtext(v)::bigint) FROM t'
expected=$(pg_sql "$prod" "$sum")

# in_background COMMAND...: start it and wait until it reads or writes rows.
in_background()
{
    "$@" >background.out 2>&1 </dev/null &
    background=$!
    for _ in $(seq 200); do
        busy=$(pg_sql "$admin" "SELECT count(*) FROM pg_stat_activity
            WHERE application_name LIKE 'rehearse%' AND query ILIKE '%COPY%' AND state = 'active'")
        [ "$busy" -gt 0 ] && return 0
        sleep 0.02
    done
    fail 'the copy never started'
}
assert_failed()
{
    local status=0
    wait "$background" || status=$?
    assert_eq 2 "$status" "exit code ($1): $(cat background.out)"
}

say 'a terminated worker fails the run'
in_background "$RH_BIN" snapshot "$prod" --raw --unsealed-raw --max-rate 2MiB --jobs 2
pg_sql "$admin" "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name LIKE 'rehearse%' AND query ILIKE '%COPY%' AND state = 'active' LIMIT 1" >/dev/null
assert_failed terminated
assert_eq '' "$(find "$REHEARSE_REPO/snapshots" -name '*.json')" 'no snapshot of a failed run'

say 'a server restart in the middle of a snapshot'
in_background "$RH_BIN" snapshot "$prod" --raw --unsealed-raw --max-rate 2MiB --jobs 2
pg_private_restart immediate
assert_failed restart
assert_ok "$RH_BIN" snapshot "$prod" --raw --unsealed-raw
assert_ok "$RH_BIN" verify

say 'a terminated loader and a restart in the middle of a restore'
assert_ok "$RH_BIN" restore latest "$staging"
for round in 1 2 3; do
    "$RH_BIN" restore latest "$staging" --swap >background.out 2>&1 </dev/null &
    background=$!
    sleep "0.$((round * 2))"
    pg_private_restart immediate
    status=0
    wait "$background" || status=$?
    [ "$status" -eq 2 ] || [ "$status" -eq 0 ] || fail "exit code $status: $(cat background.out)"
    assert_eq "$expected" "$(pg_sql "$staging" "$sum")" 'staging after the restart'
done
assert_ok "$RH_BIN" restore latest "$staging" --swap
assert_eq "$expected" "$(pg_sql "$staging" "$sum")" staging
left=$(pg_sql "$admin" "SELECT count(*) FROM pg_database WHERE datname LIKE '%\_\_rehearse\_new%'")
assert_eq 0 "$left" 'half-built databases'
