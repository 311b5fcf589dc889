-- expect: foreign-key-without-index
DELETE FROM owner WHERE id = 350
