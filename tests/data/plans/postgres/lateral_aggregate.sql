SELECT l.id, x.s FROM listing l, LATERAL /*<correlated-subquery*/(SELECT sum(u.count) AS s FROM usage u WHERE u.project_id = l.id)/*>*/ x
