/* export: what the directory holds, and that a failure leaves nothing. The two scripts beside this
 * file load exports with stock tools. */
#include "repo_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/process.h"
#include "core/stream.h"
#include "export.h"
#include "export_sql.h"
#include "fail_nth.h"

static const fx_table people[] = {{.name = "people", .rows = 3000},
                                  {.name = "Order's \"list\"", .rows = 2, .extra_column = true},
                                  {.name = "left_out", .rows = -1},
                                  {0}};
static const fx_snapshot monday = {.time = "2026-03-02T01:00:00Z",
                                   .pre_data = "CREATE TABLE a (x int);\n",
                                   .post_data = "CREATE INDEX a_x ON a (x);\n"};

static rh_status try_export(const fx *f, const char *key, const char *id, const char *dir,
                            json_t **out, rh_error *err)
{
    rh_repo *repo = fx_open(f, key);
    rh_status status = rh_repo_export(repo, id, dir, out, err);

    rh_repo_close(repo);
    return status;
}

/* Nothing below the fixture's directory has this name or starts with it. */
static void assert_no_trace(const fx *f, const char *name)
{
    char **names = NULL;
    size_t count = 0;

    assert_int_equal(rh_fs_list(f->dir, &names, &count, NULL), RH_OK);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(names[i], name, strlen(name)) == 0)
            fail_msg("'%s' was left behind", names[i]);
    }
    rh_fs_list_free(names);
}

static void assert_runs(const char *command, const char *dir)
{
    const char *const arguments[] = {"-c", command, "test", dir, NULL};
    rh_process_options options = {.program = "bash", .arguments = arguments};
    rh_error err = RH_ERROR_INIT;

    fx_ok(rh_process_run(&options, &err), &err);
}

static char *read_in(const char *dir, const char *name)
{
    char path[FX_PATH_BYTES];

    fx_path(path, "%s/%s", dir, name);
    return fx_read_file(path, NULL);
}

/* ---- the directory ---- */

static void a_directory_has_every_file_with_its_checksum(void **state)
{
    fx *f = *state;
    char id[64], dir[FX_PATH_BYTES], path[FX_PATH_BYTES];
    json_t *report = NULL;
    rh_error err = RH_ERROR_INIT;

    fx_add(f, false, &monday, people, id);
    fx_path(dir, "%s/out", f->dir);
    fx_path(path, "%s/", dir); /* a slash at the end changes nothing */
    fx_ok(try_export(f, NULL, id, path, &report, &err), &err);
    assert_int_equal(json_object_size(report), 2);
    assert_int_equal(json_integer_value(json_object_get(report, "files")), 10);
    assert_true(json_integer_value(json_object_get(report, "bytes")) > 1000);
    json_decref(report);
    assert_runs("cd \"$1\" && sha256sum --quiet --strict -c SHA256SUMS && [ $(ls | wc -l) = 10 ]",
                dir);
    assert_runs("cd \"$1\" && [ $(zstd -dc shop.people.copy.zst | wc -l) = 3000 ]", dir);
    assert_runs("cd \"$1\" && [ $(zstd -dc 'shop.Order%27s%20%22list%22.copy.zst' | wc -l) = 2 ]",
                dir);
    assert_runs("bash -n \"$1/restore.sh\"", dir);
    char *text = read_in(dir, "schema-pre-data.sql");

    assert_string_equal(text, monday.pre_data);
    free(text);
    text = read_in(dir, "statistics.jsonl");
    assert_string_equal(text, "");
    free(text);
    text = read_in(dir, "restore.sh");
    assert_non_null(strstr(text, "rows 'shop.Order%27s%20%22list%22.copy.zst' 'COPY "
                                 "\"shop\".\"Order'\\''s \"\"list\"\"\" (\"id\", \"name\", "
                                 "\"extra\") FROM STDIN WITH (ENCODING '\\''UTF8'\\'')'\n"));
    assert_null(strstr(text, "left_out"));
    free(text);
    assert_no_trace(f, "out.");
}

static const json_t *file_entry(const json_t *manifest, const char *name)
{
    const json_t *files = json_object_get(manifest, "files");

    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *entry = json_array_get(files, i);

        if (strcmp(json_string_value(json_object_get(entry, "file")), name) == 0)
            return entry;
    }
    fail_msg("no entry '%s'", name);
    return NULL;
}

