-- healthy: half of the rows are wanted, an index would not pay
SELECT SUM(quantity) FROM issuances WHERE status = 'valid'
