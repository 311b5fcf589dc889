# Capture: the examples of traces, and how the command answers.
. "$(dirname "$0")/../support/lib.sh"
require_program
require_tool sqlite3

examples=$RH_SOURCE_DIR/examples/trace
w=$scratch/w.db
question()
{
    sqlite3 "$w" "$1"
}

say 'the C example: values come back from expanded texts'
if command -v cc >/dev/null && cc -o "$scratch/example" "$examples/trace.c" -lsqlite3; then
    "$scratch/example" >"$scratch/c.trace"
    assert_ok "$RH_BIN" capture "$scratch/c.trace" --out "$w"
    assert_eq 4 "$(question 'SELECT count(*) FROM executions WHERE unreplayable IS NULL')"
    assert_eq 3 "$(question "SELECT count(*) FROM executions JOIN texts ON texts.id = text
        WHERE sql = 'INSERT INTO t VALUES(?, ?, :c)' AND parameters LIKE '%it''s%'")"
fi

say 'the Python example'
if python3 -c 'import sqlite3' 2>/dev/null; then
    python3 "$examples/trace.py" >"$scratch/py.trace"
    assert_ok "$RH_BIN" capture "$scratch/py.trace" --out "$w" --replace
    [ "$(question 'SELECT count(*) FROM executions')" -ge 3 ] || fail 'statements are missing'
fi

say "the shell's .trace"
printf '%s\n' ".trace $scratch/shell.trace --profile" 'CREATE TABLE t(a);' 'SELECT 1;' |
    sqlite3 :memory: >/dev/null
assert_ok "$RH_BIN" capture "$scratch/shell.trace" --engine sqlite --format script --out "$w" --replace
assert_eq 2 "$(question 'SELECT count(*) FROM executions WHERE duration_us >= 0')"

say 'a folder of scripts, in order'
mkdir "$scratch/q"
echo 'select 1; select 2;' >"$scratch/q/a.sql"
echo 'select 3' >"$scratch/q/b.sql"
assert_ok "$RH_BIN" capture "$scratch/q" --out "$w" --replace --json
assert_stdout_contains '"executions": 3'

say 'refusals'
assert_exit 2 "$RH_BIN" capture "$scratch/q" --out "$w"
assert_stderr_contains 'exists already'
assert_exit 2 "$RH_BIN" capture "$scratch/q"
assert_stderr_contains '--out'
assert_exit 2 "$RH_BIN" capture "$w" --out "$scratch/x.db"
assert_stderr_contains 'is a database'
assert_exit 2 "$RH_BIN" capture "$scratch/none" --out "$scratch/x.db"
head -c 5000 /dev/zero >"$scratch/zeros"
assert_exit 2 "$RH_BIN" capture "$scratch/zeros" --out "$scratch/x.db"
assert_exit 2 "$RH_BIN" capture "$scratch/q" --out "$scratch/x.db" --since never
assert_exit 2 "$RH_BIN" capture "$scratch/q" --out "$scratch/x.db" --sample 0
assert_no_file "$scratch/x.db"

say 'pipes: standard input, process substitution, a FIFO, and a symbolic link to a file'
log=$scratch/pg.log
printf '%s\n' \
    '2024-05-13 10:00:00.000 UTC [7] app@shop/web LOG:  duration: 1.000 ms  statement: SELECT 1' \
    '2024-05-13 10:00:01.000 UTC [7] app@shop/web LOG:  duration: 1.000 ms  statement: SELECT 2' \
    '2024-05-13 10:00:02.000 UTC [8] app@shop/rehearse LOG:  duration: 1.000 ms  statement: SELECT 3' \
    '2024-05-13 10:00:03.000 UTC [9] app@shop/cron LOG:  duration: 1.000 ms  statement: /* rehearse */ SELECT 4' \
    '2024-05-13 10:00:04.000 UTC [9] app@shop/cron LOG:  duration: 1.000 ms  statement: -- rehearse: x' \
    '	SELECT 5' >"$log"
ln -s pg.log "$scratch/current.log"
mkfifo "$scratch/fifo"
gzip -c "$log" | "$RH_BIN" capture - --out "$w" --replace --quiet || fail 'standard input'
assert_eq 2 "$(question 'SELECT count(*) FROM executions')" 'standard input'
assert_ok "$RH_BIN" capture <(gzip -c "$log") --out "$w" --replace
assert_eq 2 "$(question 'SELECT count(*) FROM executions')" 'process substitution'
assert_ok "$RH_BIN" capture "$scratch/current.log" --out "$w" --replace
assert_eq 2 "$(question 'SELECT count(*) FROM executions')" 'symbolic link'
(sleep 0.3; exec cat "$log") >"$scratch/fifo" &
assert_ok "$RH_BIN" capture "$scratch/fifo" --out "$w" --replace
wait
assert_eq 2 "$(question 'SELECT count(*) FROM executions')" 'FIFO'
assert_exit 2 "$RH_BIN" capture "$scratch/missing.log" --out "$scratch/x.db"
assert_stderr_contains 'does not exist'

