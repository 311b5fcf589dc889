-- healthy: what is asked for with IN is looked up
SELECT COUNT(*) FROM orders o WHERE (o.give_asset, o.status) IN (SELECT i.asset, i.status FROM issuances i WHERE i.tx_index < 1000)
