/* Configuration documents: values, positions, complaints. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/doc.h"
#include "core/mem.h"
#include "fail_nth.h"

#define LONG_TEXT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static rh_doc *parsed(const char *text)
{
    rh_doc *doc = NULL;
    rh_error err = RH_ERROR_INIT;

    if (rh_doc_parse("f.yaml", text, strlen(text), &doc, &err) != RH_OK)
        fail_msg("%s", err.text);
    return doc;
}

/* The text's root as compact JSON is what is expected. */
static void check_value(const char *text, const char *json)
{
    rh_doc *doc = parsed(text);
    char *dump = json_dumps(rh_doc_root(doc), JSON_COMPACT | JSON_ENCODE_ANY);

    assert_string_equal(dump, json);
    rh_mem_free(dump);
    rh_doc_free(doc);
}

static void check_error(const char *text, const char *expected)
{
    rh_doc *doc = NULL;
    rh_error err = RH_ERROR_INIT;

    assert_int_equal(rh_doc_parse("f.yaml", text, strlen(text), &doc, &err), RH_ECONFIG);
    assert_null(doc);
    assert_int_equal(err.code, RH_ECONFIG);
    assert_string_equal(err.text, expected);
}

static void check_pos(rh_doc_pos pos, size_t line, size_t column)
{
    assert_int_equal(pos.line, line);
    assert_int_equal(pos.column, column);
}

static void plain_scalars_get_their_obvious_type(void **state)
{
    (void)state;
    check_value("[true, false, null, ~, '', \"\"]", "[true,false,null,null,\"\",\"\"]");
    check_value("- 0\n- -7\n- +8\n- 9223372036854775807\n- -9223372036854775808\n",
                "[0,-7,8,9223372036854775807,-9223372036854775808]");
    check_value("- 1.5\n- .5\n- -2e3\n- 1E-2\n", "[1.5,0.5,-2000.0,0.01]");
    check_value("a:\nb: x\n", "{\"a\":null,\"b\":\"x\"}");
}

static void everything_else_is_text(void **state)
{
    (void)state;
    check_value("[no, NO, yes, on, off, True, TRUE, Null]",
                "[\"no\",\"NO\",\"yes\",\"on\",\"off\",\"True\",\"TRUE\",\"Null\"]");
    check_value("[007, 0x1F, 1_000, 1., ., -, +, 1.2.3, 12:30, .inf, .nan, 1e, 00.5, 5%, 600s]",
                "[\"007\",\"0x1F\",\"1_000\",\"1.\",\".\",\"-\",\"+\",\"1.2.3\",\"12:30\",\".inf\","
                "\".nan\",\"1e\",\"00.5\",\"5%\",\"600s\"]");
    check_value("['true', \"1\", '~']", "[\"true\",\"1\",\"~\"]");
    check_value("a: |\n  1\n  2\nb: >\n  x\n  y\n", "{\"a\":\"1\\n2\\n\",\"b\":\"x y\\n\"}");
    check_value("1: one\ntrue: yes\n", "{\"1\":\"one\",\"true\":\"yes\"}");
}

static void empty_texts_are_null(void **state)
{
    (void)state;
    check_value("", "null");
    check_value("# nothing\n", "null");
    check_value("---\n", "null");
    check_value("--- a\n...\n", "\"a\"");
}

static void json_is_understood_with_its_escapes(void **state)
{
    (void)state;
    check_value("{\"a\": \"\\ud83d\\ude00\", \"b\":[1,2.5,-3e2,true,null]}",
                "{\"a\":\"\xF0\x9F\x98\x80\",\"b\":[1,2.5,-300.0,true,null]}");
    check_value("\xEF\xBB\xBF [\"\\/\"]", "[\"/\"]");
    check_value("\xEF\xBB\xBF"
                "a: 1",
                "{\"a\":1}");
    check_value("{a: 1, b: [x, y]}", "{\"a\":1,\"b\":[\"x\",\"y\"]}");
}

