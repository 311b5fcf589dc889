-- healthy: the trigger's own statement is by index
UPDATE watched SET v = v + 1 WHERE id < 50
