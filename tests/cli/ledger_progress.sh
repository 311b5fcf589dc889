#!/bin/bash
# Progress of a replay on a terminal: blocks done of all, blocks a second, the time that is left, on one
# line of 80 columns; nothing of it without a terminal's stderr or with --quiet and --progress never.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/ledger.sh"
require_program
require_tool python3 sqlite3
cd "$scratch"

small_block
assert_ok "$RH_BIN" ledger import --synthesize 12 --like small.raw --transactions 1 --first-height 1 --out w
make_balances ledger.db 10
# Each block takes some of the ticker's fifths of a second, on a fast machine, too.
echo 'calls: {loop: {per: block, sql: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT count(*) FROM n"}}' >loop.yaml

# on_terminal FILE ARGUMENTS...: rehearse with a terminal for stderr; what is written there goes to FILE.
on_terminal()
{
    python3 - "$@" <<'PY'
import os, pty, subprocess, sys, termios, struct, fcntl
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
child = subprocess.Popen([os.environ["RH_BIN"]] + sys.argv[2:], stdout=subprocess.DEVNULL, stderr=slave)
os.close(slave)
with open(sys.argv[1], "wb") as out:
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        out.write(data)
sys.exit(child.wait())
PY
}
export RH_BIN

say 'the bar tells blocks, their rate and the time that is left, and never wraps'
on_terminal bar ledger replay w ledger.db --calls loop.yaml || fail 'the replay failed'
python3 - <<'PY' || fail "the bar: $(tr '\r' '\n' <bar | tail -n 3)"
import re
lines = [re.sub("\x1b\\[K", "", line) for line in open("bar", newline="").read().split("\r")]
drawn = [line for line in lines if line.startswith("blocks")]
full = re.compile(r"blocks +\[(#*)(-*)\] +(\d+) %  [\d.]+ blocks/s  ETA [\d.]+ (?:ms|s|min|h)[ \dmins]*  (\d+)/12$")
matches = [m for m in map(full.match, drawn) if m]
assert matches, drawn
for m in matches:
    assert len(m.group(1) + m.group(2)) == 20 and int(m.group(3)) == int(m.group(4)) * 100 // 12, m.group(0)
assert all(len(line) < 80 for line in lines), max(lines, key=len)
assert lines[-1].strip() == "", lines[-1]          # the line is cleared at the end
PY

say 'without a terminal, or unwanted, there is no bar'
echo 'calls: {one: {per: block, sql: "SELECT :block_index"}}' >quick.yaml
assert_ok "$RH_BIN" ledger replay w ledger.db --calls quick.yaml
assert_eq '' "$(cat stderr)"
on_terminal bar ledger replay w ledger.db --calls loop.yaml --progress never || fail 'the replay failed'
assert_eq '' "$(cat bar)"
on_terminal bar ledger replay w ledger.db --calls loop.yaml --quiet || fail 'the replay failed'
assert_eq '' "$(cat bar)"
