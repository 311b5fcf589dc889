/* Rule files: memory, key file, hash, and that the order of rules does not matter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "anonymize/rules.h"
#include "core/buf.h"
#include "core/hash.h"
#include "fail_nth.h"

static const char STRUCTURE[] =
    "{\"version\": 1, \"tables\": ["
    "{\"schema\": \"s\", \"name\": \"users\", \"columns\": ["
    "{\"name\": \"id\", \"type\": \"integer\", \"base_type\": \"integer\", \"not_null\": true},"
    "{\"name\": \"email\", \"type\": \"text\", \"base_type\": \"text\"},"
    "{\"name\": \"low\", \"type\": \"text\", \"base_type\": \"text\", \"generated\": true, "
    "\"generated_from\": \"lower(email)\"}],"
    "\"indexes\": [{\"name\": \"pk\", \"unique\": true, \"primary\": true, \"columns\": [0], "
    "\"mentions\": [0], \"text\": \"\"}, {\"name\": \"part\", \"unique\": true, \"partial\": true, "
    "\"columns\": [1], \"mentions\": [0, 1], \"text\": \"CREATE UNIQUE INDEX part ON users (email) "
    "WHERE id > 5 AND email IS NOT NULL\"}],"
    "\"checks\": [{\"name\": \"c\", \"text\": \"CHECK (((length(email) > 3) OR (email = ANY "
    "(ARRAY['a'::text, 'b'::text]))))\", \"mentions\": [1]}]},"
    "{\"schema\": \"s\", \"name\": \"orders\", \"columns\": ["
    "{\"name\": \"user_id\", \"type\": \"integer\", \"base_type\": \"integer\"},"
    "{\"name\": \"note\", \"type\": \"text\", \"base_type\": \"text\"}],"
    "\"foreign_keys\": [{\"name\": \"fk\", \"columns\": [0], \"target\": \"s.users\", "
    "\"target_columns\": [\"id\"]}]}]}";

static const char RULES[] = "version: 1\n"
                            "key: {file: my.key}\n"
                            "domains:\n"
                            "  user: {mask: integer}\n"
                            "  unused: text\n"
                            "columns:\n"
                            "  \"users.id\": {domain: user, why: joined}\n"
                            "  \"*.email\": {mask: email}\n"
                            "  \"*.*::text\": text\n";

static rh_rules *parsed(const char *name, const char *text)
{
    rh_rules *rules = NULL;
    rh_error err = RH_ERROR_INIT;

    if (rh_rules_parse(name, text, strlen(text), &rules, &err) != RH_OK)
        fail_msg("%s", err.text);
    return rules;
}

static rh_structure *structure_of(const char *text)
{
    rh_structure *structure = NULL;
    rh_error err = RH_ERROR_INIT;

    if (rh_structure_parse(text, strlen(text), &structure, &err) != RH_OK)
        fail_msg("%s", err.text);
    return structure;
}

static void key_file_is_relative_to_the_rules(void **state)
{
    rh_rules *rules = parsed("/etc/r/rules.yaml", RULES);

    (void)state;
    assert_string_equal(rh_rules_key_file(rules), "/etc/r/my.key");
    rh_rules_free(rules);
    rules = parsed("rules.yaml", RULES);
    assert_string_equal(rh_rules_key_file(rules), "my.key");
    rh_rules_free(rules);
    rules = parsed("a/b", "version: 1\nkey: {file: /k}\ncolumns: {}\n");
    assert_string_equal(rh_rules_key_file(rules), "/k");
    rh_rules_free(rules);
    rules = parsed("a/b", "version: 1\ncolumns: {}\n");
    assert_null(rh_rules_key_file(rules));
    rh_rules_free(rules);
    rh_rules_free(NULL);
}

static void hash_is_of_the_text(void **state)
{
    rh_rules *a = parsed("a", RULES);
    rh_rules *b = parsed("b", RULES);
    rh_rules *c = parsed("c", "version: 1\ncolumns: {}\n");
    char hash[3][65];

    (void)state;
    rh_rules_hash(a, hash[0]);
    rh_rules_hash(b, hash[1]);
    rh_rules_hash(c, hash[2]);
    assert_int_equal(strlen(hash[0]), 64);
    assert_string_equal(hash[0], hash[1]);
    assert_string_not_equal(hash[0], hash[2]);
    rh_rules_free(a);
    rh_rules_free(b);
    rh_rules_free(c);
}

static void a_missing_file_is_named(void **state)
{
    rh_rules *rules = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_rules_read("/nonexistent/rules.yaml", &rules, &err), RH_ENOTFOUND);
    assert_null(rules);
    assert_non_null(strstr(err.text, "'/nonexistent/rules.yaml'"));
}

/* ---- lack of memory ---- */

static rh_status parse_rules(void *ctx, rh_error *err)
{
    rh_rules *rules = NULL;
    rh_status status = rh_rules_parse("r.yaml", RULES, strlen(RULES), &rules, err);

    (void)ctx;
    assert_true((status == RH_OK) == (rules != NULL));
    rh_rules_free(rules);
    return status;
}

typedef struct both {
    rh_rules *rules;
    rh_structure *structure;
} both;

