/* verify: whole repositories are good, and every kind of damage is named. */
#include "repo_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/cancel.h"
#include "core/mem.h"
#include "core/stream.h"
#include "fail_nth.h"
#include "pack_reader.h"

static const fx_table people[] = {
    {.name = "people", .rows = 6000}, {.name = "tags", .rows = 3}, {0}};
static const fx_snapshot monday = {.time = "2026-03-02T01:00:00Z",
                                   .pre_data = "CREATE TABLE a ();\n"};
static const fx_snapshot tuesday = {.time = "2026-03-03T01:00:00Z",
                                    .pre_data = "CREATE TABLE b ();\n"};

enum { MANY = 256 };

static json_t *verify(rh_repo *repo, const char *id, rh_verify_level level, size_t jobs)
{
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;

    fx_ok(rh_repo_verify(repo, id, level, jobs, &report, &err), &err);
    assert_int_equal(json_is_true(json_object_get(report, "ok")),
                     json_array_size(json_object_get(report, "damage")) == 0);
    return report;
}

static json_t *verify_new(const fx *f, const char *key, rh_verify_level level)
{
    rh_repo *repo = fx_open(f, key);
    json_t *report = verify(repo, NULL, level, 2);

    rh_repo_close(repo);
    return report;
}

static bool is_ok(const json_t *report)
{
    return json_is_true(json_object_get(report, "ok"));
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* Does an entry's member match? NULL: anything, "": must be null. */
static bool matches(const json_t *entry, const char *key, const char *wanted)
{
    const char *text = json_string_value(json_object_get(entry, key));

    if (wanted == NULL)
        return true;
    return *wanted == '\0' ? text == NULL : text != NULL && strstr(text, wanted) != NULL;
}

static const json_t *find_damage(const json_t *report, const char *snapshot, const char *table,
                                 const char *pack, const char *what)
{
    const json_t *damage = json_object_get(report, "damage");

    for (size_t i = 0; i < json_array_size(damage); i++) {
        const json_t *entry = json_array_get(damage, i);

        assert_int_equal(json_object_size(entry), 5);
        if (matches(entry, "snapshot", snapshot) && matches(entry, "table", table) &&
            matches(entry, "pack", pack) && matches(entry, "what", what))
            return entry;
    }
    return NULL;
}

static void assert_damage(const json_t *report, const char *snapshot, const char *table,
                          const char *pack, const char *what)
{
    if (find_damage(report, snapshot, table, pack, what) == NULL) {
        char *text = json_dumps(report, JSON_INDENT(1));

        print_message("%s\n", text);
        rh_mem_free(text);
        fail_msg("no damage of snapshot '%s', table '%s', pack '%s': '%s'",
                 snapshot ? snapshot : "*", table ? table : "*", pack ? pack : "*",
                 what ? what : "*");
    }
}

/* The pack that holds most rows, and the offset of one of its row chunks in the middle. */
static void pack_of_rows(const fx *f, const char *key, char *out_name, long *out_offset,
                         uint32_t *out_entry)
{
    char names[MANY][65];
    size_t count = fx_packs(f, names, MANY);
    rh_repo *repo = fx_open(f, key);
    size_t most = 0;

    for (size_t i = 0; i < count; i++) {
        rh_error err = RH_ERROR_INIT;
        rh_pack *pack = NULL;

        fx_ok(rh_pack_open(repo, names[i], &pack, &err), &err);
        const rh_pack_table *table = rh_pack_get_table(pack);

        if (table->entries[0].kind == RH_CHUNK_ROWS && table->count > most) {
            most = table->count;
            memcpy(out_name, names[i], 65);
            *out_entry = (uint32_t)(table->count / 2);
            *out_offset = (long)table->entries[*out_entry].offset + 20;
        }
        rh_pack_free(pack);
    }
    assert_true(most > 0);
    rh_repo_close(repo);
}

/* ---- good ones ---- */

static void a_whole_repository_is_good_at_every_level(void **state)
{
    static const char *const keys[] = {"ok",     "level",           "snapshots",
                                       "packs",  "chunks",          "bytes",
                                       "damage", "content_checked", "damage_omitted"};
    fx *f = *state;
    char id[64];

    fx_add(f, false, &monday, people, id);
    fx_add(f, false, &tuesday, people, id);
    for (rh_verify_level level = RH_VERIFY_MANIFEST; level <= RH_VERIFY_DATA; level++) {
        static const char *const names[] = {"", "manifest", "packs", "data"};
        json_t *report = verify_new(f, NULL, level);

        assert_true(is_ok(report));
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            assert_non_null(json_object_get(report, keys[i]));
        assert_int_equal(json_object_size(report), sizeof keys / sizeof keys[0]);
        assert_string_equal(json_string_value(json_object_get(report, "level")), names[level]);
        assert_int_equal(number_of(report, "snapshots"), 2);
        assert_true(number_of(report, "packs") >= 2);
        assert_true(level == RH_VERIFY_MANIFEST || number_of(report, "chunks") >= 8);
        assert_int_equal(json_is_true(json_object_get(report, "content_checked")),
                         level == RH_VERIFY_DATA);
        json_decref(report);
    }
}

static void an_empty_repository_is_good(void **state)
{
    fx *f = *state;
    rh_repo *repo = fx_create(f, false);
    json_t *report = verify(repo, NULL, RH_VERIFY_DATA, 2);

    assert_true(is_ok(report));
    assert_int_equal(number_of(report, "packs"), 0);
    json_decref(report);
    rh_repo_close(repo);
}

static void a_shared_pack_is_read_once(void **state)
{
    fx *f = *state;
    char id[64], names[MANY][65];
    json_int_t all = 0;
    size_t packs;

    for (int day = 1; day < 9; day++) {
        char time[32];
        fx_snapshot about = {.time = time};

        snprintf(time, sizeof time, "2026-03-0%dT01:00:00Z", day);
        fx_add(f, false, &about, people, id);
    }
    packs = fx_packs(f, names, MANY);
    for (size_t i = 0; i < packs; i++) {
        char path[FX_PATH_BYTES];

        fx_pack_path(f, names[i], path);
        all += fx_file_size(path);
    }
    json_t *report = verify_new(f, NULL, RH_VERIFY_DATA);

    assert_true(is_ok(report));
    assert_int_equal(number_of(report, "snapshots"), 8);
    assert_true(number_of(report, "bytes") > 0);
    assert_true(number_of(report, "bytes") < all);
    json_decref(report);
}

static void long_rows_are_proved_also_when_their_pieces_lie_apart(void **state)
{
    static const fx_table first[] = {{.name = "docs", .rows = 60, .long_bytes = 5 << 20}, {0}};
    static const fx_table second[] = {
        {.name = "docs", .rows = 60, .long_bytes = 5 << 20, .version = 1, .changed_to = 60}, {0}};
    fx *f = *state;
    char a[64], b[64], name[65], path[FX_PATH_BYTES];
    uint32_t entry;
    long offset;

    fx_add(f, false, &monday, first, a);
    fx_add(f, false, &tuesday, second, b);
    json_t *report = verify_new(f, NULL, RH_VERIFY_DATA);

    assert_true(is_ok(report));
    json_decref(report);
    pack_of_rows(f, NULL, name, &offset, &entry);
    fx_pack_path(f, name, path);
    fx_flip(path, offset);
    report = verify_new(f, NULL, RH_VERIFY_DATA);
    assert_damage(report, NULL, "shop.docs", name, NULL);
    json_decref(report);
}

/* ---- packs ---- */

static void a_missing_pack_is_named_with_what_it_takes_along(void **state)
{
    fx *f = *state;
    char id[64], name[65], path[FX_PATH_BYTES];
    uint32_t entry;
    long offset;

    fx_add(f, false, &monday, people, id);
    pack_of_rows(f, NULL, name, &offset, &entry);
    fx_pack_path(f, name, path);
    assert_int_equal(unlink(path), 0);
    json_t *report = verify_new(f, NULL, RH_VERIFY_MANIFEST);

    assert_damage(report, "", "", name, NULL);
    assert_damage(report, id, "", name, NULL);
    json_decref(report);
    for (rh_verify_level level = RH_VERIFY_PACKS; level <= RH_VERIFY_DATA; level++) {
        report = verify_new(f, NULL, level);
        assert_damage(report, "", "", name, NULL);
        assert_damage(report, id, "shop.people", name, "lost");
        assert_int_equal(number_of(find_damage(report, id, "shop.people", name, "lost"), "chunk"),
                         0);
        json_decref(report);
    }
}

static void a_truncated_pack_is_named(void **state)
{
    fx *f = *state;
    char id[64], name[65], path[FX_PATH_BYTES];
    uint32_t entry;
    long offset;

    fx_add(f, false, &monday, people, id);
    pack_of_rows(f, NULL, name, &offset, &entry);
    fx_pack_path(f, name, path);
    fx_truncate(path, fx_file_size(path) - 1);
    json_t *report = verify_new(f, NULL, RH_VERIFY_PACKS);

    assert_damage(report, id, "shop.people", name, NULL);
    json_decref(report);
    fx_truncate(path, 0);
    report = verify_new(f, NULL, RH_VERIFY_PACKS);
    assert_damage(report, id, "shop.people", name, NULL);
    json_decref(report);
}

static void a_flipped_bit_names_table_and_chunk(void **state)
{
    fx *f = *state;
    char id[64], second[64], name[65], path[FX_PATH_BYTES];
    uint32_t entry;
    long offset;

    fx_add(f, false, &monday, people, id);
    fx_add(f, false, &tuesday, people, second);
    pack_of_rows(f, NULL, name, &offset, &entry);
    fx_pack_path(f, name, path);
    fx_flip(path, offset);
    json_t *report = verify_new(f, NULL, RH_VERIFY_DATA);
    const json_t *damage = find_damage(report, id, "shop.people", name, NULL);

    assert_non_null(damage);
    assert_int_equal(number_of(damage, "chunk"), entry);
    assert_damage(report, second, "shop.people", name, NULL);
    assert_int_equal(json_array_size(json_object_get(report, "damage")), 2);
    json_decref(report);
}

static void a_snapshot_that_does_not_use_the_bad_chunk_is_good(void **state)
{
    static const fx_table other[] = {
        {.name = "people", .rows = 6000, .version = 1, .changed_to = 6000}, {0}};
    fx *f = *state;
    char bad[64], good[64], name[65], path[FX_PATH_BYTES];
    uint32_t entry;
    long offset;

    fx_add(f, false, &monday, people, bad);
    pack_of_rows(f, NULL, name, &offset, &entry);
    fx_add(f, false, &tuesday, other, good);
    fx_pack_path(f, name, path);
    fx_flip(path, offset);
    rh_repo *repo = fx_open(f, NULL);
    json_t *report = verify(repo, good, RH_VERIFY_DATA, 1);

    assert_true(is_ok(report));
    assert_int_equal(number_of(report, "snapshots"), 1);
    json_decref(report);
    report = verify(repo, bad, RH_VERIFY_DATA, 1);
    assert_false(is_ok(report));
    json_decref(report);
    rh_repo_close(repo);
}

static void swapped_packs_are_both_named(void **state)
{
    fx *f = *state;
    char id[64], names[MANY][65], a[FX_PATH_BYTES], b[FX_PATH_BYTES];

    fx_add(f, false, &monday, people, id);
    assert_true(fx_packs(f, names, MANY) >= 2);
    fx_pack_path(f, names[0], a);
    fx_pack_path(f, names[1], b);
    fx_swap(a, b);
    json_t *report = verify_new(f, NULL, RH_VERIFY_PACKS);

    assert_damage(report, NULL, NULL, names[0], NULL);
    assert_damage(report, NULL, NULL, names[1], NULL);
    json_decref(report);
}

/* ---- manifests ---- */

static void damaged_manifests_are_named_and_the_others_still_proved(void **state)
{
    fx *f = *state;
    char a[64], b[64], path[FX_PATH_BYTES];

    fx_add(f, false, &monday, people, a);
    fx_add(f, false, &tuesday, people, b);
    fx_manifest_path(f, a, path);
    fx_flip(path, -40);
    json_t *report = verify_new(f, NULL, RH_VERIFY_MANIFEST);

    assert_damage(report, a, "", "", NULL);
    assert_int_equal(json_array_size(json_object_get(report, "damage")), 1);
    json_decref(report);
    fx_truncate(path, 0);
    report = verify_new(f, NULL, RH_VERIFY_DATA);
    assert_damage(report, a, "", "", NULL);
    assert_int_equal(json_array_size(json_object_get(report, "damage")), 1);
    assert_true(number_of(report, "chunks") > 0);
    json_decref(report);
}

static void swapped_manifests_are_both_named(void **state)
{
    fx *f = *state;
    char a[64], b[64], path_a[FX_PATH_BYTES], path_b[FX_PATH_BYTES];

    fx_add(f, false, &monday, people, a);
    fx_add(f, false, &tuesday, people, b);
    fx_manifest_path(f, a, path_a);
    fx_manifest_path(f, b, path_b);
    fx_swap(path_a, path_b);
    json_t *report = verify_new(f, NULL, RH_VERIFY_MANIFEST);

    assert_damage(report, a, "", "", NULL);
    assert_damage(report, b, "", "", NULL);
    json_decref(report);
}

static void a_snapshot_that_does_not_exist_is_an_error(void **state)
{
    fx *f = *state;
    rh_repo *repo = fx_create(f, false);
    rh_error err = RH_ERROR_INIT;
    json_t *report = NULL;

    assert_int_equal(
        rh_repo_verify(repo, "20260302T010000Z-0123456789abcdef", RH_VERIFY_DATA, 1, &report, &err),
        RH_ENOTFOUND);
    assert_null(report);
    rh_repo_close(repo);
}

/* ---- dictionaries ---- */

static void a_damaged_or_missing_dictionary_is_named(void **state)
{
    static const fx_table big[] = {{.name = "big", .rows = 40000, .prose = true}, {0}};
    fx *f = *state;
    char id[64], path[FX_PATH_BYTES];
    rh_error err = RH_ERROR_INIT;
    json_t *manifest = NULL;

    fx_add(f, false, &monday, big, id);
    rh_repo *repo = fx_open(f, NULL);

    fx_ok(rh_repo_show(repo, id, &manifest, &err), &err);
    const json_t *dict = json_array_get(json_object_get(manifest, "dictionaries"), 0);

    rh_repo_close(repo);
    assert_non_null(dict);
    fx_path(path, "%s/dicts/%s", f->repo, json_string_value(json_object_get(dict, "id")));
    fx_flip(path, 1000);
    json_t *report = verify_new(f, NULL, RH_VERIFY_PACKS);

    assert_damage(report, NULL, NULL, NULL, "dictionary '");
    json_decref(report);
    report = verify_new(f, NULL, RH_VERIFY_DATA);
    assert_damage(report, NULL, NULL, NULL, "dictionary '");
    assert_damage(report, id, "shop.big", NULL, NULL);
    json_decref(report);
    assert_int_equal(unlink(path), 0);
    report = verify_new(f, NULL, RH_VERIFY_MANIFEST);
    assert_damage(report, NULL, NULL, NULL, "missing");
    json_decref(report);
    json_decref(manifest);
}

/* ---- sealed ---- */

static void without_a_key_storage_is_proved_and_content_is_not(void **state)
{
    fx *f = *state;
    char id[64], name[65], path[FX_PATH_BYTES];
    uint32_t entry;
    long offset;
    const char *const keys[] = {NULL, f->writer, f->secret};

    fx_add(f, true, &monday, people, id);
    for (size_t i = 0; i < 3; i++) {
        json_t *report = verify_new(f, keys[i], RH_VERIFY_DATA);

        assert_true(is_ok(report));
        assert_int_equal(json_is_true(json_object_get(report, "content_checked")), i == 2);
        assert_true(number_of(report, "bytes") > 0);
        json_decref(report);
    }
    pack_of_rows(f, NULL, name, &offset, &entry);
    fx_pack_path(f, name, path);
    fx_flip(path, offset);
    json_t *report = verify_new(f, NULL, RH_VERIFY_DATA);

    assert_int_equal(number_of(find_damage(report, "", "", name, NULL), "chunk"), entry);
    json_decref(report);
    report = verify_new(f, f->secret, RH_VERIFY_DATA);
    assert_int_equal(number_of(find_damage(report, id, "shop.people", name, NULL), "chunk"), entry);
    json_decref(report);
    fx_truncate(path, offset);
    report = verify_new(f, NULL, RH_VERIFY_PACKS);
    assert_damage(report, id, "", name, NULL);
    json_decref(report);
}

/* ---- any bit ---- */

static uint64_t seed = 99;

static uint64_t roll(uint64_t sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 33) % sides;
}

