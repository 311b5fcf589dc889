-- healthy: the trigger's own statement is by index; no counter of the plan would show it otherwise
UPDATE watched SET v = v + 1 WHERE id < 50
