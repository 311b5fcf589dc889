-- healthy: a small product that is meant
SELECT t.id, s.v FROM tiny t CROSS JOIN (VALUES (1), (2)) AS s(v)
