-- The same answer: the origins are counted once, not once per listing.
SELECT l.id, l.name, l.homepage, coalesce(v.projects, 0) AS projects
  FROM listing l
  LEFT JOIN (SELECT o.value, count(*) AS projects
               FROM project_origin o
              WHERE o.kind = 'verified'
              GROUP BY o.value) v ON v.value = l.homepage
 WHERE l.app_type = 'dapp'
   AND l.status = 'approved'
 ORDER BY projects DESC, l.name
 LIMIT 20;