static uint64_t content_of(const fx *f, const char *key, const char *id)
{
    rh_repo *repo = fx_open(f, key);
    rh_error err = RH_ERROR_INIT;
    rh_buf text = RH_BUF_INIT;
    rh_writer *out = NULL;
    uint8_t hash[RH_ID_BYTES];
    uint64_t first;

    fx_ok(rh_writer_buf(&text, &out, &err), &err);
    fx_ok(rh_repo_cat(repo, id, "people", 0, out, &err), &err);
    fx_ok(rh_repo_cat(repo, id, "docs", 0, out, &err), &err);
    fx_ok(rh_repo_cat_section(repo, id, "pre-data", out, &err), &err);
    rh_hash_blake2b(text.data, text.len, hash);
    memcpy(&first, hash, sizeof first);
    rh_writer_free(out);
    rh_buf_done(&text);
    rh_repo_close(repo);
    return first;
}

/* A flip anywhere in packs and manifests is found; and the repository is good again after. In a
 * pack without stored hashes a few bits of zstd's frames mean nothing: then the content is proved
 * all the same. */
static void find_flips(fx *f, bool sealed, const char *key)
{
    static const fx_table tables[] = {
        {.name = "people", .rows = 900}, {.name = "docs", .rows = 9, .long_bytes = 2200000}, {0}};
    char paths[MANY][FX_PATH_BYTES], names[MANY][65], id[64];
    uint64_t content;
    size_t count;

    fx_add(f, sealed, &monday, tables, id);
    fx_add(f, sealed, &tuesday, tables, id);
    content = content_of(f, key, id);
    count = fx_packs(f, names, MANY - 1);
    for (size_t i = 0; i < count; i++)
        fx_pack_path(f, names[i], paths[i]);
    fx_manifest_path(f, id, paths[count++]);
    for (int round = 0; round < 60; round++) {
        const char *path = paths[(size_t)round % count];
        long offset = (long)roll((uint64_t)fx_file_size(path));
        json_t *report;

        fx_flip(path, offset);
        report = verify_new(f, key, RH_VERIFY_DATA);
        if (is_ok(report) && (sealed || content_of(f, key, id) != content))
            fail_msg("flip at %ld of %s was not found", offset, path);
        json_decref(report);
        fx_flip(path, offset);
    }
    json_t *report = verify_new(f, key, RH_VERIFY_DATA);

    assert_true(is_ok(report));
    json_decref(report);
}

