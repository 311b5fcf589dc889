-- healthy
SELECT a.v, b.v FROM small a, small b
