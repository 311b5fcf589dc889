/*
 * Opening repositories: creation, keys, locks, names.
 */
#include "repo_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/mem.h"
#include "fail_nth.h"
#include "repo_config.h"

static rh_status try_open(const char *dir, const rh_repo_options *options, rh_error *err)
{
    rh_repo *repo = NULL;
    rh_status status;

    rh_error_clear(err);
    status = rh_repo_open(dir, options, &repo, err);
    if (status != RH_OK)
        assert_null(repo);
    rh_repo_close(repo);
    return status;
}

static void a_repository_is_created_once_and_opened_again(void **state)
{
    fixture fix;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    char id[33];
    rh_repo *repo;

    (void)state;
    fixture_init(&fix, false);
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_ENOTFOUND);
    assert_false(rh_fs_exists(fix.repo_dir));
    repo = fixture_open_writer(&fix);
    assert_false(rh_repo_is_sealed(repo));
    assert_true(rh_repo_can_read(repo));
    (void)snprintf(id, sizeof id, "%s", rh_repo_id_hex(repo));
    rh_repo_close(repo);
    repo = fixture_open_reader(&fix);
    assert_string_equal(rh_repo_id_hex(repo), id);
    rh_repo_close(repo);
    fixture_done(&fix);
}

static void a_directory_with_other_things_is_left_alone(void **state)
{
    fixture fix;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    char path[160];

    (void)state;
    fixture_init(&fix, false);
    options.create = true;
    (void)snprintf(path, sizeof path, "%s/letters.txt", fix.repo_dir);
    assert_int_equal(rh_fs_mkdir(fix.repo_dir, NULL), RH_OK);
    write_whole(path, "dear", 4);
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EUSAGE);
    /* What a killed creation leaves is finished, not refused. */
    assert_int_equal(rh_fs_remove(path, NULL), RH_OK);
    (void)snprintf(path, sizeof path, "%s/packs", fix.repo_dir);
    assert_int_equal(rh_fs_mkdir(path, NULL), RH_OK);
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_OK);
    fixture_done(&fix);
}

static void a_wrong_key_is_recognised(void **state)
{
    fixture fix;
    fixture other;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    fixture_init(&fix, true);
    fixture_init(&other, true);
    rh_repo_close(fixture_open_writer(&fix));
    options.key_file = other.secret_file;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EKEY);
    assert_non_null(strstr(err.text, other.secret_file));
    assert_string_not_equal(err.hint, "");
    options.key_file = other.writer_file;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EKEY);
    options.key_file = fix.writer_file;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_OK);
    options.key_file = fix.secret_file;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_OK);
    options.key_file = "/nonexistent";
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_ENOTFOUND);
    options.key_file = NULL;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_OK);
    options.write = true;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EKEY);
    fixture_done(&other);
    fixture_done(&fix);
}

static void leave_a_file(const fixture *fix, const char *name)
{
    char *path = rh_fs_join(fix->repo_dir, name);

    assert_non_null(path);
    assert_int_equal(rh_fs_write(path, 0600, "x", 1, NULL), RH_OK);
    rh_mem_free(path);
}

/* A first run that failed leaves an open repository without contents: keys may still come. */
static void an_unused_repository_can_be_sealed(void **state)
{
    fixture fix;
    fixture keys;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    const char *seal_to[2] = {NULL, NULL};
    rh_repo *repo = NULL;
    rh_repo *other = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    fixture_init(&fix, false);
    fixture_init(&keys, true);
    seal_to[0] = keys.writer_file;
    options.create = true;
    options.write = true;
    options.seal_to = seal_to;
    repo = fixture_open_writer(&fix);
    assert_int_equal(rh_repo_open(fix.repo_dir, &options, &other, &err), RH_EBUSY);
    assert_false(rh_repo_is_sealed(repo));
    rh_repo_close(repo);
    rh_error_clear(&err);
    assert_int_equal(rh_repo_open(fix.repo_dir, &options, &repo, &err), RH_OK);
    assert_true(rh_repo_is_sealed(repo));
    rh_repo_close(repo);
    fixture_done(&keys);
    fixture_done(&fix);
}

static void raw_rows_create_no_open_repository(void **state)
{
    fixture fix;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    fixture_init(&fix, false);
    options.create = true;
    options.sealed_only = true;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EUSAGE);
    assert_false(rh_fs_exists(fix.repo_dir));
    fixture_done(&fix);
}

static void a_key_for_an_open_repository_is_refused(void **state)
{
    fixture fix;
    fixture keys;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    const char *seal_to[2] = {NULL, NULL};
    rh_error err = RH_ERROR_INIT;

    (void)state;
    fixture_init(&fix, false);
    fixture_init(&keys, true);
    rh_repo_close(fixture_open_writer(&fix));
    options.key_file = keys.secret_file;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EKEY);
    options.key_file = NULL;
    seal_to[0] = keys.writer_file;
    options.seal_to = seal_to;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EKEY);
    options.create = true;
    leave_a_file(&fix, "dicts/something");
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EKEY);
    fixture_done(&keys);
    fixture_done(&fix);
}

