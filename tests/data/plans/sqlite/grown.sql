-- expect: stale-statistics
SELECT COUNT(*) FROM grown
