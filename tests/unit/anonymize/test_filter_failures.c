/*
 * The row filter when memory ends: commands of custom masks, texts of the schema, workloads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rehearse/mask_workload.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/key_file.h"
#include "core/problems.h"
#include "core/routes.h"
#include "core/workload_file.h"
#include "custom.h"
#include "fail_nth.h"
#include "schema_default.h"

static char dir[64];
static char *rules_file;
static char *pg_rules_file;
static char *key_file;
static char *workload_file;
static char *masked_file;

static const char STRUCTURE[] =
    "{\"version\": 1, \"tables\": [{\"schema\": \"main\", \"name\": \"t\", \"columns\": ["
    "{\"name\": \"id\", \"type\": \"INTEGER\", \"base_type\": \"INTEGER\"},"
    "{\"name\": \"mail\", \"type\": \"TEXT\", \"base_type\": \"TEXT\","
    " \"default_text\": \"'eve@example.com'\"},"
    "{\"name\": \"tag\", \"type\": \"TEXT\", \"base_type\": \"TEXT\"}]}]}";

static const char SCHEMA[] =
    "[{\"type\": \"table\", \"name\": \"t\", \"sql\": \"CREATE TABLE t(id INTEGER,\\n"
    "mail TEXT DEFAULT 'eve@example.com', tag TEXT)\"}]";

static const char PG_STRUCTURE[] =
    "{\"version\": 1, \"tables\": [{\"schema\": \"s\", \"name\": \"p\", \"kind\": \"partitioned\","
    " \"partition_key\": \"LIST (tier)\", \"partition_columns\": [0], \"columns\": ["
    "{\"name\": \"tier\", \"type\": \"text\", \"base_type\": \"text\"},"
    "{\"name\": \"level\", \"type\": \"s.level\", \"base_type\": \"s.level\","
    " \"labels\": [\"canary low\", \"high\"], \"default_text\": \"'canary low'::s.level\"}],"
    " \"checks\": [{\"name\": \"c\", \"text\": \"CHECK ((tier <> 'canary'::text))\","
    " \"mentions\": [0]}]},"
    "{\"schema\": \"s\", \"name\": \"p1\", \"kind\": \"partition\", \"parent\": \"s.p\","
    " \"partition_bound\": \"FOR VALUES IN ('canary', NULL)\", \"columns\": ["
    "{\"name\": \"tier\", \"type\": \"text\", \"base_type\": \"text\"},"
    "{\"name\": \"level\", \"type\": \"s.level\", \"base_type\": \"s.level\","
    " \"labels\": [\"canary low\", \"high\"]}]},"
    "{\"schema\": \"s\", \"name\": \"h\", \"kind\": \"partitioned\","
    " \"partition_key\": \"HASH (k)\", \"partition_columns\": [0], \"columns\": ["
    "{\"name\": \"k\", \"type\": \"text\", \"base_type\": \"text\"},"
    "{\"name\": \"c\", \"type\": \"s.pair\", \"base_type\": \"s.pair\"}]},"
    "{\"schema\": \"s\", \"name\": \"h0\", \"kind\": \"partition\", \"parent\": \"s.h\","
    " \"partition_bound\": \"FOR VALUES WITH (modulus 1, remainder 0)\", \"columns\": ["
    "{\"name\": \"k\", \"type\": \"text\", \"base_type\": \"text\"},"
    "{\"name\": \"c\", \"type\": \"s.pair\", \"base_type\": \"s.pair\"}],"
    " \"indexes\": [{\"name\": \"h0_k\", \"method\": \"btree\", \"columns\": [0],"
    " \"text\": \"CREATE INDEX h0_k ON s.h0 USING btree (k)\", \"mentions\": [0]}]}]}";

static const char PG_STATISTICS[] =
    "{\"kind\":\"relation\",\"schema\":\"s\",\"name\":\"h\",\"relkind\":\"p\",\"reltuples\":5}\n"
    "{\"kind\":\"relation\",\"schema\":\"s\",\"name\":\"h0\",\"relkind\":\"r\",\"reltuples\":5}\n"
    "{\"kind\":\"relation\",\"schema\":\"s\",\"name\":\"h0_k\",\"relkind\":\"i\",\"table\":\"h0\","
    "\"reltuples\":5}\n"
    "{\"kind\":\"column\",\"schema\":\"s\",\"table\":\"h0\",\"column\":\"k\",\"slots\":[]}\n";

static const char PRE_DATA[] =
    "CREATE TYPE s.level AS ENUM (\n 'canary low',\n 'high'\n);\n"
    "CREATE TABLE s.p (\n tier text,\n level s.level DEFAULT 'canary low'::s.level,\n"
    " CONSTRAINT c CHECK ((tier <> 'canary'::text))\n) PARTITION BY LIST (tier);\n"
    "CREATE TABLE s.p1 (\n tier text,\n level s.level\n);\n"
    "ALTER TABLE ONLY s.p ATTACH PARTITION s.p1 FOR VALUES IN ('canary', NULL);\n"
    "CREATE VIEW s.v AS SELECT 'canary low'::s.level AS l FROM s.p WHERE tier = 'canary';\n";

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void write_workload(void)
{
    static const rh_parameter parameter = {.kind = RH_PARAMETER_TEXT, .data = "bob@b.c", .len = 7};
    static const rh_workload_statement statement = {0, 7, "parser", "read", "SELECT"};
    const rh_workload_writer_options options = {RH_ENGINE_SQLITE, "0.1.0", NULL, true};
    rh_workload_item item = RH_WORKLOAD_ITEM_INIT;
    rh_workload_writer *writer = NULL;

    assert_int_equal(RH_OK, rh_workload_writer_create(workload_file, &options, &writer, NULL));
    item.statement = &statement;
    item.session = 1;
    item.sql = "SELECT id FROM t WHERE mail IN ('a@b.c', ?) AND id > 5 LIMIT 3";
    item.parameters = &parameter;
    item.parameter_count = 1;
    assert_int_equal(RH_OK, rh_workload_writer_add(writer, &item, NULL, NULL));
    item.parameter_count = 0;
    item.sql = "UPDATE t SET mail = 'c@d.e' WHERE upper(mail) = 'X'";
    assert_int_equal(RH_OK, rh_workload_writer_add(writer, &item, NULL, NULL));
    assert_int_equal(RH_OK, rh_workload_writer_commit(writer, NULL));
    rh_workload_writer_free(writer);
}

static int setup(void **state)
{
    rh_key key = {.kind = RH_KEY_MASK, .mask_key = {9, 9, 9}};

    (void)state;
    memcpy(dir, "/tmp/rh-filter-XXXXXX", sizeof "/tmp/rh-filter-XXXXXX");
    assert_non_null(mkdtemp(dir));
    rules_file = rh_fs_join(dir, "rules.yaml");
    pg_rules_file = rh_fs_join(dir, "pg.yaml");
    key_file = rh_fs_join(dir, "mask.key");
    workload_file = rh_fs_join(dir, "a.workload");
    masked_file = rh_fs_join(dir, "b.workload");
    write_text(rules_file, "version: 1\ncolumns:\n  \"t.id\": keep\n  \"t.mail\": email\n"
                           "  \"t.tag\": {mask: custom, command: [cat]}\n");
    write_text(pg_rules_file, "version: 1\ncolumns:\n  \"p.tier\": text\n"
                              "  \"p.level\": {mask: enum, rename: true}\n"
                              "  \"h.k\": text\n  \"h.c\": {mask: composite, fields: {2:"
                              " {mask: enum, rename: true, type: s.level}}}\n");
    assert_int_equal(RH_OK, rh_key_write(key_file, &key, NULL));
    write_workload();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(rules_file);
    rh_mem_free(pg_rules_file);
    rh_mem_free(key_file);
    rh_mem_free(workload_file);
    rh_mem_free(masked_file);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

static rh_status new_anonymizer(rh_problems *problems, rh_anonymizer **out, rh_error *err)
{
    const rh_anonymizer_options options = {
        .rules_file = rules_file, .key_file = key_file, .problems = problems};

    return rh_anonymizer_new(&options, out, err);
}

static rh_status bound_anonymizer(rh_problems *problems, rh_anonymizer **out, rh_error *err)
{
    rh_status status = new_anonymizer(problems, out, err);

    if (status == RH_OK)
        status = rh_anonymizer_bind(*out, RH_ROWS_SQLITE, STRUCTURE, sizeof STRUCTURE - 1, err);
    return status;
}

/* ---- commands ---- */

