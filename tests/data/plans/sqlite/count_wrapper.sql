-- a count for paging around a query with alternatives (counterparty-core 2965)
SELECT COUNT(*) FROM (SELECT * FROM issuances WHERE asset_longname = 'long.A7' OR /*<expression-defeats-index*/UPPER(asset_longname)/*>*/ = 'LONG.A77')
