-- healthy
UPDATE watched_well SET v = 2 WHERE id < 200
