# shellcheck shell=bash
# A page of documentation as a test: every command line of its ```sh blocks is run, with the outcome
# that the page tells. To be sourced after lib.sh.
#
# A line ends with "# exit N: words" where its exit code is not 0, or for what it shows: the first of the
# words that is the name of a finding has to be in the output (others may need more than a small size).

# walk_commands PAGE: its command lines, one per line.
walk_commands()
{
    awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on && NF' "$1"
}

# walk_path: let the page's `rehearse` be the program of this build.
walk_path()
{
    mkdir -p "$scratch/bin"
    ln -sf "$RH_BIN" "$scratch/bin/rehearse"
    PATH=$scratch/bin:$PATH
}

# walk_server: let the page's createdb, psql and "dbname=" mean a cluster of this test alone.
walk_server()
{
    pg_private
    PGHOST=$(sed 's/.*host=\([^ ]*\).*/\1/' <<<"$RH_TEST_PG")
    PGPORT=$(sed 's/.*port=\([^ ]*\).*/\1/' <<<"$RH_TEST_PG")
    PGUSER=$(sed 's/.*user=\([^ ]*\).*/\1/' <<<"$RH_TEST_PG")
    PGDATABASE=postgres
    export PGHOST PGPORT PGUSER PGDATABASE
}

# walk_step COMMAND: run one line.
walk_step()
{
    local command=$1 code word
    code=$(sed -n 's/.*# exit \([0-9]\).*/\1/p' <<<"$command")
    say "$command"
    assert_exit "${code:-0}" bash -c "$command"
    for word in $(sed -n 's/.*# exit [0-9]: *//p' <<<"$command" | grep -oE '[a-z]+(-[a-z]+)+'); do
        if grep -qE "^(## $word\$|.*\`$word\`)" "$RH_SOURCE_DIR/docs/findings.md" "$RH_SOURCE_DIR/docs/ledger.md"; then
            assert_stdout_contains "$word"
            break
        fi
    done
}
