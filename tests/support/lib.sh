# Sourced by every bash test: strict mode, a scratch directory, assertions that name what differs.
# shellcheck shell=bash
#
# From the environment: RH_SOURCE_DIR, RH_BUILD_DIR, RH_BIN (the program), RH_TEST_PG with PG tests.
# Helpers print to stderr only, so that they can be used inside $(...).
set -euo pipefail

: "${RH_SOURCE_DIR:?is set by ctest}" "${RH_BUILD_DIR:?is set by ctest}"
RH_SHARED_DATA=$RH_SOURCE_DIR/../shared/data
test_name=$(basename "$0" .sh)
cleanups=()

mkdir -p "$RH_BUILD_DIR/tests/scratch"
scratch=$(mktemp -d "$RH_BUILD_DIR/tests/scratch/$test_name.XXXXXX")

# at_exit COMMAND...: run it when the test ends, the newest first.
at_exit()
{
    local quoted
    printf -v quoted '%q ' "$@"
    cleanups=("$quoted" ${cleanups[@]+"${cleanups[@]}"})
}

finish()
{
    local status=$? command
    trap - EXIT
    set +e
    for command in ${cleanups[@]+"${cleanups[@]}"}; do
        eval "$command" >/dev/null 2>&1
    done
    if [ "${RH_TEST_KEEP:-0}" = 1 ]; then
        echo "$test_name: kept $scratch" >&2
    else
        rm -rf "$scratch"
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'echo "$test_name: line $LINENO: this command failed: $BASH_COMMAND" >&2' ERR

# fail TEXT: say which line of the test broke its promise and end.
fail()
{
    trap - ERR
    local frame=0
    while [ "${BASH_SOURCE[frame]}" = "${BASH_SOURCE[0]}" ] && [ $((frame + 1)) -lt ${#BASH_SOURCE[@]} ]; do
        frame=$((frame + 1))
    done
    echo "$test_name: line ${BASH_LINENO[frame - 1]}: $*" >&2
    exit 1
}

# skip REASON: this machine cannot run the test; ctest shows it as skipped.
skip()
{
    trap - ERR
    echo "skipped: $*"
    exit 77
}

# say TEXT: a headline, shown by ctest when the test fails.
say()
{
    echo "--- $*" >&2
}

# require_shared PATH: a file of the shared data folder beside the repository; prints its full path.
# Use as: require_shared chinook/chinook.sqlite && db=$RH_SHARED_DATA/chinook/chinook.sqlite
require_shared()
{
    [ -e "$RH_SHARED_DATA/$1" ] || skip "the shared data folder has no '$1'"
}

# require_tool NAME...: skip where a program is missing.
require_tool()
{
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "'$tool' is not installed"
    done
}

# require_program: skip as long as the program is not built.
require_program()
{
    [ -x "${RH_BIN:-}" ] || skip 'the program rehearse is not part of this build'
}

# require_long: skip unless long tests were asked for (tests/run --long).
require_long()
{
    [ "${RH_TEST_LONG:-0}" = 1 ] || skip 'long: run with RH_TEST_LONG=1 (tests/run --long)'
}

# run COMMAND...: keep its streams in $scratch/stdout and $scratch/stderr, its exit code in
# $run_status; never fails itself.
run_status=0
run()
{
    run_status=0
    "$@" >"$scratch/stdout" 2>"$scratch/stderr" </dev/null || run_status=$?
}

show_run()
{
    sed 's/^/    stdout: /' "$scratch/stdout" >&2
    sed 's/^/    stderr: /' "$scratch/stderr" >&2
}

# assert_exit CODE COMMAND...: run it (see run) and compare its exit code.
assert_exit()
{
    local expected=$1
    shift
    run "$@"
    if [ "$run_status" -ne "$expected" ]; then
        show_run
        fail "exit code $run_status instead of $expected: $*"
    fi
}

# assert_ok COMMAND...
assert_ok()
{
    assert_exit 0 "$@"
}

# assert_eq EXPECTED ACTUAL [WHAT]
assert_eq()
{
    [ "$1" = "$2" ] || fail "${3:-value}: expected '$1', got '$2'"
}

# assert_ne UNWANTED ACTUAL [WHAT]
assert_ne()
{
    [ "$1" != "$2" ] || fail "${3:-value}: must not be '$1'"
}

# assert_contains TEXT PART [WHAT]
assert_contains()
{
    case $1 in
    *"$2"*) ;;
    *) fail "${3:-text} lacks '$2': $1" ;;
    esac
}

# assert_lacks TEXT PART [WHAT]
assert_lacks()
{
    case $1 in
    *"$2"*) fail "${3:-text} must not contain '$2': $1" ;;
    esac
}

