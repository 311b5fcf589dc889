-- healthy: the cast of varchar to text costs nothing
SELECT id FROM account WHERE name = 'name77'
