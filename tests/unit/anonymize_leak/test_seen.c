/*
 * What is remembered, what is excused, the side file, and the promise about false alarms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/pool.h"
#include "fail_nth.h"
#include "seen_hash.h"
#include "token.h"

static const uint8_t key[RH_SEEN_KEY_BYTES] = "0123456789abcdef0123456789abcdef";

static rh_seen *new_seen(size_t memory)
{
    rh_seen *seen = NULL;

    assert_int_equal(rh_seen_new(memory, &seen, NULL), RH_OK);
    return seen;
}

static void add(rh_seen *seen, const char *raw, const char *masked)
{
    assert_int_equal(rh_seen_add(seen,
                                 &(rh_seen_value){RH_SEEN_TEXT, raw, strlen(raw), masked,
                                                  masked == NULL ? 0 : strlen(masked)},
                                 NULL),
                     RH_OK);
}

/* Sealed, opened again. */
static rh_seen_set *set_of(rh_seen *seen)
{
    rh_buf file = RH_BUF_INIT;
    rh_seen_set *set = NULL;

    assert_int_equal(rh_seen_seal(seen, key, &file, NULL), RH_OK);
    assert_int_equal(rh_seen_unseal(file.data, file.len, key, &set, NULL), RH_OK);
    rh_buf_done(&file);
    rh_seen_free(seen);
    return set;
}

static bool has(const rh_seen_set *set, const char *canonical)
{
    return seen_set_has(set, seen_hash_of(seen_set_hash_key(set), canonical, strlen(canonical)));
}

static void identifiers_are_remembered_without_case_and_0x(void **state)
{
    rh_seen *seen = new_seen(0);
    rh_seen_set *set;

    (void)state;
    add(seen, "Jane.Doe@Example.org", "kqwe.asd@mask.test");
    add(seen, "0xDE0B295669a9FD93d5F28D9Ec85E40f4cb697BAe",
        "0x0000000000000000000000000000000000000001");
    add(seen, "+1 (202) 555-0143", "+1 (202) 555-9999");
    set = set_of(seen);
    assert_true(has(set, "jane.doe@example.org"));
    assert_true(has(set, "de0b295669a9fd93d5f28d9ec85e40f4cb697bae"));
    assert_true(has(set, "12025550143"));
    assert_false(has(set, "12025559999"));
    assert_false(has(set, "kqwe.asd@mask.test"));
    rh_seen_set_free(set);
}

static void what_says_nothing_is_not_remembered(void **state)
{
    static const char *const nothing[] = {
        "",
        "abc",
        "12345",
        "123456789",
        "2024-10-17 12:34:56+00",
        "2024-10-17",
        "000000000000000000",
        "xxxxxxxxxxxx",
        "1.5e+10",
        "{1,2,3}",
        "12:34:56.123456",
        "1000000000000000000",
        "127.0.0.1 ",
        "[2020-01-01,2021-01-01)",
    };
    rh_seen *seen = new_seen(0);
    rh_seen_info info;
    rh_seen_set *set;

    (void)state;
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        add(seen, nothing[i], NULL);
    set = set_of(seen);
    rh_seen_set_info(set, &info);
    assert_int_equal(info.added, sizeof nothing / sizeof nothing[0]);
    assert_true(info.remembered <= 1); /* the loopback address, weakly */
    rh_seen_set_free(set);
}

static void numbers_from_number_columns_need_sixteen_digits(void **state)
{
    rh_seen *seen = new_seen(0);
    rh_seen_set *set;

    (void)state;
    assert_int_equal(
        rh_seen_add(seen, &(rh_seen_value){RH_SEEN_NUMBER, "12345678901", 11, "5", 1}, NULL),
        RH_OK);
    assert_int_equal(
        rh_seen_add(seen, &(rh_seen_value){RH_SEEN_NUMBER, "12345678901234567", 17, "5", 1}, NULL),
        RH_OK);
    set = set_of(seen);
    assert_false(has(set, "12345678901"));
    assert_true(has(set, "12345678901234567"));
    rh_seen_set_free(set);
}

