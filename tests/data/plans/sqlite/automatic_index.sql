-- expect: automatic-index
SELECT COUNT(*) FROM dispensers d JOIN address_events e ON e.address = d.source AND e.block_index > 2000
