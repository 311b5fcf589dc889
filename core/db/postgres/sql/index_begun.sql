-- rehearse: has the session $1 created its relation? A new index is locked once it has its OID, and
-- nobody else sees its row before the end; other locks of CREATE INDEX are weaker or on what is seen
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_locks l
    WHERE l.pid = $1::int AND l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
        AND l.granted AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_class c WHERE c.oid = l.relation))
