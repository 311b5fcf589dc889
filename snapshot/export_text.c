/*
 * restore.sh and README.txt: how to make a database of an export with stock tools only.
 */
#include "export.h"
#include "export_sql.h"
#include "report_json.h"

#include <string.h>

static const char script_head[] =
    "#!/bin/bash\n"
    "# Makes a new database of this directory; needs createdb, psql, zstd and sha256sum.\n"
    "#   bash restore.sh DATABASE [options for createdb and psql, e.g. -h HOST -U USER]\n"
    "# Roles and extensions that README.txt names must exist; RELAXED=1 goes on after errors.\n"
    "set -euo pipefail\n"
    "db=${1:?usage: bash restore.sh DATABASE [connection options]}\n"
    "shift\n"
    "cd -- \"$(dirname -- \"$0\")\"\n"
    "for tool in createdb psql zstd sha256sum; do\n"
    "    command -v \"$tool\" >/dev/null || { echo \"restore.sh: $tool is missing\" >&2; exit 1; "
    "}\n"
    "done\n"
    "sha256sum --quiet -c SHA256SUMS\n"
    "stop=1\n"
    "[ -z \"${RELAXED:-}\" ] || stop=0\n"
    "run() { psql \"$@\" -X -q -o /dev/null -d \"$db\" -v ON_ERROR_STOP=\"$stop\"; }\n"
    "args=(\"$@\")\n"
    "sql() { run ${args[@]+\"${args[@]}\"} -f \"$1\"; }\n"
    "rows() { zstd -q -dc -- \"$1\" | PGCLIENTENCODING=UTF8 run ${args[@]+\"${args[@]}\"} "
    "-c \"$2\"; }\n";

static const char script_objects[] =
    "zstd -q -dc -- pg_catalog.pg_largeobject.copy.zst | "
    "run ${args[@]+\"${args[@]}\"} \\\n"
    "    -c 'CREATE TEMPORARY TABLE piece (id oid, at bigint, bytes bytea)' \\\n"
    "    -c 'COPY piece FROM STDIN' \\\n"
    "    -c 'SELECT pg_catalog.lo_create(id) FROM (SELECT DISTINCT id FROM piece) AS p\n"
    "        WHERE id NOT IN (SELECT oid FROM pg_catalog.pg_largeobject_metadata)' \\\n"
    "    -c 'SELECT pg_catalog.lo_put(id, at, bytes) FROM piece'\n";

static const char *fact(const rh_export *x, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(rh_manifest_source(x->manifest), key));

    return text == NULL || *text == '\0' ? otherwise : text;
}

/* createdb with the source's encoding and locale; the locale may be missing here, so it can be
 * overridden by options (the last one counts). */
static rh_status put_createdb(const rh_export *x, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_append_str(out, "createdb --template=template0 --encoding=", err);

    if (status == RH_OK)
        status = rh_export_shell_text(out, fact(x, "encoding", "UTF8"), err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, " --lc-collate=", err);
    if (status == RH_OK)
        status = rh_export_shell_text(out, fact(x, "collate", "C"), err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, " --lc-ctype=", err);
    if (status == RH_OK)
        status = rh_export_shell_text(out, fact(x, "ctype", "C"), err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, " ${args[@]+\"${args[@]}\"} -- \"$db\"\n", err);
    return status;
}

static rh_status put_table(const rh_export *x, const rh_table *table, rh_buf *out, rh_error *err)
{
    char file[RH_EXPORT_NAME_BYTES];
    rh_buf copy = RH_BUF_INIT;
    rh_status status;

    if (table->kind == RH_TABLE_LARGE_OBJECTS)
        return rh_buf_append_str(out, script_objects, err);
    rh_export_name(table->full_name, file);
    status = rh_export_sql_copy(&copy, table, rh_manifest_source(x->manifest),
                                fact(x, "encoding", "UTF8"), err);
    if (status == RH_OK)
        status = rh_buf_printf(out, err, "rows '%s.copy.zst' ", file);
    if (status == RH_OK)
        status = rh_export_shell_text(out, rh_buf_cstr(&copy), err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, '\n', err);
    rh_buf_done(&copy);
    return status;
}

static rh_status put_script(rh_export *x, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&text, script_head, err);

    if (status == RH_OK)
        status = put_createdb(x, &text, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&text, "sql schema-pre-data.sql\n", err);
    for (size_t i = 0; status == RH_OK && i < rh_manifest_table_count(x->manifest); i++) {
        const rh_table *table = rh_manifest_table(x->manifest, i)->table;

        if (!table->rows_excluded)
            status = put_table(x, table, &text, err);
    }
    if (status == RH_OK)
        status = rh_buf_append_str(&text, "sql schema-post-data.sql\nsql sequences.sql\n", err);
    if (status == RH_OK)
        status = rh_export_put(x, "restore.sh", text.data, text.len, json_object(), err);
    rh_buf_done(&text);
    return status;
}

/* ": a, b" from an array of names, or of objects with a name; ": none". */
static rh_status put_names(rh_buf *out, const json_t *list, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *name = json_is_object(item) ? json_string_value(json_object_get(item, "name"))
                                                : json_string_value(item);

        status = rh_buf_printf(out, err, "%s%s", i == 0 ? "" : ", ", name == NULL ? "?" : name);
    }
    if (status == RH_OK)
        status = rh_buf_append_str(out, json_array_size(list) == 0 ? "none\n" : "\n", err);
    return status;
}

static rh_status put_readme(rh_export *x, rh_error *err)
{
    const json_t *source = rh_manifest_source(x->manifest);
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_buf_printf(
        &text, err,
        "Snapshot %s, written as plain files.\n\n"
        "  sha256sum -c SHA256SUMS       are all files as they were written?\n"
        "  zstd -dc SCHEMA.TABLE.copy.zst  the rows of a table as COPY text, encoding %s\n"
        "  bash restore.sh DATABASE      make a database of it (createdb, psql)\n\n"
        "By hand: schema-pre-data.sql, then the rows with COPY ... FROM STDIN, then\n"
        "schema-post-data.sql and sequences.sql. manifest.json tells which file holds which\n"
        "table, its rows and its SHA-256. statistics.jsonl holds planner statistics for\n"
        "`rehearse restore`; psql has no use for it.\n\n"
        "Roles that own objects or have rights: ",
        rh_manifest_id(x->manifest), fact(x, "encoding", "UTF8"));

    if (status == RH_OK)
        status = put_names(&text, json_object_get(source, "roles"), err);
    if (status == RH_OK)
        status = rh_buf_append_str(&text, "Extensions: ", err);
    if (status == RH_OK)
        status = put_names(&text, json_object_get(source, "extensions"), err);
    if (status == RH_OK)
        status = rh_export_put(x, "README.txt", text.data, text.len, json_object(), err);
    rh_buf_done(&text);
    return status;
}

rh_status rh_export_restore_script(rh_export *x, rh_error *err)
{
    rh_status status = put_script(x, err);

    return status == RH_OK ? put_readme(x, err) : status;
}