static rh_status ask_and_answer(custom_command *command, rh_error *err)
{
    static const rh_field values[] = {
        {.kind = RH_FIELD_TEXT, .data = (const uint8_t *)"a\nb\\", .len = 4},
        {.kind = RH_FIELD_REAL, .real = 2.5},
        {.kind = RH_FIELD_INTEGER, .integer = -7},
        {.kind = RH_FIELD_BLOB, .data = (const uint8_t *)"\0x", .len = 2},
    };
    rh_arena *scratch = rh_arena_new(64);
    rh_status status = scratch == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < 4; i++)
        status = custom_command_ask(command, &values[i], err);
    if (status == RH_OK)
        status = custom_command_run(command, err);
    for (size_t i = 0; status == RH_OK && i < 4; i++) {
        rh_field out = {.kind = RH_FIELD_UNREAD};

        status = custom_command_answer(command, &values[i], scratch, &out, err);
        if (status != RH_OK) {
            assert_int_equal(out.kind, RH_FIELD_UNREAD);
            break;
        }
        /* `cat` gives every value back, with the storage class that it had. */
        assert_int_equal(out.kind, values[i].kind);
        if (out.kind == RH_FIELD_INTEGER)
            assert_int_equal(out.integer, values[i].integer);
        else if (out.kind == RH_FIELD_REAL)
            assert_true(out.real >= 2.5 && out.real <= 2.5);
        else
            assert_memory_equal(out.data, values[i].data, values[i].len);
    }
    rh_arena_free(scratch);
    return status;
}

