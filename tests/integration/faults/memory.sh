# Memory stays under its bound, 64 MiB and 16 MiB per job, on a table of 2 GiB; a row of 1 GB, which
# no bound could hold, is refused by name and leaves nothing.
#
#   memory.sh sqlite|postgresql
#
# Sanitizers multiply memory: measured is a release build, an existing one when there is one.
. "$(dirname "$0")/../../support/lib.sh"
require_long
engine=$1
require_tool "$([ "$engine" = sqlite ] && echo sqlite3 || echo psql)"
cd "$scratch"
jobs=2
bound_kib=$(((64 + 16 * jobs) * 1024))
export REHEARSE_REPO=$scratch/repo
[ "$(($(df -Pk . | awk 'NR == 2 { print $4 }') >> 20))" -ge 12 ] || skip 'less than 12 GiB of disk are free'

program=$RH_SOURCE_DIR/build/release/bin/rehearse
if [ ! -x "$program" ]; then
    say 'building the program without sanitizers'
    assert_ok cmake -S "$RH_SOURCE_DIR" -B release -DCMAKE_BUILD_TYPE=RelWithDebInfo \
        -DBUILD_SHARED_LIBS=ON -DRH_WERROR=OFF -DRH_BUILD_TESTS=OFF -DRH_BUILD_BENCH=OFF
    assert_ok cmake --build release -j2
    program=$scratch/release/bin/rehearse
fi

# measure COMMAND...: run it; its exit code is in $run_status, the most memory that the process ever
# held in $peak_kib. The kernel keeps the maximum, so only the last moments could be missed.
peak_kib=0
measure()
{
    local pid now
    "$@" >stdout 2>stderr </dev/null &
    pid=$!
    peak_kib=0
    while [ -d "/proc/$pid" ]; do
        now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) || true
        [ -n "$now" ] || break # a zombie has no memory
        peak_kib=$now
        sleep 0.05
    done
    run_status=0
    wait "$pid" || run_status=$?
}

# assert_bounded WHAT COMMAND...: it succeeds within the bound.
assert_bounded()
{
    local what=$1
    shift
    measure "$@" --jobs "$jobs"
    [ "$run_status" -eq 0 ] || {
        show_run
        fail "$what: exit code $run_status"
    }
    say "$what: $((peak_kib / 1024)) MiB of $((bound_kib / 1024)) MiB in ${SECONDS}s"
    [ "$peak_kib" -le "$bound_kib" ] || fail "$what took $peak_kib KiB, more than $bound_kib KiB"
    SECONDS=0
}

# assert_row_refused SOURCE TABLE: the default limit names the table; no snapshot, no pack, no lock
# stays. libpq and SQLite hand over a row in one piece, so the bound is three times the row.
assert_row_refused()
{
    export REHEARSE_REPO=$scratch/refused
    measure "$program" snapshot "$1" --raw --unsealed-raw --jobs "$jobs"
    say "a row of 1 GB: $((peak_kib / 1024)) MiB, $(cat stderr)"
    assert_eq 2 "$run_status" 'exit code with a row of 1 GB'
    assert_stderr_contains "$2"
    assert_stderr_contains --max-row
    [ "$peak_kib" -le $((3 * 1024 * 1024)) ] || fail "the refusal took $peak_kib KiB"
    assert_eq '' "$("$program" list | grep '^2' || true)" snapshots
    assert_eq '' "$(find "$REHEARSE_REPO" -name '*.json*' -path '*snapshots*')" manifests
    flock -n "$REHEARSE_REPO/tmp/write.lock" true || fail 'the repository is still locked'
}

case $engine in
sqlite)
    sqlite3 source.db 'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF' >/dev/null
    sqlite3 source.db "CREATE TABLE big(id INTEGER PRIMARY KEY, note TEXT, body TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2200000)
        INSERT INTO big SELECT i, 'note ' || i, hex(randomblob(490)) FROM n"
    [ "$(stat -c %s source.db)" -ge $((2 << 30)) ] || fail 'the database is too small'
    source=source.db
    target=staging.db
    ;;
postgresql)
    pg_create_db memory_source
    source=$pg_db
    target=${RH_TEST_PG/dbname=postgres/dbname=memory_staging_$$}
    at_exit pg_drop_db "memory_staging_$$"
    pg_sql "$source" "CREATE TABLE big(id bigint, note text, body text);
        ALTER TABLE big ALTER body SET STORAGE PLAIN;
        INSERT INTO big SELECT i, 'note ' || i, (SELECT string_agg(encode(sha512(
            int8send(i * 100 + k)), 'hex'), '') FROM generate_series(1, 15) k)
        FROM generate_series(1, 1100000) i"
    size=$(pg_sql "$source" "SELECT pg_table_size('big')")
    [ "$size" -ge $((2 << 30)) ] || fail "the table is too small: $size"
    ;;
esac

say "made in ${SECONDS}s"
SECONDS=0
assert_bounded snapshot "$program" snapshot "$source" --raw --unsealed-raw
assert_bounded 'second night' "$program" snapshot "$source" --raw --unsealed-raw
assert_bounded verify "$program" verify
assert_bounded restore "$program" restore latest "$target"
rm -rf repo

case $engine in
sqlite)
    rm -f source.db staging.db*
    sqlite3 long.db "CREATE TABLE small(x); INSERT INTO small VALUES (1);
        CREATE TABLE long_rows(x); INSERT INTO long_rows VALUES (zeroblob(999999900))"
    assert_row_refused long.db long_rows
    ;;
postgresql)
    pg_sql "$source" 'DROP TABLE big'
    pg_drop_db "memory_staging_$$"
    pg_sql "$source" "CREATE TABLE small AS SELECT 1 AS x;
        CREATE TABLE long_rows AS SELECT repeat('0123456789', 100000000) AS x"
    assert_row_refused "$source" long_rows
    ;;
esac
