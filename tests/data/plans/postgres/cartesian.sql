-- expect: cartesian-product
SELECT count(*) FROM listing l, account a WHERE l.category < 4
