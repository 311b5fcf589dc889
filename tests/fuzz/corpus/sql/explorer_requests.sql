-- What the explorer and the internal API asked all day: the queries that went down with the feature.
-- Validation of a project's key, from nearly every other service.
SELECT p.id, p.name, p.is_enabled, p.is_rate_limited, k.is_valid
  FROM project p
  JOIN project_api_key k ON k.project_id = p.id
 WHERE p.project_key = md5('key 17');
-- Its origins.
SELECT o.kind, o.value
  FROM project_origin o
 WHERE o.project_id = md5('project 17')::uuid;
-- Its quota of the month.
SELECT sum(u.count)
  FROM project_usage u
 WHERE u.project_id = md5('project 17')::uuid
   AND u.day > date '2023-03-22';
-- A page of listings on one chain.
SELECT l.id, l.name, l.homepage, l."order"
  FROM listing l
  JOIN listing_chain c ON c.listing_id = l.id
 WHERE c.chain_id = 'eip155:1'
   AND l.app_type = 'wallet'
 ORDER BY l."order"
 LIMIT 40;
-- Search.
SELECT l.id, l.name
  FROM listing l
 WHERE l.name ILIKE '%swap%'
 ORDER BY l."order"
 LIMIT 20;
