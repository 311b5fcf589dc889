# A ledger whose identifiers hide inside of other values, masked: none is left, all joins hold, and
# each rule that is taken out is found.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/rules.sh"
require_program
require_tool sqlite3
require_shared counterparty/ledger-fixture-v10.4.5.sql
fixture=$RH_SHARED_DATA/counterparty/ledger-fixture-v10.4.5.sql
cd "$scratch"
sqlite3 prod.db <"$fixture" >/dev/null
write_mask_key mask.key
cat >rules.yaml <<'YAML'
version: 1
key: {file: mask.key}
domains:
  id: {mask: chain-address, forms: [base58check, segwit, txid, outpoint],
       keep: [mvCounterpartyXXXXXXXXXXXXXXW24Hef, "1", "2", "3"]}
  ids: {mask: list, separator: "_", item: {domain: id}}
columns:
  "*.*": keep
  "*.*hash": {domain: id}
  "*.address": {domain: ids}
  "*.*_address": {domain: ids}
  "*.source": {domain: ids}
  "*.destination": {domain: ids}
  "*.issuer": {domain: id}
  "*.winner": {domain: id}
  "*.origin": {domain: id}
  "*.last_status_tx_source": {domain: id}
  "*.utxo": {domain: id}
  "credits.event": {domain: id}
  "debits.event": {domain: id}
  "*matches.id": {domain: ids}
  "*.*_match_id": {domain: ids}
  "transactions.utxos_info": {mask: list, item: {domain: id}}
  "transactions.data": {mask: packed-address, domain: id, cases: [{prefix: "00000002", offsets: [20]}, {prefix: "000000", offsets: []}]}
  "messages.bindings": {mask: json, paths: {
    $.source: {domain: ids}, $.destination: {domain: ids}, $.address: {domain: ids},
    $.id: {domain: ids}, $.order_match_id: {domain: ids}, $.bet_match_id: {domain: ids},
    $.utxo_address: {domain: ids}, $.oracle_address: {domain: ids}, $.feed_address: {domain: ids},
    $.tx0_address: {domain: ids}, $.tx1_address: {domain: ids},
    $.event: {domain: id}, $.utxo: {domain: id}, $.issuer: {domain: id}, $.origin: {domain: id},
    $.winner: {domain: id}, $.block_hash: {domain: id}, $.previous_block_hash: {domain: id},
    $.ledger_hash: {domain: id}, $.txlist_hash: {domain: id}, $.messages_hash: {domain: id},
    $.tx_hash: {domain: id}, $.tx0_hash: {domain: id}, $.tx1_hash: {domain: id}, $.bet_hash: {domain: id},
    $.fairminter_tx_hash: {domain: id}, $.utxos_info: {mask: list, item: {domain: id}},
    $.data: {mask: packed-address, domain: id, cases: [{prefix: "00000002", offsets: [20]}, {prefix: "000000", offsets: []}]}}}
YAML
# masked RULES DATABASE
masked()
{
    assert_ok "$RH_BIN" mirror prod.db "$2" --rules "$1" --seen seen --quiet --swap
}
# identifiers FILE: addresses, hashes and the hashes inside of packed addresses, one per line.
identifiers()
{
    sqlite3 "$1" .dump | grep -aoE '\b([mn2][1-9A-HJ-NP-Za-km-z]{32,34}|tb1[a-z0-9]{20,80}|[0-9a-fA-F]{64})\b'
    sqlite3 "$1" "SELECT substr(hex(data), 41, 42) FROM transactions WHERE hex(data) LIKE '00000002%'"
    # what stands as text in a message
    sqlite3 "$1" "SELECT data FROM transactions WHERE data IS NOT NULL" | tr -c 'a-zA-Z0-9\n' '\n' |
        grep -aE '^d?[mn2][1-9A-HJ-NP-Za-km-z]{32,34}$|^[0-9a-f]{64}$' || true
}

say 'nothing is left of 4,700 addresses and hashes'
masked rules.yaml staging.db
identifiers prod.db | LC_ALL=C sort -u >before
identifiers staging.db | LC_ALL=C sort -u >after
assert_eq true "$([ "$(wc -l <before)" -gt 4600 ] && echo true)" 'identifiers to look for'
assert_eq mvCounterpartyXXXXXXXXXXXXXXW24Hef "$(LC_ALL=C comm -12 before after)" 'what is in both: the one that is kept'
assert_eq ok "$(sqlite3 staging.db 'PRAGMA integrity_check')" integrity_check
assert_ok "$RH_BIN" leaks staging.db --seen seen --seen-key mask.key

