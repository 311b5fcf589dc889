-- healthy
-- param: 77
SELECT * FROM event WHERE acct = $1
