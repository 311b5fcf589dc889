/*
 * The readers of configuration (YAML, JSON) and of machine-written JSON.
 *
 * modules: core_base
 */
#include <assert.h>
#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "fuzz.h"

/* An error must say where, must name the file, and must not be set on success. */
static void check(rh_status status, const rh_error *err)
{
    if (status == RH_OK) {
        assert(err->code == RH_OK);
        return;
    }
    assert(err->code == status);
    assert(strncmp(err->text, "fuzz", 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();
    rh_doc *doc = NULL;
    json_t *json = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_status status = rh_doc_parse("fuzz", (const char *)data, size, &doc, &err);

    check(status, &err);
    assert((status == RH_OK) == (doc != NULL));
    if (doc != NULL) {
        json_t *root = rh_doc_root(doc);

        assert(root != NULL);
        if (json_is_object(root)) {
            const char *key;
            json_t *value;

            json_object_foreach(root, key, value)
            {
                assert(rh_doc_key_pos(doc, root, key).line > 0);
                assert(rh_doc_value_pos(doc, root, key).line > 0);
            }
        }
        rh_doc_free(doc);
    }

    rh_error_clear(&err);
    status = rh_doc_parse_json("fuzz", (const char *)data, size, &json, &err);
    check(status, &err);
    assert((status == RH_OK) == (json != NULL));
    json_decref(json);
    assert(rh_mem_live_blocks() == blocks);
    return 0;
}
