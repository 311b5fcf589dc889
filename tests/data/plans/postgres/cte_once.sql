-- healthy
WITH recent AS MATERIALIZED (SELECT t.acct, t.amount FROM tx t WHERE t.height > 4900)
SELECT a.id, r.amount FROM account a JOIN recent r ON r.acct = a.id
