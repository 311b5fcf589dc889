-- healthy
SELECT d.tx_index FROM transactions t LEFT JOIN dispensers d ON d.tx_index = t.tx_index WHERE t.block_index = 895
