#!/bin/bash
# Replay against pgreplay: the same log, the same machine, one after the other, several rounds.
#
#   bench/replay/run.sh [--program FILE] [--sessions N] [--statements N] [--rounds N]
#
# A throwaway cluster logs what pgbench sends (prepared SELECTs by key, N of each session) in the one
# form that pgreplay reads; `rehearse capture` reads the same file. Both replay it as fast as they
# can. Printed: statements per second, the ratio, and which part of its time our program was busy.
# Beside them, what the server can do with the same statements from the same number of clients:
# pgbench, prepared, one by one, and in pipelines of 30 with the BEGIN and ROLLBACK that we send too.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
program=$root/build/release/bin/rehearse
sessions=8
statements=5000
rounds=3
while [ $# -gt 0 ]; do
    case $1 in
    --program) program=$2 ;;
    --sessions) sessions=$2 ;;
    --statements) statements=$2 ;;
    --rounds) rounds=$2 ;;
    *)
        sed -n '2,10s/^# \{0,1\}//p' "$0"
        exit 2
        ;;
    esac
    shift 2
done
work=$(mktemp -d /tmp/rehearse-bench.XXXXXX)
stop()
{
    bash "$root/tests/support/pg_cluster.sh" stop "$work/state" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap stop EXIT
chmod 755 "$work"

# pgreplay wants the bare "statement:" and "execute" lines of log_statement, and this prefix.
bash "$root/tests/support/pg_cluster.sh" start "$work/state" shared_buffers=256MB autovacuum=off \
    >/dev/null
dir=$(. "$work/state" && echo "$dir")
bin=$(. "$work/state" && echo "$bin")
export PATH=$bin:$PATH PGHOST=$dir PGPORT=5432 PGUSER=rehearse PGDATABASE=bench
psql -X -q -d postgres -c 'CREATE DATABASE bench' -c "ALTER DATABASE bench SET rehearse.staging = 'bench'"
pgbench -q -i -s 5 bench >/dev/null 2>&1
psql -X -q -c 'VACUUM (FREEZE, ANALYZE)'
setting()
{
    psql -X -q -d postgres -c "ALTER SYSTEM SET $1"
}
setting "log_line_prefix = '%m|%u|%d|%c|'"
setting "log_statement = 'all'"
setting "log_connections = on"
setting "log_disconnections = on"
setting "log_destination = 'stderr'"
setting "logging_collector = on"
setting "log_directory = '$dir'"
setting "log_filename = 'bench.log'"
bash "$root/tests/support/pg_cluster.sh" restart "$work/state" >/dev/null
pgbench -n -S -M prepared -c "$sessions" -j 2 -t "$statements" bench >/dev/null 2>&1
cp "$dir/bench.log" "$work/log"
setting "log_statement = 'none'"
setting "log_connections = off"
setting "log_disconnections = off"
psql -X -q -d postgres -c 'SELECT pg_reload_conf()' >/dev/null

"$program" capture "$work/log" --out "$work/w" --quiet || true
total=$((sessions * statements))
printf 'log: %s bytes, %d sessions of %d statements\n' "$(wc -c <"$work/log")" "$sessions" "$statements"
sqlite3 "$work/w" "SELECT 'captured: ' || count(*) || ' executions, ' || count(DISTINCT session) || ' sessions' FROM executions"

seconds()
{
    date +%s.%N
}
{
    printf '\\startpipeline\n'
    for _ in $(seq 30); do
        printf '\\set aid random(1, 500000)\nBEGIN;\nSELECT abalance FROM pgbench_accounts WHERE aid = :aid;\nROLLBACK;\n'
    done
    printf '\\endpipeline\n'
} >"$work/pipeline.sql"
# Statements per second of a pgbench run whose transactions have $1 statements.
ceiling()
{
    local each=$1
    shift
    pgbench -n -M prepared -c "$sessions" -j 2 "$@" bench 2>/dev/null |
        awk -v n="$each" '/^tps/ { printf "%d", $3 * n }'
}
best_ours=0
best_peer=0
for round in $(seq "$rounds"); do
    TIMEFORMAT='%U %S'
    { time "$program" replay "$work/w" "dbname=bench" --speed max --connections "$((sessions + 2))" \
        --json --progress never >"$work/report" 2>"$work/err" || cat "$work/err"; } 2>"$work/cpu"
    ours=$(jq '.summary.per_second | floor' "$work/report")
    busy=$(jq '100 * .lag.tool_busy_us / .summary.elapsed_us | floor' "$work/report")
    cpu=$(awk -v us="$(jq .summary.elapsed_us "$work/report")" '{ printf "%d", 1e8 * ($1 + $2) / us }' "$work/cpu")
    from=$(seconds)
    pgreplay -s 100000 -h "$dir" -p 5432 "$work/log" >"$work/peer" 2>&1 || tail -3 "$work/peer"
    peer=$(awk -v n="$total" -v a="$from" -v b="$(seconds)" 'BEGIN { printf "%d", n / (b - a) }')
    printf 'round %d: rehearse %d/s (busy %d %% of the time, %d errors), pgreplay %d/s\n' "$round" \
        "$ours" "$busy" "$(jq .summary.errors "$work/report")" "$peer"
    printf '         our CPU %d %% of one core; pgbench one by one %d/s, in pipelines %d/s\n' "$cpu" \
        "$(ceiling 1 -S -t "$statements")" "$(ceiling 30 -f "$work/pipeline.sql" -t "$((statements / 30))")"
    if [ "$ours" -gt "$best_ours" ]; then best_ours=$ours; fi
    if [ "$peer" -gt "$best_peer" ]; then best_peer=$peer; fi
done
awk -v a="$best_ours" -v b="$best_peer" 'BEGIN {
    printf "best: rehearse %d/s, pgreplay %d/s, ratio %.1f (bar: 10000/s and 5)\n", a, b, a / b }'
