-- each run is by an index, there are 3000 of them
SELECT d.tx_index, /*<correlated-subquery*/(SELECT t.tx_hash FROM transactions t WHERE t.tx_index = d.tx_index + 7)/*>*/ FROM dispensers d