static void yaml_positions_are_remembered(void **state)
{
    rh_doc *doc = parsed("version: 1\n"
                         "\xC3\xA4: x\n"
                         "list:\n"
                         "  - one\n"
                         "  - {k: v,  l: w}\n");
    const json_t *root = rh_doc_root(doc);
    const json_t *list = json_object_get(root, "list");

    (void)state;
    check_pos(rh_doc_key_pos(doc, root, "version"), 1, 1);
    check_pos(rh_doc_value_pos(doc, root, "version"), 1, 10);
    check_pos(rh_doc_value_pos(doc, root, "\xC3\xA4"), 2, 4);
    check_pos(rh_doc_key_pos(doc, root, "list"), 3, 1);
    check_pos(rh_doc_item_pos(doc, list, 0), 4, 5);
    check_pos(rh_doc_item_pos(doc, list, 1), 5, 5);
    check_pos(rh_doc_key_pos(doc, json_array_get(list, 1), "l"), 5, 13);
    check_pos(rh_doc_value_pos(doc, json_array_get(list, 1), "l"), 5, 16);
    check_pos(rh_doc_item_pos(doc, list, 2), 0, 0);
    check_pos(rh_doc_key_pos(doc, root, "absent"), 0, 0);
    check_pos(rh_doc_key_pos(doc, list, "version"), 0, 0);
    assert_string_equal(rh_doc_name(doc), "f.yaml");
    rh_doc_free(doc);
    rh_doc_free(NULL);
}

static void json_positions_are_remembered(void **state)
{
    rh_doc *doc = parsed("{\n"
                         "  \"a\\\"b\": [ ],\n"
                         "\t\"n\": {},\"\xC3\xA4\":\"}]\\\\\" ,\n"
                         "  \"l\": [1,\n"
                         "    {\"x\" : false}, \"s\"]\n"
                         "}\n");
    const json_t *root = rh_doc_root(doc);
    const json_t *list = json_object_get(root, "l");

    (void)state;
    check_pos(rh_doc_key_pos(doc, root, "a\"b"), 2, 3);
    check_pos(rh_doc_value_pos(doc, root, "a\"b"), 2, 11);
    check_pos(rh_doc_value_pos(doc, root, "n"), 3, 7);
    check_pos(rh_doc_key_pos(doc, root, "\xC3\xA4"), 3, 10);
    check_pos(rh_doc_value_pos(doc, root, "\xC3\xA4"), 3, 14);
    check_pos(rh_doc_item_pos(doc, list, 0), 4, 9);
    check_pos(rh_doc_value_pos(doc, json_array_get(list, 1), "x"), 5, 12);
    check_pos(rh_doc_item_pos(doc, list, 2), 5, 20);
    rh_doc_free(doc);
}

static void mistakes_are_named_with_their_place(void **state)
{
    (void)state;
    check_error("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate key 'a' (first in line 1)");
    check_error("{\"a\": 1,\n \"a\": 2}", "f.yaml:2:2: duplicate key 'a' (first in line 1)");
    check_error("a: &x 1\nb: *x\n", "f.yaml:1:4: anchors ('&name') are not supported");
    check_error("a: 1\nb: *x\n", "f.yaml:2:4: aliases ('*name') are not supported");
    check_error("&x {a: 1}\n", "f.yaml:1:1: anchors ('&name') are not supported");
    check_error("a: &x [1]\n", "f.yaml:1:4: anchors ('&name') are not supported");
    check_error("a: !!str 1\n", "f.yaml:1:4: tags ('!name') are not supported");
    check_error("a: {<<: {b: 1}}\n", "f.yaml:1:5: merge keys ('<<') are not supported");
    check_error("? [a]\n: b\n", "f.yaml:1:3: a key must be text, not a list or a map");
    check_error("? \n: b\n", "f.yaml:1:2: a key is missing before ':'");
    check_error("a: 1\n--- 2\n", "f.yaml:2:1: a second document starts here; only one is allowed");
    check_error("a: 99999999999999999999\n", "f.yaml:1:4: number is out of range");
    check_error("a: \"\\0\"\n", "f.yaml:1:4: text must not hold a NUL character");
    check_error("a: [1\n", "f.yaml:2:1: did not find expected ',' or ']' (while parsing a flow "
                           "sequence)");
    check_error("\ta: 1\n",
                "f.yaml:1:1: found character that cannot start any token (while scanning for the "
                "next token)");
    check_error("a: 1\nb: \xFF\n", "f.yaml:2:4: invalid leading UTF-8 octet");
    check_error("a: \"\\ud83d\"\n",
                "f.yaml:1:7: found invalid Unicode character escape code (while parsing a quoted "
                "scalar)");
}

static void quotes_are_suggested_for_huge_numbers(void **state)
{
    rh_doc *doc = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_doc_parse("f", "[1e999]", 7, &doc, &err), RH_ECONFIG);
    assert_string_equal(err.text, "f:1:2: number is out of range");
    assert_string_equal(err.hint, "put it in quotes if it is meant as text");
}

