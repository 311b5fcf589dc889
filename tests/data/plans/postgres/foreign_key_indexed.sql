-- healthy
DELETE FROM account WHERE id = 1950
