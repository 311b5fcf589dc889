#!/bin/bash
# Both benchmarks run through on a tiny data set and leave nothing behind. No figure is judged.
. "$(dirname "$0")/../../support/lib.sh"
require_long
require_program
[ -x "$RH_BUILD_DIR/bin/rehearse_bench_measure" ] || skip 'built without RH_BUILD_BENCH'
require_tool sqlite3 zstd

mkdir "$scratch/work"
chmod 755 "$scratch" # run by root, the cluster in it belongs to another user
for script in 'snapshot --runs 1' increment; do
    # shellcheck disable=SC2086 # a name and its options
    assert_ok "$RH_SOURCE_DIR"/bench/$script --size 2 --no-install --json \
        --build "$RH_BUILD_DIR" --dir "$scratch/work"
    assert_contains "$(cat "$scratch/stdout")" '"rows": ['
    if grep -q '"state": "failed"' "$scratch/stdout"; then
        show_run
        fail "$script: a row failed"
    fi
    assert_eq '' "$(ls "$scratch/work")" 'left behind'
done