/* Depth 64 is the last that is read, in both readers. */
static void deep_nesting_is_refused(void **state)
{
    char text[200];

    (void)state;
    for (size_t depth = 63; depth <= 66; depth++) {
        for (int yaml = 0; yaml < 2; yaml++) {
            rh_doc *doc = NULL;
            rh_error err = RH_ERROR_INIT;
            size_t len = depth;

            memset(text, '[', depth);
            if (yaml)
                text[len++] = 'x';
            memset(text + len, ']', depth);

            rh_status status = rh_doc_parse("f", text, len + depth, &doc, &err);

            assert_int_equal(status, depth <= 64 ? RH_OK : RH_ECONFIG);
            if (status != RH_OK)
                assert_string_equal(err.text, "f:1:65: nested more than 64 levels deep");
            rh_doc_free(doc);
        }
    }
}

static void very_deep_nesting_ends_soon(void **state)
{
    enum { DEPTH = 1000000 };
    char *text = rh_mem_alloc(DEPTH);
    rh_doc *doc = NULL;

    (void)state;
    memset(text, '[', DEPTH);
    assert_int_equal(rh_doc_parse("f", text, DEPTH, &doc, NULL), RH_ECONFIG);
    memset(text, '{', DEPTH);
    assert_int_equal(rh_doc_parse("f", text, DEPTH, &doc, NULL), RH_ECONFIG);
    rh_mem_free(text);
}

static void huge_texts_are_refused(void **state)
{
    size_t len = (size_t)16 * 1024 * 1024 + 1;
    char *text = rh_mem_alloc(len);
    rh_doc *doc = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    memset(text, ' ', len);
    assert_int_equal(rh_doc_parse("f", text, len, &doc, &err), RH_ECONFIG);
    assert_string_equal(err.text, "f: longer than 16 MiB");
    assert_int_equal(rh_doc_parse("f", text, len - 1, &doc, NULL), RH_OK);
    rh_doc_free(doc);
    rh_mem_free(text);
}

static void too_many_values_are_refused(void **state)
{
    size_t count = 1000001;
    char *text = rh_mem_alloc(2 * count + 1);
    rh_doc *doc = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < count; i++)
        memcpy(text + 2 * i, i == 0 ? "[1" : ",1", 2);
    text[2 * count] = ']';
    assert_int_equal(rh_doc_parse("f", text, 2 * count + 1, &doc, &err), RH_ECONFIG);
    assert_non_null(strstr(err.text, "more than 1000000 values"));
    rh_mem_free(text);
}

static void unknown_keys_are_complained_about(void **state)
{
    static const char *const known[] = {"mask", "paths", "keep", "domain", NULL};
    rh_doc *doc = parsed("ok: {mask: x, keep: y}\n"
                         "typo: {maks: x}\n"
                         "far: {mask: x, something: y}\n"
                         "case: {Paths: x}\n");
    const json_t *root = rh_doc_root(doc);
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_doc_check_keys(doc, json_object_get(root, "ok"), known, NULL, &err), RH_OK);
    assert_int_equal(err.code, RH_OK);
    assert_int_equal(
        rh_doc_check_keys(doc, json_object_get(root, "typo"), known, "in 'columns'", &err),
        RH_ECONFIG);
    assert_string_equal(err.text, "f.yaml:2:8: unknown key 'maks' in 'columns'");
    assert_string_equal(err.hint, "did you mean 'mask'?");
    rh_error_clear(&err);
    assert_int_equal(rh_doc_check_keys(doc, json_object_get(root, "far"), known, NULL, &err),
                     RH_ECONFIG);
    assert_string_equal(err.text, "f.yaml:3:16: unknown key 'something'");
    assert_string_equal(err.hint, "known here: mask, paths, keep, domain");
    rh_error_clear(&err);
    assert_int_equal(rh_doc_check_keys(doc, json_object_get(root, "case"), known, "", &err),
                     RH_ECONFIG);
    assert_string_equal(err.hint, "did you mean 'paths'?");
    assert_int_equal(rh_doc_check_keys(doc, json_object_get(root, "case"), known, "", NULL),
                     RH_ECONFIG);
    rh_doc_free(doc);
}

static void own_complaints_name_the_place(void **state)
{
    rh_doc *doc = parsed("a: 1\n");
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_doc_error(doc, rh_doc_value_pos(doc, rh_doc_root(doc), "a"), &err,
                                  "'%s' must be text", "a"),
                     RH_ECONFIG);
    assert_string_equal(err.text, "f.yaml:1:4: 'a' must be text");
    rh_error_clear(&err);
    (void)rh_doc_error(doc, (rh_doc_pos){0, 0}, &err, "empty");
    assert_string_equal(err.text, "f.yaml: empty");
    rh_doc_free(doc);
}

