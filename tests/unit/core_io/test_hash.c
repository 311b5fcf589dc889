/* Hashes: known answers, and that the two BLAKE2b implementations agree. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/hash.h"
#include "core/mem.h"

static void check_hex(const uint8_t *hash, size_t len, const char *expected)
{
    char hex[129];

    rh_hex_encode(hash, len, hex);
    assert_string_equal(hex, expected);
}

static void known_answers(void **state)
{
    uint8_t hash[32];

    (void)state;
    rh_hash_sha256("abc", 3, hash);
    check_hex(hash, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    rh_hash_sha256(NULL, 0, hash);
    check_hex(hash, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    rh_hash_blake2b("abc", 3, hash);
    check_hex(hash, 32, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    rh_hash_stored("", 0, hash);
    check_hex(hash, 16, "cae66941d9efbd404e4d88758ea67670");
}

/* The streaming hasher is libsodium's, rh_hash_id libcrypto's where that is faster. */
static void ids_are_the_same_in_one_go_and_in_pieces(void **state)
{
    static uint8_t data[70000];
    uint8_t key[RH_ID_KEY_BYTES];
    static const size_t lengths[] = {0, 1, 31, 127, 128, 129, 4095, 4096, 16384, 70000};

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        rh_id id;
        uint8_t pieces[RH_HASH_MAX_BYTES];
        rh_hasher *hasher = rh_hasher_new(RH_HASH_BLAKE2B_256, key);

        rh_hash_id(key, data, lengths[l], &id);
        for (size_t at = 0; at < lengths[l]; at += 1000) {
            size_t left = lengths[l] - at;

            rh_hasher_add(hasher, data + at, left < 1000 ? left : 1000);
        }
        rh_hasher_end(hasher, pieces);
        rh_hasher_free(hasher);
        assert_memory_equal(id.bytes, pieces, RH_ID_BYTES);
    }
}

/* Side by side as one by one, whatever the lengths and however many. */
static void ids_of_many_are_those_of_each(void **state)
{
    enum { MOST = 40 };
    static uint8_t data[20000];
    static const size_t lengths[] = {0, 1, 16384, 127, 128, 129, 255, 256, 257, 4096, 20000, 31};
    uint8_t key[RH_ID_KEY_BYTES];
    rh_hash_input inputs[MOST];
    rh_id ids[MOST];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 11 + i / 247);
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(200 - i);
    for (size_t count = 0; count <= MOST; count++) {
        for (size_t i = 0; i < count; i++) {
            size_t len = lengths[(i * 5 + count) % (sizeof lengths / sizeof lengths[0])];

            inputs[i] = (rh_hash_input){data + (sizeof data - len) / (i + 1), len};
        }
        memset(ids, 0xee, sizeof ids);
        rh_hash_ids(key, inputs, count, ids);
        for (size_t i = 0; i < count; i++) {
            rh_id one;

            rh_hash_id(key, inputs[i].data, inputs[i].len, &one);
            assert_memory_equal(ids[i].bytes, one.bytes, RH_ID_BYTES);
        }
        for (size_t i = count; i < MOST; i++)
            assert_int_equal(ids[i].bytes[0], 0xee);
    }
}

static void ids_depend_on_key_and_content(void **state)
{
    uint8_t key[RH_ID_KEY_BYTES] = {0};
    rh_id a;
    rh_id b;

    (void)state;
    rh_hash_id(key, "x", 1, &a);
    rh_hash_id(key, "y", 1, &b);
    assert_memory_not_equal(a.bytes, b.bytes, RH_ID_BYTES);
    key[31] = 1;
    rh_hash_id(key, "x", 1, &b);
    assert_memory_not_equal(a.bytes, b.bytes, RH_ID_BYTES);
}

static void unkeyed_hashers_match_the_one_shot_functions(void **state)
{
    uint8_t a[RH_HASH_MAX_BYTES];
    uint8_t b[RH_HASH_MAX_BYTES];

    (void)state;
    rh_hasher *hasher = rh_hasher_new(RH_HASH_SHA256, NULL);

    rh_hasher_add(hasher, "ab", 2);
    rh_hasher_add(hasher, "c", 1);
    rh_hasher_end(hasher, a);
    rh_hasher_free(hasher);
    rh_hash_sha256("abc", 3, b);
    assert_memory_equal(a, b, 32);

    hasher = rh_hasher_new(RH_HASH_BLAKE2B_256, NULL);
    rh_hasher_add(hasher, "abc", 3);
    rh_hasher_end(hasher, a);
    rh_hasher_free(hasher);
    rh_hash_blake2b("abc", 3, b);
    assert_memory_equal(a, b, 32);
    rh_hasher_free(NULL);
}

/* The format document says how: block i is BLAKE2b-512 of context and le32(i). These are its
 * values. */
static void derived_keys_are_stable(void **state)
{
    uint8_t key[RH_ID_KEY_BYTES];
    uint8_t rows[RH_ROW_SECRET_BYTES];
    uint8_t part[70];
    uint8_t other[70];

    (void)state;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    rh_hash_derive(key, "rows", rows, sizeof rows);
    check_hex(rows, 16, "1f13ab62c60424392b3516bd48f43578");
    check_hex(rows + 64, 16, "ca50afb70729dfa5c0961c66228fb007");
    check_hex(rows + 176, 16, "ab52cc298dee89f03647a56b26dc6d34");
    rh_hash_derive(key, "rows", part, sizeof part);
    assert_memory_equal(rows, part, sizeof part);
    rh_hash_derive(key, "row", other, sizeof other);
    assert_memory_not_equal(part, other, sizeof part);
    rh_hash_derive(key, "1234567890123456", part, sizeof part);
    rh_hash_derive(key, "1234567890123456+", other, sizeof other);
    assert_memory_equal(part, other, sizeof part); /* 16 bytes count */
}

