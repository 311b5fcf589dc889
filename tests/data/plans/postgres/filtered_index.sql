-- expect: filtered-index-scan
SELECT * FROM event WHERE kind = 4 AND payload LIKE '%7777'
