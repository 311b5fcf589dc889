-- expect: row-misestimate
SELECT * FROM skew WHERE a = 7 AND b = 7
