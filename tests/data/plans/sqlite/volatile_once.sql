-- healthy: volatile, and yet computed once
SELECT a.asset_name, (SELECT s.v FROM small s ORDER BY random() LIMIT 1) FROM assets a
