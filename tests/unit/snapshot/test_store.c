/*
 * Storing and reading back: round trips, second nights, killed runs.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "repo_fixture.h"

#include <ftw.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "fail_nth.h"

static const test_table small_tables[] = {
    {"customers", 300, 100, make_customer},
    {"events", 50, 1000, make_event},
    {"empty", 0, 1000, make_event},
};
static const test_table tiny_tables[] = {
    {"customers", 60, 30, make_customer},
    {"empty", 0, 1000, make_event},
};
static const test_table big_tables[] = {
    {"customers", 60000, 20000, make_customer},
    {"events", 20000, 100000, make_event},
};
static const test_table changed_tables[] = {
    {"customers", 60000, 20000, make_changed_customer},
    {"events", 20000, 100000, make_event},
};

static void round_trip(bool sealed, const test_table *tables, size_t count)
{
    fixture fix;
    rh_repo *repo;
    store_result done;

    fixture_init(&fix, sealed);
    repo = fixture_open_writer(&fix);
    done = fixture_store(repo, tables, count);
    rh_repo_close(repo);
    repo = fixture_open_reader(&fix);
    fixture_compare(repo, done.id, tables, count);
    rh_repo_close(repo);
    store_result_done(&done);
    fixture_done(&fix);
}

static void rows_come_back_from_an_unsealed_repository(void **state)
{
    (void)state;
    round_trip(false, small_tables, 3);
    round_trip(false, big_tables, 2);
}

static void rows_come_back_from_a_sealed_repository(void **state)
{
    (void)state;
    round_trip(true, small_tables, 3);
    round_trip(true, big_tables, 2);
}

/* A row of 3.5 MiB, one of exactly a piece, one between chunk and piece, short ones between. */
static rh_status make_long(int64_t i, rh_buf *out, rh_error *err)
{
    rh_status status = RH_OK;
    static const size_t lengths[] = {20, 3670016, 5, 1048576, 2097152, 300000, 70000, 65536, 9};

    for (size_t at = 1; status == RH_OK && at < lengths[i % 9]; at++)
        status = rh_buf_append_byte(out, (uint8_t)('a' + (at * 7 + (size_t)i) % 26), err);
    return status == RH_OK ? rh_buf_append_byte(out, '\n', err) : status;
}

static void long_rows_come_back(void **state)
{
    static const test_table tables[] = {{"long", 18, 12, make_long}};

    (void)state;
    round_trip(false, tables, 1);
    round_trip(true, tables, 1);
}

static void a_second_night_stores_only_what_is_near_a_change(void **state)
{
    for (int sealed = 0; sealed < 2; sealed++) {
        fixture fix;
        rh_repo *repo;
        store_result first;
        store_result same;
        store_result changed;

        (void)state;
        fixture_init(&fix, sealed);
        repo = fixture_open_writer(&fix);
        first = fixture_store(repo, big_tables, 2);
        same = fixture_store(repo, big_tables, 2);
        changed = fixture_store(repo, changed_tables, 2);
        rh_repo_close(repo);
        assert_int_equal(first.new_chunks, first.chunks);
        assert_int_equal(same.new_chunks, 0);
        assert_true(same.new_bytes < first.new_bytes / 100);
        assert_true(changed.new_chunks >= 50 && changed.new_chunks <= 2 * 60 + 2);
        assert_true(strcmp(first.id, same.id) < 0);
        assert_true(strcmp(same.id, changed.id) < 0);
        repo = fixture_open_reader(&fix);
        fixture_compare(repo, first.id, big_tables, 2);
        fixture_compare(repo, same.id, big_tables, 2);
        fixture_compare(repo, changed.id, changed_tables, 2);
        rh_repo_close(repo);
        store_result_done(&first);
        store_result_done(&same);
        store_result_done(&changed);
        fixture_done(&fix);
    }
}

static rh_status make_twins(int64_t i, rh_buf *out, rh_error *err)
{
    return make_customer(i % 2000, out, err);
}

static void equal_chunks_of_a_range_are_stored_once(void **state)
{
    static const test_table tables[] = {{"twins", 40000, 100000, make_twins}};
    fixture fix;
    rh_repo *repo;
    store_result done;

    (void)state;
    fixture_init(&fix, false);
    repo = fixture_open_writer(&fix);
    done = fixture_store(repo, tables, 1);
    assert_true(done.new_chunks < done.chunks / 10);
    fixture_compare(repo, done.id, tables, 1);
    rh_repo_close(repo);
    store_result_done(&done);
    fixture_done(&fix);
}

static void what_a_killed_run_stored_is_used_by_the_next(void **state)
{
    fixture fix;
    rh_repo *repo;
    store_result done;

    (void)state;
    fixture_init(&fix, true);
    repo = fixture_open_writer(&fix);
    fixture_store_and_die(repo, big_tables, 2);
    rh_repo_close(repo);
    repo = fixture_open_writer(&fix);
    done = fixture_store(repo, big_tables, 2);
    assert_int_equal(done.new_chunks, 0);
    rh_repo_close(repo);
    repo = fixture_open_reader(&fix);
    fixture_compare(repo, done.id, big_tables, 2);
    rh_repo_close(repo);
    store_result_done(&done);
    fixture_done(&fix);
}

