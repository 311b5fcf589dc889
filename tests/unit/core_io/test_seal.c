/* Sealing. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/hash.h"
#include "core/seal.h"

static void only_the_right_pair_unwraps(void **state)
{
    rh_seal_pair pair;
    rh_seal_pair other;
    uint8_t key[RH_SEAL_KEY_BYTES];
    uint8_t back[RH_SEAL_KEY_BYTES] = {7};
    uint8_t wrapped[RH_SEAL_WRAPPED_BYTES];
    rh_error err = RH_ERROR_INIT;

    (void)state;
    rh_seal_pair_new(&pair);
    rh_seal_pair_new(&other);
    rh_random(key, sizeof key);
    assert_int_equal(rh_seal_wrap(pair.public_key, key, wrapped, NULL), RH_OK);
    assert_int_equal(rh_seal_unwrap(&other, wrapped, back, &err), RH_EKEY);
    assert_int_equal(back[0], 7);
    assert_int_equal(rh_seal_unwrap(&pair, wrapped, back, NULL), RH_OK);
    assert_memory_equal(back, key, sizeof key);
    for (size_t i = 0; i < sizeof wrapped; i++) {
        wrapped[i] ^= 1;
        assert_int_equal(rh_seal_unwrap(&pair, wrapped, back, NULL), RH_EKEY);
        wrapped[i] ^= 1;
    }
}

static void unusable_public_key_is_refused(void **state)
{
    uint8_t zero[RH_SEAL_PUBLIC_BYTES] = {0};
    uint8_t key[RH_SEAL_KEY_BYTES] = {1};
    uint8_t wrapped[RH_SEAL_WRAPPED_BYTES];

    (void)state;
    assert_int_equal(rh_seal_wrap(zero, key, wrapped, NULL), RH_EKEY);
}

static void frames_open_only_unchanged_and_in_place(void **state)
{
    uint8_t key[RH_SEAL_KEY_BYTES] = {1};
    uint8_t wrong[RH_SEAL_KEY_BYTES] = {2};
    uint8_t sealed[5 + RH_SEAL_TAG_BYTES];
    uint8_t back[6] = "kept.";
    rh_error err = RH_ERROR_INIT;
    size_t len = sizeof sealed;

    (void)state;
    rh_seal_frame(key, 3, "ad", 2, "hello", 5, sealed);
    assert_memory_not_equal(sealed, "hello", 5);
    assert_int_equal(rh_unseal_frame(key, 4, "ad", 2, sealed, len, back, &err), RH_EFORMAT);
    assert_int_equal(rh_unseal_frame(key, 3, "aD", 2, sealed, len, back, NULL), RH_EFORMAT);
    assert_int_equal(rh_unseal_frame(key, 3, "ad", 1, sealed, len, back, NULL), RH_EFORMAT);
    assert_int_equal(rh_unseal_frame(wrong, 3, "ad", 2, sealed, len, back, NULL), RH_EFORMAT);
    for (size_t part = 0; part < len; part++)
        assert_int_equal(rh_unseal_frame(key, 3, "ad", 2, sealed, part, back, NULL), RH_EFORMAT);
    for (size_t i = 0; i < len; i++) {
        sealed[i] ^= 0x80;
        assert_int_equal(rh_unseal_frame(key, 3, "ad", 2, sealed, len, back, NULL), RH_EFORMAT);
        sealed[i] ^= 0x80;
    }
    assert_int_equal(rh_unseal_frame(key, 3, "ad", 2, sealed, len, back, NULL), RH_OK);
    assert_memory_equal(back, "hello", 5);
    rh_seal_frame(key, UINT64_MAX, NULL, 0, NULL, 0, sealed);
    assert_int_equal(
        rh_unseal_frame(key, UINT64_MAX, NULL, 0, sealed, RH_SEAL_TAG_BYTES, back, NULL), RH_OK);
}

/* Made with another implementation of ChaCha20-Poly1305: the format does not depend on libsodium.
 */
static void frames_are_standard_chacha20_poly1305(void **state)
{
    uint8_t key[RH_SEAL_KEY_BYTES];
    uint8_t sealed[5 + RH_SEAL_TAG_BYTES];
    static const uint8_t expected[5 + RH_SEAL_TAG_BYTES] = {
        0xd1, 0xd6, 0x38, 0x05, 0x1e, 0x4d, 0xb5, 0x9a, 0x25, 0xc8, 0xb8,
        0x38, 0x20, 0x71, 0xec, 0xcc, 0x83, 0x6d, 0xd1, 0x3a, 0x65,
    };

    (void)state;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    rh_seal_frame(key, 258, "ad", 2, "hello", 5, sealed);
    assert_memory_equal(sealed, expected, sizeof expected);
}

static void wipe_leaves_zeros(void **state)
{
    uint8_t data[33];
    static const uint8_t zeros[33];

    (void)state;
    memset(data, 5, sizeof data);
    rh_wipe(data, sizeof data);
    assert_memory_equal(data, zeros, sizeof data);
}

static int start(void **state)
{
    (void)state;
    return rh_crypto_start(NULL) == RH_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_right_pair_unwraps),
        cmocka_unit_test(unusable_public_key_is_refused),
        cmocka_unit_test(frames_open_only_unchanged_and_in_place),
        cmocka_unit_test(frames_are_standard_chacha20_poly1305),
        cmocka_unit_test(wipe_leaves_zeros),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
