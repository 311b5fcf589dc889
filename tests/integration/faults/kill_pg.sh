# kill -9 at random points against PostgreSQL: nothing half-built stays, staging keeps its rows.
. "$(dirname "$0")/../../support/lib.sh"
require_program
cd "$scratch"
rounds=$([ "${RH_TEST_LONG:-0}" = 1 ] && echo 25 || echo 6)
pg_create_db killed
prod=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=kstage_$$}
at_exit pg_drop_db "kstage_$$"
pg_sql "$prod" "
CREATE TABLE t(id int PRIMARY KEY, v text, w text);
INSERT INTO t SELECT i, md5(i::text), repeat(md5((i * 7)::text), 3) FROM generate_series(1, 150000) i;
CREATE INDEX ON t(v); CREATE TABLE u AS SELECT * FROM t WHERE id % 3 = 0; ANALYZE"
export REHEARSE_REPO=$scratch/repo
sum="SELECT count(*), sum(hashtext(t::text)::bigint) FROM t"
expected=$(pg_sql "$prod" "$sum")

kill_after()
{
    local delay=$1 pid
    shift
    "$@" >killed.out 2>&1 </dev/null &
    pid=$!
    sleep "$delay"
    kill -9 "$pid" 2>/dev/null || true
    ! wait "$pid" 2>/dev/null
}
delay_of()
{
    awk -v r="$1" -v n="$rounds" -v t="$2" 'BEGIN { printf "%.3f", t * r / (n + 1) / 1000 }'
}

say 'snapshots'
start=$(date +%s%N)
assert_ok "$RH_BIN" snapshot "$prod" --repo timing --raw --unsealed-raw
took=$((($(date +%s%N) - start) / 1000000))
killed=0
for round in $(seq "$rounds"); do
    kill_after "$(delay_of "$round" "$took")" "$RH_BIN" snapshot "$prod" --raw --unsealed-raw &&
        killed=$((killed + 1))
    [ ! -e repo/config ] || assert_ok "$RH_BIN" verify
done
[ "$killed" -gt 0 ] || fail 'no run was killed: the test proves nothing'
assert_ok "$RH_BIN" snapshot "$prod" --raw --unsealed-raw
assert_ok "$RH_BIN" verify

say 'restores'
start=$(date +%s%N)
assert_ok "$RH_BIN" restore latest "$staging"
took=$((($(date +%s%N) - start) / 1000000))
assert_eq "$expected" "$(pg_sql "$staging" "$sum")" rows
killed=0
for round in $(seq "$rounds"); do
    kill_after "$(delay_of "$round" "$took")" "$RH_BIN" restore latest "$staging" --swap &&
        killed=$((killed + 1))
    assert_eq "$expected" "$(pg_sql "$staging" "$sum")" 'rows after a killed restore'
done
[ "$killed" -gt 0 ] || fail 'no restore was killed'
assert_ok "$RH_BIN" restore latest "$staging" --swap
assert_eq "$expected" "$(pg_sql "$staging" "$sum")" 'rows after the last restore'
left=$(pg_sql "$RH_TEST_PG" \
    "SELECT count(*) FROM pg_database WHERE datname LIKE 'kstage\_$$\_\_rehearse\_new%'")
for database in $(pg_sql "$RH_TEST_PG" \
    "SELECT datname FROM pg_database WHERE datname LIKE 'kstage\_$$\_\_%'"); do
    at_exit pg_drop_db "$database"
done
assert_eq 0 "$left" 'half-built databases after a good restore'
