/* Drafts: what they propose, that they can be read back, and that they hold no value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "anonymize/draft.h"
#include "anonymize/rules.h"
#include "core/hash.h"
#include "fail_nth.h"

/* Quotes are turned into double ones. */
static const char STRUCTURE[] =
    "{'version': 1, 'tables': [{'schema': 'public', 'name': 'users', 'columns': ["
    "{'name': 'id', 'type': 'integer', 'base_type': 'integer'},"
    "{'name': 'contact', 'type': 'text', 'base_type': 'text'},"
    "{'name': 'name', 'type': 'text', 'base_type': 'text'},"
    "{'name': 'password_hash', 'type': 'text', 'base_type': 'text'},"
    "{'name': 'note', 'type': 'text', 'base_type': 'text'},"
    "{'name': 'active', 'type': 'boolean', 'base_type': 'boolean'},"
    "{'name': 'created_at', 'type': 'timestamp with time zone', 'base_type': 'timestamp with time "
    "zone'},"
    "{'name': 'meta', 'type': 'jsonb', 'base_type': 'jsonb'},"
    "{'name': 'status', 'type': 'text', 'base_type': 'text'},"
    "{'name': 'mystery', 'type': 'text', 'base_type': 'text'},"
    "{'name': 'low', 'type': 'text', 'generated': true, 'generated_from': 'lower(name)'}],"
    "'indexes': [{'name': 'pk', 'unique': true, 'primary': true, 'columns': [0]}]},"
    "{'schema': 'public', 'name': 'o.d \\'x\\'\\u2028\\n', 'columns': ["
    "{'name': 'user_id', 'type': 'integer', 'base_type': 'integer'},"
    "{'name': 'wallet', 'type': 'text', 'base_type': 'text'},"
    "{'name': 'a: #b', 'type': 'text', 'base_type': 'text'}"
    "], 'foreign_keys': [{'name': 'fk', 'columns': [0], 'target': 'public.users', "
    "'target_columns': ['id']}]},"
    "{'schema': 'public', 'name': 'sends', 'columns': ["
    "{'name': 'source', 'type': 'text', 'base_type': 'text'}"
    "]}, {'schema': 'public', 'name': 'v', 'kind': 'view', 'columns': ["
    "{'name': 'email', 'type': 'text', 'base_type': 'text'}"
    "]}, {'schema': 'public', 'name': 'w', 'kind': 'partitioned', 'columns': ["
    "{'name': 'mails', 'type': 'text[]', 'base_type': 'text[]', 'element_type': 'text'},"
    "{'name': 'span', 'type': 'tstzrange', 'base_type': 'tstzrange'},"
    "{'name': 'seats', 'type': 'int4range', 'base_type': 'int4range'},"
    "{'name': 'paid', 'type': 'numrange', 'base_type': 'numrange'},"
    "{'name': 'bag', 'type': 'hstore', 'base_type': 'hstore'},"
    "{'name': 'page', 'type': 'xml', 'base_type': 'xml'},"
    "{'name': 'doc', 'type': 'text', 'base_type': 'text'},"
    "{'name': 'place', 'type': 'public.addr', 'base_type': 'public.addr'},"
    "{'name': 'route', 'type': 'public.addr[]', 'base_type': 'public.addr[]', 'element_type': "
    "'public.addr'},"
    "{'name': 'path', 'type': 'public.ltree', 'base_type': 'public.ltree'},"
    "{'name': 'mood', 'type': 'public.int_text', 'base_type': 'public.int_text', 'not_null': true},"
    "{'name': 'folded', 'type': 'public.plate_uuid', 'base_type': 'public.citext', 'domain': "
    "'public.plate_uuid'},"
    "{'name': 'photo', 'type': 'oid', 'base_type': 'oid'}"
    "]}, {'schema': 'public', 'name': 'w_1', 'parent': 'public.w', 'columns': ["
    "{'name': 'doc', 'type': 'text', 'base_type': 'text'},"
    "{'name': 'mails', 'type': 'text[]', 'base_type': 'text[]', 'element_type': 'text'},"
    "{'name': 'place', 'type': 'public.addr', 'base_type': 'public.addr'},"
    "{'name': 'route', 'type': 'public.addr[]', 'base_type': 'public.addr[]', 'element_type': "
    "'public.addr'}"
    "]}, {'schema': 'pg_catalog', 'name': 'pg_largeobject', 'columns': ["
    "{'name': 'oid', 'type': 'oid', 'base_type': 'oid', 'not_null': true},"
    "{'name': 'offset', 'type': 'bigint', 'base_type': 'bigint', 'not_null': true},"
    "{'name': 'data', 'type': 'bytea', 'base_type': 'bytea', 'not_null': true}],"
    "'indexes': [{'name': 'pk', 'unique': true, 'primary': true, 'columns': [0, 1]}]}]}";

