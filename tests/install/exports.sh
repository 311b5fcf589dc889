#!/bin/bash
# The shared library exports what the installed headers declare, and nothing of core.
# Argument: the library.
. "$(dirname "$0")/../support/lib.sh"
require_tool nm

nm -D --defined-only "$1" | awk '$2 ~ /[TDBRVW]/ { print $3 }' |
    grep -vE '^(__asan|__ubsan|__tsan|__sanitizer|__gcov|mangle_path|_init$|_fini$)' |
    LC_ALL=C sort -u >"$scratch/exported"
cat "$RH_SOURCE_DIR"/*/include/rehearse/*.h "$RH_SOURCE_DIR"/*/*/include/rehearse/*.h \
    2>/dev/null >"$scratch/headers" || true

[ -s "$scratch/exported" ] || fail 'the library exports nothing'
while IFS= read -r symbol; do
    grep -qw -- "$symbol" "$scratch/headers" || fail "'$symbol' is exported, but no installed header has it"
done <"$scratch/exported"