static void several_readers_can_read_one_repository(void **state)
{
    static const test_table tables[] = {{"events", 100, 100, make_event}};
    fixture fix;
    fixture second;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    const char *seal_to[] = {NULL, NULL, NULL};
    store_result done;
    rh_repo *repo = NULL;

    (void)state;
    fixture_init(&fix, true);
    fixture_init(&second, true);
    seal_to[0] = fix.writer_file;
    seal_to[1] = second.writer_file;
    options.create = true;
    options.write = true;
    options.seal_to = seal_to;
    assert_int_equal(rh_repo_open(fix.repo_dir, &options, &repo, NULL), RH_OK);
    done = fixture_store(repo, tables, 1);
    rh_repo_close(repo);
    seal_to[1] = NULL;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EKEY); /* one of two */
    options = (rh_repo_options)RH_REPO_OPTIONS_INIT;
    options.key_file = second.secret_file;
    assert_int_equal(rh_repo_open(fix.repo_dir, &options, &repo, NULL), RH_OK);
    fixture_compare(repo, done.id, tables, 1);
    rh_repo_close(repo);
    /* Its writer file has another id key: chunks would never be found again. */
    options.key_file = second.writer_file;
    assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EKEY);
    store_result_done(&done);
    fixture_done(&second);
    fixture_done(&fix);
}

static void the_second_writer_and_prune_have_to_wait(void **state)
{
    fixture fix;
    rh_repo_options write = RH_REPO_OPTIONS_INIT;
    rh_repo_options read = RH_REPO_OPTIONS_INIT;
    rh_repo_options prune = RH_REPO_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    rh_repo *writer;
    rh_repo *pruner = NULL;

    (void)state;
    fixture_init(&fix, false);
    write.write = true;
    prune.prune = true;
    writer = fixture_open_writer(&fix);
    assert_int_equal(try_open(fix.repo_dir, &write, &err), RH_EBUSY);
    assert_string_not_equal(err.hint, "");
    assert_int_equal(try_open(fix.repo_dir, &prune, &err), RH_EBUSY);
    assert_int_equal(try_open(fix.repo_dir, &read, &err), RH_OK);
    rh_repo_close(writer);
    assert_int_equal(rh_repo_open(fix.repo_dir, &prune, &pruner, NULL), RH_OK);
    assert_int_equal(try_open(fix.repo_dir, &read, &err), RH_EBUSY);
    assert_int_equal(try_open(fix.repo_dir, &write, &err), RH_EBUSY);
    rh_repo_close(pruner);
    assert_int_equal(try_open(fix.repo_dir, &write, &err), RH_OK);
    fixture_done(&fix);
}

/* ---- config ---- */

static void every_changed_byte_of_the_config_is_noticed(void **state)
{
    fixture fix;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    rh_buf text = RH_BUF_INIT;
    char path[160];

    (void)state;
    fixture_init(&fix, false);
    rh_repo_close(fixture_open_writer(&fix));
    (void)snprintf(path, sizeof path, "%s/config", fix.repo_dir);
    read_whole(path, &text);
    for (size_t at = 0; at < text.len; at++) {
        if (text.data[at] == ' ' || text.data[at] == '\n')
            continue;
        text.data[at] ^= 1;
        write_whole(path, text.data, text.len);
        text.data[at] ^= 1;
        assert_int_equal(try_open(fix.repo_dir, &options, &err), RH_EFORMAT);
    }
    rh_buf_done(&text);
    fixture_done(&fix);
}

static void configs_of_newer_versions_are_refused_clearly(void **state)
{
    static const char *const texts[] = {
        "{\"rehearse_repository\": 2, \"features\": []}",
        "{\"rehearse_repository\": 1, \"features\": [\"sealed\", \"quantum\"]}"};
    rh_repo_config config;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(rh_repo_config_parse(texts[i], strlen(texts[i]), &config, &err),
                         RH_EFORMAT);
        assert_non_null(strstr(err.hint, "upgrade"));
    }
}

/* ---- names ---- */

static void touch_snapshot(const fixture *fix, const char *id)
{
    char path[200];

    (void)snprintf(path, sizeof path, "%s/snapshots/%s.json", fix->repo_dir, id);
    write_whole(path, "{}", 2);
}

static rh_status resolve(rh_repo *repo, const char *text, const char *want)
{
    char *id = NULL;
    rh_status status = rh_repo_resolve(repo, text, &id, NULL);

    if (status == RH_OK)
        assert_string_equal(id, want);
    else
        assert_null(id);
    rh_string_free(id);
    return status;
}

