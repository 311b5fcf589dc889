-- the trigger reads all of usage for each row, and no node of the plan shows it
-- expect: nested-loop-rescan
UPDATE watched_badly SET v = v + 1 WHERE id < 50
