#!/bin/bash
# Replay against pgreplay: the same log, the same machine, one after the other, several rounds.
#
#   bench/replay/run.sh [--program FILE] [--sessions N] [--statements N] [--rounds N]
#
# A throwaway cluster logs what pgbench sends (prepared SELECTs by key, N of each session) in the one
# form that pgreplay reads; `rehearse capture` reads the same file. Both replay it as fast as they
# can. Printed: statements per second, the ratio, and which part of its time our program was busy.
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
        sed -n '2,8s/^# \{0,1\}//p' "$0"
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
best_ours=0
best_peer=0
for round in $(seq "$rounds"); do
    "$program" replay "$work/w" "dbname=bench" --speed max --connections "$((sessions + 2))" --json \
        --progress never >"$work/report" 2>"$work/err" || cat "$work/err"
    ours=$(jq '.summary.per_second | floor' "$work/report")
    busy=$(jq '100 * .lag.tool_busy_us / .summary.elapsed_us | floor' "$work/report")
    from=$(seconds)
    pgreplay -s 100000 -h "$dir" -p 5432 "$work/log" >"$work/peer" 2>&1 || tail -3 "$work/peer"
    peer=$(awk -v n="$total" -v a="$from" -v b="$(seconds)" 'BEGIN { printf "%d", n / (b - a) }')
    printf 'round %d: rehearse %d/s (busy %d %% of the time, %d errors), pgreplay %d/s\n' "$round" \
        "$ours" "$busy" "$(jq .summary.errors "$work/report")" "$peer"
    if [ "$ours" -gt "$best_ours" ]; then best_ours=$ours; fi
    if [ "$peer" -gt "$best_peer" ]; then best_peer=$peer; fi
done
awk -v a="$best_ours" -v b="$best_peer" 'BEGIN {
    printf "best: rehearse %d/s, pgreplay %d/s, ratio %.1f (bar: 10000/s and 5)\n", a, b, a / b }'
