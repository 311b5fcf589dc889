#!/bin/bash
# Functions above 80 lines and files above 800 fail; above the aims of 40 and 300 they are listed.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"
require_tool ctags
[[ $(ctags --version) == *Universal* ]] || skip 'ctags is not universal-ctags'

list_sources "${product_folders[@]}" tests bench examples >"$scratch/files"
cd "$RH_SOURCE_DIR"

while IFS= read -r file; do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 800 ]; then
        report "$file" 1 "the file has $lines lines, the limit is 800"
    elif [ "$lines" -gt 300 ]; then
        echo "$file: $lines lines, aim at 300"
    fi
done <"$scratch/files"

# name TAB file TAB line TAB lines, the signature included
ctags -L "$scratch/files" --languages=C,C++ --langmap=C:.c.h --kinds-C=f --fields=ne \
    --excmd=number -f - |
    awk -F'\t' '{
        split("", field)
        for (i = 4; i <= NF; i++)
            if ((at = index($i, ":")) > 0)
                field[substr($i, 1, at - 1)] = substr($i, at + 1)
        if ("end" in field)
            print $1 "\t" $2 "\t" field["line"] "\t" field["end"] - field["line"] + 1
    }' >"$scratch/functions"

while IFS=$'\t' read -r name file line lines; do
    if [ "$lines" -gt 80 ] && ! sed -n "${line}p" "$file" | grep -q 'NOLINT(size): '; then
        report "$file" "$line" "'$name' has $lines lines, the limit is 80"
    elif [ "$lines" -gt 40 ]; then
        echo "$file:$line: '$name' has $lines lines, aim at 40"
    fi
done <"$scratch/functions"

[ ! -s "$scratch/files" ] || [ -s "$scratch/functions" ] || fail 'ctags found no function at all'
finish_lint
