# Sourced by bench/fidelity: data, queries with the literals of each copy, the table.
# shellcheck shell=bash disable=SC2154 # variables of session.sh
scale=100 floor=3

make_fidelity_data()
{
    say "making $((200000 * scale / 100)) users and $((2000000 * scale / 100)) orders"
    sql postgres 'CREATE DATABASE production'
    psql -X -q -v ON_ERROR_STOP=1 -d production -v users=$((200000 * scale / 100)) \
        -v orders=$((2000000 * scale / 100)) -f "$lib/fidelity_data.sql" >/dev/null
}

# literal DATABASE TABLE EXPRESSION POSITION: of the row at that position in the order of ids, as an
# SQL literal. Masked ids keep their order, so a position is the same row in every copy.
literal()
{
    sql "$1" "SET TimeZone = 'UTC'; SELECT quote_literal(($3)::text) FROM $2
        WHERE id = (SELECT id FROM $2 ORDER BY id OFFSET $4 - 1 LIMIT 1)"
}

# write_queries DATABASE SUFFIX: each query with the literals of DATABASE, to $work/queries. A line
# "-- value: name; table; expression; query for the id in production" says where one comes from.
write_queries()
{
    local file text name table expression query position value
    mkdir -p "$work/queries"
    for file in "$lib"/fidelity_queries/*.sql; do
        text=$(grep -v '^-- value:' "$file")
        while IFS=';' read -r name table expression query; do
            name=${name#-- value:} && name=${name// /}
            position=$(sql production "$query")
            # Ids of production count from 1 without gaps: they are positions.
            value=$(literal "$1" "$table" "$expression" "$position")
            text=${text//":'$name'"/"$value"}
        done < <(grep '^-- value:' "$file")
        printf '%s\n' "$text" >"$work/queries/$(basename "$file" .sql)$2.sql"
    done
}

# compare NAME: one line of the table; the report goes to $work/NAME.json.
compare()
{
    local status=0
    say "comparing production with $1"
    "$rehearse" fidelity "$(conninfo production)" "$(conninfo "$1")" --queries "$work/queries" \
        --floor "$floor" --json >"$work/$1.json" 2>"$work/err" || status=$?
    [ $status -le 1 ] || {
        tail -n 5 "$work/err" "$work/$1.json" >&2
        die "rehearse fidelity failed with exit code $status"
    }
}

mirror()
{
    say "mirror: $1"
    "$rehearse" mirror "$(conninfo production)" "$(conninfo "$1")" --statistics analyze \
        --jobs "$jobs" --quiet \
        "${@:2}" || die "mirror $1 failed"
}

print_fidelity()
{
    jq -r --arg name "$1" '.queries as $q |
        ([$q.items[].floor.present | select(. != null) | .row_qerror] | max) as $rows |
        ([$q.items[].floor.present | select(. != null) | .cost_ratio] | max) as $cost |
        ([$q.items[] | select(.floor != null and .floor.present.same_plan < .floor.present.tries)] |
            length) as $flips |
        [$name, "\($q.same_plan)/\($q.count)", $q.max_row_qerror, $q.max_cost_ratio,
            .statistics.score, "\($q.count - $flips)/\($q.count)", $rows, $cost] | @tsv' \
        "$work/$1.json" |
        awk -F'\t' '{ printf "%-8s %8s %9.3f %10.3f %8.2f %11s %9.3f %10.3f\n",
            $1, $2, $3, $4, $5, $6, $7, $8 }'
    jq -r '.differences[] | "  " + .text' "$work/$1.json" | cut -c1-80
}

bench_fidelity()
{
    local lib=$bench_dir/lib masked=0
    installed jq psql || die 'needs jq and psql'
    start_cluster || die 'PostgreSQL is not installed'
    make_fidelity_data
    write_queries production ''
    mirror raw --raw
    compare raw
    if "$rehearse" mirror --help | grep -q -- --rules; then
        "$rehearse" keygen --mask "$work/mask.key" --quiet
        cp "$lib/fidelity_rules.yaml" "$work/rules.yaml"
        mirror masked --rules "$work/rules.yaml"
        write_queries masked .target
        compare masked
        masked=1
    fi
    if [ "$json" = 1 ]; then
        [ $masked = 1 ] || echo null >"$work/masked.json"
        jq -s '{raw: .[0], masked: .[1]}' "$work/raw.json" "$work/masked.json"
        return
    fi
    echo "copy        plans  max rows   max cost    stats  floor plans  max rows   max cost"
    print_fidelity raw
    [ $masked = 0 ] || print_fidelity masked
}
