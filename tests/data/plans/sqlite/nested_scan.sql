-- expect: nested-loop-rescan
SELECT COUNT(*) FROM assets a JOIN state_orders s ON s.asset > a.asset_id + 1990
