-- value: network; users; network(set_masklen(ip, 16)); SELECT min(id) FROM users WHERE ip << '10.1.0.0/16'
SELECT * FROM users WHERE ip << :'network';
