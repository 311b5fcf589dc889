-- alternatives over two tables: neither a hash nor an index serves them
-- expect: nested-loop-rescan
SELECT l.id FROM listing l JOIN usage u ON u.project_id = l.id OR u.count = l.category * 100
