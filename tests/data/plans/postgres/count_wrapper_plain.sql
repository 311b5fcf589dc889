-- healthy: an index for each alternative
SELECT count(*) FROM (SELECT * FROM account WHERE email = 'x' OR name = 'name7') x
