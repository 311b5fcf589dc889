/*
 * The section "structure" (docs/format.md §11): two queries whatever the number of tables. The
 * server builds the object of each table; here they only become one document.
 */
#include <string.h>

#include "core/str.h"
#include "pg_source.h"
#include "pg_sql.h"

/* Large objects travel as a table of their own, so rules must decide its columns, too. */
static const char large_objects[] =
    "{\"schema\": \"pg_catalog\", \"name\": \"pg_largeobject\", \"kind\": \"table\", \"columns\": ["
    "{\"name\": \"oid\", \"type\": \"oid\", \"base_type\": \"oid\", \"not_null\": true}, "
    "{\"name\": \"offset\", \"type\": \"bigint\", \"base_type\": \"bigint\", \"not_null\": true}, "
    "{\"name\": \"data\", \"type\": \"bytea\", \"base_type\": \"bytea\", \"not_null\": true}], "
    "\"indexes\": [{\"name\": \"pg_largeobject_loid_pn_index\", \"unique\": true, "
    "\"primary\": true, \"method\": \"btree\", \"columns\": [0, 1], "
    "\"text\": \"UNIQUE (oid, \\\"offset\\\")\", \"mentions\": [0, 1]}]},\n";

static bool has_large_objects(const rh_catalog *catalog)
{
    return catalog->table_count > 0 &&
           catalog->tables[catalog->table_count - 1].kind == RH_TABLE_LARGE_OBJECTS;
}

static rh_status append_tables(rh_pg_source *source, rh_buf *out, rh_error *err)
{
    const char *comments = source->options.no_comments ? "false" : "true";
    rh_status status = rh_pg_append_lines(source->main, rh_pg_sql_structure, comments, out, err);

    if (status == RH_OK && has_large_objects(source->catalog))
        status = rh_buf_append_str(out, large_objects, err);
    return status;
}

/* A list of lines that begins at from: UTF-8, and without the comma behind the last one. */
static void end_list(rh_buf *out, size_t from)
{
    /* A database in SQL_ASCII may hold any bytes in comments and expressions, JSON may not.
     * Names of tables and columns are known to be good (pg_catalog_read.c). */
    rh_str_make_utf8((char *)out->data + from, out->len - from);
    if (out->len > from)
        out->data[out->len - 2] = ' ';
}

rh_status rh_pg_structure(rh_pg_source *source, rh_buf *out, rh_error *err)
{
    size_t from = 0;
    rh_status status;

    if (source->catalog == NULL)
        return rh_error_set(err, RH_EUSAGE, "the structure is known only under a snapshot");
    status = rh_buf_append_str(out, "{\"version\": 1, \"tables\": [\n", err);
    from = out->len;
    if (status == RH_OK)
        status = append_tables(source, out, err);
    if (status == RH_OK) {
        end_list(out, from);
        status = rh_buf_append_str(out, "], \"texts\": [\n", err);
        from = out->len;
    }
    if (status == RH_OK)
        status = rh_pg_append_lines(source->main, rh_pg_sql_structure_texts, NULL, out, err);
    if (status == RH_OK) {
        end_list(out, from);
        status = rh_buf_append_str(out, "]}\n", err);
    }
    if (status != RH_OK)
        rh_error_where(err, "section 'structure'");
    return status;
}
