-- healthy
SELECT * FROM event WHERE acct = 77