static rh_structure *parsed(void)
{
    rh_structure *structure = NULL;
    rh_error err = RH_ERROR_INIT;
    char text[sizeof STRUCTURE];

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = STRUCTURE[i];
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        if (text[i] == '\'')
            text[i] = '"';
    }
    if (rh_structure_parse(text, strlen(text), &structure, &err) != RH_OK)
        fail_msg("%s", err.text);
    return structure;
}

static rh_field text_field(const char *text)
{
    return (rh_field){.kind = text == NULL ? RH_FIELD_NULL : RH_FIELD_TEXT,
                      .data = (const uint8_t *)text,
                      .len = text == NULL ? 0 : strlen(text)};
}

static rh_status sample(rh_draft *draft, size_t table, const char *const *texts, size_t count,
                        rh_error *err)
{
    rh_field fields[16];

    for (size_t i = 0; i < count; i++)
        fields[i] = text_field(texts[i]);
    return rh_draft_sample(draft, table, fields, count, err);
}

static rh_status sample_all(rh_draft *draft, rh_error *err)
{
    static const char *const USER[] = {
        "7", "raw.value@example.com", "Raw Name", "raw-hash", "hello",
        "t", "2024-01-01 00:00:00",   "{}",       "open",     "raw mystery",
        NULL};
    static const char *const OTHER[] = {"7", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "raw"};
    /* Rows of a partition; keys that are values, rare ones, damaged JSON. */
    static const char *const PART[][4] = {
        {"{\"user\": {\"mail\": \"raw.a@example.com\"}, \"n\": [1, 2.5], \"list\": [{\"url\": "
         "\"https://raw.example/1\"}], \"raw.key@example.com\": 1, \"once\": 1}",
         "{raw.x@example.com,\"raw.y@example.com\",NULL}", "(raw,12)",
         "{\"(raw,12)\",NULL,\"(\\\"raw 2\\\",13)\"}"},
        {" {\"user\": {\"mail\": \"raw.b@example.com\"}, \"n\": [3], \"list\": [{\"url\": "
         "\"https://raw.example/2\"}], \"raw other\": 2, \"raw-third\": 2}",
         "{}", "(\"raw (x)\",)", NULL},
        {"{\"user\"", NULL, NULL, "{}"},
    };
    static const char *const SEND[] = {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"};
    rh_status status = sample(draft, 0, USER, 11, err);

    if (status == RH_OK)
        status = sample(draft, 1, OTHER, 3, err);
    if (status == RH_OK)
        status = sample(draft, 2, SEND, 1, err);
    for (size_t i = 0; status == RH_OK && i < sizeof PART / sizeof PART[0]; i++)
        status = sample(draft, 5, PART[i], 4, err);
    return status;
}

static void check_has(const char *draft, const char *expected)
{
    if (strstr(draft, expected) == NULL)
        fail_msg("'%s' is not in: %s", expected, draft);
}

static void written(const rh_structure *structure, rh_buf *out)
{
    rh_draft *draft = NULL;

    assert_int_equal(rh_draft_new(structure, &draft, NULL), RH_OK);
    assert_int_equal(sample_all(draft, NULL), RH_OK);
    assert_int_equal(rh_draft_write(draft, out, NULL), RH_OK);
    rh_draft_free(draft);
}

static void columns_get_what_their_samples_names_and_types_say(void **state)
{
    rh_structure *structure = parsed();
    rh_buf out = RH_BUF_INIT;
    const char *text;

    (void)state;
    written(structure, &out);
    text = rh_buf_cstr(&out);
    check_has(text, "  \"public.users.id\": {mask: integer, mode: monotone} ");
    check_has(text, "  \"public.users.contact\": {domain: email} ");
    check_has(text, "1 of 1 samples are e-mail addresses");
    check_has(text, "  \"public.users.name\": name ");
    check_has(text, "  \"public.users.password_hash\": destroy ");
    check_has(text, "  \"public.users.note\": text ");
    check_has(text, "  \"public.users.active\": keep ");
    check_has(text, "looks harmless: true or false");
    check_has(text, "  \"public.users.created_at\": shift-time ");
    check_has(text, "  # \"public.users.meta\": destroy ");
    check_has(text, "  \"public.users.status\": keep ");
    check_has(text, "  # \"public.users.mystery\": text ");
    check_has(text, "  # user_id: follows public.users\n");
    check_has(text, "domains:\n  email: email\n  address: chain-address\n");
    check_has(text, "  \"public.sends.source\": {domain: address} ");
    check_has(text, "  \"public.w.mails\": {domain: email} ");
    check_has(text, "2 of 2 samples are e-mail addresses");
    check_has(text, "  \"public.w.span\": shift-time ");
    check_has(text, "  \"public.w.seats\": {mask: integer, mode: monotone} ");
    check_has(text, "  \"public.w.paid\": numeric ");
    check_has(text, "  \"public.w.bag\": {mask: hstore, others: text} ");
    check_has(text, "  \"public.w.page\": xml ");
    check_has(text, "  # \"public.w.place\": {mask: composite, fields: {1: text}} ");
    check_has(text, "  # \"public.w.route\": {mask: array, element: {mask: composite, ");
    check_has(text, "  # \"public.w.path\": \"null\" ");
    check_has(text, "  # \"public.w.mood\": keep ");
    check_has(text, "  # \"public.w.folded\": text ");
    check_has(text, "  \"public.w.photo\": keep ");
    check_has(text, "  \"pg_catalog.pg_largeobject.oid\": keep ");
    check_has(text, "  \"pg_catalog.pg_largeobject.offset\": keep ");
    check_has(text, "  # \"pg_catalog.pg_largeobject.data\": bytes ");
    check_has(text, "  # public.w: 3 rows looked at\n");
    check_has(text, "  # public.w_1: follows public.w\n");
    assert_null(strstr(text, "users.low"));
    assert_null(strstr(text, "public.v."));
    rh_buf_done(&out);
    rh_structure_free(structure);
}

static void paths_of_json_are_listed_for_whoever_decides(void **state)
{
    rh_structure *structure = parsed();
    rh_buf out = RH_BUF_INIT;
    const char *text;

    (void)state;
    written(structure, &out);
    text = rh_buf_cstr(&out);
    check_has(text, "  # \"public.w.doc\":  ");
    check_has(text, "  #   mask: json\n  #   paths:\n");
    check_has(text, "  #     \"$.user.mail\": {domain: email} ");
    check_has(text, "  #     \"$.n[*]\": numeric ");
    check_has(text, "  #     \"$.list[*].url\": url ");
    check_has(text, "  #     \"$.*\": integer ");
    check_has(text, "  #     # and 1 that were rare\n");
    check_has(text, "  #     # keys of $ are no plain words, 2 samples, and they stay: ");
    assert_null(strstr(text, "once"));
    rh_buf_done(&out);
    rh_structure_free(structure);
}

static void no_value_is_written(void **state)
{
    rh_structure *structure = parsed();
    rh_buf out = RH_BUF_INIT;

    (void)state;
    written(structure, &out);
    assert_null(strstr(rh_buf_cstr(&out), "raw"));
    assert_null(strstr(rh_buf_cstr(&out), "Raw"));
    assert_null(strstr(rh_buf_cstr(&out), "1A1zP1"));
    rh_buf_done(&out);
    rh_structure_free(structure);
}

/* The draft is a rule file whose only complaints are the columns that it left open. */
static void drafts_can_be_read_and_stop_at_what_is_undecided(void **state)
{
    rh_structure *structure = parsed();
    rh_buf out = RH_BUF_INIT;
    rh_rules *rules = NULL;
    rh_bound_rules *bound = NULL;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    written(structure, &out);
    if (rh_rules_parse("draft", rh_buf_cstr(&out), out.len, &rules, &err) != RH_OK)
        fail_msg("%s in: %s", err.text, rh_buf_cstr(&out));
    assert_int_equal(rh_rules_bind(rules, structure, RH_ENGINE_POSTGRESQL, &bound, &problems, &err),
                     RH_ECONFIG);
    assert_int_equal(rh_problems_fatal(&problems), 10);
    for (size_t i = 0; i < problems.count; i++) {
        if (problems.items[i].fatal)
            assert_non_null(strstr(problems.items[i].text, "no rule decides column"));
    }
    rh_problems_done(&problems);
    rh_rules_free(rules);
    rh_buf_done(&out);
    rh_structure_free(structure);
}

static void rows_of_another_shape_are_refused(void **state)
{
    rh_structure *structure = parsed();
    rh_draft *draft = NULL;
    rh_field field = text_field("x");
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_draft_new(structure, &draft, NULL), RH_OK);
    assert_int_equal(rh_draft_sample(draft, 0, &field, 1, &err), RH_EUSAGE);
    assert_int_equal(rh_draft_sample(draft, 99, &field, 1, NULL), RH_EUSAGE);
    rh_draft_free(draft);
    rh_draft_free(NULL);
    rh_structure_free(structure);
}

