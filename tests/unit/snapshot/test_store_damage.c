/*
 * Damage and full disks: what is said, and what is left behind.
 */
#include "repo_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/fs.h"
#include "core/mem.h"
#include "pack_reader.h"

static const test_table tables[] = {{"customers", 60000, 30000, make_customer}};

/* A stored table with a dictionary, and one of its packs of rows. */
typedef struct damage_case {
    fixture fix;
    store_result done;
    char pack_path[256];
    char pack_name[RH_REPO_PACK_NAME_BYTES];
    char dict_path[256];
    uint64_t middle; /* of some frame in it */
    rh_buf bytes;
} damage_case;

static void find_row_pack(damage_case *test, rh_repo *repo)
{
    char **names = NULL;
    size_t count = 0;

    assert_int_equal(rh_repo_pack_names(repo, &names, &count, NULL), RH_OK);
    for (size_t i = 0; i < count; i++) {
        rh_pack *pack = NULL;
        char *path = NULL;

        assert_int_equal(rh_pack_open(repo, names[i], &pack, NULL), RH_OK);
        assert_int_equal(rh_repo_pack_path(repo, names[i], &path, NULL), RH_OK);
        if (rh_pack_get_header(pack)->dictionary != 0) {
            const rh_pack_table *table = rh_pack_get_table(pack);

            assert_true(table->count > 10);
            (void)snprintf(test->pack_path, sizeof test->pack_path, "%s", path);
            (void)snprintf(test->pack_name, sizeof test->pack_name, "%s", names[i]);
            (void)snprintf(test->dict_path, sizeof test->dict_path, "%s/dicts/%08x",
                           test->fix.repo_dir, (unsigned)rh_pack_get_header(pack)->dictionary);
            test->middle = table->entries[7].offset + table->entries[7].stored_bytes / 2;
        }
        rh_mem_free(path);
        rh_pack_free(pack);
    }
    rh_fs_list_free(names);
    assert_string_not_equal(test->pack_path, "");
}

static void case_init(damage_case *test, bool sealed)
{
    rh_repo *repo;

    memset(test, 0, sizeof *test);
    fixture_init(&test->fix, sealed);
    repo = fixture_open_writer(&test->fix);
    test->done = fixture_store(repo, tables, 1);
    find_row_pack(test, repo);
    rh_repo_close(repo);
    read_whole(test->pack_path, &test->bytes);
}

static void case_done(damage_case *test)
{
    rh_buf_done(&test->bytes);
    store_result_done(&test->done);
    fixture_done(&test->fix);
}

static rh_status read_rows(damage_case *test, rh_error *err)
{
    rh_repo *repo = fixture_open_reader(&test->fix);
    rh_status status;

    rh_error_clear(err);
    status = fixture_try_compare(repo, test->done.id, tables, 1, err);
    rh_repo_close(repo);
    return status;
}

static void damage_names_table_range_chunk_and_pack(void **state)
{
    (void)state;
    for (int sealed = 0; sealed < 2; sealed++) {
        damage_case test;
        rh_error err = RH_ERROR_INIT;

        case_init(&test, sealed);
        assert_int_equal(read_rows(&test, &err), RH_OK);
        test.bytes.data[test.middle] ^= 0x10;
        write_whole(test.pack_path, test.bytes.data, test.bytes.len);
        assert_int_equal(read_rows(&test, &err), RH_EFORMAT);
        assert_non_null(strstr(err.text, "public.customers"));
        assert_non_null(strstr(err.text, "range 0"));
        assert_non_null(strstr(err.text, "chunk "));
        assert_non_null(strstr(err.text, test.pack_name));
        case_done(&test);
    }
}

static void missing_and_short_packs_are_named(void **state)
{
    damage_case test;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    case_init(&test, false);
    write_whole(test.pack_path, test.bytes.data, test.bytes.len - 1);
    assert_int_equal(read_rows(&test, &err), RH_EFORMAT);
    assert_non_null(strstr(err.text, test.pack_name));
    assert_int_equal(rh_fs_remove(test.pack_path, NULL), RH_OK);
    assert_int_equal(read_rows(&test, &err), RH_ENOTFOUND);
    assert_non_null(strstr(err.text, test.pack_name));
    case_done(&test);
}

