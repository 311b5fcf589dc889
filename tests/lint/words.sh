#!/bin/bash
# No file names a place outside of the repository that only one machine has. The patterns are
# written so that they do not match themselves.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"

patterns=(
    '(^|[^A-Za-z0-9_.-])/(work|home|root|Users)[/]'
    '/tmp/(rh[b]|build[-])'
    '(^|[^A-Za-z0-9_])shared/(design|style|facts|hooks)[./]'
    '(deb\.debian|registry\.npmjs|proxy\.golang|crates|pypi|files\.pythonhosted)\.(org|io)[/: ]'
    'BEGIN [A-Z ]*PRIVATE KE[Y]'
)
list_texts >"$scratch/files"
cd "$RH_SOURCE_DIR"
for pattern in "${patterns[@]}"; do
    while IFS=: read -r file line text; do
        report "$file" "$line" "forbidden: $(grep -oE "$pattern" <<<"$text" | head -1)"
    done < <(tr '\n' '\0' <"$scratch/files" | xargs -0 -r grep -nE "$pattern" /dev/null)
done

# The shared data folder belongs to the tests (and to the benchmarks, should they want it).
while IFS=: read -r file line _; do
    case $file in
    tests/* | bench/* | docs/*) ;;
    *) report "$file" "$line" 'only tests read the shared data folder' ;;
    esac
done < <(tr '\n' '\0' <"$scratch/files" | xargs -0 -r grep -nE '[.][.]/shared/dat[a]' /dev/null)
finish_lint
