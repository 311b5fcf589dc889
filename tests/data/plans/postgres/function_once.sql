-- healthy: read once, and beside it by the statement itself
SELECT usage_of(3), (SELECT count(*) FROM usage)
