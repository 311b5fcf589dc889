-- rehearse: row counts of production on the pages of staging: the planner multiplies its actual
-- pages by reltuples/relpages, and a fresh copy has fewer pages than a bloated original
UPDATE pg_catalog.pg_class c
SET reltuples = r.reltuples,
    relpages = CASE WHEN r.reltuples < 0 OR c.relkind IN ('p', 'I') THEN r.relpages
                    ELSE p.pages END,
    relallvisible = CASE WHEN r.relpages > 0 AND p.pages > 0
        THEN least(p.pages, pg_catalog.round(r.relallvisible::numeric * p.pages / r.relpages)::int)
        ELSE 0 END
FROM pg_catalog.json_to_recordset($1::json) r (
        schema text, name text, relkind text, relpages int, reltuples real, relallvisible int),
    pg_catalog.pg_namespace n,
    LATERAL (SELECT (CASE WHEN r.relkind IN ('p', 'I') THEN 0
        ELSE pg_catalog.pg_relation_size(pg_catalog.format('%I.%I', r.schema, r.name)
             ::pg_catalog.regclass) / pg_catalog.current_setting('block_size')::int END)::int
        AS pages) p
WHERE n.nspname = r.schema AND c.relnamespace = n.oid AND c.relname = r.name
    AND c.relkind = r.relkind::"char"
