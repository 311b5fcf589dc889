#!/bin/bash
# Each header below an include/ folder compiles as the first and only include, and twice.
# Argument: the C compiler.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"
compiler=$1
cd "$RH_SOURCE_DIR"

read -r -a flags <<<"$(pkg-config --cflags jansson)"
# The parts of one feature may use each other's headers; lint_layers keeps features apart.
for folder in core/*/include anonymize/*/include profiler/*/include ledger/*/include; do
    flags+=("-I$folder")
done

list_sources "${product_folders[@]}" | grep '/include/.*\.h$' >"$scratch/headers"
while IFS= read -r header; do
    name=${header#*/include/}
    printf '#include <%s>\n#include <%s>\nextern int rh_not_empty;\n' "$name" "$name" \
        >"$scratch/one.c"
    "$compiler" -std=c11 -D_POSIX_C_SOURCE=200809L -pedantic-errors -Wall -Wextra -Wundef -Werror \
        -fsyntax-only "-I${header%%/include/*}/include" "${flags[@]}" "$scratch/one.c" \
        2>"$scratch/out" || {
        head -20 "$scratch/out" >&2
        report "$header" 1 'does not compile alone and twice'
    }
done <"$scratch/headers"
finish_lint
