#!/bin/bash
# The generator makes the same bytes every time, in any order, with ids that are all different.
. "$(dirname "$0")/../../support/lib.sh"
data=$RH_BUILD_DIR/bin/rehearse_bench_data
[ -x "$data" ] || skip 'built without RH_BUILD_BENCH'

for table in customers events; do
    "$data" --rows 300 "$table" >"$scratch/whole"
    {
        "$data" --rows 120 "$table"
        "$data" --from 120 --rows 180 "$table"
    } >"$scratch/parts"
    cmp "$scratch/whole" "$scratch/parts" || fail "$table: parts differ from the whole"
    assert_eq 300 "$(cut -f 2 "$scratch/whole" | sort -u | wc -l)" "$table: distinct values"
    assert_eq 0 "$(LC_ALL=C grep -c '[^ -~	]' "$scratch/whole" || true)" "$table: odd characters"
done
hash=$({ "$data" --rows 1000 customers && "$data" --rows 1000 events; } | sha256sum)
assert_eq 0e6a4dba5bfd99d6 "${hash:0:16}" 'the data set has changed: results are not comparable any more'

bytes=$({ "$data" --size 8 customers && "$data" --size 8 events; } | wc -c)
if [ "$bytes" -lt 8178892 ] || [ "$bytes" -gt 8598323 ]; then
    fail "--size 8 makes $bytes bytes, more than 2.5 percent from 8 MiB"
fi
assert_eq 300 "$("$data" --sql --rows 300 customers | grep -c '^(')" 'rows in SQL'
for wrong in '--size' '--size x customers' '--rows -1 events' '--rows 5'; do
    # shellcheck disable=SC2086 # one word each
    assert_exit 2 "$data" $wrong
done
