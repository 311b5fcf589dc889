-- the function reads all of usage for each row, and no node of the plan shows it
-- expect: nested-loop-rescan
SELECT l.id, usage_of(l.category) FROM listing l WHERE l.id <= 40
