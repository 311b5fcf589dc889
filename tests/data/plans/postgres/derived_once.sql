-- healthy: the groups are kept in the hash table that made them, and read again from there
SELECT s.id, x.total FROM clump s JOIN (SELECT u.project_id, sum(u.count) AS total FROM usage u GROUP BY u.project_id) x ON x.project_id = s.d WHERE s.a = 7
