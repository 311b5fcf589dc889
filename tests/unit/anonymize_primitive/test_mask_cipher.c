/*
 * The key schedule, AES with and without libcrypto, the MAC, Keccak.
 */
#include "mask_test.h"

#include "anonymize/cipher.h"
#include "anonymize/keccak.h"

static void sub_keys_depend_on_all_their_parts(void **state)
{
    rh_mask_key base, other;

    (void)state;
    rh_mask_key_derive(key_a(), "address", "ff1/10", &base);
    rh_mask_key_derive(key_a(), "address", "ff1/10", &other);
    assert_memory_equal(base.bytes, other.bytes, 32);
    rh_mask_key_derive(key_b(), "address", "ff1/10", &other);
    assert_in_range(bits_apart(base.bytes, other.bytes, 32), 80, 176);
    rh_mask_key_derive(key_a(), "addres", "sff1/10", &other);
    assert_in_range(bits_apart(base.bytes, other.bytes, 32), 80, 176);
    rh_mask_key_derive(key_a(), "", "", &other);
    assert_in_range(bits_apart(base.bytes, other.bytes, 32), 80, 176);
}

static void a_sub_key_never_changes(void **state)
{
    rh_mask_key key;
    char hex[65];

    (void)state;
    rh_mask_key_derive(key_a(), "address", "wide", &key);
    rh_hex_encode(key.bytes, 32, hex);
    assert_string_equal(hex, "6af3b097853c52659605c481a52706aeeef2e06be0d7447bea266cea8806e917");
    rh_mask_key_wipe(&key);
    rh_mask_key_wipe(NULL);
    assert_int_equal(key.bytes[0] | key.bytes[31], 0);
}

/* FIPS 197, appendix C. */
static void aes_gives_the_published_blocks(void **state)
{
    static const char *const expected[3] = {"69c4e0d86a7b0430d8cdb78070b4c55a",
                                            "dda97ca4864cdfe06eaf70a0ec0d7191",
                                            "8ea2b7ca516745bfeafc49904b496089"};
    uint8_t key[32], plain[16], out[16], want[16];

    (void)state;
    for (uint8_t i = 0; i < 32; i++)
        key[i] = i;
    for (uint8_t i = 0; i < 16; i++)
        plain[i] = (uint8_t)(i * 0x11);
    for (size_t i = 0; i < 3; i++) {
        rh_cipher *cipher;

        from_hex(expected[i], want);
        assert_int_equal(rh_cipher_new(key, 16 + 8 * i, &cipher, NULL), RH_OK);
        rh_cipher_encrypt(cipher, plain, out, 1);
        assert_memory_equal(out, want, 16);
        rh_cipher_force_libcrypto(cipher, key);
        rh_cipher_encrypt(cipher, plain, out, 1);
        assert_memory_equal(out, want, 16);
        rh_cipher_force_portable(cipher);
        rh_cipher_encrypt(cipher, plain, out, 1);
        assert_memory_equal(out, want, 16);
        rh_cipher_free(cipher);
    }
}

static void processor_libcrypto_and_plain_c_agree(void **state)
{
    uint64_t seed = 1;
    uint8_t in[33 * 16], a[33 * 16], b[33 * 16];

    (void)state;
    for (int i = 0; i < 50; i++) {
        uint8_t key[32];
        rh_cipher *cipher;

        fill_random(&seed, key, sizeof key);
        fill_random(&seed, in, sizeof in);
        assert_int_equal(rh_cipher_new(key, (size_t)(16 + 8 * (i % 3)), &cipher, NULL), RH_OK);
        rh_cipher_encrypt(cipher, in, a, 33);
        rh_cipher_force_libcrypto(cipher, key);
        rh_cipher_encrypt(cipher, in, b, 33);
        assert_memory_equal(a, b, sizeof a);
        memcpy(b, in, sizeof b);
        rh_cipher_force_portable(cipher);
        rh_cipher_encrypt(cipher, b, b, 33); /* in place */
        assert_memory_equal(a, b, sizeof a);
        rh_cipher_free(cipher);
    }
}

static void other_key_lengths_are_refused(void **state)
{
    rh_error err = RH_ERROR_INIT;
    rh_cipher *cipher = NULL;

    (void)state;
    assert_int_equal(rh_cipher_new(key_a()->bytes, 31, &cipher, &err), RH_EKEY);
    assert_null(cipher);
    assert_int_equal(err.code, RH_EKEY);
    rh_cipher_free(NULL);
}

static void the_mac_tells_lengths_apart(void **state)
{
    static const uint8_t zeros[64] = {0};
    uint8_t seen[65][16];
    rh_cipher *cipher;

    (void)state;
    assert_int_equal(rh_cipher_new_for(key_a(), "d", "mac", &cipher, NULL), RH_OK);
    for (size_t len = 0; len <= 64; len++) {
        rh_cipher_mac(cipher, zeros, len, seen[len]);
        for (size_t i = 0; i < len; i++)
            assert_in_range(bits_apart(seen[i], seen[len], 16), 30, 98);
    }
    rh_cipher_free(cipher);
}

static void keccak_gives_the_published_digests(void **state)
{
    static const struct {
        const char *text, *hex;
    } known[] = {
        {"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
        {"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"},
        {"transfer(address,uint256)",
         "a9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b"},
    };
    uint8_t out[32], want[32], many[300];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        from_hex(known[i].hex, want);
        rh_keccak_256(known[i].text, strlen(known[i].text), out);
        assert_memory_equal(out, want, 32);
    }
    memset(many, 'a', sizeof many); /* around the block of 136 bytes */
    for (size_t len = 134; len < 139; len++) {
        rh_keccak_256(many, len, out);
        rh_keccak_256(many, len + 1, want);
        assert_in_range(bits_apart(out, want, 32), 80, 176);
    }
}

static rh_status make_cipher(void *ctx, rh_error *err)
{
    rh_cipher *cipher = NULL;
    rh_status status = rh_cipher_new_for(key_a(), "d", "p", &cipher, err);

    (void)ctx;
    assert_int_equal(status == RH_OK, cipher != NULL);
    rh_cipher_free(cipher);
    return status;
}

static void a_cipher_survives_every_failed_allocation(void **state)
{
    (void)state;
    assert_int_equal(fail_nth(make_cipher, NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sub_keys_depend_on_all_their_parts),
        cmocka_unit_test(a_sub_key_never_changes),
        cmocka_unit_test(aes_gives_the_published_blocks),
        cmocka_unit_test(processor_libcrypto_and_plain_c_agree),
        cmocka_unit_test(other_key_lengths_are_refused),
        cmocka_unit_test(the_mac_tells_lengths_apart),
        cmocka_unit_test(keccak_gives_the_published_digests),
        cmocka_unit_test(a_cipher_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
