-- arithmetic on the column: the index on block_index cannot serve
SELECT d.tx_index FROM transactions t LEFT JOIN dispensers d ON d.tx_index = t.tx_index WHERE 900 = /*<expression-defeats-index*/t.block_index + 5/*>*/
