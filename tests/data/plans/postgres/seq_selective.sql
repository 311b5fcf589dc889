-- expect: selective-seq-scan
SELECT * FROM event WHERE payload = 'nothing like this'
