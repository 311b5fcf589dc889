-- expect: sort-spill
SELECT * FROM event ORDER BY payload, id
