-- healthy: the newest three by an index
SELECT l.id, t.id FROM listing l, LATERAL (SELECT x.id FROM txi x WHERE x.acct = l.id ORDER BY x.id DESC LIMIT 3) t
