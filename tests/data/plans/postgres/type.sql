-- expect: type-defeats-index
SELECT id FROM tx WHERE height = 4000.0
