-- each run is cheap, there are 2000 of them
SELECT a.id, /*<correlated-subquery*/(SELECT count(*) FROM txi t WHERE t.acct = a.id)/*>*/ FROM account a