say 'rows per key and joins are those of production'
same()
{
    assert_eq "$(sqlite3 prod.db "$1")" "$(sqlite3 staging.db "$1")" "$1"
}
sqlite3 prod.db "SELECT m.name || ' ' || p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table'" >columns
while read -r table column; do
    same "SELECT count(*), count($column) FROM $table"
    same "SELECT group_concat(n) FROM (SELECT count(*) AS n FROM $table GROUP BY $column ORDER BY n)"
done <columns
for keys in 'transactions.tx_hash sends.tx_hash' 'transactions.tx_hash credits.event' 'transactions.tx_hash debits.event' \
    'transactions.tx_hash messages.tx_hash' 'transactions.source balances.address' 'transactions.destination balances.address' \
    'sends.destination balances.utxo' 'balances.utxo credits.utxo' 'balances.utxo_address transactions.source' \
    'blocks.block_hash transactions.block_hash' 'orders.tx_hash order_matches.tx0_hash' 'bets.tx_hash bet_matches.tx1_hash' \
    'order_matches.id order_match_expirations.order_match_id' 'bet_matches.id bet_match_resolutions.bet_match_id' \
    'fairminters.tx_hash fairmints.fairminter_tx_hash' 'issuances.issuer addresses.address' 'dispensers.origin burns.source' \
    'bets.feed_address broadcasts.source' 'dispensers.source addresses.address'; do
    a=${keys% *} b=${keys#* }
    same "SELECT count(*) FROM ${a%.*} AS a JOIN ${b%.*} AS b ON a.${a#*.} = b.${b#*.}"
done
say 'inside of values, too'
for path in tx_hash source destination event block_hash utxo address id; do
    same "SELECT count(*) FROM messages m JOIN transactions t ON json_extract(m.bindings, '\$.$path') IN (t.tx_hash, t.source, t.destination, t.block_hash)"
    same "SELECT group_concat(n) FROM (SELECT count(*) AS n FROM messages GROUP BY json_extract(bindings, '\$.$path') ORDER BY n)"
done
same "SELECT count(*) FROM messages m JOIN balances b ON json_extract(m.bindings, '\$.utxo') = b.utxo"
same "SELECT count(*) FROM order_matches WHERE id = tx0_hash || '_' || tx1_hash"
same "SELECT count(*) FROM transactions a JOIN transactions b ON a.utxos_info = b.tx_hash || ':0'"
same "SELECT count(*) FROM transactions t JOIN messages m ON lower(hex(t.data)) = json_extract(m.bindings, '\$.data') WHERE hex(t.data) LIKE '000000%'"
same "SELECT count(*), sum(length(data)) FROM transactions WHERE hex(data) LIKE '00000002%'"

say 'a rule that is taken out is found, with its column'
grep -n '^  "' rules.yaml | grep -v '"\*\.\*"' | sed 's/^\([0-9]*\):  "\([^"]*\)".*/\1 \2/' >rules
while read -r line pattern; do
    awk -v line="$line" 'NR == line { sub(/:.*/, ": keep"); out = 1; print; next }
        out && /^    / { next } { out = 0; print }' rules.yaml >less.yaml
    like=$(printf 'main.%s' "$pattern" | sed 's/\*/%/g')
    n=$(sqlite3 prod.db "SELECT count(*) FROM sqlite_master m, pragma_table_info(m.name) p
        WHERE m.type = 'table' AND 'main.' || m.name || '.' || p.name LIKE '$like'")
    assert_ne 0 "$n" "columns of $pattern"
    masked less.yaml less.db
    case $pattern in
        *.winner | *.last_status_tx_source) # all NULL in the fixture
            assert_ok "$RH_BIN" leaks less.db --seen seen --seen-key mask.key --detectors off
            continue
            ;;
    esac
    assert_exit 1 "$RH_BIN" leaks less.db --seen seen --seen-key mask.key --detectors off
    assert_eq true "$(grep -aE '^LEAK' stdout | sed 's/^LEAK *\([^ ]*\).*/\1/' |
        while read -r found; do sqlite3 :memory: "SELECT 'true' WHERE '$found' LIKE '$like'"; done | sort -u)" "$pattern is named"
done <rules
