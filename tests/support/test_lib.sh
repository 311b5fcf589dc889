#!/bin/bash
# The assertions of lib.sh pass and fail when they should, and a test leaves nothing behind.
. "$(dirname "$0")/lib.sh"

# script LINE...: run a test of these lines; its result is in run_status, $scratch/stdout, stderr.
script()
{
    {
        printf '. %q\n' "$RH_SOURCE_DIR/tests/support/lib.sh"
        printf '%s\n' "$@"
    } >"$scratch/inner.sh"
    run env RH_BUILD_DIR="$scratch/build" RH_TEST_LONG=0 bash "$scratch/inner.sh"
}

passes()
{
    script "$@"
    [ "$run_status" -eq 0 ] || fail "must pass: $*"
}

# fails TEXT LINE...
fails()
{
    local text=$1
    shift
    script "$@"
    [ "$run_status" -eq 1 ] || fail "must fail: $*"
    assert_stderr_contains "$text"
}

passes 'assert_eq a a' 'assert_ne a b' 'assert_contains abc b' 'assert_lacks abc d' \
    'assert_match a12 "^a[0-9]+$"' 'assert_exit 3 bash -c "echo x; exit 3"' \
    'assert_stdout_contains x' 'assert_file /' 'assert_no_file /absent' 'assert_ok true'
fails "line 2: colour: expected 'a', got 'b'" 'assert_eq a b colour'
fails "must not be 'a'" 'assert_ne a a'
fails "lacks 'd'" 'assert_contains abc d'
fails "must not contain 'b'" 'assert_lacks abc b'
fails 'does not match' 'assert_match b "^a"'
fails 'exit code 1 instead of 0' 'assert_ok false'
fails "stderr lacks 'x'" 'run true' 'assert_stderr_contains x'
fails 'files differ' 'assert_same_file /dev/null "$0"'
fails 'this command failed: false' 'false'
fails 'this command failed' 'false | true'

script 'skip because'
assert_eq 77 "$run_status" 'exit code of skip'
script 'require_long'
assert_eq 77 "$run_status" 'exit code of require_long'
script 'RH_SHARED_DATA=/absent require_shared x'
assert_eq 77 "$run_status" 'exit code of require_shared'
script 'at_exit touch "'"$scratch"'/cleaned"' 'false'
assert_file "$scratch/cleaned"
assert_eq '' "$(ls "$scratch/build/tests/scratch")" 'scratch folders left behind'
