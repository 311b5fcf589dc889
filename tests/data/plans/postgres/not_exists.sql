-- healthy: an anti join
SELECT count(*) FROM account a WHERE NOT EXISTS (SELECT 1 FROM txi t WHERE t.acct = a.id)
