/*
 * Readers of PostgreSQL's structured texts (array, composite, range, multirange, hstore), of XML,
 * and of times and addresses: any bytes. The first byte says which. A mask that keeps the parts is
 * stable: what it writes, it reads and writes again alike.
 */
#include <assert.h>
#include <string.h>

#include "anonymize/mask.h"
#include "fuzz.h"

static const struct {
    const char *kind;
    const char *rule;
    const char *type;
    int stable; /* keeps the parts */
} cases[] = {
    {"array", "{element: keep}", "text", 1},
    {"array", "{element: text}", "text", 0},
    {"composite", "{fields: {1: keep, 3: keep}}", "text", 1},
    {"composite", "{fields: {1: text, 3: integer}}", "text", 0},
    {"range", "{bound: keep}", "text", 1},
    {"range", "{bound: time}", "text", 0},
    {"multirange", "{bound: keep}", "text", 1},
    {"multirange", "{bound: {mask: integer, mode: monotone}}", "text", 0},
    {"hstore", "{others: keep}", "text", 1},
    {"hstore", "{others: text, names: text}", "text", 0},
    {"xml", "{text: keep, attributes: keep, comments: keep}", "text", 1},
    {"xml", "{}", "text", 0},
    {"time", "{invalid: keep}", "text", 0},
    {"ip", "{}", "text", 0},
    {"url", "{}", "text", 0},
    {"email", "{}", "text", 0},
    {"numeric", "{invalid: keep}", "text", 0},
    {"chain-address", "{forms: [base58check, segwit, bech32, evm, txid, outpoint, match-id]}",
     "text", 0},
    {"words", "{}", "text", 0},
    {"company", "{}", "text", 0},
    {"uuid", "{}", "text", 0},
    {"phone", "{}", "text", 0},
};

enum { CASES = sizeof cases / sizeof cases[0] };

static rh_mask *compile(size_t index)
{
    static rh_doc *docs[CASES];
    static const rh_mask_key key = {{1, 2, 3}};
    const rh_structure_column column = {.name = "c",
                                        .type = cases[index].type,
                                        .base_type = cases[index].type,
                                        .max_chars = -1,
                                        .precision = -1};
    rh_mask *mask = NULL;
    rh_status status =
        rh_doc_parse("rule", cases[index].rule, strlen(cases[index].rule), &docs[index], NULL);

    assert(status == RH_OK);

    const rh_mask_request request = {
        .kind = cases[index].kind,
        .parameters = rh_doc_root(docs[index]),
        .doc = docs[index],
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
    static rh_mask *masks[CASES];
    rh_field in = {.kind = RH_FIELD_TEXT, .data = data + 1, .len = size - 1};
    rh_field out;
    rh_field again;
    rh_mask_counts before;
    rh_mask_counts after;
    rh_arena *scratch;
    rh_status status;
    size_t index;

    if (size == 0)
        return 0;
    index = data[0] % CASES;
    if (masks[index] == NULL)
        masks[index] = compile(index);
    scratch = rh_arena_new(0);
    assert(scratch != NULL);
    rh_mask_count(masks[index], &before);
    status = rh_mask_apply(masks[index], &in, NULL, scratch, &out, NULL);
    rh_mask_count(masks[index], &after);
    assert(status == RH_OK || status == RH_EFORMAT || status == RH_ELIMIT);
    /* What did not have the form was replaced by its like, which may be anything. */
    if (status == RH_OK && cases[index].stable && before.invalid == after.invalid) {
        status = rh_mask_apply(masks[index], &out, NULL, scratch, &again, NULL);
        assert(status == RH_OK);
        assert(again.len == out.len &&
               (out.len == 0 || memcmp(again.data, out.data, out.len) == 0));
    }
    rh_arena_free(scratch);
    return 0;
}
