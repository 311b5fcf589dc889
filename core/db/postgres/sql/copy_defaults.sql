-- rehearse: columns of table $1.$2 whose default takes from a sequence
SELECT pg_catalog.quote_ident(a.attname)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE n.nspname = $1 AND c.relname = $2 AND a.attgenerated = '' AND NOT a.attisdropped
    AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%'
