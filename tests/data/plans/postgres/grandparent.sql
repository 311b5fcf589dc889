-- an InitPlan of the subquery, which depends on the query two levels out: it is to be blamed
SELECT l.id, (SELECT count(*) FROM txi t WHERE t.acct = l.id AND t.amount > /*<correlated-subquery*/(SELECT avg(u.count) FROM usage u WHERE u.project_id = l.id)/*>*/) FROM listing l
