-- the key cascades, and each cascade reads all of the referring table
-- expect: foreign-key-without-index
DELETE FROM owner WHERE id = 12
