#!/bin/bash
# The examples of README.md: their options exist, and the ones that need no server run as written.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"
require_program
require_tool sqlite3

# The lines of every ```sh block, with the number of the block.
awk '/^```sh$/ { block++; inside = 1; next } /^```$/ { inside = 0 } inside { print block ":" FNR ":" $0 }' \
    "$RH_SOURCE_DIR/README.md" >"$scratch/lines"
[ -s "$scratch/lines" ] || fail 'README.md has no example'

say 'every option exists'
while IFS=: read -r block line text; do
    if [[ ! $text =~ ^rehearse\ ([a-z-]+) ]]; then
        continue
    fi
    command=${BASH_REMATCH[1]}
    assert_ok "$RH_BIN" "$command" --help
    for option in $(grep -oE -- ' --[a-z-]+' <<<"${text%%#*}"); do
        grep -qE -- "^ +$option( |$)" "$scratch/stdout" ||
            report README.md "$line" "'rehearse $command' has no option $option"
    done
done <"$scratch/lines"

say 'the examples on SQLite run'
mkdir "$scratch/work"
cd "$scratch/work"
sqlite3 ledger.db <"$RH_SOURCE_DIR/examples/ledger/make-ledger.sql" >/dev/null
PATH=$(dirname "$RH_BIN"):$PATH
for block in $(cut -d: -f1 "$scratch/lines" | sort -u); do
    sed -nE "s/^$block:[0-9]+://p" "$scratch/lines" >"$scratch/block.sh"
    if grep -q '^rehearse' "$scratch/block.sh" && ! grep -q 'service=' "$scratch/block.sh"; then
        assert_ok bash -e "$scratch/block.sh"
    fi
done
[ -s staging.db ] || fail 'the example has built no staging.db'
assert_eq "$(sqlite3 ledger.db .dump | cksum)" "$(sqlite3 staging.db .dump | cksum)" 'dump'
finish_lint
