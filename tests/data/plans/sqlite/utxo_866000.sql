-- The outage of 2024-10-17: statistics taken while the column was all NULL.
-- param: 'c0ffee:0'
SELECT utxo, asset, quantity, MAX(rowid) FROM balances WHERE /*<low-quality-index*/utxo/*>*/ = ? GROUP BY utxo, asset
