-- healthy: an index for each alternative
SELECT COUNT(*) FROM (SELECT * FROM issuances WHERE asset_longname = 'long.A7' OR block_index = 5)
