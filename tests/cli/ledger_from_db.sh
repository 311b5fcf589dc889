#!/bin/bash
# rehearse ledger import --from-db: a ledger's own tables, on both engines, under its own names or others.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/ledger.sh"
require_program
require_tool python3 sqlite3
cd "$scratch"

counts() { figure '"%d %d %d %d" % tuple(d[k] for k in ("blocks", "transactions", "inputs", "outputs"))'; }
import() { assert_ok "$RH_BIN" ledger import --from-db "$1" --out w --replace --json --progress never "${@:2}"; }
wrong() # PART ARGUMENTS
{
    assert_exit 2 "$RH_BIN" ledger import --out none "${@:2}"
    assert_stderr_contains "$1"
    assert_no_file none
}
items() { sqlite3 "$1" "SELECT t.sql, e.parameters FROM executions e JOIN texts t ON t.id = e.text ORDER BY e.id"; }

a=$(printf 'aa%.0s' {1..32}) b=$(printf 'bb%.0s' {1..32}) c=$(printf 'cc%.0s' {1..32}) d=$(printf 'dd%.0s' {1..32})
# Transactions come out of order; one belongs to no block, one output to no transaction.
cat >rows.sql <<SQL
INSERT INTO blocks VALUES (866001, 'h1', 1729160000, 'h0'), (866000, 'h0', 1729150000, NULL), (866002, NULL, NULL, 'h1');
INSERT INTO transactions VALUES
    (12, '$c', 866001, 'addr3', 'addr4', 700, '$d:1,$d:2 $c:1 3 0'),
    (11, '$b', 866001, 'addr2', '', 0, '$a:0 $d:7 $b:1'),
    (10, '$a', 866000, 'addr1', 'addr9', 546, '$a:0'),
    (13, 'ee', 866002, 'addr5', NULL, NULL, NULL),
    (99, 'ff', 999999, 'addr6', 'addr7', 1, NULL);
INSERT INTO transaction_outputs VALUES
    (12, '$c', 866001, 1, 'addr8', 30), (12, '$c', 866001, 0, 'addr4', 700), (77, 'gg', 866001, 0, 'addr8', 1);
SQL
cat >schema.sql <<'SQL'
CREATE TABLE blocks(block_index BIGINT, block_hash TEXT, block_time BIGINT, previous_block_hash TEXT);
CREATE TABLE transactions(tx_index BIGINT, tx_hash TEXT, block_index BIGINT, source TEXT,
    destination TEXT, btc_amount BIGINT, utxos_info TEXT);
CREATE TABLE transaction_outputs(tx_index BIGINT, tx_hash TEXT, block_index BIGINT, out_index BIGINT,
    destination TEXT, btc_amount BIGINT);
SQL
cat schema.sql rows.sql | sqlite3 ledger.db

say 'blocks in the order of the chain, with what the tables know'
before=$(sha256sum <ledger.db)
import ledger.db
assert_stderr_contains 'its own transactions only'
assert_eq '3 4 6 4' "$(counts)"
assert_eq '1 1 2 6 0 1 1' "$(figure '" ".join(str(d["unknown"][k]) for k in ("block_hashes", "block_times", "input_outpoints", "input_values", "output_numbers", "output_addresses", "output_values"))')" 'not known' || true
assert_eq '1 1' "$(figure '"%d %d" % (d["left_out"]["transactions_without_a_block"], d["left_out"]["inputs_and_outputs_without_a_transaction"])')"
cat >expected <<TXT
-- block|866000
-- transaction|$a
-- input|addr1
-- output|0 addr9 546
-- block|866001
-- transaction|$b
-- input|$a:0
-- input|$d:7
-- output|1
-- transaction|$c
-- input|$d:1
-- input|$d:2
-- output|0 addr4 700
-- output|1 addr8 30
-- block|866002
-- transaction|ee
-- input|addr5
TXT
cat >brief.py <<'PY'
import json, sys
for line in sys.stdin:
    sql, parameters = line.rstrip("\n").split("|", 1)
    p = {x["name"]: x["value"] for x in json.loads(parameters)}
    keys = {"-- block": [":block_index"], "-- transaction": [":txid"], "-- input": [":outpoint", ":address"],
            "-- output": [":vout", ":address", ":value"]}[sql]
    print(sql + "|" + " ".join(str(p[k]) for k in keys if k in p))
