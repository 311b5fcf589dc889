#!/bin/bash
# A page that takes a new user through an example, at small size: walk.sh PAGE EXAMPLE COMMANDS
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/walk.sh"
page=$RH_SOURCE_DIR/$1
example=$2
least=$3
require_program
require_tool cc jq python3 sqlite3
cp "$RH_SOURCE_DIR/examples/$example"/* "$scratch"
cd "$scratch"
walk_path

walk_commands "$page" |
    sed -e 's/db 20000 500/db 2000 50/' -e 's/db 200000/db 5000/' -e 's/--transactions 4000/--transactions 400/' \
        -e 's/projects=50000/projects=8000/' -e 's/make-log.py 50000 2000/make-log.py 8000 300/' >commands
[ "$(wc -l <commands)" -ge "$least" ] || fail "$1 has $(wc -l <commands) commands"
assert_eq 0 "$(grep -c 'db 200000\|projects=50000\|--transactions 4000 ' commands || true)" 'sizes left as they were'
if grep -q '^createdb' commands; then
    require_tool psql createdb
    walk_server
fi
while IFS= read -r command; do
    walk_step "$command"
done <commands
