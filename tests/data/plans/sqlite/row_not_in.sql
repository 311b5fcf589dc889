-- the plan of a look-up, and yet each row is compared with all
SELECT COUNT(*) FROM orders o WHERE (o.give_asset, o.status) NOT IN /*<lost-hash-subplan*/(SELECT i.asset, i.status FROM issuances i WHERE i.tx_index < 1000)/*>*/
