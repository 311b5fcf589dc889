-- expect: cartesian-product
SELECT COUNT(*) FROM assets a, state_orders s