static void a_flip_anywhere_is_found(void **state)
{
    find_flips(*state, false, NULL);
}

static void a_flip_anywhere_in_a_sealed_repository_is_found(void **state)
{
    fx *f = *state;

    find_flips(f, true, f->secret);
}

static void a_flip_anywhere_in_a_sealed_pack_is_found_without_a_key(void **state)
{
    fx *f = *state;
    char names[MANY][65], id[64];
    size_t count;

    fx_add(f, true, &monday, people, id);
    count = fx_packs(f, names, MANY);
    for (int round = 0; round < 40; round++) {
        char path[FX_PATH_BYTES];
        json_t *report;

        fx_pack_path(f, names[(size_t)round % count], path);
        long offset = (long)roll((uint64_t)fx_file_size(path));

        fx_flip(path, offset);
        report = verify_new(f, NULL, RH_VERIFY_DATA);
        assert_false(is_ok(report));
        json_decref(report);
        fx_flip(path, offset);
    }
}

/* ---- limits, interrupts, memory ---- */

static void a_thousand_findings_are_listed_and_the_rest_counted(void **state)
{
    fx *f = *state;
    fx_table tables[31] = {{0}};
    char labels[30][16], id[64], name[65], path[FX_PATH_BYTES];
    uint32_t entry;
    long offset;

    for (size_t i = 0; i < 30; i++) {
        snprintf(labels[i], sizeof labels[i], "t%02zu", i);
        tables[i] = (fx_table){.name = labels[i], .rows = 2};
    }
    rh_repo *repo = fx_create(f, false);

    for (int i = 0; i < 36; i++) {
        char time[32];
        fx_snapshot about = {.time = time};

        snprintf(time, sizeof time, "2026-03-02T01:00:%02dZ", i);
        fx_take(repo, &about, tables, id);
    }
    rh_repo_close(repo);
    pack_of_rows(f, NULL, name, &offset, &entry);
    fx_pack_path(f, name, path);
    assert_int_equal(unlink(path), 0);
    json_t *report = verify_new(f, NULL, RH_VERIFY_DATA);

    assert_int_equal(json_array_size(json_object_get(report, "damage")), 1000);
    assert_int_equal(number_of(report, "damage_omitted"), 36 * 30 + 1 - 1000);
    json_decref(report);
}

