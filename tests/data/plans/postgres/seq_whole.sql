-- healthy: everything is wanted
SELECT kind, count(*) FROM event GROUP BY kind
