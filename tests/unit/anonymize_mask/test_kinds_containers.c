/*
 * Values inside of values: the same image as in a column of their own, and not a byte changed
 * around them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "mask_case.h"

#define ALICE "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
#define TXID  "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"

static const mask_column text = {.type = "text"};
static const mask_column json = {.type = "jsonb"};

/* The image of a value in a column of the domain. */
static void plain(const char *rule, const char *value, char out[256])
{
    mask_case c;

    mask_case_open(&c, rule, &text);
    (void)snprintf(out, 256, "%s", mask_case_text(&c, value));
    mask_case_close(&c);
}

static void a_domain_has_one_image_everywhere(void **state)
{
    char address[256];
    char tx[256];
    char expected[1024];

    (void)state;
    plain("{mask: chain-address, domain: address}", ALICE, address);
    plain("{mask: txid, domain: tx}", TXID, tx);
    (void)snprintf(expected, sizeof expected, "{\"source\": \"%s\", \"x\": [{\"hash\": \"%s\"}]}",
                   address, tx);
    assert_masked("{mask: json, paths: {$.source: {domain: address}, $..hash: {domain: tx}}}",
                  "jsonb", "{\"source\": \"" ALICE "\", \"x\": [{\"hash\": \"" TXID "\"}]}",
                  expected);
    (void)snprintf(expected, sizeof expected, "{%s,NULL}", address);
    assert_masked("{mask: array, element: {domain: address}}", "text", "{" ALICE ",NULL}",
                  expected);
    (void)snprintf(expected, sizeof expected, "%s:12", tx);
    assert_masked("{mask: outpoint, domain: tx}", "text", TXID ":12", expected);
    (void)snprintf(expected, sizeof expected, "%s_%s", tx, tx);
    assert_masked("{mask: match-id, domain: tx}", "text", TXID "_" TXID, expected);
    (void)snprintf(expected, sizeof expected, "%s:3 %s 2 1", tx, address);
    assert_masked("{mask: list, item: {mask: chain-address, domain: address, forms: [base58check, "
                  "outpoint], txid-domain: tx, invalid: keep}}",
                  "text", TXID ":3 " ALICE " 2 1", expected);
    (void)snprintf(expected, sizeof expected, "(x,%s,)", address);
    assert_masked("{mask: composite, fields: {2: {domain: address}}}", "text", "(x," ALICE ",)",
                  expected);
    (void)snprintf(expected, sizeof expected, "\"a\"=>\"%s\"", address);
    assert_masked("{mask: hstore, keys: {a: {domain: address}}}", "hstore", "\"a\"=>\"" ALICE "\"",
                  expected);
    (void)snprintf(expected, sizeof expected, "<a b=\"1\">%s</a>", address);
    assert_masked("{mask: xml, text: {domain: address}, attributes: keep}", "xml",
                  "<a b=\"1\">" ALICE "</a>", expected);
}

static void packed_addresses_have_the_image_of_their_text(void **state)
{
    /* version byte and hash of ALICE's address at offset 1 and at the end */
    const char *hash = "00759d6677091e973b9e9d99f19c68fbf43e3f05f9";
    const mask_column bytea = {.type = "bytea"};
    char value[200];
    mask_case a;
    mask_case b;

    (void)state;
    (void)snprintf(value, sizeof value, "\\xff%s07%s", hash, hash);
    mask_case_open(&a, "{mask: packed-address, offsets: [1, -21]}", &bytea);
    mask_case_open(&b, "mask: chain-address", &bytea);

    const char *image = mask_case_text(&a, value);
    char one[64];

    (void)snprintf(one, sizeof one, "\\x%s", hash);
    assert_memory_equal(image, "\\xff", 4);
    assert_memory_equal(image + 4, mask_case_text(&b, one) + 2, 42);
    assert_memory_equal(image + 46, "07", 2);
    assert_string_equal(image + 48, mask_case_text(&b, one) + 2);
    mask_case_close(&a);
    mask_case_open(&a,
                   "{mask: packed-address, cases: [{prefix: aa, length: 23, offsets: [2]}], "
                   "other: keep}",
                   &bytea);
    assert_string_equal(mask_case_text(&a, value), value);
    mask_case_close(&a);
    mask_case_close(&b);
}

