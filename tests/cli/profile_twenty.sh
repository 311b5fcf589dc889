# shellcheck shell=bash
# profile_twenty COUNTER ARGUMENTS...: twenty profiles, four at a time, beside three busy loops, must
# give the same counters, COUNTER among them.
profile_twenty()
{
    local counter=$1 lane burn=() lanes=()
    shift
    for _ in 1 2 3; do
        (while :; do :; done) &
        burn+=("$!")
    done
    for lane in 1 2 3 4; do
        for i in 1 2 3 4 5; do
            "$RH_BIN" profile "$@" --no-proof --json --fail-on never >"run.$lane.$i"
        done &
        lanes+=("$!")
    done
    wait "${lanes[@]}"
    kill "${burn[@]}"
    wait || true
    jq -c '[.counters, .findings[].value, .subqueries[].loops, .shape]' run.* | sort | uniq -c >counters
    assert_eq 1 "$(wc -l <counters)" 'different counters'
    assert_match "$(cat counters)" "^ *20 .*$counter"
}
