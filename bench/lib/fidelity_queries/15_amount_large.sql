-- value: amount; orders; amount; SELECT min(id) FROM orders WHERE amount = (SELECT percentile_disc(0.999) WITHIN GROUP (ORDER BY amount) FROM orders)
SELECT * FROM orders WHERE amount > :'amount';
