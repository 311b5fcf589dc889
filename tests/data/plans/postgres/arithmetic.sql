-- expect: expression-defeats-index
SELECT id FROM tx WHERE height + 6 = 4000
