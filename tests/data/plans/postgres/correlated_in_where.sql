SELECT l.name FROM listing l
 WHERE 5 < /*<correlated-subquery*/(SELECT count(*) FROM usage u WHERE u.project_id = l.id AND u.count = 3)/*>*/
