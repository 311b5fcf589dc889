-- healthy: one pass
SELECT i.asset, SUM(i.quantity) FROM issuances i WHERE i.tx_index < 3000 GROUP BY i.asset
