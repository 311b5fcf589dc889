# Capture of logs that are damaged, foreign or in another encoding: a clear answer, what can be read
# is read, and every line that is not is counted with file and line.
. "$(dirname "$0")/../support/lib.sh"
require_program
require_tool sqlite3
cd "$scratch"

P='2021-12-03 07:14:48.591 UTC [1] '
question()
{
    sqlite3 w.db "$1"
}

# skipped REASON: how many, in which file, first at which line.
skipped()
{
    question "SELECT k.count || ' ' || s.path || ':' || k.line FROM skipped k
        JOIN sources s ON s.id = k.source WHERE k.reason LIKE '$1'"
}

# captured FILE EXECUTIONS
captured()
{
    assert_ok "$RH_BIN" capture "$1" --out w.db --replace
    assert_eq "$2" "$(question 'SELECT count(*) FROM executions')" "executions of $1"
}

refused()
{
    assert_exit 2 "$RH_BIN" capture "$1" --out none.db
    assert_stderr_contains "$2"
    assert_no_file none.db
}

for i in $(seq 20000); do
    echo "${P}LOG:  statement: select $i, '$((i * i % 9973)) $((i * 7919 % 65537))'"
done >whole.log
captured whole.log 20000

say 'compressed data that end too early: what stood before is taken'
gzip -k whole.log
head -c $(($(stat -c %s whole.log.gz) * 2 / 3)) whole.log.gz >cut.log.gz
assert_ok "$RH_BIN" capture cut.log.gz --out w.db --replace --json
assert_stdout_contains '"damaged": true'
[ "$(question 'SELECT count(*) FROM executions')" -gt 5000 ] || fail 'gzip: too few'
assert_match "$(skipped 'compressed data damaged%')" '^1 .*cut.log.gz:[0-9]+$'
if command -v zstd >/dev/null; then
    zstd -q -k whole.log
    head -c $(($(stat -c %s whole.log.zst) * 2 / 3)) whole.log.zst >cut.log.zst
    assert_ok "$RH_BIN" capture cut.log.zst --out w.db --replace
    [ "$(question 'SELECT count(*) FROM executions')" -gt 1000 ] || fail 'zstd: too few'
    assert_match "$(skipped 'compressed data damaged%')" '^1 .*cut.log.zst:[0-9]+$'
fi
if command -v bzip2 >/dev/null; then
    cat whole.log whole.log whole.log | bzip2 -1 >many.log.bz2
    head -c $(($(stat -c %s many.log.bz2) * 2 / 3)) many.log.bz2 >cut.log.bz2
    assert_ok "$RH_BIN" capture cut.log.bz2 --out w.db --replace
    [ "$(question 'SELECT count(*) FROM executions')" -gt 1000 ] || fail 'bzip2: too few'
    assert_match "$(skipped 'compressed data damaged%')" '^1 .*cut.log.bz2:[0-9]+$'
fi

say 'damage in the middle of an archive'
cp whole.log.gz flipped.log.gz
printf 'XXXXXXXXXXXXXXXX' | dd of=flipped.log.gz bs=1 seek=$(($(stat -c %s whole.log.gz) / 2)) \
    conv=notrunc status=none
assert_ok "$RH_BIN" capture flipped.log.gz --out w.db --replace
assert_match "$(skipped 'compressed data damaged%')" '^1 .*flipped.log.gz:[0-9]+$'

say 'garbage'
head -c 100000 /dev/zero >zeros.log
refused zeros.log 'holds no text'
printf '\xff\xfes\0e\0l\0' >utf16.log
refused utf16.log UTF-16
awk 'BEGIN { srand(7); for (i = 0; i < 3000; i++) { printf "!"; for (j = 0; j < 40; j++)
    printf "%c", 33 + int(rand() * 92); print "" } }' >noise.log
refused noise.log 'is no log, trace or script'
{
    head -3 whole.log
    cat noise.log
    head -2 whole.log
} >island.log
captured island.log 5
assert_match "$(skipped 'not a log line%')" '^3000 .*island.log:4$'

say 'two formats in one file: the one of most lines is read, the other counted'
{
    head -50 whole.log
    echo '{"timestamp":"2021-12-03 07:14:48.591 UTC","pid":1,"error_severity":"LOG","message":"statement: select 0"}'
    echo '2021-12-03 07:14:48.591 UTC,"u","d",1,"[local]",61a.1,1,"idle",2021-12-03 07:14:48 UTC,3/4,0,LOG,00000,"statement: select 0",,,,,,,,,"psql","client backend",,0'
    head -5 whole.log
} >mixed.log
captured mixed.log 55
assert_match "$(skipped 'not a log line%')" '^2 .*mixed.log:51$'

say 'another encoding: kept, marked, and never passed on as it is'
printf '%sLOG:  statement: select '"'"'M\xfcller'"'"'\n%sLOG:  statement: select 2\n' "$P" "$P" >latin1.log
captured latin1.log 2
assert_eq 1 "$(question 'SELECT count(*) FROM executions WHERE unreplayable IS NOT NULL')" 'marked'
assert_match "$(skipped 'not UTF-8%')" '^1 .*latin1.log:1$'
assert_eq "select 'M?ller'" "$(question 'SELECT sql FROM texts WHERE id = 1')"

say 'a line longer than the limit'
{
    head -2 whole.log
    printf '%sLOG:  statement: select ' "$P"
    head -c 3000000 /dev/zero | tr '\0' x
    printf '\n'
    head -2 whole.log
} >long.log
assert_ok "$RH_BIN" capture long.log --out w.db --replace --max-line 1MiB
assert_eq 4 "$(question 'SELECT count(*) FROM executions')"
assert_match "$(skipped 'line too long')" '^1 .*long.log:3$'

say 'a log cut in the middle of a message, and one that begins there'
head -c 150 whole.log >half.log
captured half.log 2
printf '\tof something before\n%sLOG:  statement: select 2\n' "$P" >tail.log
captured tail.log 1
assert_match "$(skipped 'continuation of a message%')" '^1 .*tail.log:1$'
