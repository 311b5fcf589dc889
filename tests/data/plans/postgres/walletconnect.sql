-- The outage of 2023-04-22: listings with a subquery over usage per listing.
SELECT l.id, l.name,
       /*<correlated-subquery*/(SELECT sum(u.count) FROM usage u WHERE u.project_id = l.id)/*>*/ AS hits
  FROM listing l
 ORDER BY hits DESC
