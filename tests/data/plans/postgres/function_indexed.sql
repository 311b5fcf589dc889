-- healthy: by index
SELECT l.id, country_of(l.id) FROM listing l WHERE l.id <= 40
