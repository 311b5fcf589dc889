-- a count for paging around a query with alternatives (counterparty-core 2965)
SELECT count(*) FROM /*<expression-defeats-index*/(SELECT * FROM account WHERE email = 'x' OR upper(email) = 'X')/*>*/ x
