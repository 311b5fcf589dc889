# Masking with what is wrong: keys, rules, values, a schema that moves. A clear error or a counted
# fallback; nothing half-masked is ever published.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
require_tool sqlite3 jq
cd "$scratch"
write_mask_key mask.key
# refused WORDS...: neither way of masking publishes anything
refused()
{
    assert_exit 2 "$RH_BIN" mirror prod.db copy.db --rules rules.yaml
    for word; do assert_stderr_contains "$word"; done
    assert_exit 2 "$RH_BIN" snapshot prod.db --repo repo --rules rules.yaml
    assert_no_file copy.db
    [ ! -d repo ] || assert_eq '' "$(find repo -name '*.json')" 'snapshots'
    assert_lacks "$(cat stderr)" canary 'the error'
}

sqlite3 prod.db "CREATE TABLE t(id INTEGER PRIMARY KEY, address TEXT, code TEXT);
    INSERT INTO t VALUES (1, '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2', '4711'), (2, '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3', '08'),
        (3, 'canary', '123456789')"
good=('"t.id": keep' '"t.address": chain-address' '"t.code": digits')

say 'keys: too short, not there, none, of the archive'
write_rules rules.yaml "${good[@]}"
mv mask.key good.key
sed 's/\([0-9a-f]\{60\}\)[0-9a-f]*/\1/' good.key >mask.key
refused 'mask.key' '64 hex digits'
rm mask.key
refused 'mask.key' 'does not exist'
"$RH_BIN" keygen --seal archive --quiet
mv "$(grep -l . archive* | head -1)" mask.key
refused 'mask.key' 'not a mask key'
rm -f mask.key archive*
mv good.key mask.key
sed -i '/^key:/d' rules.yaml
refused 'names no key'

say 'a rule for a table that is not there'
write_rules rules.yaml "${good[@]}" '"missing.address": email'
refused 'rules.yaml:7:3' 'missing.address' 'matches no column'

say 'values: a wrong checksum and a short number go the declared way, and are counted'
write_rules rules.yaml "${good[@]}"
assert_ok "$RH_BIN" mirror prod.db copy.db --rules rules.yaml
assert_stderr_contains "2 of 3 values of column 'main.t.address' do not have the form that mask 'chain-address' needs: invalid: keep-shape"
assert_eq 3 "$(sqlite3 copy.db 'SELECT count(DISTINCT address) FROM t')" 'addresses stay different'
assert_eq 0 "$(sqlite3 copy.db "ATTACH 'prod.db' AS p; SELECT count(*) FROM t a JOIN p.t b ON a.address = b.address")" 'raw addresses'
assert_eq '4 2 9' "$(sqlite3 copy.db "SELECT group_concat(length(code), ' ') FROM t")" 'short numbers keep their width'
assert_eq 0 "$(sqlite3 copy.db "ATTACH 'prod.db' AS p; SELECT count(*) FROM t a JOIN p.t b USING (id) WHERE a.code = b.code")" 'raw numbers'
assert_ok "$RH_BIN" snapshot prod.db --repo counted --rules rules.yaml
assert_ok "$RH_BIN" show latest --repo counted --json
assert_eq '3 2' "$(jq -r '.. | objects | select(.column? == "main.t.address") | "\(.values) \(.invalid)"' stdout | head -1)" 'counts of the manifest'
rm -rf copy.db
for policy in error 'null' keep; do
    write_rules rules.yaml '"t.id": keep' "\"t.address\": {mask: chain-address, invalid: \"$policy\"}" '"t.code": digits'
    case $policy in
        error) refused "main.t" 'invalid: keep-shape' ;;
        null) assert_ok "$RH_BIN" mirror prod.db copy.db --rules rules.yaml
            assert_eq 1 "$(sqlite3 copy.db 'SELECT count(address) FROM t')" 'the others are NULL' ;;
        keep) assert_ok "$RH_BIN" mirror prod.db copy.db --rules rules.yaml --swap
            assert_stderr_contains 'invalid: keep'
            assert_eq 2 "$(sqlite3 copy.db "ATTACH 'prod.db' AS p; SELECT count(*) FROM t a JOIN p.t b USING (address)")" 'kept as the rule says' ;;
    esac
done
rm -rf copy.db

say 'a column that appears after the check stops the next run before a row is read'
write_rules rules.yaml "${good[@]}"
assert_ok "$RH_BIN" rules check prod.db --rules rules.yaml
sqlite3 prod.db "ALTER TABLE t ADD COLUMN phone TEXT DEFAULT 'canary'"
refused 'main.t.phone' 'no rule decides'