PY
items w | python3 brief.py >got
diff expected got || fail 'items of the workload'
assert_eq "$before" "$(sha256sum <ledger.db)" 'the ledger after it was read'

say 'a range of heights'
import ledger.db --from-height 866001 --to-height 866001
assert_eq '1 2 4 3' "$(counts)"
wrong 'no block in the range' --from-db ledger.db --from-height 900000
wrong 'above --to-height' --from-db ledger.db --from-height 5 --to-height 4

say 'its blocks are replayed and judged like others'
import ledger.db
make_balances balances.db 500
write_calls calls.yaml
assert_ok "$RH_BIN" ledger replay w balances.db --calls calls.yaml --json
assert_eq 6 "$(figure 'd["calls"][0]["statements"]')"
assert_ok "$RH_BIN" ledger check w balances.db --calls calls.yaml --json

say 'other names, hashes as bytes, rows that know their transaction by its id'
sqlite3 other.db <<SQL
CREATE TABLE chain(no INTEGER PRIMARY KEY, id BLOB);
CREATE TABLE "the txs"(no INTEGER, pos INTEGER, id BLOB, PRIMARY KEY (no, pos));
CREATE TABLE spends(tx BLOB, from_tx BLOB, from_no INTEGER, who TEXT, sat INTEGER);
CREATE TABLE pays(tx BLOB, no INTEGER, who TEXT, sat INTEGER, sort TEXT);
INSERT INTO chain VALUES (1, x'0011'), (2, x'0022');
INSERT INTO "the txs" VALUES (1, 0, x'$a'), (2, 0, x'$b'), (2, 1, x'$c');
INSERT INTO spends VALUES (x'$c', x'$a', 1, 'x', 7), (x'$b', x'$a', 0, 'x', 9), (x'$c', x'$b', 0, 'y', 8);
INSERT INTO pays VALUES (x'$a', 1, 'x', 7, 'p2pkh'), (x'$a', 0, 'x', 9, NULL), (x'$b', 0, 'y', 8, NULL);
SQL
cat >names.yaml <<'YAML'
version: 1
blocks: {table: chain, height: "no", hash: id}
transactions: {table: the txs, height: "no", position: pos, txid: id}
inputs: {table: spends, txid: tx, spent_txid: from_tx, spent_vout: from_no, address: who, value: sat}
outputs: {table: pays, txid: tx, vout: "no", address: who, value: sat, kind: sort}
YAML
import other.db --mapping names.yaml
assert_eq '2 3 3 3' "$(counts)"
assert_eq "0 $a:0 9,$a:1 7,$b:0 8" "0 $(sqlite3 w "SELECT group_concat(json_extract(parameters, '\$[0].value') || ' ' || json_extract(parameters, '\$[2].value')) FROM calls WHERE sql = '-- input'")"
assert_eq 0 "$(figure 'd["unknown"]["input_values"] + d["unknown"]["input_outpoints"]')"
assert_eq 0022 "$(sqlite3 w "SELECT name FROM units WHERE height = 2 AND kind = 'block'")"
[ ! -s stderr ] || fail 'inputs are known: no note'