static void the_manifest_tells_rows_bytes_and_hashes(void **state)
{
    fx *f = *state;
    char id[64], dir[FX_PATH_BYTES], path[FX_PATH_BYTES];
    json_t *report = NULL;
    rh_error err = RH_ERROR_INIT;

    fx_add(f, false, &monday, people, id);
    fx_path(dir, "%s/out", f->dir);
    fx_ok(try_export(f, NULL, id, dir, &report, &err), &err);
    json_decref(report);
    char *text = read_in(dir, "manifest.json");
    json_t *manifest = json_loads(text, 0, NULL);
    const json_t *entry = file_entry(manifest, "shop.people.copy.zst");

    assert_string_equal(json_string_value(json_object_get(manifest, "snapshot")), id);
    assert_string_equal(json_string_value(json_object_get(entry, "table")), "shop.people");
    assert_int_equal(json_integer_value(json_object_get(entry, "rows")), 3000);
    fx_path(path, "%s/shop.people.copy.zst", dir);
    assert_int_equal(json_integer_value(json_object_get(entry, "bytes")), fx_file_size(path));
    size_t len;
    char *data = fx_read_file(path, &len);
    uint8_t hash[32];
    char hex[65];

    rh_hash_sha256(data, len, hash);
    rh_hex_encode(hash, sizeof hash, hex);
    assert_string_equal(json_string_value(json_object_get(entry, "sha256")), hex);
    free(data);
    free(text);
    json_decref(manifest);
}

static void sequences_become_setval(void **state)
{
    json_t *facts =
        json_pack("{s:[{s:s, s:s, s:I, s:b}, {s:s, s:s, s:I, s:b}]}", "sequences", "schema", "a.b",
                  "name", "it's \"x\"", "last_value", (json_int_t)INT64_MAX, "is_called", 1,
                  "schema", "s", "name", "n", "last_value", (json_int_t)-5, "is_called", 0);
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_export_sql_sequences(&out, facts, NULL), RH_OK);
    assert_non_null(strstr(rh_buf_cstr(&out),
                           "SELECT pg_catalog.setval('\"a.b\".\"it''s \"\"x\"\"\"'"
                           "::pg_catalog.regclass, 9223372036854775807, true);\n"
                           "SELECT pg_catalog.setval('\"s\".\"n\"'"
                           "::pg_catalog.regclass, -5, false);\n"));
    rh_buf_done(&out);
    json_decref(facts);
    facts = json_pack("{s:[{}]}", "sequences");
    assert_int_equal(rh_export_sql_sequences(&out, facts, NULL), RH_EFORMAT);
    rh_buf_done(&out);
    json_decref(facts);
}

static void a_table_without_columns_is_copied_without_a_list(void **state)
{
    static const rh_column generated[] = {{.name = "g", .type = "int", .generated = true}};
    const rh_table table = {
        .schema = "s", .name = "t", .full_name = "s.t", .columns = generated, .column_count = 1};
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_export_sql_copy(&out, &table, NULL, "LATIN1", NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "COPY \"s\".\"t\" FROM STDIN WITH (ENCODING 'LATIN1')");
    rh_buf_done(&out);
}

static void rows_with_a_route_are_copied_through_another_table(void **state)
{
    static const rh_column columns[] = {{.name = "a", .type = "int"}};
    const rh_table table = {
        .schema = "s", .name = "t", .full_name = "s.t", .columns = columns, .column_count = 1};
    json_t *facts = json_pack("{s:[{s:s, s:s, s:{s:s, s:s}}]}", "routes", "schema", "s", "name",
                              "t", "through", "schema", "s", "name", "all");
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_export_sql_copy(&out, &table, facts, "UTF8", NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out),
                        "COPY \"s\".\"all\" (\"a\") FROM STDIN WITH (ENCODING 'UTF8')");
    rh_buf_done(&out);
    json_decref(facts);
}