static void json_keeps_every_byte_that_no_path_names(void **state)
{
    static const char *const values[] = {"{}",
                                         "[]",
                                         " { \"a\" : 1 } ",
                                         "{\"b\":\"\\u00e9\\n\",\"b\":1e5}",
                                         "null",
                                         "\"x\"",
                                         "-0.5e-7",
                                         "[[[]],{\"a\":{\"a\":[true,false]}}]",
                                         "{\"z\": \"\\ud83d\\ude00\", \"y\": \"\xc3\xa9\"}"};
    mask_case c;
    rh_mask_counts counts;

    (void)state;
    mask_case_open(&c, "{mask: json, paths: {$.nowhere: text, '$..never[3].x': text}}", &json);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_string_equal(mask_case_text(&c, values[i]), values[i]);
    rh_mask_count(c.mask, &counts);
    assert_int_equal(counts.unmatched, sizeof values / sizeof values[0]);
    mask_case_close(&c);
}

static void json_paths_find_what_they_name(void **state)
{
    const char *rule = "{mask: json, paths: {$.a: {mask: constant, value: A}, '$.b[*]': {mask: "
                       "constant, value: B}, '$.c.*': {mask: constant, value: C}, $..d: {mask: "
                       "constant, value: D}, '$.e[1]': {mask: constant, value: E}, \"$['f.g']\": "
                       "{mask: constant, value: F}, $.h: 'null', $.i: keep, '$..*': {mask: "
                       "constant, value: Z}}}";

    (void)state;
    assert_masked(rule, "json",
                  "{\"a\":\"x\",\"b\":[1,\"2\"],\"c\":{\"x\":\"y\"},\"i\":\"raw\",\"f.g\":\"x\"}",
                  "{\"a\":\"A\",\"b\":\"Z\",\"c\":\"Z\",\"i\":\"raw\",\"f.g\":\"F\"}");
    assert_masked("{mask: json, paths: {'$.b[*]': {mask: constant, value: B}, '$.c.*': {mask: "
                  "constant, value: C}, $..d: {mask: constant, value: D}, '$.e[1]': {mask: "
                  "constant, value: E}, $.h: 'null'}}",
                  "json",
                  "{\"b\":[1,\"2\",{\"d\":5}],\"c\":{\"x\":\"y\"},\"q\":{\"d\":[{\"d\":1}]},"
                  "\"e\":[\"0\",\"1\",\"2\"],\"h\":{\"deep\":1}}",
                  "{\"b\":[\"B\",\"B\",\"B\"],\"c\":{\"x\":\"C\"},\"q\":{\"d\":\"D\"},"
                  "\"e\":[\"0\",\"E\",\"2\"],\"h\":null}");
    /* An escaped key is the same key. */
    assert_masked("{mask: json, paths: {$.a: {mask: constant, value: A}}}", "json",
                  "{\"\\u0061\":\"x\"}", "{\"\\u0061\":\"A\"}");
}

static void json_numbers_stay_numbers_and_strings_strings(void **state)
{
    static const char *const numbers[] = {"5", "-5", "0", "12.50", "-0.1", "1e5", "123456789012"};
    mask_case c;

    (void)state;
    mask_case_open(&c, "{mask: json, paths: {$.v: text}}", &json);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char value[64];
        json_t *parsed = NULL;
        rh_error err = RH_ERROR_INIT;
        const char *image;

        (void)snprintf(value, sizeof value, "{\"v\": %s}", numbers[i]);
        image = mask_case_text(&c, value);
        assert_int_equal(strlen(image), strlen(value));
        assert_int_equal(rh_doc_parse_json("image", image, strlen(image), &parsed, &err), RH_OK);
        assert_true(json_is_number(json_object_get(parsed, "v")));
        json_decref(parsed);
    }
    assert_memory_equal(mask_case_text(&c, "{\"v\": \"12\"}"), "{\"v\": \"", 7);
    mask_case_close(&c);
}

