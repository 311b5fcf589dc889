-- no condition on the partition key: each partition is small, together they are the table
-- expect: selective-seq-scan
SELECT * FROM parts WHERE v = 7