static rh_status bind_compile_prove(void *ctx, rh_error *err)
{
    const both *b = ctx;
    rh_mask_key key = {{7}};
    rh_bound_rules *bound = NULL;
    rh_problems problems = RH_PROBLEMS_INIT;
    json_t *proof = NULL;
    json_t *why = NULL;
    rh_status status =
        rh_rules_bind(b->rules, b->structure, RH_ENGINE_POSTGRESQL, &bound, &problems, err);

    if (status == RH_OK)
        status = rh_bound_compile(bound, &key, err);
    if (status == RH_OK)
        status = rh_rules_prove(bound, b->structure, &proof, &problems, err);
    if (status == RH_OK)
        status = rh_rules_explain(b->rules, b->structure, "orders.user_id", &why, err);
    assert_true((status == RH_OK) == (why != NULL));
    json_decref(proof);
    json_decref(why);
    rh_problems_done(&problems);
    rh_bound_rules_free(bound);
    return status;
}

static void everything_survives_lack_of_memory(void **state)
{
    both b = {parsed("r.yaml", RULES), structure_of(STRUCTURE)};

    (void)state;
    assert_true(fail_nth(parse_rules, NULL) > 10);
    assert_true(fail_nth(bind_compile_prove, &b) > 20);
    rh_structure_free(b.structure);
    rh_rules_free(b.rules);
}

static rh_status complain_about_all(void *ctx, rh_error *err)
{
    const both *b = ctx;
    rh_bound_rules *bound = NULL;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_status status =
        rh_rules_bind(b->rules, b->structure, RH_ENGINE_POSTGRESQL, &bound, &problems, err);

    assert_null(bound);
    rh_problems_done(&problems);
    if (status == RH_ECONFIG) {
        rh_error_clear(err);
        return RH_OK;
    }
    return status;
}

static void complaints_survive_lack_of_memory(void **state)
{
    both b = {parsed("r.yaml",
                     "version: 1\ncolumns:\n  \"x.y\": text\n  \"orders.*\": keep\n"
                     "  \"users.id\": integer\n  \"user?.*\": text\n  \"?sers.*\": text\n"),
              structure_of(STRUCTURE)};

    (void)state;
    assert_true(fail_nth(complain_about_all, &b) > 5);
    rh_structure_free(b.structure);
    rh_rules_free(b.rules);
}

/* ---- order ---- */

static const char *const LINES[] = {
    "  \"users.id\": integer\n",   "  \"*.id\": digits\n",     "  \"*.email\": email\n",
    "  \"s.users.email\": text\n", "  \"*.*::text\": words\n", "  \"orders.*\": text\n",
    "  \"*.*_id\": integer\n",     "  \"s.*.*\": keep\n",
};

enum { LINE_COUNT = sizeof LINES / sizeof LINES[0] };

/* "kind/domain" of every column, in the order of the structure. */
static void decide_all(const size_t *order, const rh_structure *structure, rh_buf *out)
{
    rh_buf text = RH_BUF_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_bound_rules *bound = NULL;
    rh_rules *rules;
    rh_error err = RH_ERROR_INIT;

    assert_int_equal(rh_buf_append_str(&text, "version: 1\ncolumns:\n", NULL), RH_OK);
    for (size_t i = 0; i < LINE_COUNT; i++)
        assert_int_equal(rh_buf_append_str(&text, LINES[order[i]], NULL), RH_OK);
    rules = parsed("r.yaml", rh_buf_cstr(&text));
    if (rh_rules_bind(rules, structure, RH_ENGINE_POSTGRESQL, &bound, &problems, &err) != RH_OK)
        fail_msg("%s: %s", err.text, problems.count > 0 ? problems.items[0].text : "");
    for (size_t i = 0; i < rh_bound_count(bound); i++) {
        const rh_decision *d = rh_bound_at(bound, i);

        assert_int_equal(rh_buf_printf(out, NULL, "%s.%s=%s/%s/%s/%s;", d->table->name,
                                       d->column->name, d->kind, d->domain ? d->domain : "",
                                       d->pattern ? d->pattern : "",
                                       d->derived_from ? d->derived_from : ""),
                         RH_OK);
    }
    rh_problems_done(&problems);
    rh_bound_rules_free(bound);
    rh_rules_free(rules);
    rh_buf_done(&text);
}

static void the_order_of_rules_does_not_matter(void **state)
{
    rh_structure *structure = structure_of(STRUCTURE);
    rh_buf first = RH_BUF_INIT;
    size_t order[LINE_COUNT];
    uint32_t random = 12345;

    (void)state;
    for (size_t i = 0; i < LINE_COUNT; i++)
        order[i] = i;
    decide_all(order, structure, &first);
    for (int round = 0; round < 200; round++) {
        rh_buf again = RH_BUF_INIT;

        for (size_t i = LINE_COUNT - 1; i > 0; i--) {
            size_t j = (random = random * 1664525 + 1013904223) / 65536 % (i + 1);
            size_t swap = order[i];

            order[i] = order[j];
            order[j] = swap;
        }
        decide_all(order, structure, &again);
        assert_string_equal(rh_buf_cstr(&again), rh_buf_cstr(&first));
        rh_buf_done(&again);
    }
    rh_buf_done(&first);
    rh_structure_free(structure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_file_is_relative_to_the_rules),
        cmocka_unit_test(hash_is_of_the_text),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(everything_survives_lack_of_memory),
        cmocka_unit_test(complaints_survive_lack_of_memory),
        cmocka_unit_test(the_order_of_rules_does_not_matter),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
