-- only where the error begins, not in the join above
-- expect: row-misestimate
SELECT count(*) FROM skew s JOIN tiny x ON x.id = s.b WHERE s.a = 7 AND s.b = 7