static void snapshots_are_found_by_what_a_user_types(void **state)
{
    static const char *const ids[] = {"20261118T020000Z-00aa000000000001",
                                      "20261119T020000Z-11bb000000000002",
                                      "20261120T020000Z-11cc000000000003"};
    fixture fix;
    rh_repo *repo;

    (void)state;
    fixture_init(&fix, false);
    repo = fixture_open_writer(&fix);
    assert_int_equal(resolve(repo, "latest", NULL), RH_ENOTFOUND);
    for (size_t i = 0; i < 3; i++)
        touch_snapshot(&fix, ids[i]);
    touch_snapshot(&fix, "20261120T020000Z-11CC000000000003"); /* none of ours */
    touch_snapshot(&fix, "x");
    assert_int_equal(resolve(repo, "latest", ids[2]), RH_OK);
    assert_int_equal(resolve(repo, "latest~0", ids[2]), RH_OK);
    assert_int_equal(resolve(repo, "latest~2", ids[0]), RH_OK);
    assert_int_equal(resolve(repo, "latest~3", NULL), RH_ENOTFOUND);
    assert_int_equal(resolve(repo, "latest~x", NULL), RH_EUSAGE);
    assert_int_equal(resolve(repo, "20261119", ids[1]), RH_OK);
    assert_int_equal(resolve(repo, ids[0], ids[0]), RH_OK);
    assert_int_equal(resolve(repo, "11c", ids[2]), RH_OK);
    assert_int_equal(resolve(repo, "11", NULL), RH_EUSAGE);
    assert_int_equal(resolve(repo, "202611", NULL), RH_EUSAGE);
    assert_int_equal(resolve(repo, "dd", NULL), RH_ENOTFOUND);
    assert_int_equal(resolve(repo, "../../etc/passwd", NULL), RH_ENOTFOUND);
    assert_int_equal(resolve(repo, "", NULL), RH_EUSAGE);
    rh_repo_close(repo);
    fixture_done(&fix);
}

static void names_that_lead_elsewhere_never_become_paths(void **state)
{
    static const char *const names[] = {
        "",
        "..",
        "../../../../etc/passwd",
        "../a1/2222222222222222222222222222222222222222222222222222222222",
        "A222222222222222222222222222222222222222222222222222222222222222",
        "22222222222222222222222222222222222222222222222222222222222222222"};
    fixture fix;
    rh_repo *repo;
    uint32_t id;

    (void)state;
    fixture_init(&fix, false);
    repo = fixture_open_writer(&fix);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = NULL;

        assert_int_equal(rh_repo_pack_path(repo, names[i], &path, NULL), RH_EFORMAT);
        assert_int_equal(rh_repo_snapshot_path(repo, names[i], &path, NULL), RH_EFORMAT);
        assert_null(path);
        assert_false(rh_repo_is_dict_name(names[i], &id));
    }
    assert_false(rh_repo_is_dict_name("00000000", &id));
    assert_true(rh_repo_is_dict_name("0badcafe", &id));
    assert_int_equal(id, 0x0badcafe);
    rh_repo_close(repo);
    fixture_done(&fix);
}

/* ---- allocations ---- */

static rh_status create_and_open(void *ctx, rh_error *err)
{
    fixture *fix = ctx;
    const char *seal_to[] = {fix->writer_file, NULL};
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_repo *repo = NULL;
    char path[160];
    char *id = NULL;
    rh_status status;

    (void)snprintf(path, sizeof path, "%s/config", fix->repo_dir);
    (void)unlink(path);
    options.create = true;
    options.write = true;
    options.seal_to = seal_to;
    options.key_file = fix->secret_file;
    status = rh_repo_open(fix->repo_dir, &options, &repo, err);
    if (status == RH_OK)
        touch_snapshot(fix, "20261118T020000Z-00aa000000000001");
    if (status == RH_OK)
        status = rh_repo_resolve(repo, "latest", &id, err);
    rh_string_free(id);
    rh_repo_close(repo);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    fixture fix;

    (void)state;
    fixture_init(&fix, true);
    assert_true(fail_nth(create_and_open, &fix) > 50);
    fixture_done(&fix);
}

static int adopt_jansson(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repository_is_created_once_and_opened_again),
        cmocka_unit_test(a_directory_with_other_things_is_left_alone),
        cmocka_unit_test(a_wrong_key_is_recognised),
        cmocka_unit_test(an_unused_repository_can_be_sealed),
        cmocka_unit_test(raw_rows_create_no_open_repository),
        cmocka_unit_test(a_key_for_an_open_repository_is_refused),
        cmocka_unit_test(several_readers_can_read_one_repository),
        cmocka_unit_test(the_second_writer_and_prune_have_to_wait),
        cmocka_unit_test(every_changed_byte_of_the_config_is_noticed),
        cmocka_unit_test(configs_of_newer_versions_are_refused_clearly),
        cmocka_unit_test(snapshots_are_found_by_what_a_user_types),
        cmocka_unit_test(names_that_lead_elsewhere_never_become_paths),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, adopt_jansson, NULL);
}