static void everything_under_a_masked_container_is_masked(void **state)
{
    mask_case c;
    const char *image;

    (void)state;
    mask_case_open(&c, "{mask: json, paths: {$.person: text}}", &json);
    image = mask_case_text(&c, "{\"person\": {\"name\": \"alice\", \"tags\": [\"bob\", 42]}, "
                               "\"other\": \"alice\"}");
    assert_null(strstr(image, "\"name\": \"alice\""));
    assert_null(strstr(image, "bob"));
    assert_null(strstr(image, "42"));
    assert_non_null(strstr(image, "\"other\": \"alice\""));
    mask_case_close(&c);
}

static void keys_of_objects_can_be_masked(void **state)
{
    char address[256];
    char expected[512];

    (void)state;
    plain("{mask: chain-address, domain: address}", ALICE, address);
    (void)snprintf(expected, sizeof expected, "{\"balances\": {\"%s\": 5}}", address);
    assert_masked("{mask: json, keys: {$.balances: {domain: address}}}", "jsonb",
                  "{\"balances\": {\"" ALICE "\": 5}}", expected);
}

static void damaged_json_does_not_pass(void **state)
{
    static const char *const values[] = {
        "{\"a\": \"alice\"", "{\"a\" \"alice\"}", "[1 2]", "{a: 1}", "\"a\\q\"", "tru", "", "{}x"};
    mask_case c;

    (void)state;
    mask_case_open(&c, "{mask: json, paths: {$.a: text, $: text}}", &text);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_true(values[i][0] == '\0' || strcmp(mask_case_text(&c, values[i]), values[i]) != 0 ||
                    strpbrk(values[i], "abcdefghijklmnopqrstuvwxyz0123456789") == NULL);
    mask_case_close(&c);
    mask_case_open(&c, "{mask: json, paths: {$.a: text}}", &json);
    assert_int_equal(mask_case_status(&c, "{\"a\": \"alice\""), RH_EFORMAT);
    mask_case_close(&c);
}

static void deep_json_ends_in_an_error_not_in_a_crash(void **state)
{
    static char deep[20001];
    mask_case c;

    (void)state;
    memset(deep, '[', 10000);
    memset(deep + 10000, ']', 10000);
    mask_case_open(&c, "{mask: json, paths: {$.a: text}}", &json);
    assert_int_equal(mask_case_status(&c, deep), RH_EFORMAT);
    mask_case_close(&c);
}

