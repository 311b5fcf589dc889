-- value: low; orders; amount; SELECT min(id) FROM orders WHERE amount = (SELECT percentile_disc(0.4) WITHIN GROUP (ORDER BY amount) FROM orders)
-- value: high; orders; amount; SELECT min(id) FROM orders WHERE amount = (SELECT percentile_disc(0.6) WITHIN GROUP (ORDER BY amount) FROM orders)
SELECT * FROM orders WHERE amount BETWEEN :'low' AND :'high';
