-- the grouped rows have no index and are read for each dispenser
SELECT COUNT(*) FROM dispensers d LEFT JOIN /*<rescanned-subquery*/(SELECT give_asset, COUNT(*) AS n FROM orders GROUP BY give_asset)/*>*/ x ON x.n > d.close_block_index
