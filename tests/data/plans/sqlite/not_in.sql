-- healthy: one column is looked up
SELECT COUNT(*) FROM orders o WHERE o.give_asset NOT IN (SELECT i.asset FROM issuances i WHERE i.tx_index < 1000)
