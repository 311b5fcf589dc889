# The walk of examples/explorer: sparse staging passes, the masked mirror fails with the subquery's
# place, the rewritten query passes and gives the same answer.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
require_tool jq
cd "$scratch"
example=$RH_SOURCE_DIR/examples/explorer
pg_create_db sparse
sparse=$pg_db
pg_create_db production
production=$pg_db
staging=${RH_TEST_PG/dbname=postgres/dbname=xst_$$}
at_exit pg_drop_db "xst_$$"
fill()
{
    psql "$1" -qX -v ON_ERROR_STOP=1 "${@:3}" -v "projects=$2" -f "$example/schema.sql" \
        -f "$example/listings.sql" -f "$example/generate.sql"
}
registry=()
if [ -d "$RH_SHARED_DATA/walletconnect" ]; then
    export EXPLORER_WALLETS=$RH_SHARED_DATA/walletconnect/wallets.json
    export EXPLORER_DAPPS=$RH_SHARED_DATA/walletconnect/dapps.json
    registry=(-v registry=1)
fi
fill "$sparse" 50 "${registry[@]}"
fill "$production" 20000 "${registry[@]}"

say 'sparse staging: nothing to see'
assert_ok "$RH_BIN" profile "$sparse" -f "$example/feature.sql"
assert_stdout_contains 'No findings'

say 'a masked mirror without leaks, with production'"'"'s plan'
write_mask_key mask.key
assert_ok "$RH_BIN" mirror "$production" "$staging" --rules "$example/rules.yaml" --mask-key mask.key --seen seen.bin
assert_ok "$RH_BIN" leaks "$staging" --seen seen.bin --seen-key mask.key
mkdir queries
cp "$example/feature.sql" "$example/feature-rewritten.sql" queries
assert_ok "$RH_BIN" fidelity "$production" "$staging" --queries queries --max-qerror 1.2 --max-cost 1.15

say 'the same command finds the outage there'
assert_exit 1 "$RH_BIN" profile "$staging" -f "$example/feature.sql" --json
assert_eq 'correlated-subquery error 3 8 l.homepage' \
    "$(jq -r '.findings[] | [.finding, .severity, .span.line, .span.column, .correlated_by] | join(" ")' stdout)" 'the finding'
offset=$(jq '.findings[0].span.offset' stdout)
length=$(jq '.findings[0].span.length' stdout)
span=$(tail -c +"$((offset + 1))" "$example/feature.sql" | head -c "$length")
assert_eq '(SELECT count' "${span:0:13}" 'the span begins with the subquery'
assert_eq 'l.homepage)' "${span: -11}" 'and ends with it'

say 'the rewritten query passes, with the same answer'
assert_ok "$RH_BIN" profile "$staging" -f "$example/feature-rewritten.sql"
answer()
{
    psql "$1" -qXAt -f "$2" | sha256sum
}
assert_eq "$(answer "$production" "$example/feature.sql")" \
    "$(answer "$production" "$example/feature-rewritten.sql")" 'answers'
