-- The indexes, those on `balances` as in v10.4.5, and planner statistics as `PRAGMA optimize` gathers
-- them after a rollback or reparse.
CREATE INDEX transactions_block_index_idx ON transactions(block_index);
CREATE INDEX transactions_source_idx ON transactions(source);
CREATE INDEX balances_address_asset_idx ON balances(address, asset);
CREATE INDEX balances_address_idx ON balances(address);
CREATE INDEX balances_asset_idx ON balances(asset);
CREATE INDEX balances_block_index_idx ON balances(block_index);
CREATE INDEX balances_quantity_idx ON balances(quantity);
CREATE INDEX balances_utxo_idx ON balances(utxo);
CREATE INDEX balances_utxo_address_idx ON balances(utxo_address);
CREATE INDEX credits_address_idx ON credits(address);
CREATE INDEX credits_event_idx ON credits(event);
CREATE INDEX debits_address_idx ON debits(address);
CREATE INDEX debits_asset_idx ON debits(asset);
CREATE INDEX sends_source_idx ON sends(source);
CREATE INDEX sends_destination_idx ON sends(destination);
CREATE INDEX issuances_asset_idx ON issuances(asset);
CREATE INDEX dispensers_source_asset_idx ON dispensers(source, asset);
CREATE INDEX messages_block_index_idx ON messages(block_index);
ANALYZE;
