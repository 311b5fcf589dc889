-- healthy
INSERT INTO tiny SELECT n, n FROM generate_series(100, 110) n
