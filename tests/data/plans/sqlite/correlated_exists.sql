SELECT d.tx_index FROM dispensers d WHERE EXISTS /*<correlated-subquery*/(SELECT 1 FROM address_events e WHERE e.address = d.source AND e.event_index < 0)/*>*/
