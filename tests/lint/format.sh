#!/bin/bash
# clang-format 14 would change nothing.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"
for tool in clang-format-14 clang-format ''; do
    [ -n "$tool" ] || skip 'clang-format 14 is not installed'
    if command -v "$tool" >/dev/null && [[ $("$tool" --version) == *'version 14.'* ]]; then
        break
    fi
done
cd "$RH_SOURCE_DIR"
list_sources "${product_folders[@]}" tests bench examples |
    xargs -r "$tool" --dry-run -Werror --style=file 2>"$scratch/out" || {
    grep -E 'error:' "$scratch/out" | cut -d: -f1 | sort | uniq -c >&2
    fail "run $tool -i on these files"
}