static void what_masks_put_out_is_no_leak(void **state)
{
    rh_seen *seen = new_seen(0);
    rh_seen_info info;
    rh_seen_set *set;

    (void)state;
    /* a permutation of observed values: each name is another's mask */
    add(seen, "Jane Doe-Smith 11", "John Miller 22");
    add(seen, "John Miller 22", "Jane Doe-Smith 11");
    add(seen, "alice@example.org", "bob77@example.org");
    set = set_of(seen);
    rh_seen_set_info(set, &info);
    assert_true(info.excused >= 2);
    assert_false(has(set, "jane doe-smith 11"));
    assert_false(has(set, "john miller 22"));
    assert_true(has(set, "alice@example.org"));
    rh_seen_set_free(set);
}

static void what_json_rules_keep_is_no_leak(void **state)
{
    rh_seen *seen = new_seen(0);
    rh_seen_set *set;

    (void)state;
    add(seen,
        "{\"source\":\"1AvGaMWmwUfRSfTPNcgDCFMVzDhjSnyqVn\",\"asset\":\"A1234567890123456789\"}",
        "{\"source\":\"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2\",\"asset\":\"A1234567890123456789\"}");
    add(seen, "{\"status\":\"unchanged0815\"}", "{\"status\":\"unchanged0815\"}");
    set = set_of(seen);
    assert_true(has(set, "1avgamwmwufrsftpncgdcfmvzdhjsnyqvn"));
    assert_false(has(set, "a1234567890123456789"));
    assert_false(has(set, "1bvbmseystwetqtfn5au4m4gfg7xjanvn2"));
    assert_false(has(set, "unchanged0815"));
    rh_seen_set_free(set);
}

static void a_mask_that_does_nothing_is_found_out(void **state)
{
    rh_seen *seen = new_seen(0);
    rh_seen_set *set;

    (void)state;
    add(seen, "jane@example.org", "jane@example.org");
    set = set_of(seen);
    assert_true(has(set, "jane@example.org"));
    rh_seen_set_free(set);
}

static void keep_lists_are_no_leaks(void **state)
{
    rh_seen *seen = new_seen(0);
    rh_seen_set *set;

    (void)state;
    add(seen, "1CounterpartyXXXXXXXXXXXXXXXUWLpVr", "1CounterpartyXXXXXXXXXXXXXXXUWLpVr");
    assert_int_equal(rh_seen_keep(seen, "1CounterpartyXXXXXXXXXXXXXXXUWLpVr", 34, NULL), RH_OK);
    set = set_of(seen);
    assert_false(has(set, "1counterpartyxxxxxxxxxxxxxxxuwlpvr"));
    rh_seen_set_free(set);
}

static void addresses_and_txids_have_packed_and_reversed_forms(void **state)
{
    rh_seen *seen = new_seen(0);
    rh_seen_set *set;

    (void)state;
    add(seen, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", NULL);
    add(seen, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", NULL);
    add(seen, "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b:0", NULL);
    assert_int_equal(rh_seen_add(seen,
                                 &(rh_seen_value){RH_SEEN_BINARY,
                                                  "\x01\x02\x03\x04\x05\x06\x07\x08", 8, NULL, 0},
                                 NULL),
                     RH_OK);
    set = set_of(seen);
    assert_true(has(set, "77bff20c60e522dfaa3350c39b030a5d004e839a"));
    assert_true(has(set, "751e76e8199196d454941c45d1b3a323f1433bd6"));
    assert_true(has(set, "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"));
    assert_true(has(set, "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a"));
    assert_true(has(set, "0102030405060708"));
    assert_true(seen_set_packed(set));
    rh_seen_set_free(set);
}

static void memory_is_bounded_and_a_known_share_is_remembered(void **state)
{
    rh_seen *seen = new_seen(256 << 10);
    rh_seen_info info;
    rh_seen_set *set;
    size_t found = 0;
    size_t share;
    char text[32];

    (void)state;
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(text, sizeof text, "user%08dx@example.org", i);
        add(seen, text, NULL);
    }
    set = set_of(seen);
    rh_seen_set_info(set, &info);
    assert_true(info.share_log2 >= 2 && info.share_log2 <= 5);
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(text, sizeof text, "user%08dx@example.org", i);
        found += has(set, text);
    }
    share = 100000u >> info.share_log2;
    assert_true(found > share * 8 / 10 && found < share * 12 / 10);
    rh_seen_set_free(set);
}

