-- TEXT against INTEGER: the index on asset_name is no help
SELECT s.tx_index FROM state_orders s CROSS JOIN issuances i ON /*<type-defeats-index*/i.asset_longname/*>*/ = s.asset WHERE s.tx_index = 5
