-- LIMIT keeps SQLite from dropping the order of the inner query; sorting numbers alone is cheap.
SELECT e.id,
    e.session,
    e.tx,
    e.text,
    e.start_us,
    e.duration_us,
    e.protocol,
    e.name,
    e.parameters,
    e.rows,
    e.sqlstate,
    e.source,
    e.line,
    e.unreplayable,
    e.unit,
    t.sql,
    s.id,
    s.fingerprint,
    s.by,
    s.command,
    s.normalized,
    o.path
FROM (SELECT id FROM main.executions ORDER BY @order@ LIMIT -1) x
CROSS JOIN main.executions e ON e.id = x.id
CROSS JOIN main.texts t ON t.id = e.text
CROSS JOIN main.statements s ON s.id = t.statement
LEFT JOIN main.sources o ON o.id = e.source
WHERE (?1 = 0 OR e.session = ?1)
    AND (?2 IS NULL OR s.fingerprint = ?2)
    AND (?3 = 0 OR e.start_us >= ?3)
    AND (?4 = 0 OR e.start_us < ?4)
    AND (?5 = 0 OR e.unreplayable IS NULL)
