-- healthy: an index serves each of 113 runs
SELECT l.id, (SELECT count(*) FROM txi t WHERE t.acct = l.id) FROM listing l
