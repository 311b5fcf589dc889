-- plan-only
SELECT a.asset_name, /*<correlated-subquery*/(SELECT SUM(i.quantity) FROM issuances i WHERE i.asset = a.asset_name)/*>*/ FROM assets a
