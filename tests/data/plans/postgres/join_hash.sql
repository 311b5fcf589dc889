-- healthy
SELECT count(*) FROM account a JOIN tx t ON t.acct = a.id
