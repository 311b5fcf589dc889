-- healthy: a semi join
SELECT count(*) FROM account WHERE id IN (SELECT acct FROM txi WHERE acct < 100)
