#!/bin/bash
# Every bash script passes shellcheck, but for notes on sourced files and on style.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"
require_tool shellcheck
list_texts >"$scratch/files"
cd "$RH_SOURCE_DIR"
while IFS= read -r file; do
    if [[ $file == *.sh ]] || [[ $(sed -n 1p "$file") == '#!'*bash ]]; then
        printf '%s\0' "$file"
    fi
done <"$scratch/files" >"$scratch/scripts"
[ -s "$scratch/scripts" ] || fail 'found no script'
xargs -0 shellcheck -s bash -S warning -x -P SCRIPTDIR -e SC1090,SC1091,SC2154,SC2034 <"$scratch/scripts" >&2 ||
    fail 'see above'