static void an_interrupt_ends_the_search(void **state)
{
    fx *f = *state;
    char id[64];
    rh_cancel cancel = {.requested = 1};
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    rh_repo *repo = NULL;
    json_t *report = NULL;

    fx_add(f, false, &monday, people, id);
    options.cancel = &cancel;
    fx_ok(rh_repo_open(f->repo, &options, &repo, &err), &err);
    assert_int_equal(rh_repo_verify(repo, NULL, RH_VERIFY_DATA, 2, &report, &err), RH_ECANCELED);
    assert_null(report);
    rh_repo_close(repo);
}

static rh_status verify_body(void *ctx, rh_error *err)
{
    const fx *f = ctx;
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_repo *repo = NULL;
    json_t *report = NULL;
    rh_status status;

    options.key_file = f->secret;
    status = rh_repo_open(f->repo, &options, &repo, err);
    if (status == RH_OK)
        status = rh_repo_verify(repo, NULL, RH_VERIFY_DATA, 1, &report, err);
    if (status == RH_OK)
        assert_false(is_ok(report));
    assert_true(status == RH_OK || report == NULL);
    json_decref(report);
    rh_repo_close(repo);
    return status;
}

static void failed_allocations_are_told_never_called_damage(void **state)
{
    static const fx_table tables[] = {
        {.name = "tags", .rows = 30}, {.name = "docs", .rows = 9, .long_bytes = 100000}, {0}};
    fx *f = *state;
    char id[64], name[65], path[FX_PATH_BYTES];
    uint32_t entry;
    long offset;

    fx_add(f, true, &monday, tables, id);
    pack_of_rows(f, f->secret, name, &offset, &entry);
    fx_pack_path(f, name, path);
    fx_flip(path, offset);
    assert_true(fail_nth(verify_body, f) > 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_repository_is_good_at_every_level),
        TEST(an_empty_repository_is_good),
        TEST(a_shared_pack_is_read_once),
        TEST(long_rows_are_proved_also_when_their_pieces_lie_apart),
        TEST(a_missing_pack_is_named_with_what_it_takes_along),
        TEST(a_truncated_pack_is_named),
        TEST(a_flipped_bit_names_table_and_chunk),
        TEST(a_snapshot_that_does_not_use_the_bad_chunk_is_good),
        TEST(swapped_packs_are_both_named),
        TEST(damaged_manifests_are_named_and_the_others_still_proved),
        TEST(swapped_manifests_are_both_named),
        TEST(a_snapshot_that_does_not_exist_is_an_error),
        TEST(a_damaged_or_missing_dictionary_is_named),
        TEST(without_a_key_storage_is_proved_and_content_is_not),
        TEST(a_flip_anywhere_is_found),
        TEST(a_flip_anywhere_in_a_sealed_repository_is_found),
        TEST(a_flip_anywhere_in_a_sealed_pack_is_found_without_a_key),
        TEST(a_thousand_findings_are_listed_and_the_rest_counted),
        TEST(an_interrupt_ends_the_search),
        TEST(failed_allocations_are_told_never_called_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
