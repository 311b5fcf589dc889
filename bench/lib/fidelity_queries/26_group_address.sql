SELECT address, sum(amount) FROM orders GROUP BY address;
