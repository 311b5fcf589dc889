-- expect: foreign-key-without-index
DELETE FROM tx WHERE id = 2