static void names_become_safe_and_stay_different(void **state)
{
    char a[RH_EXPORT_NAME_BYTES], b[RH_EXPORT_NAME_BYTES], name[800];

    (void)state;
    rh_export_name("shop.people_1-A", a);
    assert_string_equal(a, "shop.people_1-A");
    rh_export_name("../x/\xc3\xa4 \n", a);
    assert_string_equal(a, "%2E.%2Fx%2F%C3%A4%20%0A");
    rh_export_name("-x", a);
    assert_string_equal(a, "%2Dx");
    memset(name, 'x', sizeof name);
    name[799] = '\0';
    rh_export_name(name, a);
    name[790] = 'y';
    rh_export_name(name, b);
    assert_true(strlen(a) > 200 && strlen(a) < RH_EXPORT_NAME_BYTES);
    assert_string_not_equal(a, b);
    memset(name, '\xff', sizeof name);
    name[799] = '\0';
    rh_export_name(name, a);
    assert_true(strlen(a) < RH_EXPORT_NAME_BYTES);
    name[200] = '\0';
    name[66] = '\0';
    rh_export_name(name, a);
    assert_int_equal(strlen(a), 198);
}

/* ---- failures ---- */

static void damage_leaves_no_directory(void **state)
{
    fx *f = *state;
    char id[64], dir[FX_PATH_BYTES], names[64][65], path[FX_PATH_BYTES];
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;
    size_t count;

    fx_add(f, false, &monday, people, id);
    count = fx_packs(f, names, 64);
    for (size_t i = 0; i < count; i++) {
        fx_pack_path(f, names[i], path);
        fx_flip(path, 100);
    }
    fx_path(dir, "%s/out", f->dir);
    assert_int_equal(try_export(f, NULL, id, dir, &report, &err), RH_EFORMAT);
    assert_null(report);
    assert_no_trace(f, "out");
}

static void an_existing_directory_is_refused(void **state)
{
    fx *f = *state;
    char id[64], dir[FX_PATH_BYTES];
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;

    fx_add(f, false, &monday, people, id);
    fx_path(dir, "%s/out", f->dir);
    assert_int_equal(try_export(f, NULL, id, f->repo, &report, &err), RH_EEXISTS);
    rh_error_clear(&err);
    assert_int_equal(try_export(f, NULL, id, "/", &report, &err), RH_EUSAGE);
    rh_error_clear(&err);
    assert_int_equal(try_export(f, NULL, "20260302T010000Z-0123456789abcdef", dir, &report, &err),
                     RH_ENOTFOUND);
    assert_null(report);
}

static void a_sealed_snapshot_needs_the_key(void **state)
{
    fx *f = *state;
    char id[64], dir[FX_PATH_BYTES];
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;

    fx_add(f, true, &monday, people, id);
    fx_path(dir, "%s/out", f->dir);
    assert_int_equal(try_export(f, NULL, id, dir, &report, &err), RH_EKEY);
    assert_no_trace(f, "out");
    rh_error_clear(&err);
    fx_ok(try_export(f, f->secret, id, dir, &report, &err), &err);
    json_decref(report);
    assert_runs("cd \"$1\" && sha256sum --quiet -c SHA256SUMS", dir);
}

typedef struct exporting {
    const fx *f;
    const char *id;
    const char *dir;
} exporting;

static rh_status export_body(void *ctx, rh_error *err)
{
    const exporting *e = ctx;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_repo *repo = NULL;
    json_t *report = NULL;
    rh_status status = rh_repo_open(e->f->repo, &options, &repo, err);

    if (status == RH_OK)
        status = rh_repo_export(repo, e->id, e->dir, &report, err);
    assert_true(status == RH_OK || report == NULL);
    json_decref(report);
    rh_repo_close(repo);
    return status;
}

static void failed_allocations_leave_no_directory(void **state)
{
    static const fx_table tables[] = {{.name = "tags", .rows = 3}, {0}};
    fx *f = *state;
    char id[64], dir[FX_PATH_BYTES];
    exporting e = {f, id, dir};

    fx_add(f, false, &monday, tables, id);
    fx_path(dir, "%s/out", f->dir);
    assert_true(fail_nth(export_body, &e) > 100);
    assert_no_trace(f, "out.");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_directory_has_every_file_with_its_checksum),
        TEST(the_manifest_tells_rows_bytes_and_hashes),
        TEST(sequences_become_setval),
        TEST(a_table_without_columns_is_copied_without_a_list),
        TEST(rows_with_a_route_are_copied_through_another_table),
        TEST(names_become_safe_and_stay_different),
        TEST(damage_leaves_no_directory),
        TEST(an_existing_directory_is_refused),
        TEST(a_sealed_snapshot_needs_the_key),
        TEST(failed_allocations_leave_no_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
