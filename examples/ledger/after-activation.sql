-- The first outputs that hold assets, all spent by the block at hand. Every tenth was emptied before:
-- its newest row says 0. In this append-only ledger the older row stays.
--   sqlite3 ledger.db -cmd "ATTACH 'blocks.workload' AS w" <after-activation.sql
CREATE TEMP TABLE spent AS
    SELECT json_extract(parameters, '$[0].value') AS utxo FROM w.calls
    WHERE sql = '-- input' AND json_extract(parameters, '$[0].value') IS NOT NULL
    ORDER BY 1 LIMIT 100;
INSERT INTO balances(address, asset, quantity, block_index, tx_index, utxo, utxo_address)
    SELECT NULL, 'XCP', 100000000, 866000, 1, utxo, '1CounterpartyXXXXXXXXXXXXXXXUWLpVr' FROM spent;
INSERT INTO balances(address, asset, quantity, block_index, tx_index, utxo, utxo_address)
    SELECT NULL, 'XCP', 0, 866000, 2, utxo, '1CounterpartyXXXXXXXXXXXXXXXUWLpVr' FROM spent
    WHERE rowid % 10 = 0;
