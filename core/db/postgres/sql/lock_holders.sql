-- rehearse: who holds or waits for a lock that keeps ACCESS SHARE out
SELECT l.relation, l.pid
FROM pg_catalog.pg_locks l
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
    AND l.database = (SELECT oid FROM pg_catalog.pg_database
                      WHERE datname = pg_catalog.current_database())
ORDER BY l.granted DESC, l.relation
