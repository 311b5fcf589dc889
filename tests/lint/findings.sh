#!/bin/bash
# Each finding that the code can report has a section in docs/findings.md, and the other way round.
# That groups, severities and limits agree is tests/unit/profiler_findings' matter.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"
cd "$RH_SOURCE_DIR"

sed -nE 's/^## (.+)$/\1/p' docs/findings.md | LC_ALL=C sort >"$scratch/documented"
[ -s "$scratch/documented" ] || fail 'docs/findings.md has no sections'

# The table of rules, findings of the ledger, and what is put into a document by hand.
{
    sed -nE 's/^ *\[RH_FINDING_[A-Z_]+\] = \{"([a-z-]+)".*/\1/p' profiler/findings/finding_config.c
    find ledger cli -name '*.c' -exec cat {} + | tr '\n' ' ' |
        grep -oE 'add_finding\(c, *"[a-z-]+"|rh_ledger_finding [a-z]+ = \{ *\.name = "[a-z-]+"|"finding", *"[a-z-]+"' |
        sed -E 's/.*"([a-z-]+)"$/\1/'
} | LC_ALL=C sort -u >"$scratch/coded"
[ -s "$scratch/coded" ] || fail 'the findings of the code are not found'

while IFS= read -r name; do
    report docs/findings.md 1 "'$name' has no section"
done < <(LC_ALL=C comm -13 "$scratch/documented" "$scratch/coded")
while IFS= read -r name; do
    report docs/findings.md 1 "no code reports '$name', or it has two sections"
done < <(LC_ALL=C comm -23 "$scratch/documented" "$scratch/coded")
finish_lint
