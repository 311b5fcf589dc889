-- healthy: each alternative by itself
SELECT l.id FROM listing l JOIN usage u ON u.project_id = l.id UNION ALL SELECT l.id FROM listing l JOIN usage u ON u.count = l.category * 100