static rh_status use_command(void *ctx, rh_error *err)
{
    static const rh_column columns[] = {{.name = "id"}, {.name = "mail"}, {.name = "tag"}};
    static const rh_table table = {.full_name = "main.t", .columns = columns, .column_count = 3};
    const rh_masked_table masked = {.table = &table};
    rh_late_failure late = {.lock = PTHREAD_MUTEX_INITIALIZER, .error = RH_ERROR_INIT};
    rh_masked_column column = {.column = 2};
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_anonymizer *anonymizer = NULL;
    custom_command command;
    bool known = false;
    rh_status status = bound_anonymizer(&problems, &anonymizer, err);

    (void)ctx;
    if (status == RH_OK) {
        column.mask = rh_anonymizer_mask(anonymizer, "main.t", "tag", &known);
        assert_true(known);
        status = custom_command_init(&command, &masked, &column, RH_ROWS_SQLITE, err);
        if (status == RH_OK)
            status = ask_and_answer(&command, err);
        custom_command_done(&command, status != RH_OK, &late);
        assert_int_equal(late.error.code, RH_OK);
    }
    rh_anonymizer_free(anonymizer);
    rh_problems_done(&problems);
    return status;
}

static void commands_of_custom_masks(void **state)
{
    (void)state;
    assert_true(fail_nth(use_command, NULL) > 20);
}

/* ---- the schema ---- */

