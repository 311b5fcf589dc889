-- a filter on a column that is a look-up: one for each of 20,000 rows
SELECT COUNT(*) FROM (SELECT o.tx_index, /*<correlated-subquery*/(SELECT a.asset_id FROM assets a WHERE a.asset_name = o.give_asset)/*>*/ AS asset_id FROM orders o) x WHERE x.asset_id = 7
