-- healthy: a list of a few rows
SELECT COUNT(*) FROM orders o WHERE (o.give_asset, o.status) NOT IN (SELECT i.asset, i.status FROM issuances i WHERE i.tx_index < 4)
