-- healthy
SELECT id FROM account WHERE email = 'user7@example.org'
