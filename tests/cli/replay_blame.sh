#!/bin/bash
# Lost connections are told of the statement that had no answer, and of no other: against the
# server's own log of what it completed, one at a time and sent together, killed from inside and outside.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/workload.sh"
require_program
require_tool sqlite3 psql jq
cd "$scratch"
pg_private 'log_line_prefix=%p|' logging_collector=on log_filename=blame.log log_destination=stderr
db=$RH_TEST_PG
log=$(pg_sql "$db" 'SHOW data_directory')/log/blame.log
pg_mark_staging "$db"
pg_sql "$db" 'ALTER DATABASE postgres SET log_min_duration_statement = 0'

# Numbers of the statements that the server completed, each as often as it did.
completed()
{
    awk -F'|' '/duration: .* execute .*: SELECT \$1::int/ { want[$1] = 1; next }
        want[$1] && /DETAIL: / { sub(/^.*\$1 = .s?/, ""); gsub(/[^0-9]/, ""); print; want[$1] = 0; next }
        { want[$1] = 0 }' "$log" | sort -n
}

# judge LABEL COUNT: every statement has either one answer, completed once, or the blame, and no completion.
judge()
{
    local label=$1 count=$2
    jq -r '.outcomes[] | select(.[4] == "") | .[1]' run | sort -n >answered
    jq -r '.outcomes[] | select(.[4] != "") | .[1]' run | sort -n >blamed
    completed >complete
    # Statements that end their own connection are no "SELECT $1::int": nothing is completed for them.
    sqlite3 w 'SELECT id FROM executions WHERE parameters IS NULL ORDER BY id' | sort -n >killers
    sort -n answered blamed | diff -q - <(seq "$count") >/dev/null || fail "$label: not one outcome for each"
    diff answered complete >difference || fail "$label: answered is not what the server completed: $(head -5 difference)"
    comm -13 <(sort blamed) <(sort killers) >unblamed
    [ ! -s unblamed ] || fail "$label: not blamed: $(head -3 unblamed)"
}
run_with()
{
    : >"$log"
    code=0
    "$RH_BIN" replay w "$db" --progress never --speed max --pipeline "$1" --out run --json >out 2>err || code=$?
    assert_eq "0 " "$code $(cat err)"
}
make_workload()
{
    workload_new w postgresql
    workload_add w 1 NULL 1000000 'SELECT $1::int' '["1"]'
    workload_add w 1 NULL 1000001 'SELECT pg_terminate_backend(pg_backend_pid())'
    sqlite3 w "DELETE FROM executions WHERE parameters IS NULL;
        WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
        INSERT INTO executions(id, session, tx, text, start_us, duration_us, protocol, name, parameters, source, line)
        SELECT i, 1, NULL, CASE WHEN i IN ($2) THEN 2 ELSE 1 END, 1000000 + i, 10, 2, 'S_1',
            CASE WHEN i IN ($2) THEN NULL ELSE '[\"' || i || '\"]' END, 1, i FROM n"
}

# Statements that end their own connection, at every place of a group and next to each other.
make_workload 600 '7, 8, 71, 140, 211, 300, 301, 302, 377, 480, 599'
for depth in 1 2 8 64; do
    for round in 1 2; do
        run_with "$depth"
        judge "inside, $depth, round $round" 600
        assert_eq '11 11' "$(jq -r '"\(.summary.errors) \(.summary.connections_lost)"' out)"
    done
done

# Killed from outside, whenever.
make_workload 4000 -1
for depth in 1 8 64; do
    lost=0
    for round in 1 2 3; do
        psql -X -q "$db" -c 'SET log_min_duration_statement = -1' -c "DO \$do\$
            BEGIN
                FOR i IN 1 .. 400 LOOP
                    PERFORM pg_sleep(0.01 + random() * 0.04);
                    PERFORM pg_stat_clear_snapshot();
                    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE application_name = 'rehearse'
                            AND (query ~ '(BEGIN|ROLLBACK)\$' OR query = 'SELECT \$1::int');
                END LOOP;
            END \$do\$" &
        killer=$!
        run_with "$depth"
        kill "$killer"
        wait "$killer" 2>/dev/null || true
        psql -X -q "$db" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DO%'" >/dev/null
        judge "outside, $depth, round $round" 4000
        lost=$((lost + $(jq .summary.connections_lost out)))
    done
    [ "$lost" -ge 3 ] || fail "only $lost connections were lost with --pipeline $depth"
done
