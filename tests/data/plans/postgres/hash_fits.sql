-- healthy
SELECT count(*) FROM event e JOIN account a ON a.id = e.acct