static void files_are_read(void **state)
{
    char path[] = "/tmp/rh_test_doc_XXXXXX";
    int fd = mkstemp(path);
    rh_doc *doc = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: 1\n", 5), 5);
    (void)close(fd);
    assert_int_equal(rh_doc_read(path, &doc, &err), RH_OK);
    assert_string_equal(rh_doc_name(doc), path);
    rh_doc_free(doc);
    (void)unlink(path);
    assert_int_equal(rh_doc_read(path, &doc, &err), RH_ENOTFOUND);
    rh_error_clear(&err);
    assert_int_equal(rh_doc_read("/tmp", &doc, &err), RH_EIO);
}

static void strict_json_is_read(void **state)
{
    json_t *root = NULL;

    (void)state;
    assert_int_equal(rh_doc_parse_json("f", "{\"n\": 9007199254740993}", 23, &root, NULL), RH_OK);
    assert_int_equal(json_integer_value(json_object_get(root, "n")), INT64_C(9007199254740993));
    json_decref(root);
    assert_int_equal(rh_doc_parse_json("f", "7", 1, &root, NULL), RH_OK);
    json_decref(root);
}

static void broken_json_is_refused_without_its_content(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "{\"a\": 1,}",
        "{a: 1}",
        "{\"a\": secretx}",
        "{\"a\":1} x",
        "[1 secretx]",
        "{\"a\":1,\"a\":2}",
        "[\"\xFF\"]",
        "[9223372036854775808]",
        "[\"\\u0000\"]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *root = NULL;
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(rh_doc_parse_json("m.json", bad[i], strlen(bad[i]), &root, &err),
                         RH_EFORMAT);
        assert_null(root);
        assert_int_equal(strncmp(err.text, "m.json:", 7), 0);
        assert_null(strstr(err.text, "secretx"));
    }
}

/* jansson drops bytes of a text while memory is out: a value that was read must be complete. */
static void check_long_text(const json_t *root)
{
    assert_string_equal(json_string_value(json_object_get(root, "long")), LONG_TEXT);
}

static rh_status parse_all(void *ctx, rh_error *err)
{
    const char *text = ctx;
    rh_doc *doc = NULL;
    rh_status status = rh_doc_parse("f", text, strlen(text), &doc, err);

    assert_int_equal(status == RH_OK, doc != NULL);
    if (status == RH_OK)
        check_long_text(rh_doc_root(doc));
    rh_doc_free(doc);
    return status;
}

static rh_status parse_json(void *ctx, rh_error *err)
{
    const char *text = ctx;
    json_t *root = NULL;
    rh_status status = rh_doc_parse_json("f", text, strlen(text), &root, err);

    assert_int_equal(status == RH_OK, root != NULL);
    if (status == RH_OK)
        check_long_text(root);
    json_decref(root);
    return status;
}

static void readers_survive_each_failed_allocation(void **state)
{
    char yaml[] = "a: [1, 2.5, true, ~, x]\nb: {c: {d: e}}\nlong: " LONG_TEXT "\n";
    char json[] =
        "{\"a\": [1, 2.5, true, null, \"x\\n\"], \"b\": {\"c\": {}}, \"long\": \"" LONG_TEXT "\"}";

    (void)state;
    assert_true(fail_nth(parse_all, yaml) > 10);
    assert_true(fail_nth(parse_all, json) > 10);
    assert_true(fail_nth(parse_json, json) > 10);
}

static int adopt(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_scalars_get_their_obvious_type),
        cmocka_unit_test(everything_else_is_text),
        cmocka_unit_test(empty_texts_are_null),
        cmocka_unit_test(json_is_understood_with_its_escapes),
        cmocka_unit_test(yaml_positions_are_remembered),
        cmocka_unit_test(json_positions_are_remembered),
        cmocka_unit_test(mistakes_are_named_with_their_place),
        cmocka_unit_test(quotes_are_suggested_for_huge_numbers),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(very_deep_nesting_ends_soon),
        cmocka_unit_test(huge_texts_are_refused),
        cmocka_unit_test(too_many_values_are_refused),
        cmocka_unit_test(unknown_keys_are_complained_about),
        cmocka_unit_test(own_complaints_name_the_place),
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(strict_json_is_read),
        cmocka_unit_test(broken_json_is_refused_without_its_content),
        cmocka_unit_test(readers_survive_each_failed_allocation),
    };

    return cmocka_run_group_tests(tests, adopt, NULL);
}
