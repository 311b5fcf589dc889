# shellcheck shell=bash
# What tests of `rehearse ledger` begin with, in the scratch folder: a block, a small ledger shaped like
# Counterparty's of the week of the outage, its call, and a look at the JSON of the last run.

# figure EXPRESSION: in Python, over the document d of the last run.
figure() { python3 -c 'import json,sys; d=json.load(open("stdout")); print(eval(sys.argv[1], {"d": d}))' "$1"; }

# small_block: small.raw with three transactions, and small.undo with what they spend.
small_block() { python3 "$RH_SOURCE_DIR/tests/cli/make_block.py" small.raw small.undo; }

# make_balances FILE ROWS: `utxo` is NULL everywhere, as it was before activation. No statistics.
make_balances()
{
    sqlite3 "$1" <<SQL
CREATE TABLE balances(address TEXT, asset TEXT, quantity INTEGER, block_index INTEGER,
    tx_index INTEGER, utxo TEXT, utxo_address TEXT);
CREATE INDEX balances_address_asset_idx ON balances(address, asset);
CREATE INDEX balances_address_idx ON balances(address);
CREATE INDEX balances_asset_idx ON balances(asset);
CREATE INDEX balances_block_index_idx ON balances(block_index);
CREATE INDEX balances_quantity_idx ON balances(quantity);
CREATE INDEX balances_utxo_idx ON balances(utxo);
CREATE INDEX balances_utxo_address_idx ON balances(utxo_address);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
INSERT INTO balances SELECT printf('1Addr%06d', (i * 7919) % 5000),
    CASE WHEN i % 7 = 0 THEN 'XCP' ELSE 'ASSET' || ((i * i) % 911) END,
    (i * 1000003) % 99991, 280000 + i / 10, i, NULL, NULL FROM n WHERE i <= $2;
SQL
}

# write_calls FILE: one look-up per input, as in v10.4.5.
write_calls()
{
    cat >"$1" <<'YAML'
calls:
  get_utxos_info:
    per: input
    sql: |
      SELECT utxo, asset, quantity, MAX(rowid) FROM balances WHERE utxo = :outpoint GROUP BY utxo, asset
    active_from: 866000
budget: {unit: block, interval: 600s, share: 5%}
YAML
}
