-- expect: stale-statistics
SELECT count(*) FROM stale
