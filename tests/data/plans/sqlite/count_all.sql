-- healthy: nothing is thrown away
SELECT COUNT(*) FROM transactions
