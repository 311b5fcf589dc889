-- set: work_mem = '64kB'
-- set: enable_indexscan = off
-- set: enable_seqscan = off
-- expect: lossy-bitmap
SELECT count(payload) FROM event WHERE kind IN (1, 2, 3)
