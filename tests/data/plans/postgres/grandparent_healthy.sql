-- healthy: the inner one depends on nothing, and runs once
SELECT l.id, (SELECT count(*) FROM txi t WHERE t.acct = l.id AND t.amount > (SELECT avg(u.count) FROM usage u)) FROM listing l
