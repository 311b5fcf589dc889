/*
 * Schema text under masks. COMMENTs are not even read (rh_source_options.no_comments): people write
 * names and examples there. The structure keeps what the next proof needs and loses its comments.
 */
#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "filter.h"

static void drop_comments(json_t *tables)
{
    for (size_t t = 0; t < json_array_size(tables); t++) {
        json_t *table = json_array_get(tables, t);
        json_t *columns = json_object_get(table, "columns");

        (void)json_object_del(table, "comment");
        for (size_t c = 0; c < json_array_size(columns); c++)
            (void)json_object_del(json_array_get(columns, c), "comment");
    }
}

static rh_status mask_structure(const rh_buf *in, rh_buf *out, rh_error *err)
{
    json_t *structure = NULL;
    char *text = NULL;
    rh_status status = rh_doc_parse_json("structure", rh_buf_cstr(in), in->len, &structure, err);

    if (status != RH_OK)
        return status;
    drop_comments(json_object_get(structure, "tables"));
    text = json_dumps(structure, JSON_COMPACT | JSON_SORT_KEYS);
    status = text == NULL ? rh_error_oom(err) : rh_buf_append_str(out, text, err);
    rh_mem_free(text);
    json_decref(structure);
    return status;
}

rh_status rh_mask_schema(const rh_anonymizer *anonymizer, const char *name, const rh_buf *in,
                         rh_buf *out, rh_error *err)
{
    (void)anonymizer;
    if (strcmp(name, "structure") == 0)
        return mask_structure(in, out, err);
    return in->len == 0 ? RH_OK : rh_buf_append(out, in->data, in->len, err);
}
