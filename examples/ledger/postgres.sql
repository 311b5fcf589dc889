-- The table that the call reads, in PostgreSQL, with the rows of balances.csv, the same indexes and
-- fresh statistics: psql -d DATABASE -f postgres.sql
CREATE TABLE balances(id bigserial PRIMARY KEY, address text, asset text, quantity bigint, block_index bigint,
    tx_index bigint, utxo text, utxo_address text);
\copy balances(address, asset, quantity, block_index, tx_index, utxo, utxo_address) FROM 'balances.csv' CSV
CREATE INDEX balances_address_asset_idx ON balances(address, asset);
CREATE INDEX balances_address_idx ON balances(address);
CREATE INDEX balances_asset_idx ON balances(asset);
CREATE INDEX balances_block_index_idx ON balances(block_index);
CREATE INDEX balances_quantity_idx ON balances(quantity);
CREATE INDEX balances_utxo_idx ON balances(utxo);
CREATE INDEX balances_utxo_address_idx ON balances(utxo_address);
VACUUM ANALYZE balances;