static void a_million_random_tokens_raise_no_alarm(void **state)
{
    rh_seen *seen = new_seen(0);
    uint64_t random = 88172645463325252u;
    size_t alarms = 0;
    rh_seen_set *set;
    char text[32];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        (void)snprintf(text, sizeof text, "cus_%016d", i);
        add(seen, text, NULL);
    }
    set = set_of(seen);
    for (int i = 0; i < 1000000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (void)snprintf(text, sizeof text, "tok_%016llx", (unsigned long long)random);
        alarms += has(set, text);
    }
    assert_int_equal(alarms, 0);
    assert_true(has(set, "cus_0000000000199999"));
    rh_seen_set_free(set);
}

/* ---- threads ---- */

static rh_status add_many(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    rh_status status = RH_OK;
    char text[32];

    (void)pool;
    for (int i = 0; status == RH_OK && i < 20000; i++) {
        int len = snprintf(text, sizeof text, "user%zu.%06d@example.org", index, i);

        status = rh_seen_add(ctx, &(rh_seen_value){RH_SEEN_TEXT, text, (size_t)len, "x", 1}, err);
    }
    return status;
}

static void threads_add_side_by_side(void **state)
{
    rh_seen *seen = new_seen(0);
    rh_seen_info info;
    rh_seen_set *set;
    char text[32];

    (void)state;
    assert_int_equal(rh_pool_run(4, add_many, seen, NULL), RH_OK);
    set = set_of(seen);
    rh_seen_set_info(set, &info);
    assert_int_equal(info.added, 80000);
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(text, sizeof text, "user%d.%06d@example.org", i % 4, i);
        assert_true(has(set, text));
    }
    rh_seen_set_free(set);
}

/* ---- the file ---- */

static void file_is_private_sealed_and_holds_no_value(void **state)
{
    char dir[] = "/tmp/rh_seen_XXXXXX";
    uint8_t other[RH_SEEN_KEY_BYTES] = {1};
    rh_seen *seen = new_seen(0);
    rh_buf file = RH_BUF_INIT;
    rh_seen_set *set = NULL;
    rh_error err = RH_ERROR_INIT;
    char path[64];

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/seen", dir);
    add(seen, "jane@example.org", NULL);
    assert_int_equal(rh_seen_write(seen, path, key, NULL), RH_OK);
    assert_int_equal(rh_seen_read(path, key, &set, NULL), RH_OK);
    assert_true(has(set, "jane@example.org"));
    rh_seen_set_free(set);
    set = NULL;
    assert_int_equal(rh_seen_read(path, other, &set, &err), RH_EKEY);
    assert_null(set);
    assert_int_equal(rh_fs_read(path, 1 << 20, &file, NULL), RH_OK);
    for (size_t i = 0; i + 4 < file.len; i++)
        assert_memory_not_equal(file.data + i, "jane", 4);
    rh_buf_done(&file);
    rh_seen_free(seen);
    assert_int_equal(rh_fs_remove_tree(dir, NULL), RH_OK);
    assert_int_equal(rh_seen_read(path, key, &set, NULL), RH_ENOTFOUND);
}