say 'a pipe that nobody writes into can be interrupted'
"$RH_BIN" capture "$scratch/fifo" --out "$scratch/x.db" 2>"$scratch/stderr" &
pid=$!
exec 7>"$scratch/fifo" # as soon as it was opened for reading
kill -TERM "$pid"
code=0
wait "$pid" || code=$?
exec 7>&-
assert_eq 2 "$code" 'exit code'
assert_stderr_contains 'interrupted'
assert_no_file "$scratch/x.db"

say 'statements of rehearse itself are left out, those of its replays can be asked for'
assert_ok "$RH_BIN" capture "$log" --out "$w" --replace
assert_stdout_contains 'left out, sent by rehearse or pg_dump: 3'
assert_ok "$RH_BIN" capture "$log" --out "$w" --replace --application '*' --json
assert_stdout_contains '"own": 2'
assert_eq 3 "$(question 'SELECT count(*) FROM executions')"

say 'what is no workload is not replaced, and is told before anything is read'
cp "$log" "$scratch/precious.log"
assert_exit 2 "$RH_BIN" capture "$log" --out "$scratch/precious.log" --replace
assert_stderr_contains 'is no workload'
assert_eq "$(cat "$log")" "$(cat "$scratch/precious.log")" 'the log'
assert_exit 2 "$RH_BIN" capture "$scratch/fifo" --out "$scratch/no/x.db"

say 'a full disk: nothing stays behind'
mkdir "$scratch/full"
seq -f '2024-05-13 10:00:00.000 UTC [7] app@shop/web LOG:  statement: SELECT %.0f AS some_longer_name' 9000 \
    >"$scratch/many.log"
if (ulimit -f 200 && exec "$RH_BIN" capture "$scratch/many.log" --out "$scratch/full/x.db" --quiet) \
    2>"$scratch/stderr"; then
    fail 'a limit on file sizes was not noticed'
else
    assert_eq 2 "$?" 'exit code'
fi
assert_eq '' "$(ls -A "$scratch/full")" 'left behind'

say 'the report counts what was written, fits 80 columns, and says why there is nothing'
: >"$scratch/empty.log"
assert_ok "$RH_BIN" capture "$scratch/empty.log" "$log" --user nobody --out "$w" --replace
assert_stdout_contains 'captured 0 executions of 0 statements in 0 sessions'
assert_stdout_contains 'empty.log: empty'
assert_stderr_contains 'what was left out'
cd "$scratch"
printf '%s\n' '2024-05-13 10:00:02.000 UTC [7] LOG:  execute <unnamed>: SELECT $1' 'noise' >>pg.log
assert_ok "$RH_BIN" capture pg.log --out w.db --replace
assert_stdout_contains 'captured 3 executions of 1 statement in 1 session into'
assert_eq '' "$(sed "s|$scratch/||" stdout | grep -E '.{81}')" 'longer than 80 columns'
printf 'a()\n{\n  b\n}\n' >shell.txt
assert_exit 2 "$RH_BIN" capture shell.txt --out x.db
assert_stderr_contains 'is no log'

say 'filters: applications, users, a window of time, duration, fingerprints, a sample of sessions'
for pid in $(seq 200); do
    for second in 01 02; do
        printf '2024-05-13 10:00:%s.000 UTC [%s] u%s@shop/app%s LOG:  duration: %s.000 ms  statement: %s\n' \
            "$second" "$pid" $((pid % 4)) $((pid % 2)) "${second#0}" \
            "SELECT $([ $second = 01 ] && echo a || echo b) FROM t WHERE id = $pid"
    done
done >filter.log
# left EXECUTIONS OPTION...
left()
{
    assert_ok "$RH_BIN" capture filter.log --out w.db --replace "${@:2}" --json
    assert_eq "$1" "$(question 'SELECT count(*) FROM executions')" "executions with ${*:2}"
    assert_eq $((400 - $1)) "$(awk '/"filtered"/ { on = 1; next } /}/ { on = 0 } on { n += $2 } END { print n }' stdout)" \
        "left out by ${*:2}"
}
left 400
name=$(question "SELECT fingerprint FROM statements WHERE normalized LIKE '%a FROM%'")
other=$(question "SELECT fingerprint FROM statements WHERE normalized LIKE '%b FROM%'")
left 200 --fingerprint "$name"
left 400 --fingerprint "$name" --fingerprint "$other"
left 200 --application app1
left 200 --application 'app*' --user u0 --user u1
left 100 --user 'u?' --user none --application app0 --min-duration 2ms
left 200 --since '2024-05-13 10:00:01' # they began a second before they ended
left 200 --until 2024-05-13T10:00:01Z
left 0 --database other
assert_ok "$RH_BIN" capture filter.log --out w.db --replace --sample 25%
sessions=$(question 'SELECT count(*) FROM sessions')
[ "$sessions" -gt 25 ] && [ "$sessions" -lt 80 ] || fail "$sessions of 200 sessions are no quarter"
assert_eq "$sessions|2|2" "$(question 'SELECT count(*), min(n), max(n) FROM
    (SELECT count(*) AS n FROM executions GROUP BY session)')" 'each whole'
