# A line of 1 GiB: passed over and counted, in memory that does not grow with it.
. "$(dirname "$0")/../support/lib.sh"
require_long
require_program
require_tool sqlite3
cd "$scratch"

P='2021-12-03 07:14:48.591 UTC [1] '
mkfifo pipe
"$RH_BIN" capture - --out w.db --max-line 16MiB <pipe >report 2>errors &
pid=$!
exec 3>pipe
{
    printf '%sLOG:  statement: select 1\n%sLOG:  statement: select ' "$P" "$P"
    head -c 1073741824 /dev/zero | tr '\0' x
    printf '\n%sLOG:  statement: select 3\n' "$P"
} >&3
sleep 1 # until it waits for more
peak=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB$/\1/p' "/proc/$pid/status")
exec 3>&-
wait "$pid" || fail "capture failed: $(cat errors)"
[ "$peak" -lt 400000 ] || fail "it used $peak KiB"
assert_eq 2 "$(sqlite3 w.db 'SELECT count(*) FROM executions')" executions
assert_eq 'line too long|2|1' "$(sqlite3 w.db 'SELECT reason, line, count FROM skipped')"
