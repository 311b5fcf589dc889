-- two subqueries over the same table: the right one is to be blamed
SELECT l.id,
       (SELECT count(*) FROM txi t WHERE t.acct = l.id),
       /*<correlated-subquery*/(SELECT max(u.day) FROM usage u WHERE u.project_id = l.id)/*>*/
  FROM listing l
