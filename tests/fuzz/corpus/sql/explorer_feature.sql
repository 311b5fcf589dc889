-- New on the explorer's front page: apps, by the number of projects that verified their site.
SELECT l.id, l.name, l.homepage,
       (SELECT count(*)
          FROM project_origin o
         WHERE o.kind = 'verified'
           AND o.value = l.homepage) AS projects
  FROM listing l
 WHERE l.app_type = 'dapp'
   AND l.status = 'approved'
 ORDER BY projects DESC, l.name
 LIMIT 20;
