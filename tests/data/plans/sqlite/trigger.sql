-- the trigger reads all of dispensers for each row, and has no line in the plan
-- expect: nested-loop-rescan
UPDATE watched SET v = 2 WHERE id < 200