say 'what is wrong is named'
wrong "no table 'blocks'" --from-db other.db
assert_stderr_contains 'blocks: {table: NAME'
echo 'blocks: {table: chain, height: height}' >bad.yaml
wrong "table 'chain' has no column 'height'" --from-db other.db --mapping bad.yaml
assert_stderr_contains 'it has no, id'
echo 'outputs: {table: absent}' >bad.yaml
wrong "no table 'absent'" --from-db ledger.db --mapping bad.yaml
printf 'version: 1\nblocks:\n  hieght: no\n' >bad.yaml
wrong 'bad.yaml:3:3: ' --from-db ledger.db --mapping bad.yaml
assert_stderr_contains height
echo 'inputs: {table: pays}' >bad.yaml
wrong "bad.yaml:1:9: 'inputs' needs 'txid'" --from-db other.db --mapping bad.yaml
sqlite3 twice.db <schema.sql
sqlite3 twice.db "INSERT INTO blocks VALUES (5, 'a', 1, NULL), (5, 'b', 1, NULL)"
wrong 'two blocks have the height 5' --from-db twice.db
wrong 'not the name of a database' --from-db absent.db
wrong 'one kind of source' --from-db ledger.db --synthesize 1 --like small.raw
wrong 'go with --from-db' small.raw --mapping names.yaml
printf 'no database' >text.db
wrong 'text.db' --from-db text.db

say 'PostgreSQL: the same rows give the same workload'
import ledger.db
items w >lite
pg_create_db ledger
pg_sql "$pg_db" "$(cat schema.sql)" "$(cat rows.sql)"
import "$pg_db"
items w | diff lite - || fail 'PostgreSQL and SQLite'
import "$pg_db" --from-height 866001 --to-height 866001
assert_eq '1 2 4 3' "$(counts)"
pg_sql "$pg_db" "INSERT INTO blocks SELECT n, 'h' || n, n, NULL FROM generate_series(1, 12000) n"
import "$pg_db" --to-height 12000
assert_eq '12000 0 0 0' "$(counts)" 'more rows than one fetch has'
pg_sql "$pg_db" 'CREATE TABLE o(tx bytea, n int)' "INSERT INTO o VALUES ('\\x00', 1)"
echo 'outputs: {table: public.o, txid: tx, vout: n}' >bad.yaml
wrong 'operator does not exist' --from-db "$pg_db" --mapping bad.yaml
echo 'blocks: {table: public.chain}' >bad.yaml
wrong "no table 'public.chain'" --from-db "$pg_db" --mapping bad.yaml

fixture=$RH_SHARED_DATA/counterparty/ledger-fixture-v10.4.5.sql
[ -e "$fixture" ] || skip 'the real ledger of ../shared/data is not here; the rest passed'
say 'a real ledger: as many blocks, transactions, sources and destinations as SQL counts'
sqlite3 real.db <"$fixture"
import real.db
assert_eq "$(sqlite3 -separator ' ' real.db "SELECT (SELECT count(*) FROM blocks), count(*),
    sum(source <> ''), sum(destination <> '' OR utxos_info <> '') FROM transactions")" "$(counts)"
assert_eq "$(sqlite3 real.db "SELECT sum(coalesce(destination, '') = '') FROM transactions")" \
    "$(figure 'd["unknown"]["output_addresses"]')"
assert_eq "$(sqlite3 real.db 'SELECT group_concat(tx_hash) FROM (SELECT tx_hash FROM transactions ORDER BY tx_index)' | cksum)" \
    "$(sqlite3 w "SELECT group_concat(name) FROM (SELECT name FROM units WHERE kind = 'transaction' ORDER BY id)" | cksum)"
assert_ok "$RH_BIN" ledger replay w real.db --calls "$RH_SOURCE_DIR/examples/ledger/calls.yaml" --json
assert_eq 0 "$(figure 'd["totals"]["statements"]')" 'before its activation a call is not made'
sed 's/active_from: 866000/active_from: 310000/' "$RH_SOURCE_DIR/examples/ledger/calls.yaml" >active.yaml
assert_ok "$RH_BIN" ledger replay w real.db --calls active.yaml --json
assert_eq 64 "$(figure 'd["totals"]["statements"]')"
