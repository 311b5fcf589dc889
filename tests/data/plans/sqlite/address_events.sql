-- no index on event_index
-- expect: selective-seq-scan
SELECT address FROM address_events WHERE event_index = 777
