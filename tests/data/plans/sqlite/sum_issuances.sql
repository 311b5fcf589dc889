-- the hot asset grows with each mint
-- expect: selective-seq-scan
SELECT SUM(quantity) FROM issuances WHERE asset = 'A7' AND status = 'valid'