static void a_damaged_dictionary_is_named(void **state)
{
    (void)state;
    for (int sealed = 0; sealed < 2; sealed++) {
        damage_case test;
        rh_error err = RH_ERROR_INIT;
        rh_buf dict = RH_BUF_INIT;

        case_init(&test, sealed);
        read_whole(test.dict_path, &dict);
        dict.data[dict.len / 2] ^= 1;
        write_whole(test.dict_path, dict.data, dict.len);
        assert_int_equal(read_rows(&test, &err), RH_EFORMAT);
        assert_non_null(strstr(err.text, "dictionary '"));
        assert_int_equal(rh_fs_remove(test.dict_path, NULL), RH_OK);
        assert_int_equal(read_rows(&test, &err), RH_ENOTFOUND);
        assert_non_null(strstr(err.text, "dictionary '"));
        rh_buf_done(&dict);
        case_done(&test);
    }
}

static void a_pack_with_a_dictionary_is_read_by_zstd(void **state)
{
    damage_case test;
    char command[700];
    char output[128];
    rh_buf got = RH_BUF_INIT;

    (void)state;
    case_init(&test, false);
    (void)snprintf(output, sizeof output, "%s/plain", test.fix.root);
    (void)snprintf(command, sizeof command, "zstd -D %s -dc %s > %s", test.dict_path,
                   test.pack_path, output);
    if (system(command) != 0) /* NOLINT(system): the stock tool is what is tested */
        skip();
    read_whole(output, &got);
    assert_true(got.len > 100000);
    assert_int_equal(got.data[got.len - 1], '\n');
    rh_buf_done(&got);
    case_done(&test);
}

static void a_damaged_dictionary_is_not_used_again(void **state)
{
    damage_case test;
    rh_buf dict = RH_BUF_INIT;
    rh_repo *repo;
    store_result again;

    (void)state;
    case_init(&test, false);
    read_whole(test.dict_path, &dict);
    dict.data[dict.len / 2] ^= 1;
    write_whole(test.dict_path, dict.data, dict.len);
    repo = fixture_open_writer(&test.fix);
    again = fixture_store(repo, tables, 1);
    /* Chunks behind the damaged dictionary cannot be read any more: they are stored again. */
    assert_true(again.new_chunks > again.chunks / 2);
    fixture_compare(repo, again.id, tables, 1);
    rh_repo_close(repo);
    store_result_done(&again);
    rh_buf_done(&dict);
    case_done(&test);
}

/* RLIMIT_FSIZE stands for the full disk: write(2) fails in the middle of a pack. */
static void a_full_disk_leaves_no_half_file(void **state)
{
    fixture fix;
    rh_repo *repo;
    store_result out = {0};
    rh_error err = RH_ERROR_INIT;
    struct rlimit before;
    struct rlimit small;
    char path[160];
    char **names = NULL;
    size_t count = 0;

    (void)state;
    fixture_init(&fix, false);
    repo = fixture_open_writer(&fix);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 300000;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(fixture_try_store(repo, tables, 1, &out, &err), RH_EIO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_string_not_equal(err.text, "");
    assert_null(out.id);
    (void)snprintf(path, sizeof path, "%s/tmp", fix.repo_dir);
    assert_int_equal(rh_fs_list(path, &names, &count, NULL), RH_OK);
    assert_int_equal(count, 1); /* the writer's lock */
    rh_fs_list_free(names);
    assert_int_equal(rh_repo_snapshot_ids(repo, &names, &count, NULL), RH_OK);
    assert_int_equal(count, 0);
    rh_fs_list_free(names);
    /* With room again the next run gets through. */
    out = fixture_store(repo, tables, 1);
    fixture_compare(repo, out.id, tables, 1);
    store_result_done(&out);
    rh_repo_close(repo);
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
    const struct CMUnitTest all[] = {
        cmocka_unit_test(damage_names_table_range_chunk_and_pack),
        cmocka_unit_test(missing_and_short_packs_are_named),
        cmocka_unit_test(a_damaged_dictionary_is_named),
        cmocka_unit_test(a_pack_with_a_dictionary_is_read_by_zstd),
        cmocka_unit_test(a_damaged_dictionary_is_not_used_again),
        cmocka_unit_test(a_full_disk_leaves_no_half_file),
    };

    return cmocka_run_group_tests(all, adopt_jansson, NULL);
}
