# Masked copies of SQLite: nothing raw arrives, joins and order hold, three ways give one result.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
. "$(dirname "$0")/ledger.sh"
require_program
require_tool sqlite3
cd "$scratch"
make_ledger prod.db 4000
sqlite3 prod.db "CREATE TABLE debits(address TEXT, amount INTEGER);
INSERT INTO debits SELECT address, quantity / 2 FROM balances WHERE rowid % 3 = 0;
INSERT INTO balances VALUES ('canary-address-of-a-customer', 'XCP', 4711, NULL)"
write_mask_key mask.key
cat >rules.yaml <<'YAML'
version: 1
key: {file: mask.key}
domains:
  address: text
columns:
  "blocks.block_index": {mask: integer, mode: monotone}
  "blocks.block_hash": txid
  "blocks.block_time": {mask: integer, mode: monotone, why: "order and gaps stay"}
  "*.address": {domain: address}
  "*.asset": keep
  "*.quantity": {mask: integer, mode: monotone}
  "*.amount": {mask: integer, mode: monotone}
  "*.utxo": text
  "odd name.*": keep
YAML

say 'rules are proved before a row is read'
assert_ok "$RH_BIN" rules check prod.db --rules rules.yaml
assert_stdout_contains '      keeps equality, unique'
assert_stdout_contains '      leaks '
assert_eq '' "$(awk 'length > 80 && !/^not guaranteed/' stdout)" 'lines longer than a terminal'
grep -v utxo rules.yaml >drift.yaml
assert_exit 2 "$RH_BIN" snapshot prod.db --repo drift --rules drift.yaml
assert_stderr_contains balances.utxo
assert_exit 2 "$RH_BIN" rules check prod.db --rules drift.yaml
sed 's/blocks.block_hash/blocks.block_hsah/' rules.yaml >dead.yaml
assert_exit 2 "$RH_BIN" mirror prod.db dead.db --rules dead.yaml
assert_stderr_contains 'dead.yaml:7'
assert_no_file dead.db
assert_exit 2 "$RH_BIN" snapshot prod.db --repo drift --rules rules.yaml --raw

say 'a masked snapshot needs no seal; nothing raw is in it or in the copy'
assert_ok "$RH_BIN" snapshot prod.db --repo masked --rules rules.yaml
assert_ok "$RH_BIN" restore latest staging.db --repo masked
for word in canary-address 1Addr; do
    for place in staging.db masked; do
        if grep -rqa "$word" $place; then
            fail "'$word' stands in $place"
        fi
    done
done
assert_eq ok "$(sqlite3 staging.db 'PRAGMA integrity_check')" integrity_check

say 'joins, counts, NULLs and order hold'
for query in 'SELECT count(*), count(DISTINCT address), count(utxo) FROM balances' \
    'SELECT count(*) FROM debits JOIN balances USING (address)' \
    'SELECT group_concat(n) FROM (SELECT count(*) AS n FROM balances GROUP BY asset ORDER BY n)' \
    'SELECT count(*) FROM blocks a JOIN blocks b ON b.rowid > a.rowid AND b.block_time <= a.block_time' \
    'SELECT stat FROM sqlite_stat1 ORDER BY tbl, idx'; do
    assert_eq "$(sqlite3 prod.db "$query")" "$(sqlite3 staging.db "$query")" "$query"
done

say 'mirror, snapshot and anonymize give the same rows'
assert_ok "$RH_BIN" mirror prod.db mirrored.db --rules rules.yaml
assert_same_database staging.db mirrored.db
assert_ok "$RH_BIN" snapshot prod.db --repo raw --raw --unsealed-raw
assert_ok "$RH_BIN" anonymize latest --repo raw --rules rules.yaml --to again
assert_ok "$RH_BIN" restore latest again.db --repo again
assert_same_database staging.db again.db
assert_ok "$RH_BIN" verify --repo again

say 'the same key again stores nothing new; another key gives other rows'
assert_ok "$RH_BIN" snapshot prod.db --repo masked --rules rules.yaml --json
assert_eq 0 "$(sqlite3 :memory: "SELECT json_extract(readfile('stdout'), '$.new_chunks')")" 'new chunks'
write_mask_key other.key 1
assert_ok "$RH_BIN" mirror prod.db other.db --rules rules.yaml --mask-key other.key
assert_eq 0 "$(sqlite3 staging.db "ATTACH 'other.db' AS o;
    SELECT count(*) FROM balances a JOIN o.balances b USING (address)")" 'addresses in common'

say 'draft, explain, preview'
assert_ok "$RH_BIN" rules init prod.db --out draft.yaml
assert_exit 2 "$RH_BIN" rules init prod.db --out draft.yaml
assert_lacks "$(cat draft.yaml)" canary draft
assert_ok "$RH_BIN" rules explain prod.db debits.address --rules rules.yaml
assert_stdout_contains '*.address'
assert_stdout_contains 'because  '
assert_stdout_contains 'leaks    '
assert_ok "$RH_BIN" rules preview prod.db balances --rules rules.yaml --limit 2
assert_lacks "$(cat stdout)" 1Addr preview
assert_exit 2 "$RH_BIN" rules preview prod.db balances --rules rules.yaml --show-values

say 'what masking saw is found where it was left, and nowhere else'
assert_ok "$RH_BIN" mirror prod.db staging.db --rules rules.yaml --swap --seen seen.bin
assert_eq 600 "$(stat -c %a seen.bin)" 'mode of the side file'
assert_ok "$RH_BIN" leaks staging.db --seen seen.bin --seen-key mask.key
assert_exit 1 "$RH_BIN" leaks prod.db --seen seen.bin --seen-key mask.key
assert_stdout_contains main.balances.address
assert_lacks "$(cat stdout stderr)" 1Addr 'the report'
raw=$(sqlite3 prod.db 'SELECT address FROM balances WHERE rowid = 7')
sqlite3 staging.db "CREATE TABLE notes(t); INSERT INTO notes VALUES ('seen $raw today')"
assert_exit 1 "$RH_BIN" leaks staging.db --seen seen.bin --seen-key mask.key
assert_stdout_contains main.notes.t

say 'a draft knows dates in texts, and asks about numbers that could be times'
sqlite3 dates.db "CREATE TABLE e(id INTEGER PRIMARY KEY, day TEXT, stamp TEXT, mixed TEXT, secs INTEGER, ms INTEGER, n INTEGER);
    INSERT INTO e VALUES (1, '2024-02-29', '2024-02-29 10:00:00', '2024-02-29', 1700000000, 1700000000123, 5),
        (2, '2024-03-01', '2024-03-01T10:00:00Z', '2024-03-02', 1700000001, 1700000001123, 1700000000),
        (3, NULL, NULL, 'never', NULL, NULL, NULL)"
assert_ok "$RH_BIN" rules init dates.db
assert_contains "$(grep -E '^  "?(main\.)?e\.day' stdout)" shift-time 'a column of dates'
assert_contains "$(grep -E '^  "?(main\.)?e\.stamp' stdout)" shift-time 'a column of timestamps'
for column in mixed secs ms; do
    assert_contains "$(grep -E "^  # \"?(main\.)?e\.$column" stdout)" shift-time "a suggestion for $column"
done
assert_contains "$(grep 'e\.ms' stdout)" 'unit: ms' 'its unit'
assert_lacks "$(grep 'e\.n"' stdout)" shift-time 'other numbers'
assert_lacks "$(cat stdout)" 'never' 'a value'