static void arrays_are_quoted_as_postgresql_does(void **state)
{
    const mask_column array = {.type = "text[]", .element = "text"};
    static const char *const same[] = {
        "{}",
        "{a,b}",
        "{\"a b\",\"c,d\",\"{}\",\"\\\"\",\"\\\\\",\"\",\"NULL\",NULL}",
        "{{a,b},{c,d}}",
        "[0:1]={a,b}",
        "[-1:0][2:3]={{a,b},{c,d}}"};
    static const char *const bad[] = {"{a", "a}", "{\"a}", "{a}}", "[x]={a}"};
    mask_case c;

    (void)state;
    mask_case_open(&c, "{mask: array, element: keep}", &array);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        assert_string_equal(mask_case_text(&c, same[i]), same[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(mask_case_status(&c, bad[i]), RH_EFORMAT);
    mask_case_close(&c);
    mask_case_open(&c, "mask: text", &array);
    assert_string_equal(mask_case_text(&c, "{12345,NULL}"), "{85459,NULL}");
    mask_case_close(&c);
}

/* Memory grows with the text, not with its square. */
static void long_arrays_need_little_memory(void **state)
{
    enum { ELEMENTS = 10000 };
    const mask_column array = {.type = "text[]", .element = "text"};
    char *value = malloc((size_t)2 * ELEMENTS + 2);
    mask_case c;

    (void)state;
    assert_non_null(value);
    for (size_t i = 0; i < ELEMENTS; i++)
        memcpy(value + 2 * i, i == 0 ? "{a" : ",a", 2);
    memcpy(value + (size_t)2 * ELEMENTS, "}", 2);
    mask_case_open(&c, "{mask: array, element: keep}", &array);

    long before = rh_mem_live_blocks();

    assert_string_equal(mask_case_text(&c, value), value);
    assert_true(rh_mem_live_blocks() - before < 30);
    mask_case_close(&c);
    free(value);
}

static void composites_ranges_and_hstores_survive(void **state)
{
    static const struct {
        const char *rule;
        const char *type;
        const char *value;
    } same[] = {
        {"{mask: composite, fields: {1: keep}}", "addr", "(a,\"b c\",,\"\",\"q\\\"\")"},
        {"{mask: range, bound: keep}", "tsrange",
         "[\"2020-01-01 00:00:00\",\"2020-01-02 00:00:00\")"},
        {"{mask: range, bound: keep}", "int4range", "(,5]"},
        {"{mask: multirange, bound: keep}", "datemultirange", "{}"},
        {"{mask: multirange, bound: keep}", "datemultirange",
         "{[2020-01-01,2020-01-02),[2021-01-01,)}"},
        {"{mask: hstore, others: keep}", "hstore", "\"a\"=>\"1\", \"b\"=>NULL, \"c\"=>\"\\\"\""},
        {"{mask: hstore, others: keep}", "hstore", ""},
        {"{mask: xml, text: keep, attributes: keep, comments: keep}", "xml",
         "<?xml version=\"1.0\"?><a b='x'> y &lt; <b/><!-- c --><![CDATA[<]]></a>\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        mask_case c;
        const mask_column column = {.type = same[i].type};

        mask_case_open(&c, same[i].rule, &column);
        assert_string_equal(mask_case_text(&c, same[i].value), same[i].value);
        mask_case_close(&c);
    }
}

static void an_outer_mask_is_only_as_good_as_its_inner_one(void **state)
{
    mask_case c;

    (void)state;
    mask_case_open(&c, "{mask: json, paths: {$.a: {mask: constant, value: x}}}", &json);
    assert_int_equal(rh_mask_keeps(c.mask) & RH_KEEPS_UNIQUE, 0);
    mask_case_close(&c);
    mask_case_open(&c, "{mask: json, paths: {$.a: text}}", &json);
    assert_true((rh_mask_keeps(c.mask) & RH_KEEPS_UNIQUE) != 0);
    assert_true(strlen(rh_mask_leaks(c.mask)) > 0);
    mask_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_domain_has_one_image_everywhere),
        cmocka_unit_test(packed_addresses_have_the_image_of_their_text),
        cmocka_unit_test(json_keeps_every_byte_that_no_path_names),
        cmocka_unit_test(json_paths_find_what_they_name),
        cmocka_unit_test(json_numbers_stay_numbers_and_strings_strings),
        cmocka_unit_test(everything_under_a_masked_container_is_masked),
        cmocka_unit_test(keys_of_objects_can_be_masked),
        cmocka_unit_test(damaged_json_does_not_pass),
        cmocka_unit_test(deep_json_ends_in_an_error_not_in_a_crash),
        cmocka_unit_test(arrays_are_quoted_as_postgresql_does),
        cmocka_unit_test(long_arrays_need_little_memory),
        cmocka_unit_test(composites_ranges_and_hstores_survive),
        cmocka_unit_test(an_outer_mask_is_only_as_good_as_its_inner_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
