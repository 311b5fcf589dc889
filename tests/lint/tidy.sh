#!/bin/bash
# clang-tidy on every source of the program that this build compiles; minutes, so only when asked.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"
require_long
require_tool clang-tidy
[ -f "$RH_BUILD_DIR/compile_commands.json" ] || skip 'no compile_commands.json in this build'
list_sources "${product_folders[@]}" | grep '\.c$' >"$scratch/files" || skip 'no sources'
cd "$RH_SOURCE_DIR"
xargs -P 2 -n 4 clang-tidy --quiet -p "$RH_BUILD_DIR" <"$scratch/files" >"$scratch/out" 2>/dev/null || {
    grep -E '(warning|error):' "$scratch/out" | sort -u >&2
    fail 'clang-tidy has findings'
}
