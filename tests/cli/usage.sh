# Words, options and exit codes.
. "$(dirname "$0")/../support/lib.sh"
require_program
commands='snapshot restore mirror anonymize rules list show diff cat export verify prune leaks fidelity keygen ledger'

say 'without a command: the overview on stderr and exit code 2'
assert_exit 2 "$RH_BIN"
assert_stderr_contains 'usage: rehearse COMMAND'

say 'help is an answer, not an error'
for words in help --help -h; do
    assert_ok "$RH_BIN" $words
    assert_stdout_contains 'Exit codes'
done
for command in $commands; do
    assert_ok "$RH_BIN" "$command" --help
    assert_stdout_contains "usage: rehearse $command"
    cp "$scratch/stdout" "$scratch/help"
    assert_ok "$RH_BIN" help "$command"
    assert_same_file "$scratch/help" "$scratch/stdout" "help $command"
    wide=$(awk 'length($0) > 80' "$scratch/help")
    assert_eq '' "$wide" "lines of '$command --help' wider than 80 columns"
done
assert_ok "$RH_BIN" --version
assert_match "$(cat "$scratch/stdout")" '^rehearse [0-9]+\.[0-9]+\.[0-9]+$'

say 'unknown words are named, with a hint'
assert_exit 2 "$RH_BIN" snapshoot
assert_stderr_contains "unknown command 'snapshoot'"
assert_exit 2 "$RH_BIN" list --reppo x
assert_stderr_contains "unknown option '--reppo'"
assert_stderr_contains 'did you mean --repo?'
assert_exit 2 "$RH_BIN" list --repo
assert_stderr_contains '--repo needs a value: DIR'
assert_exit 2 "$RH_BIN" list --repo a --repo b
assert_stderr_contains '--repo was given twice'
assert_exit 2 "$RH_BIN" list --json=yes --repo x
assert_stderr_contains '--json takes no value'
assert_exit 2 "$RH_BIN" list --progress sometimes --repo x
assert_stderr_contains 'auto|always|never'
assert_exit 2 "$RH_BIN" prune --repo x --keep-last -1
assert_exit 2 "$RH_BIN" prune --repo x --keep-last many
assert_stderr_contains keep-last
assert_exit 2 "$RH_BIN" snapshot x.db --repo r --raw --max-rate 10parsecs
assert_exit 2 "$RH_BIN" diff one --repo x
assert_stderr_contains 'missing arguments'
assert_exit 2 "$RH_BIN" show one two --repo x
assert_stderr_contains 'too many arguments'
assert_exit 2 "$RH_BIN" list
assert_stderr_contains '--repo DIR is missing'

say 'a mistyped source leaves no repository behind'
assert_exit 2 "$RH_BIN" snapshot "$scratch/missing.db" --repo "$scratch/new" --raw
assert_no_file "$scratch/new"
assert_exit 2 "$RH_BIN" snapshot "$scratch/missing.db" --repo "$scratch/new"
assert_stderr_contains '--raw'

say 'a missing repository is named'
assert_exit 2 "$RH_BIN" list --repo "$scratch/nothing"
assert_stderr_contains "$scratch/nothing"
