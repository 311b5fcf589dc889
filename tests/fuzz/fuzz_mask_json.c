/*
 * The json mask: any bytes. With a mask that keeps the values, well-formed JSON comes out byte for
 * byte; with masks at all paths, what comes out is JSON again.
 */
#include <assert.h>
#include <string.h>

#include "anonymize/mask.h"
#include "fuzz.h"

static rh_mask *compile(const char *rule, rh_doc **doc)
{
    static const rh_mask_key key = {{1, 2, 3}};
    static const rh_structure_column column = {
        .name = "c", .type = "json", .base_type = "json", .max_chars = -1, .precision = -1};
    rh_mask *mask = NULL;
    rh_status status = rh_doc_parse("rule", rule, strlen(rule), doc, NULL);

    assert(status == RH_OK);

    const rh_mask_request request = {
        .kind = "json",
        .parameters = rh_doc_root(*doc),
        .doc = *doc,
        .domain = "d",
        .key = &key,
        .engine = RH_ENGINE_POSTGRESQL,
        .column = &column,
    };

    status = rh_mask_compile(&request, &mask, NULL);
    assert(status == RH_OK);
    return mask;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rh_mask *keeping;
    static rh_mask *masking;
    static rh_doc *docs[2];
    const rh_field in = {.kind = RH_FIELD_TEXT, .data = data, .len = size};
    rh_arena *scratch = rh_arena_new(0);
    rh_field out = in;

    if (keeping == NULL) {
        keeping = compile("{paths: {'$..a': keep, '$.b[*]': keep, '$': keep}}", &docs[0]);
        masking = compile("{paths: {'$..a': text, '$.b[1]': integer, '$..c.*': email, '$': text}, "
                          "keys: {'$..k': text}}",
                          &docs[1]);
    }
    assert(scratch != NULL);

    rh_status kept = rh_mask_apply(keeping, &in, NULL, scratch, &out, NULL);

    assert(kept == RH_OK || kept == RH_EFORMAT);
    if (kept == RH_OK)
        assert(out.len == size && (size == 0 || memcmp(out.data, data, size) == 0));

    rh_status masked = rh_mask_apply(masking, &in, NULL, scratch, &out, NULL);

    assert(masked == kept || masked == RH_ELIMIT);
    if (masked == RH_OK) {
        rh_field again;

        assert(rh_mask_apply(keeping, &out, NULL, scratch, &again, NULL) == RH_OK);
    }
    rh_arena_free(scratch);
    return 0;
}
