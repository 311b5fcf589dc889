-- set: work_mem = '1500kB'
SELECT count(*) FROM account a WHERE a.id NOT IN /*<lost-hash-subplan*/(SELECT u.project_id FROM usage u)/*>*/
