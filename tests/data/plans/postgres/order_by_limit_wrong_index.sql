-- The primary key is walked for its order, the filter throws all away.
-- expect: filtered-index-scan
SELECT * FROM event WHERE kind * 2 + acct = -1 ORDER BY id LIMIT 5
