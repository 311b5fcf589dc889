-- rehearse: which connections wait for locks
SELECT pid FROM pg_catalog.pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = pg_catalog.current_database()
