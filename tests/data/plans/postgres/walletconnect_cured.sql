-- healthy: the same answer by one join
SELECT l.id, l.name, h.hits
  FROM listing l
  LEFT JOIN (SELECT u.project_id, sum(u.count) AS hits FROM usage u GROUP BY u.project_id) h
    ON h.project_id = l.id
 ORDER BY h.hits DESC