static void every_damaged_byte_and_every_cut_is_noticed(void **state)
{
    rh_seen *seen = new_seen(0);
    rh_buf file = RH_BUF_INIT;
    rh_seen_set *set = NULL;

    (void)state;
    add(seen, "jane@example.org", NULL);
    add(seen, "john@example.org", NULL);
    assert_int_equal(rh_seen_seal(seen, key, &file, NULL), RH_OK);
    for (size_t i = 0; i < file.len; i++) {
        rh_error err = RH_ERROR_INIT;
        rh_status status;

        file.data[i] ^= 4;
        status = rh_seen_unseal(file.data, file.len, key, &set, &err);
        assert_true(status == RH_EFORMAT || status == RH_EKEY);
        assert_int_equal(err.code, status);
        assert_null(set);
        file.data[i] ^= 4;
        assert_int_not_equal(rh_seen_unseal(file.data, i, key, &set, NULL), RH_OK);
    }
    assert_int_equal(rh_buf_append_byte(&file, 0, NULL), RH_OK);
    assert_int_not_equal(rh_seen_unseal(file.data, file.len, key, &set, NULL), RH_OK);
    rh_buf_done(&file);
    rh_seen_free(seen);
}

static rh_status use_all(void *ctx, rh_error *err)
{
    char list[4096] = "";
    rh_buf file = RH_BUF_INIT;
    rh_seen *seen = NULL;
    rh_seen_set *set = NULL;
    rh_status status = rh_seen_new(128 << 10, &seen, err);

    (void)ctx;
    for (int i = 0; i < 200; i++)
        (void)snprintf(list + strlen(list), sizeof list - strlen(list), "id%05dx%d ", i, i);
    if (status == RH_OK)
        status = rh_seen_add(
            seen, &(rh_seen_value){RH_SEEN_TEXT, list, strlen(list), "masked99", 8}, err);
    if (status == RH_OK)
        status = rh_seen_add(
            seen, &(rh_seen_value){RH_SEEN_TEXT, list, strlen(list), list, strlen(list)}, err);
    if (status == RH_OK)
        status = rh_seen_keep(seen, list, strlen(list), err);
    if (status == RH_OK)
        status = rh_seen_seal(seen, key, &file, err);
    if (status == RH_OK)
        status = rh_seen_unseal(file.data, file.len, key, &set, err);
    if (status != RH_OK)
        assert_null(set);
    rh_seen_set_free(set);
    rh_seen_free(seen);
    rh_buf_done(&file);
    return status;
}

static void each_failed_allocation_is_reported(void **state)
{
    (void)state;
    assert_true(fail_nth(use_all, NULL) > 10);
}

static void refuses_too_little_memory(void **state)
{
    rh_seen *seen = NULL;

    (void)state;
    assert_int_equal(rh_seen_new(1000, &seen, NULL), RH_EUSAGE);
    assert_null(seen);
    rh_seen_free(NULL);
    rh_seen_set_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_remembered_without_case_and_0x),
        cmocka_unit_test(what_says_nothing_is_not_remembered),
        cmocka_unit_test(numbers_from_number_columns_need_sixteen_digits),
        cmocka_unit_test(what_masks_put_out_is_no_leak),
        cmocka_unit_test(what_json_rules_keep_is_no_leak),
        cmocka_unit_test(a_mask_that_does_nothing_is_found_out),
        cmocka_unit_test(keep_lists_are_no_leaks),
        cmocka_unit_test(addresses_and_txids_have_packed_and_reversed_forms),
        cmocka_unit_test(memory_is_bounded_and_a_known_share_is_remembered),
        cmocka_unit_test(a_million_random_tokens_raise_no_alarm),
        cmocka_unit_test(threads_add_side_by_side),
        cmocka_unit_test(file_is_private_sealed_and_holds_no_value),
        cmocka_unit_test(every_damaged_byte_and_every_cut_is_noticed),
        cmocka_unit_test(each_failed_allocation_is_reported),
        cmocka_unit_test(refuses_too_little_memory),
    };

    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
