# Each capture setting of a real server: what was sent comes back exactly, from every log format.
. "$(dirname "$0")/../../support/lib.sh"
require_program
require_tool sqlite3

case_program=$1
pg_private log_destination=stderr,csvlog logging_collector=on log_filename=pg.log \
    'log_line_prefix=%m [%p] %c %v %q%u@%d/%a ' log_connections=on log_disconnections=on \
    log_timezone=UTC lc_messages=C
logs=$(pg_sql "$RH_TEST_PG" 'SHOW data_directory')/log
jsonlog=''
if pg_sql "$RH_TEST_PG" "ALTER SYSTEM SET log_destination = 'stderr,csvlog,jsonlog'"; then
    jsonlog=pg.json
fi
pg_sql "$RH_TEST_PG" 'SELECT pg_reload_conf()' >/dev/null

# rotate: begin new files, of which only the latest message counts.
rotate()
{
    rm -f "$logs"/*
    pg_sql "$RH_TEST_PG" 'SELECT pg_rotate_logfile()' >/dev/null
    for _ in $(seq 100); do
        [ -e "$logs/pg.log" ] && [ -e "$logs/pg.csv" ] && break
        sleep 0.1
    done
}

# wait_for FILE: until the sessions' ends were written.
wait_for()
{
    for _ in $(seq 100); do
        [ "$(grep -c 'disconnection: .*' "$1")" -ge 2 ] && return
        sleep 0.1
    done
    fail "$1 never gets the end of both sessions"
}

# to_syslog FILE: as a syslog daemon writes it: lines of one message numbered, tabs escaped.
to_syslog()
{
    awk '{
        first = match($0, /^[0-9-]+ [0-9:.]+ UTC \[[0-9]+\] /)
        part = $0 ~ /\/sender (DETAIL|STATEMENT|HINT|CONTEXT|QUERY):  /
        if (first) { split($0, w, /[][]/); pid = w[2]; if (!part) { n++; m = 0 } }
        gsub(/\t/, "#011"); gsub(/\r/, "#015")
        m++
        printf "Feb 11 13:15:39 host postgres[%s]: [%d-%d] %s\n", pid, n, m, $0
    }' "$1"
}

# to_docker FILE: JSON around each line, cut at 16 KiB.
to_docker()
{
    jq -R -c '. + "\n" | [range(0; length; 16384) as $i | .[$i:$i + 16384]][]
        | {log: ., stream: "stderr", time: "2024-01-01T00:00:00.5Z"}' "$1"
}

captured()
{
    local mode=$1 format=$2
    shift 2
    assert_ok "$RH_BIN" capture "$@" --application sender --out "$scratch/w.db" --replace --json
    cp "$scratch/stdout" "$scratch/report.json"
    "$case_program" check "$scratch/expected.json" "$scratch/w.db" "$mode" >"$scratch/count" ||
        fail "capture from $format differs"
}

# one_mode MODE NAME SETTINGS...: run the workload with settings of its sessions, read all formats.
one_mode()
{
    local mode=$1 name=$2 options='' setting file
    shift 2
    say "$name"
    rotate
    for setting in "$@"; do
        options+=" -c $setting"
    done
    PGOPTIONS=$options "$case_program" send "$RH_TEST_PG application_name=sender" \
        "$scratch/expected.json"
    wait_for "$logs/pg.log"
    sleep 0.3
    for file in pg.log pg.csv $jsonlog; do
        captured "$mode" "$name, $file" "$logs/$file"
    done
    gzip -k "$logs/pg.log"
    captured "$mode" "$name, gzip on stdin" - <"$logs/pg.log.gz"
    to_syslog "$logs/pg.log" >"$scratch/syslog"
    captured "$mode" "$name, syslog" "$scratch/syslog"
    if command -v jq >/dev/null; then
        to_docker "$logs/pg.log" >"$scratch/docker.log"
        captured "$mode" "$name, docker" "$scratch/docker.log"
    fi
}

run()
{
    run_status=0
    "$@" >"$scratch/stdout" 2>"$scratch/stderr" || run_status=$?
}

one_mode all 'log_statement = all' log_statement=all
one_mode durations 'log_min_duration_statement = 0' log_min_duration_statement=0
assert_eq 0 "$(sqlite3 "$scratch/w.db" 'SELECT count(*) FROM skipped')" 'skipped'
assert_eq 2 "$(sqlite3 "$scratch/w.db" 'SELECT count(*) FROM sessions')" 'sessions'
assert_eq 4 "$(sqlite3 "$scratch/w.db" \
    'SELECT count(*) FROM executions WHERE tx IN (SELECT tx FROM executions
     JOIN texts ON texts.id = executions.text WHERE texts.sql = '"'begin'"')')" 'transaction'
one_mode durations 'log_duration' log_statement=all log_duration=on
one_mode durations 'both' log_statement=all log_min_duration_statement=0
one_mode some 'sampled' log_min_duration_sample=0 log_statement_sample_rate=0.5
one_mode all 'log_transaction_sample_rate' log_transaction_sample_rate=1

for format in json text; do
    one_mode durations "auto_explain, $format" session_preload_libraries=auto_explain \
        auto_explain.log_min_duration=0 auto_explain.log_format=$format log_min_duration_statement=0
    [ "$(sqlite3 "$scratch/w.db" 'SELECT count(DISTINCT execution) FROM plans')" -gt 40 ] ||
        fail 'plans are missing'
    assert_eq 0 "$(sqlite3 "$scratch/w.db" "SELECT count(*) FROM plans WHERE format <> '$format'")"
done
one_mode all 'auto_explain, log_statement' session_preload_libraries=auto_explain \
    auto_explain.log_min_duration=0 log_statement=all

say 'cut parameters'
rotate
PGOPTIONS='-c log_min_duration_statement=0 -c log_parameter_max_length=10' \
    "$case_program" send "$RH_TEST_PG application_name=sender" "$scratch/expected.json"
wait_for "$logs/pg.log"
assert_ok "$RH_BIN" capture "$logs/pg.log" --out "$scratch/w.db" --replace
[ "$(sqlite3 "$scratch/w.db" "SELECT count(*) FROM executions
    WHERE unreplayable LIKE 'parameters cut%'")" -gt 10 ] || fail 'cut values were not noticed'

say 'other prefixes'
for prefix in '%t:%r:%u@%d:[%p]:' '%m|%u|%d|%c|' '%n %p %a ' 'pid=%p,user=%u,db=%d,app=%a,vx=%v '; do
    pg_sql "$RH_TEST_PG" "ALTER SYSTEM SET log_line_prefix = '$prefix'" \
        'SELECT pg_reload_conf()' >/dev/null
    sleep 0.5
    rotate
    PGOPTIONS='-c log_min_duration_statement=0' \
        "$case_program" send "$RH_TEST_PG application_name=sender" "$scratch/expected.json"
    wait_for "$logs/pg.log"
    captured durations "$prefix, inferred" "$logs/pg.log"
    captured durations "$prefix, given" "$logs/pg.log" --prefix "$prefix"
done

say 'a prefix that changes in mid-log'
rotate
for prefix in '%m [%p] %q%u@%d ' '%n|%p|%a|%v|' '{%m} {%p} app=%a '; do
    pg_sql "$RH_TEST_PG" "ALTER SYSTEM SET log_line_prefix = '$prefix'" \
        'SELECT pg_reload_conf()' >/dev/null
    sleep 0.5
    pg_sql "$RH_TEST_PG" 'SET log_min_duration_statement = 0' $'SELECT \'first\nsecond\'' >/dev/null
done
assert_ok "$RH_BIN" capture "$logs/pg.log" --out "$scratch/w.db" --replace
assert_eq 3 "$(sqlite3 "$scratch/w.db" \
    "SELECT count(*) FROM executions JOIN texts ON texts.id = executions.text
     WHERE sql = 'SELECT ''first' || char(10) || 'second'''")" 'statements under three prefixes'
