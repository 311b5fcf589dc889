-- healthy: through the index
SELECT max(id), min(id) FROM event
