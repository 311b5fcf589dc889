-- param: 'c0ffee:0'
SELECT 1 FROM balances WHERE /*<low-quality-index*/utxo/*>*/ = ? AND quantity > 0 LIMIT 1
