-- a random row per row
SELECT a.asset_name, /*<correlated-subquery*/(SELECT d.tx_index FROM dispensers d WHERE a.divisible IS NOT NULL ORDER BY random() LIMIT 1)/*>*/ FROM assets a
