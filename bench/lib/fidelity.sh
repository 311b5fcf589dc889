# Sourced by bench/fidelity: data, queries with the literals of each copy, the table.
# shellcheck shell=bash disable=SC2154 # variables of session.sh
scale=100 rounds=9 keys=1 rules=""

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

# rounds_of DATABASE SUFFIX: $rounds times ANALYZE and the plans of all queries, to
# $work/DATABASE.json. A masked copy's ANALYZE samples anew each time, as production's does.
rounds_of()
{
    local file name round
    local script=$work/explain.sql
    say "  plans of $1, $rounds times"
    echo 'ANALYZE users, orders;' >"$script"
    for file in "$lib"/fidelity_queries/*.sql; do
        name=$(basename "$file" .sql)
        { echo 'EXPLAIN (FORMAT JSON)' && cat "$work/queries/$name$2.sql"; } >>"$script"
    done
    for ((round = 0; round < rounds; round++)); do
        psql -X -qAt -v ON_ERROR_STOP=1 -d "$1" -f "$script" | jq -cs .
    done | jq -cs . >"$work/$1.json"
}

# judge NAME: what `rehearse fidelity` says of one copy, with its default limits.
judge()
{
    local status=0
    "$rehearse" fidelity "$(conninfo production)" "$(conninfo "$1")" --queries "$work/queries" \
        --json >"$work/$1.report" 2>"$work/err" || status=$?
    [ $status -le 1 ] || {
        tail -n 5 "$work/err" "$work/$1.report" >&2
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

# measure_copy NAME SUFFIX: its figures; the copy is dropped.
measure_copy()
{
    write_queries "$1" "$2"
    judge "$1"
    rounds_of "$1" "$2"
    jq -nc --arg name "$1" --slurpfile rounds "$work/$1.json" --slurpfile report "$work/$1.report" \
        '{name: $name, rounds: $rounds[0], report: $report[0]}' >>"$work/copies"
    drop "$1"
}

print_fidelity()
{
    echo 'copy      plans  rows   cost  | one ANALYZE: rows   cost  | stats  worst rows, cost'
    jq -r '
        def worst(f): max_by(.[f] // 0) | .name[0:2];
        def line: [.name, "\([.queries[] | select(.same_plan)] | length)/\(.queries | length)",
            ([.queries[].rows // 0] | max), ([.queries[].cost // 0] | max),
            ([.queries[].one_rows // 0] | max), ([.queries[].one_cost // 0] | max),
            .score, (.queries | worst("rows")), (.queries | worst("cost"))] | @tsv;
        ([.noise[] | .plans | split("/") | select(.[0] == .[1])] | length) as $steady |
        (["itself", "\($steady)/\(.noise | length)", 1, 1, ([.noise[].rows] | max),
          ([.noise[].cost] | max), 100, "-", "-"] | @tsv), (.copies[] | line)' "$1" |
        awk -F'\t' '{ printf "%-8s %6s %6.3f %6.3f  | %17.3f %6.3f  | %5.2f  %s, %s\n",
            $1, $2, $3, $4, $5, $6, $7, $8, $9 }'
    echo
    echo 'query                     masked: rows   cost  | another ANALYZE: rows   cost'
    jq -r '[.noise, ([.copies[] | select(.name != "raw") | .queries] | transpose)] | transpose[] |
        . as [$noise, $masked] | [$noise.name, ([$masked[].rows // 0] | max),
            ([$masked[].cost // 0] | max), $noise.rows, $noise.cost,
            (if all($masked[]; .same_plan) then "" else "other plan" end)] | @tsv' "$1" |
        awk -F'\t' '{ printf "%-25s %13.3f %6.3f  | %21.3f %6.3f  %s\n", $1, $2, $3, $4, $5, $6 }'
}

bench_fidelity()
{
    local lib=$bench_dir/lib key names
    installed jq psql || die 'needs jq and psql'
    start_cluster || die 'PostgreSQL is not installed'
    make_fidelity_data
    write_queries production ''
    rounds_of production ''
    mirror raw --raw
    measure_copy raw ''
    cp "${rules:-$lib/fidelity_rules.yaml}" "$work/rules.yaml"
    for ((key = 1; key <= keys; key++)); do
        rm -f "$work/mask.key"
        "$rehearse" keygen --mask "$work/mask.key" --quiet
        mirror "masked$key" --rules "$work/rules.yaml"
        measure_copy "masked$key" .target
    done
    mapfile -t names < <(basename -s .sql "$lib"/fidelity_queries/*.sql)
    jq -n --slurpfile production "$work/production.json" --slurpfile copies "$work/copies" \
        '{names: $ARGS.positional, production: $production[0], copies: $copies}' \
        --args "${names[@]}" >"$work/all.json"
    jq -f "$lib/fidelity.jq" "$work/all.json" >"$work/result.json"
    if [ "$json" = 1 ]; then
        cat "$work/result.json"
    else
        print_fidelity "$work/result.json"
    fi
}