static rh_status mask_section(void *ctx, rh_error *err)
{
    static const char *const names[] = {"schema", "structure"};
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_anonymizer *anonymizer = NULL;
    rh_status status = bound_anonymizer(&problems, &anonymizer, err);

    (void)ctx;
    for (size_t i = 0; status == RH_OK && i < 2; i++) {
        const char *text = i == 0 ? SCHEMA : STRUCTURE;
        rh_buf in = RH_BUF_INIT;
        rh_buf out = RH_BUF_INIT;

        status = rh_buf_append_str(&in, text, err);
        if (status == RH_OK)
            status = rh_mask_schema(anonymizer, names[i], &in, &out, err);
        if (status == RH_OK) {
            assert_non_null(strstr(rh_buf_cstr(&out), "tag"));
            assert_null(strstr(rh_buf_cstr(&out), "eve@"));
        }
        rh_buf_done(&in);
        rh_buf_done(&out);
    }
    rh_anonymizer_free(anonymizer);
    rh_problems_done(&problems);
    return status;
}

static rh_status mask_pg_section(void *ctx, rh_error *err)
{
    static const char *const names[] = {"pre-data", "structure"};
    const rh_anonymizer_options options = {
        .rules_file = pg_rules_file, .key_file = key_file, .problems = ctx};
    rh_anonymizer *anonymizer = NULL;
    rh_status status = rh_anonymizer_new(&options, &anonymizer, err);

    if (status == RH_OK)
        status = rh_anonymizer_bind(anonymizer, RH_ROWS_PGCOPY, PG_STRUCTURE,
                                    sizeof PG_STRUCTURE - 1, err);
    for (size_t i = 0; status == RH_OK && i < 2; i++) {
        rh_buf in = RH_BUF_INIT;
        rh_buf out = RH_BUF_INIT;

        status = rh_buf_append_str(&in, i == 0 ? PRE_DATA : PG_STRUCTURE, err);
        if (status == RH_OK)
            status = rh_mask_schema(anonymizer, names[i], &in, &out, err);
        if (status == RH_OK) {
            assert_non_null(strstr(rh_buf_cstr(&out), "FOR VALUES IN"));
            assert_null(strstr(rh_buf_cstr(&out), "canary"));
        }
        rh_buf_done(&in);
        rh_buf_done(&out);
    }
    rh_anonymizer_free(anonymizer);
    return status;
}

static rh_status mask_pg_sections(void *ctx, rh_error *err)
{
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_status status = mask_pg_section(&problems, err);

    (void)ctx;
    rh_problems_done(&problems);
    return status;
}

static void bounds_labels_and_literals_in_the_schema(void **state)
{
    (void)state;
    assert_true(fail_nth(mask_pg_sections, NULL) > 100);
}

/* Rows of a partition by HASH go through their table, and its figures are left out. */
static rh_status route_rows(const rh_anonymizer *anonymizer, rh_error *err)
{
    json_t *facts = json_object();
    rh_buf in = RH_BUF_INIT;
    rh_buf out = RH_BUF_INIT;
    rh_route route = {NULL, NULL};
    rh_status status = facts == NULL ? rh_error_oom(err) : rh_mask_facts(anonymizer, facts, err);

    if (status == RH_OK) {
        assert_true(rh_route_find(facts, "s", "h0", &route));
        assert_string_equal(route.name, "h");
        assert_false(rh_route_find(facts, "s", "p1", &route));
        status = rh_buf_append_str(&in, PG_STATISTICS, err);
    }
    if (status == RH_OK)
        status = rh_mask_statistics(anonymizer, &in, &out, err);
    if (status == RH_OK) {
        assert_non_null(strstr(rh_buf_cstr(&out), "partial"));
        assert_non_null(strstr(rh_buf_cstr(&out), "\"h\""));
        assert_null(strstr(rh_buf_cstr(&out), "h0"));
    }
    rh_buf_done(&in);
    rh_buf_done(&out);
    json_decref(facts);
    return status;
}

