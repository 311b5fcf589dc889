-- healthy: an index serves each of 113 runs
SELECT l.id, x.n FROM listing l, LATERAL (SELECT count(*) AS n FROM txi t WHERE t.acct = l.id) x
