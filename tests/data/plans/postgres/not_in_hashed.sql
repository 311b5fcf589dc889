-- healthy: a small hash table with room to grow
SELECT count(*) FROM account a WHERE a.id NOT IN (SELECT t.v FROM tiny t)
