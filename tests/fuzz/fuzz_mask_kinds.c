/*
 * Every kind of mask: the first byte says which, the rest is a value. The image is the same again,
 * alone and among many; the value is not touched; UTF-8 stays UTF-8.
 */
#include <assert.h>
#include <string.h>

#include "anonymize/mask.h"
#include "core/mem.h"
#include "core/str.h"
#include "fuzz.h"

/* The corpus counts on the order: new ones go to the end. */
static const struct {
    const char *rule;
    const char *type; /* NULL: SQLite */
} kinds[] = {
    {"mask: keep", "text"},
    {"mask: 'null'", "text"},
    {"{mask: constant, value: x}", "text"},
    {"mask: destroy", "text"},
    {"mask: text", "text"},
    {"mask: text", NULL},
    {"{mask: text, fold-case: true}", "text"},
    {"mask: prefix-text", "text"},
    {"mask: words", "text"},
    {"{mask: words, by: word}", "text"},
    {"mask: name", "text"},
    {"mask: company", "text"},
    {"mask: city", "citext"},
    {"mask: email", "text"},
    {"{mask: email, public: keep, suffix: mask}", "text"},
    {"mask: phone", "text"},
    {"{mask: phone, keep-first: 2, keep-last: 1}", "text"},
    {"mask: url", "text"},
    {"mask: host", "text"},
    {"mask: ip", "inet"},
    {"mask: ip", "cidr"},
    {"mask: mac", "text"},
    {"mask: uuid", "text"},
    {"mask: digits", "text"},
    {"mask: alnum", "text"},
    {"mask: card", "text"},
    {"mask: iban", "text"},
    {"mask: integer", "bigint"},
    {"{mask: integer, low: 5, high: 5000}", "integer"},
    {"{mask: integer, mode: monotone}", "bigint"},
    {"mask: numeric", "numeric"},
    {"mask: time", "timestamp with time zone"},
    {"mask: time", "date"},
    {"mask: shift-time", "date"},
    {"mask: bytes", "bytea"},
    {"mask: hex", "text"},
    {"{mask: enum, labels: [new, paid, sent]}", "text"},
    {"mask: chain-address", "text"},
    {"mask: txid", "text"},
    {"mask: outpoint", "text"},
    {"mask: match-id", "text"},
    {"{mask: packed-address, offsets: [0, -21]}", "bytea"},
    {"{mask: json, paths: {'$..*': text}}", "text"},
    {"{mask: list, item: email, separator: ','}", "text"},
    {"{mask: array, element: text}", "text[]"},
    {"{mask: composite, fields: {1: text, 2: integer}}", "addr"},
    {"{mask: range, bound: time}", "daterange"},
    {"{mask: multirange, bound: time}", "datemultirange"},
    {"{mask: hstore, others: text, names: text}", "hstore"},
    {"{mask: xml, text: words}", "text"},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static rh_mask *compile(size_t kind, rh_doc **doc)
{
    static const rh_mask_key key = {{1, 2, 3}};
    const char *type = kinds[kind].type == NULL ? "TEXT" : kinds[kind].type;
    const rh_structure_column column = {
        .name = "c",
        .type = type,
        .base_type = type,
        .element_type = strstr(type, "[]") == NULL ? NULL : "text",
        .max_chars = -1,
        .precision = -1,
    };
    rh_mask *mask = NULL;
    rh_status status = rh_doc_parse("rule", kinds[kind].rule, strlen(kinds[kind].rule), doc, NULL);

    assert(status == RH_OK);

    const rh_mask_request request = {
        .kind = json_string_value(json_object_get(rh_doc_root(*doc), "mask")),
        .parameters = rh_doc_root(*doc),
        .doc = *doc,
        .domain = "d",
        .key = &key,
        .engine = kinds[kind].type == NULL ? RH_ENGINE_SQLITE : RH_ENGINE_POSTGRESQL,
        .column = &column,
    };

    status = rh_mask_compile(&request, &mask, NULL);
    assert(status == RH_OK);
    return mask;
}

static void assert_same(const rh_field *a, const rh_field *b)
{
    assert(a->kind == b->kind && a->len == b->len);
    assert(a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rh_mask *masks[KINDS];
    static rh_doc *docs[KINDS];
    rh_arena *scratch = rh_arena_new(0);
    size_t kind = size == 0 ? 0 : data[0] % KINDS;
    rh_field in = {.kind = RH_FIELD_TEXT};
    rh_field out = {.kind = RH_FIELD_UNREAD};
    rh_field many[3];
    uint8_t *value;
    rh_status status;

    assert(scratch != NULL);
    if (masks[kind] == NULL)
        masks[kind] = compile(kind, &docs[kind]);
    in.len = size == 0 ? 0 : size - 1;
    value = rh_arena_alloc(scratch, in.len + 1);
    assert(value != NULL);
    if (in.len > 0)
        memcpy(value, data + 1, in.len);
    in.data = value;
    many[0] = many[1] = many[2] = in;

    status = rh_mask_apply(masks[kind], &in, NULL, scratch, &out, NULL);
    assert(status == RH_OK || status == RH_EFORMAT || status == RH_ELIMIT);
    assert(in.len == 0 || memcmp(value, data + 1, in.len) == 0);
    assert(rh_mask_apply_many(masks[kind], many, 1, 3, scratch, NULL) == status);
    if (status == RH_OK) {
        for (size_t i = 0; i < 3; i++)
            assert_same(&out, &many[i]);
        if (out.kind == RH_FIELD_TEXT && rh_str_is_utf8((const char *)value, in.len))
            assert(rh_str_is_utf8((const char *)out.data, out.len));
    }
    rh_arena_free(scratch);
    return 0;
}