static void an_empty_draft_is_a_rule_file(void **state)
{
    static const char EMPTY[] = "{\"version\": 1}";
    rh_structure *structure = NULL;
    rh_draft *draft = NULL;
    rh_rules *rules = NULL;
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_structure_parse(EMPTY, strlen(EMPTY), &structure, NULL), RH_OK);
    assert_int_equal(rh_draft_new(structure, &draft, NULL), RH_OK);
    assert_int_equal(rh_draft_write(draft, &out, NULL), RH_OK);
    if (rh_rules_parse("draft", rh_buf_cstr(&out), out.len, &rules, &err) != RH_OK)
        fail_msg("%s", err.text);
    rh_rules_free(rules);
    rh_buf_done(&out);
    rh_draft_free(draft);
    rh_structure_free(structure);
}

static rh_status draft_once(void *ctx, rh_error *err)
{
    const rh_structure *structure = ctx;
    rh_draft *draft = NULL;
    rh_buf out = RH_BUF_INIT;
    rh_status status = rh_draft_new(structure, &draft, err);

    if (status == RH_OK)
        status = sample_all(draft, err);
    if (status == RH_OK)
        status = rh_draft_write(draft, &out, err);
    rh_buf_done(&out);
    rh_draft_free(draft);
    return status;
}

static void drafting_survives_lack_of_memory(void **state)
{
    rh_structure *structure = parsed();

    (void)state;
    assert_true(fail_nth(draft_once, structure) > 3);
    rh_structure_free(structure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_get_what_their_samples_names_and_types_say),
        cmocka_unit_test(paths_of_json_are_listed_for_whoever_decides),
        cmocka_unit_test(no_value_is_written),
        cmocka_unit_test(drafts_can_be_read_and_stop_at_what_is_undecided),
        cmocka_unit_test(rows_of_another_shape_are_refused),
        cmocka_unit_test(an_empty_draft_is_a_rule_file),
        cmocka_unit_test(drafting_survives_lack_of_memory),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
