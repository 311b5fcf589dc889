-- one row is expected of clump and 400 come: what was to be computed once is computed 400 times
-- expect: row-misestimate
SELECT s.id, x.total FROM clump s JOIN /*<rescanned-subquery+row-misestimate*/(SELECT u.project_id, sum(u.count) AS total FROM usage u GROUP BY u.project_id)/*>*/ x ON x.project_id = s.b WHERE s.a = 7 AND s.b = 7 AND s.c = 7