# assert_match TEXT EXTENDED_REGEX [WHAT]
assert_match()
{
    [[ $1 =~ $2 ]] || fail "${3:-text} does not match '$2': $1"
}

# assert_stdout_contains PART, assert_stderr_contains PART: of the last run.
assert_stdout_contains()
{
    grep -qF -- "$1" "$scratch/stdout" || {
        show_run
        fail "stdout lacks '$1'"
    }
}

assert_stderr_contains()
{
    grep -qF -- "$1" "$scratch/stderr" || {
        show_run
        fail "stderr lacks '$1'"
    }
}

# assert_same_file EXPECTED ACTUAL [WHAT]: byte by byte; shows the first lines that differ.
assert_same_file()
{
    cmp -s "$1" "$2" && return 0
    diff -u -- "$1" "$2" | head -40 >&2 || true
    fail "${3:-files} differ: $1 $2"
}

assert_file()
{
    [ -e "$1" ] || fail "'$1' is missing"
}

assert_no_file()
{
    [ ! -e "$1" ] || fail "'$1' must not exist"
}

# pg_create_db NAME: a fresh database of this test on the shared cluster, dropped at its end. Sets
# pg_db to its connection string (database names carry the process id, so tests run in parallel).
pg_db=''
pg_create_db()
{
    : "${RH_TEST_PG:?declare the test with PG}"
    local name=$1_$$
    pg_sql "$RH_TEST_PG" "DROP DATABASE IF EXISTS \"$name\" WITH (FORCE)"
    pg_sql "$RH_TEST_PG" "CREATE DATABASE \"$name\" TEMPLATE template0"
    at_exit pg_drop_db "$name"
    pg_db=${RH_TEST_PG/dbname=postgres/dbname=$name}
}

pg_drop_db()
{
    pg_sql "$RH_TEST_PG" "DROP DATABASE IF EXISTS \"$1\" WITH (FORCE)"
}

# pg_sql CONNINFO SQL...: unaligned rows on stdout, stops at the first error.
pg_sql()
{
    local conninfo=$1
    shift
    local arguments=() sql
    for sql in "$@"; do
        arguments+=(-c "$sql")
    done
    PGOPTIONS='-c client_min_messages=warning' \
        psql "$conninfo" -XAtq -v ON_ERROR_STOP=1 "${arguments[@]}" </dev/null
}

# pg_mark_staging CONNINFO: as restore marks what it builds, so that it may be written.
pg_mark_staging()
{
    pg_sql "$1" "DO \$\$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET rehearse.staging = %L', current_database(), 'test'); END \$\$"
}

# pg_file CONNINFO FILE: run a script.
pg_file()
{
    PGOPTIONS='-c client_min_messages=warning' psql "$1" -XAtq -v ON_ERROR_STOP=1 -f "$2" >/dev/null
}

# pg_private [name=value ...]: a cluster of this test alone, for restarts and full disks. Sets
# RH_TEST_PG; restart it with pg_private_restart [immediate], end it early with pg_private_stop.
pg_private()
{
    bash "$RH_SOURCE_DIR/tests/support/pg_cluster.sh" start "$scratch/private.state" \
        --watch-parent "$@" >&2
    at_exit pg_private_stop
    RH_TEST_PG=$(bash "$RH_SOURCE_DIR/tests/support/pg_cluster.sh" env "$scratch/private.state") ||
        skip 'no PostgreSQL server is installed'
    export RH_TEST_PG
}

pg_private_stop()
{
    bash "$RH_SOURCE_DIR/tests/support/pg_cluster.sh" stop "$scratch/private.state"
}

pg_private_restart()
{
    bash "$RH_SOURCE_DIR/tests/support/pg_cluster.sh" restart "$scratch/private.state" "$@"
}
