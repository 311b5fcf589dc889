-- value: network; users; network(set_masklen(ip, 24)); SELECT (max(id) * 0.77)::bigint FROM users
SELECT * FROM users WHERE ip <<= :'network';