static rh_status route_rows_once(void *ctx, rh_error *err)
{
    rh_problems problems = RH_PROBLEMS_INIT;
    const rh_anonymizer_options options = {
        .rules_file = pg_rules_file, .key_file = key_file, .problems = &problems};
    rh_anonymizer *anonymizer = NULL;
    rh_status status = rh_anonymizer_new(&options, &anonymizer, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_anonymizer_bind(anonymizer, RH_ROWS_PGCOPY, PG_STRUCTURE,
                                    sizeof PG_STRUCTURE - 1, err);
    if (status == RH_OK)
        status = route_rows(anonymizer, err);
    rh_anonymizer_free(anonymizer);
    rh_problems_done(&problems);
    return status;
}

static void routes_of_partitions_by_hash(void **state)
{
    (void)state;
    assert_true(fail_nth(route_rows_once, NULL) > 50);
}

static void defaults_in_the_schema(void **state)
{
    (void)state;
    assert_true(fail_nth(mask_section, NULL) > 20);
}

/* ---- workloads ---- */

static rh_status mask_workload(void *ctx, rh_error *err)
{
    const rh_mask_workload_options options = {.from = workload_file,
                                              .to = masked_file,
                                              .structure = STRUCTURE,
                                              .structure_len = sizeof STRUCTURE - 1,
                                              .replace = true};
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_anonymizer *anonymizer = NULL;
    json_t *summary = NULL;
    rh_status status = new_anonymizer(&problems, &anonymizer, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_anonymizer_mask_workload(anonymizer, &options, &summary, err);
    assert_int_equal(summary != NULL, status == RH_OK);
    if (status == RH_OK) {
        assert_int_equal(json_integer_value(json_object_get(summary, "executions")), 2);
        assert_int_equal(json_integer_value(json_object_get(summary, "written")), 1);
        assert_int_equal(json_integer_value(json_object_get(summary, "masked")), 3);
    }
    json_decref(summary);
    rh_anonymizer_free(anonymizer);
    rh_problems_done(&problems);
    return status;
}

/* One text at a time; what cannot be attributed is told apart from a lack of memory. */
static rh_status mask_texts(void *ctx, rh_error *err)
{
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_anonymizer *anonymizer = NULL;
    rh_sql_masker *masker = NULL;
    const char *text = NULL;
    const char *why = NULL;
    rh_status status = new_anonymizer(&problems, &anonymizer, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_sql_masker_new(anonymizer, false, STRUCTURE, strlen(STRUCTURE), &masker, err);
    if (status == RH_OK)
        status = rh_sql_masker_text(masker, "SELECT id FROM t WHERE mail = 'a@b.c' AND id = 5",
                                    &text, &why, err);
    if (status == RH_OK) {
        assert_null(strstr(text, "a@b.c"));
        assert_non_null(strstr(text, "id = 5"));
        status = rh_sql_masker_text(masker, "SELECT id FROM t WHERE upper(mail) = 'X'", &text, &why,
                                    err);
        if (status == RH_SKIPPED) {
            assert_non_null(why);
            status = RH_OK;
        } else {
            assert_int_equal(status, RH_ENOMEM);
        }
    }
    rh_sql_masker_free(masker);
    rh_anonymizer_free(anonymizer);
    rh_problems_done(&problems);
    return status;
}

static void masked_texts(void **state)
{
    (void)state;
    assert_true(fail_nth(mask_texts, NULL) > 50);
}

static void masked_workloads(void **state)
{
    (void)state;
    assert_true(fail_nth(mask_workload, NULL) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commands_of_custom_masks, setup, teardown),
        cmocka_unit_test_setup_teardown(defaults_in_the_schema, setup, teardown),
        cmocka_unit_test_setup_teardown(bounds_labels_and_literals_in_the_schema, setup, teardown),
        cmocka_unit_test_setup_teardown(routes_of_partitions_by_hash, setup, teardown),
        cmocka_unit_test_setup_teardown(masked_workloads, setup, teardown),
        cmocka_unit_test_setup_teardown(masked_texts, setup, teardown),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
