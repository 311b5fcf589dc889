-- expect: nested-loop-rescan
SELECT count(*) FROM listing l JOIN usage u ON u.count + l.category > l.id AND u.count < l.category
