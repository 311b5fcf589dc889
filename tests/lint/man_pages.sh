#!/bin/bash
# Each command has a man page, and both name the same options: `--help` against
# docs/man/rehearse-<command>.1, the other way round too. The options that all commands share may be
# described in docs/man/rehearse.1 instead.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"
require_program
require_tool mandoc
shopt -s nullglob

# Options are what starts an indented line: "  -j, --jobs N   text" or "  --jobs N".
options_of()
{
    sed -nE 's/^ {1,10}(-[A-Za-z], )?--([a-z][a-z0-9-]*).*/--\2/p' | LC_ALL=C sort -u
}

# A wide page: no paragraph is wrapped, so none starts with an option by accident.
render()
{
    mandoc -Tutf8 -O width=1000 "$1" | sed 's/.\x08//g'
}

# Commands are the indented words below the line "Commands:" of `rehearse --help`.
assert_ok "$RH_BIN" --help
sed -nE '/^[Cc]ommands/,$ s/^ {1,4}([a-z][a-z-]+)( .*)?$/\1/p' "$scratch/stdout" |
    LC_ALL=C sort -u >"$scratch/commands"
[ -s "$scratch/commands" ] || fail 'rehearse --help lists no commands'

render "$RH_SOURCE_DIR/docs/man/rehearse.1" | options_of >"$scratch/common"
while IFS= read -r command; do
    page=docs/man/rehearse-$command.1
    if [ ! -f "$RH_SOURCE_DIR/$page" ]; then
        report "$page" 1 "command '$command' has no man page"
        continue
    fi
    assert_ok "$RH_BIN" "$command" --help
    options_of <"$scratch/stdout" >"$scratch/help"
    render "$RH_SOURCE_DIR/$page" | options_of >"$scratch/page"
    while IFS= read -r option; do
        report "$page" 1 "$option of '$command --help' is not described"
    done < <(comm -23 "$scratch/help" <(LC_ALL=C sort -u "$scratch/page" "$scratch/common"))
    while IFS= read -r option; do
        report "$page" 1 "$option is described, but '$command --help' does not list it"
    done < <(comm -13 "$scratch/help" "$scratch/page")
done <"$scratch/commands"

for page in "$RH_SOURCE_DIR"/docs/man/rehearse-*.1; do
    name=${page##*/rehearse-}
    grep -qxF "${name%.1}" "$scratch/commands" ||
        report "${page#"$RH_SOURCE_DIR"/}" 1 'there is no such command'
done
for page in "$RH_SOURCE_DIR"/docs/man/*.[1-8]; do
    mandoc -Tlint -Werror "$page" >"$scratch/out" || {
        cat "$scratch/out" >&2
        report "${page#"$RH_SOURCE_DIR"/}" 1 'mandoc -Tlint reports errors'
    }
done
finish_lint
