/*
 * Memory that runs out: an error, nothing written, nothing left behind, for every kind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "mask_case.h"

static const struct {
    const char *rule;
    const char *type;
    const char *value;
} cases[] = {
    {"mask: text", "text", "alice in wonderland"},
    {"mask: text", "text", "a1"},
    {"{mask: email, keep: [a@b.c]}", "text", "alice@example.com"},
    {"mask: email", "text", "n/a"},
    {"mask: name", "text", "Alice Liddell"},
    {"{mask: company, unique: true}", "text", "Acme Ltd"},
    {"mask: words", "text", "down the rabbit hole"},
    {"mask: url", "text", "http://u@example.com/a%20b"},
    {"mask: ip", "inet", "10.1.2.3"},
    {"mask: mac", "macaddr", "08:00:2b:01:02:03"},
    {"mask: uuid", "uuid", "0189d5a0-7b2c-7000-8000-000000000001"},
    {"mask: card", "text", "4111111111111111"},
    {"mask: integer", "integer", "5"},
    {"{mask: integer, mode: monotone}", "integer", "5"},
    {"{mask: integer, low: 1, high: 9}", "integer", "5"},
    {"mask: numeric", "numeric", "5.25"},
    {"mask: time", "date", "2024-02-29"},
    {"{mask: shift-time, subject: subject}", "date", "2024-02-29"},
    {"{mask: enum, labels: [a, b]}", "text", "a"},
    {"mask: bytes", "bytea", "\\x0102"},
    {"mask: prefix-text", "text", "abc"},
    {"mask: destroy", "text", "abc"},
    {"{mask: constant, value: {a: 1}}", "jsonb", "5"},
    {"{mask: chain-address, txid-domain: tx, forms: [evm, outpoint]}", "text",
     "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
    {"{mask: packed-address, offsets: [0]}", "bytea",
     "\\x00759d6677091e973b9e9d99f19c68fbf43e3f05f9"},
    {"{mask: json, paths: {'$..a[*]': text, $.b: {domain: address}}, keys: {$: text}}", "jsonb",
     "{\"a\": [\"x\\u0041\", 1], \"b\": \"n\"}"},
    {"{mask: list, item: text}", "text", "a b c"},
    {"{mask: array, element: text}", "text[]", "{a,\"b c\"}"},
    {"{mask: composite, fields: {1: text, 3: text}}", "addr", "(a,b,c)"},
    {"mask: time", "daterange", "[2020-01-01,2021-01-01)"},
    {"{mask: hstore, keys: {a: text}, others: text, names: text}", "hstore", "\"a\"=>\"b\""},
    {"mask: xml", "xml", "<a b=\"c\">d &amp; e<![CDATA[f]]></a>"},
};

/* Status of compiling and applying with the n-th allocation failing. */
static rh_status run(size_t index, long n)
{
    mask_case c;
    const mask_column column = {.type = cases[index].type,
                                .element = strstr(cases[index].type, "[]") ? "text" : NULL};
    rh_mask *mask = NULL;
    rh_field out = {.kind = RH_FIELD_UNREAD};
    const rh_field in = {.kind = RH_FIELD_TEXT,
                         .data = (const uint8_t *)cases[index].value,
                         .len = strlen(cases[index].value)};
    rh_field row[2] = {in, {.kind = RH_FIELD_NULL}};
    rh_status status;
    long blocks;

    mask_case_prepare(&c, cases[index].rule, &column);
    blocks = rh_mem_live_blocks();
    rh_mem_fail_nth(n);

    rh_arena *scratch = rh_arena_new(64);

    status = scratch == NULL ? RH_ENOMEM : rh_mask_compile(&c.request, &mask, &c.err);
    if (status == RH_OK) {
        status = rh_mask_apply(mask, &in, row, scratch, &out, &c.err);
        assert_int_equal(out.kind == RH_FIELD_UNREAD, status != RH_OK);
        row[1] = in;
        if (status == RH_OK && strstr(cases[index].rule, "subject") == NULL)
            status = rh_mask_apply_many(mask, row, 1, 2, scratch, &c.err);
    } else {
        assert_null(mask);
    }
    rh_mem_fail_nth(-1);
    rh_mask_free(mask);
    rh_arena_free(scratch);
    assert_int_equal(rh_mem_live_blocks(), blocks);
    mask_case_close(&c);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        long n = 0;
        rh_status status;

        do {
            status = run(i, n++);
            if (status != RH_OK && status != RH_ENOMEM)
                fail_msg("%s: status %d at allocation %ld", cases[i].rule, (int)status, n - 1);
        } while (status != RH_OK && n < 1000);
        assert_int_equal(status, RH_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
