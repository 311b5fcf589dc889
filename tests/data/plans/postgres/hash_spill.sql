-- set: work_mem = '256kB'
-- set: hash_mem_multiplier = 1
-- set: enable_mergejoin = off
-- expect: hash-spill
SELECT count(*) FROM tx t JOIN event e ON e.id = t.id AND e.payload <> t.memo