static void row_hashes_are_stable(void **state)
{
    uint8_t secret[RH_ROW_SECRET_BYTES];
    char row[1000];
    char hex[33];

    (void)state;
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = (uint8_t)(i * 31);
    memset(row, 'r', sizeof row);
    rh_u128_hex(rh_hash_row(secret, "", 0), hex);
    assert_string_equal(hex, "5b2aac4668ba0dcaa1b55e2c665dab48");
    rh_u128_hex(rh_hash_row(secret, row, 100), hex);
    assert_string_equal(hex, "90653b1c89596232985cec2fcf1804c1");
    rh_u128_hex(rh_hash_row(secret, row, 1000), hex);
    assert_string_equal(hex, "9578d3629202bf27ffbe0ba4e50e799b");
}

static void rows_in_pieces_hash_like_whole_rows(void **state)
{
    uint8_t secret[RH_ROW_SECRET_BYTES];
    uint8_t row[3000];
    rh_row_hasher *hasher = NULL;
    long live = rh_mem_live_blocks();
    static const size_t lengths[] = {0, 1, 16, 17, 128, 129, 240, 241, 3000};

    (void)state;
    rh_random(secret, sizeof secret);
    rh_random(row, sizeof row);
    hasher = rh_row_hasher_new(secret);
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        rh_u128 whole = rh_hash_row(secret, row, lengths[l]);

        for (size_t at = 0; at < lengths[l]; at += 100) {
            size_t left = lengths[l] - at;

            rh_row_hasher_add(hasher, row + at, left < 100 ? left : 100);
        }

        rh_u128 pieces = rh_row_hasher_end(hasher);

        assert_true(whole.low == pieces.low && whole.high == pieces.high);
    }
    rh_row_hasher_free(hasher);
    rh_row_hasher_free(NULL);
    rh_mem_fail_nth(0);
    assert_null(rh_row_hasher_new(secret));
    rh_mem_fail_nth(-1);
    assert_int_equal(rh_mem_live_blocks(), live);
}

static void sums_carry_and_do_not_depend_on_the_order(void **state)
{
    rh_u128 sum = {UINT64_MAX, 1};
    rh_u128 a = {0, 0};
    rh_u128 b = {0, 0};
    rh_u128 values[3] = {{UINT64_MAX - 5, 7}, {99, UINT64_MAX}, {123456789, 3}};

    (void)state;
    rh_u128_add(&sum, (rh_u128){1, 0});
    assert_true(sum.low == 0 && sum.high == 2);
    rh_u128_add(&sum, (rh_u128){0, UINT64_MAX});
    assert_true(sum.low == 0 && sum.high == 1);
    for (size_t i = 0; i < 3; i++) {
        rh_u128_add(&a, values[i]);
        rh_u128_add(&b, values[2 - i]);
    }
    assert_true(a.low == b.low && a.high == b.high);
}

static void texts_go_both_ways(void **state)
{
    rh_u128 value = {UINT64_C(0x0123456789abcdef), UINT64_C(0xfedcba9876543210)};
    rh_u128 back = {0, 0};
    rh_id id;
    rh_id id_back;
    char hex[RH_ID_HEX_BYTES];
    char sum[33];

    (void)state;
    rh_u128_hex(value, sum);
    assert_string_equal(sum, "fedcba98765432100123456789abcdef");
    assert_int_equal(rh_u128_parse(sum, &back, NULL), RH_OK);
    assert_true(back.low == value.low && back.high == value.high);
    rh_random(id.bytes, sizeof id.bytes);
    rh_id_hex(&id, hex);
    assert_int_equal(rh_id_parse(hex, &id_back, NULL), RH_OK);
    assert_memory_equal(id.bytes, id_back.bytes, RH_ID_BYTES);

    sum[5] = 'x';
    assert_int_equal(rh_u128_parse(sum, &back, NULL), RH_EFORMAT);
    assert_int_equal(rh_u128_parse("", &back, NULL), RH_EFORMAT);
    assert_int_equal(rh_u128_parse(hex, &back, NULL), RH_EFORMAT);
    hex[63] = '\0';
    assert_int_equal(rh_id_parse(hex, &id_back, NULL), RH_EFORMAT);
    assert_true(back.low == value.low && back.high == value.high);
}

static void hasher_without_memory_is_null(void **state)
{
    long live = rh_mem_live_blocks();

    (void)state;
    for (long n = 0; n < 2; n++) {
        rh_mem_fail_nth(n);
        assert_null(rh_hasher_new(RH_HASH_BLAKE2B_256, NULL));
        rh_mem_fail_nth(-1);
        assert_int_equal(rh_mem_live_blocks(), live);
    }
    rh_mem_fail_nth(0);
    assert_null(rh_hasher_new(RH_HASH_SHA256, NULL));
    rh_mem_fail_nth(-1);
}

static int start(void **state)
{
    (void)state;
    return rh_crypto_start(NULL) == RH_OK && rh_crypto_start(NULL) == RH_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(ids_are_the_same_in_one_go_and_in_pieces),
        cmocka_unit_test(ids_of_many_are_those_of_each),
        cmocka_unit_test(ids_depend_on_key_and_content),
        cmocka_unit_test(unkeyed_hashers_match_the_one_shot_functions),
        cmocka_unit_test(derived_keys_are_stable),
        cmocka_unit_test(row_hashes_are_stable),
        cmocka_unit_test(rows_in_pieces_hash_like_whole_rows),
        cmocka_unit_test(sums_carry_and_do_not_depend_on_the_order),
        cmocka_unit_test(texts_go_both_ways),
        cmocka_unit_test(hasher_without_memory_is_null),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
