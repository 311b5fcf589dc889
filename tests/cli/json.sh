# --json: one document on stdout and nothing else, also when the command fails.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/ledger.sh"
require_program
require_tool sqlite3
cd "$scratch"
make_ledger prod.db 500
export REHEARSE_REPO=$scratch/repo

# assert_json CODE WORDS...: run with --json; stdout is one valid document.
assert_json()
{
    local code=$1
    shift
    assert_exit "$code" "$RH_BIN" "$@" --json
    assert_eq 1 "$(sqlite3 :memory: "SELECT json_valid(readfile('$scratch/stdout'))")" \
        "validity of the JSON of '$*'"
}
field()
{
    sqlite3 :memory: "SELECT json_extract(readfile('$scratch/stdout'), '$1')"
}

assert_json 0 keygen --seal ops
assert_json 0 snapshot prod.db --raw --seal-to ops.writer
id=$(field '$.snapshot')
assert_eq 4 "$(field '$.tables')" tables
export REHEARSE_KEY=$scratch/ops.secret
assert_json 0 list
assert_eq "$id" "$(field '$[0].id')" 'the id in list'
assert_json 0 show latest
assert_eq sqlite "$(field '$.source.engine')" engine
assert_json 0 diff latest latest
assert_eq same "$(field '$.tables[0].change')" change
assert_json 0 verify
assert_eq 1 "$(field '$.ok')" ok
assert_eq 1 "$(field '$.content_checked')" content_checked
assert_json 0 restore latest staging.db
assert_eq "$id" "$(field '$.snapshot')" snapshot
assert_json 0 export latest plain
assert_json 0 prune --dry-run
assert_json 2 restore latest staging.db
assert_ne '' "$(field '$.error.text')" 'error text'
assert_json 2 show nosuch
assert_json 2 snapshot missing.db --raw
assert_json 2 list --nonsense