static void a_lost_pack_is_stored_again(void **state)
{
    fixture fix;
    rh_repo *repo;
    store_result first;
    store_result second;
    size_t count = 0;
    char **packs;

    (void)state;
    fixture_init(&fix, false);
    repo = fixture_open_writer(&fix);
    first = fixture_store(repo, big_tables, 2);
    rh_repo_close(repo);
    repo = fixture_open_writer(&fix);
    packs = fixture_packs(repo, &count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(rh_fs_remove(packs[i], NULL), RH_OK);
    rh_fs_list_free(packs);
    second = fixture_store(repo, big_tables, 2);
    assert_int_equal(second.new_chunks, second.chunks);
    fixture_compare(repo, second.id, big_tables, 2);
    rh_repo_close(repo);
    store_result_done(&first);
    store_result_done(&second);
    fixture_done(&fix);
}

static void tmp_of_a_killed_run_is_removed(void **state)
{
    fixture fix;
    rh_repo *repo;
    char dir[128];
    char file[160];
    store_result done;

    (void)state;
    fixture_init(&fix, false);
    repo = fixture_open_writer(&fix);
    (void)snprintf(dir, sizeof dir, "%s/tmp/run-dead", fix.repo_dir);
    (void)snprintf(file, sizeof file, "%s/7.zp", dir);
    assert_int_equal(rh_fs_mkdir(dir, NULL), RH_OK);
    write_whole(file, "half", 4);
    done = fixture_store(repo, small_tables, 3);
    assert_false(rh_fs_exists(dir));
    rh_repo_close(repo);
    store_result_done(&done);
    fixture_done(&fix);
}

static void an_unsealed_pack_is_read_by_zstd(void **state)
{
    static const test_table tables[] = {{"events", 3000, 100000, make_event}};
    fixture fix;
    rh_repo *repo;
    store_result done;
    char command[512];
    rh_buf want = RH_BUF_INIT;
    rh_buf got = RH_BUF_INIT;
    size_t count = 0;
    char **packs;
    char output[128];
    bool found = false;

    (void)state;
    fixture_init(&fix, false);
    repo = fixture_open_writer(&fix);
    done = fixture_store(repo, tables, 1);
    packs = fixture_packs(repo, &count);
    for (int64_t i = 0; i < 3000; i++)
        assert_int_equal(make_event(i, &want, NULL), RH_OK);
    (void)snprintf(output, sizeof output, "%s/plain", fix.root);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(command, sizeof command, "zstd -dc %s > %s", packs[i], output);
        if (system(command) != 0) /* NOLINT(system): the stock tool is what is tested */
            skip();
        rh_buf_clear(&got);
        read_whole(output, &got);
        found = found || (got.len == want.len && memcmp(got.data, want.data, want.len) == 0);
    }
    assert_true(found);
    rh_buf_done(&want);
    rh_buf_done(&got);
    rh_fs_list_free(packs);
    rh_repo_close(repo);
    store_result_done(&done);
    fixture_done(&fix);
}

/* ---- allocations ---- */

/* As rm -r, but without our allocator: its failures are for the code under test. */
static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

typedef struct faulty {
    fixture *fix;
    const char *id;
} faulty;

static rh_status store_once(void *ctx, rh_error *err)
{
    faulty *faults = ctx;
    const char *seal_to[] = {faults->fix->writer_file, NULL};
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_repo *repo = NULL;
    store_result done = {0};
    rh_status status;

    (void)nftw(faults->fix->repo_dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    options.write = true;
    options.create = true;
    options.seal_to = seal_to;
    status = rh_repo_open(faults->fix->repo_dir, &options, &repo, err);
    if (status == RH_OK)
        status = fixture_try_store(repo, tiny_tables, 2, &done, err);
    store_result_done(&done);
    rh_repo_close(repo);
    return status;
}

static void storing_survives_every_failed_allocation(void **state)
{
    fixture fix;
    faulty faults = {&fix, NULL};

    (void)state;
    fixture_init(&fix, true);
    assert_true(fail_nth(store_once, &faults) > 100);
    fixture_done(&fix);
}

static rh_status read_once(void *ctx, rh_error *err)
{
    faulty *faults = ctx;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_repo *repo = NULL;
    rh_status status;

    options.key_file = faults->fix->secret_file;
    status = rh_repo_open(faults->fix->repo_dir, &options, &repo, err);
    if (status == RH_OK)
        status = fixture_try_compare(repo, faults->id, tiny_tables, 2, err);
    rh_repo_close(repo);
    return status;
}

static void reading_survives_every_failed_allocation(void **state)
{
    fixture fix;
    faulty faults = {&fix, NULL};
    rh_repo *repo;
    store_result done;

    (void)state;
    fixture_init(&fix, true);
    repo = fixture_open_writer(&fix);
    done = fixture_store(repo, tiny_tables, 2);
    rh_repo_close(repo);
    faults.id = done.id;
    assert_true(fail_nth(read_once, &faults) > 100);
    store_result_done(&done);
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
        cmocka_unit_test(rows_come_back_from_an_unsealed_repository),
        cmocka_unit_test(rows_come_back_from_a_sealed_repository),
        cmocka_unit_test(long_rows_come_back),
        cmocka_unit_test(a_second_night_stores_only_what_is_near_a_change),
        cmocka_unit_test(equal_chunks_of_a_range_are_stored_once),
        cmocka_unit_test(what_a_killed_run_stored_is_used_by_the_next),
        cmocka_unit_test(a_lost_pack_is_stored_again),
        cmocka_unit_test(tmp_of_a_killed_run_is_removed),
        cmocka_unit_test(an_unsealed_pack_is_read_by_zstd),
        cmocka_unit_test(storing_survives_every_failed_allocation),
        cmocka_unit_test(reading_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, adopt_jansson, NULL);
}
