/*
 * FF1: NIST's samples, both paths against each other, bounds.
 */
#include "mask_test.h"

#include "anonymize/ff1.h"
#include "core/mem.h"
#include "ff1_core.h"
#include "ff1_long.h"

static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz";

typedef struct sample {
    size_t key_bytes;
    uint32_t radix;
    const char *tweak; /* hex */
    const char *plain;
    const char *cipher;
} sample;

/* The nine samples that NIST publishes with SP 800-38G. */
static const sample samples[] = {
    {16, 10, "", "0123456789", "2433477484"},
    {16, 10, "39383736353433323130", "0123456789", "6124200773"},
    {16, 36, "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"},
    {24, 10, "", "0123456789", "2830668132"},
    {24, 10, "39383736353433323130", "0123456789", "2496655549"},
    {24, 36, "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"},
    {32, 10, "", "0123456789", "6657667009"},
    {32, 10, "39383736353433323130", "0123456789", "1001623463"},
    {32, 36, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"},
};

static void to_numerals(const char *text, uint16_t *out)
{
    for (size_t i = 0; text[i] != '\0'; i++)
        out[i] = (uint16_t)(strchr(alphabet, text[i]) - alphabet);
}

static rh_ff1 *open_sample(const sample *s)
{
    uint8_t key[32], tweak[32];
    rh_ff1 *ff1 = NULL;

    from_hex("2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94", key);
    from_hex(s->tweak, tweak);

    const rh_ff1_options options = {key, s->key_bytes, s->radix, tweak, strlen(s->tweak) / 2};

    assert_int_equal(rh_ff1_new(&options, &ff1, NULL), RH_OK);
    return ff1;
}

static void ff1_gives_the_samples_of_nist(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        uint16_t numerals[32], plain[32], want[32];
        rh_ff1_item item = {numerals, strlen(samples[i].plain)};
        rh_ff1 *ff1 = open_sample(&samples[i]);

        to_numerals(samples[i].plain, plain);
        to_numerals(samples[i].cipher, want);
        memcpy(numerals, plain, sizeof plain);
        assert_int_equal(rh_ff1_encrypt(ff1, &item, 1, NULL), RH_OK);
        assert_memory_equal(numerals, want, 2 * item.length);
        assert_int_equal(rh_ff1_decrypt(ff1, &item, 1, NULL), RH_OK);
        assert_memory_equal(numerals, plain, 2 * item.length);
        rh_ff1_free(ff1);
    }
}

static void the_long_path_gives_the_samples_of_nist(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        uint8_t key[32], tweak[32];
        uint16_t numerals[32], want[32];
        size_t length = strlen(samples[i].plain);
        rh_cipher *cipher;

        from_hex("2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94", key);
        from_hex(samples[i].tweak, tweak);
        assert_int_equal(rh_cipher_new(key, samples[i].key_bytes, &cipher, NULL), RH_OK);

        const ff1_long wide = {cipher, samples[i].radix, tweak, strlen(samples[i].tweak) / 2};
        uint8_t *scratch = rh_mem_alloc(rh_ff1_long_scratch(&wide, length));

        to_numerals(samples[i].plain, numerals);
        to_numerals(samples[i].cipher, want);
        rh_ff1_long_run(&wide, numerals, length, false, scratch);
        assert_memory_equal(numerals, want, 2 * length);
        rh_mem_free(scratch);
        rh_cipher_free(cipher);
    }
}

/* Every radix class and tweak length around the block, every length of the fast path. */
static void both_paths_agree(void **state)
{
    static const uint32_t radices[] = {2, 3, 10, 16, 36, 62, 255, 256, 257, 1000, 65535, 65536};
    static const size_t tweaks[] = {0, 1, 3, 8, 14, 15, 16, 17, 31, 40};
    uint64_t seed = 7;
    uint8_t key[16], tweak[64];

    (void)state;
    fill_random(&seed, key, sizeof key);
    fill_random(&seed, tweak, sizeof tweak);
    for (size_t r = 0; r < sizeof radices / sizeof radices[0]; r++) {
        for (size_t t = 0; t < sizeof tweaks / sizeof tweaks[0]; t++) {
            const rh_ff1_options options = {key, 16, radices[r], tweak, tweaks[t]};
            rh_cipher *cipher;
            rh_ff1 *ff1;

            assert_int_equal(rh_ff1_new(&options, &ff1, NULL), RH_OK);
            assert_int_equal(rh_cipher_new(key, 16, &cipher, NULL), RH_OK);

            const ff1_long wide = {cipher, radices[r], tweak, tweaks[t]};

            for (size_t length = 2; length < 200; length += length < 60 ? 1 : 23) {
                uint16_t a[200], b[200], plain[200];
                rh_ff1_item item = {a, length};
                uint8_t *scratch = rh_mem_alloc(rh_ff1_long_scratch(&wide, length));

                for (size_t i = 0; i < length; i++)
                    plain[i] = (uint16_t)(next_number(&seed) % radices[r]);
                memcpy(a, plain, sizeof a);
                memcpy(b, plain, sizeof b);
                if (rh_ff1_allows(ff1, length)) {
                    assert_int_equal(rh_ff1_encrypt(ff1, &item, 1, NULL), RH_OK);
                    rh_ff1_long_run(&wide, b, length, false, scratch);
                    assert_memory_equal(a, b, 2 * length);
                    assert_int_equal(rh_ff1_decrypt(ff1, &item, 1, NULL), RH_OK);
                    rh_ff1_long_run(&wide, b, length, true, scratch);
                    assert_memory_equal(a, plain, 2 * length);
                    assert_memory_equal(b, plain, 2 * length);
                }
                rh_mem_free(scratch);
            }
            rh_cipher_free(cipher);
            rh_ff1_free(ff1);
        }
    }
}

static void six_digits_are_permuted_without_a_collision(void **state)
{
    enum { COUNT = 1000000, BATCH = 1000 };
    uint8_t *seen = rh_mem_zalloc(COUNT);
    uint16_t numerals[BATCH][6];
    rh_ff1_item items[BATCH];
    rh_ff1 *ff1;
    size_t fixed = 0;

    (void)state;
    assert_int_equal(rh_ff1_new_for(key_a(), "d", 10, &ff1, NULL), RH_OK);
    for (uint32_t first = 0; first < COUNT; first += BATCH) {
        for (uint32_t i = 0; i < BATCH; i++) {
            uint32_t value = first + i;

            for (int j = 5; j >= 0; j--, value /= 10)
                numerals[i][j] = (uint16_t)(value % 10);
            items[i] = (rh_ff1_item){numerals[i], 6};
        }
        assert_int_equal(rh_ff1_encrypt(ff1, items, BATCH, NULL), RH_OK);
        for (uint32_t i = 0; i < BATCH; i++) {
            uint32_t value = 0;

            for (int j = 0; j < 6; j++)
                value = value * 10 + numerals[i][j];
            assert_int_equal(seen[value]++, 0);
            fixed += value == first + i;
        }
    }
    assert_in_range(fixed, 0, 8); /* a random permutation has one on average */
    rh_ff1_free(ff1);
    rh_mem_free(seen);
}

static void small_domains_and_wrong_numerals_are_refused(void **state)
{
    uint16_t numerals[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    rh_ff1_item items[2] = {{numerals, 8}, {numerals, 5}};
    rh_error err = RH_ERROR_INIT;
    rh_ff1 *ff1;
    rh_ff1_options options = {key_a()->bytes, 32, 1, NULL, 0};

    (void)state;
    assert_int_equal(rh_ff1_new_for(key_a(), "d", 10, &ff1, NULL), RH_OK);
    assert_false(rh_ff1_allows(ff1, 5));
    assert_true(rh_ff1_allows(ff1, 6));
    assert_false(rh_ff1_allows(ff1, RH_FF1_MAX_LENGTH + 1));
    assert_int_equal(rh_ff1_encrypt(ff1, items, 2, &err), RH_EUSAGE);
    assert_int_equal(numerals[0], 1); /* not even the good one was touched */
    numerals[7] = 10;
    assert_int_equal(rh_ff1_encrypt(ff1, items, 1, NULL), RH_EUSAGE);
    rh_ff1_free(ff1);
    rh_ff1_free(NULL);

    assert_int_equal(rh_ff1_new(&options, &ff1, NULL), RH_EUSAGE);
    options.radix = 65537;
    assert_int_equal(rh_ff1_new(&options, &ff1, NULL), RH_EUSAGE);
    options.radix = 10;
    options.key_bytes = 20;
    assert_int_equal(rh_ff1_new(&options, &ff1, NULL), RH_EKEY);
    options.tweak_bytes = RH_FF1_MAX_TWEAK + 1;
    assert_int_equal(rh_ff1_new(&options, &ff1, NULL), RH_EUSAGE);
}

static void another_key_gives_an_unrelated_string(void **state)
{
    enum { COUNT = 2000, LENGTH = 12 };
    rh_ff1 *a, *b;
    size_t equal = 0;
    uint64_t seed = 3;

    (void)state;
    assert_int_equal(rh_ff1_new_for(key_a(), "d", 10, &a, NULL), RH_OK);
    assert_int_equal(rh_ff1_new_for(key_b(), "d", 10, &b, NULL), RH_OK);
    for (int i = 0; i < COUNT; i++) {
        uint16_t x[LENGTH], y[LENGTH];
        rh_ff1_item of_a = {x, LENGTH}, of_b = {y, LENGTH};

        for (size_t j = 0; j < LENGTH; j++)
            x[j] = y[j] = (uint16_t)(next_number(&seed) % 10);
        assert_int_equal(rh_ff1_encrypt(a, &of_a, 1, NULL), RH_OK);
        assert_int_equal(rh_ff1_encrypt(b, &of_b, 1, NULL), RH_OK);
        for (size_t j = 0; j < LENGTH; j++)
            equal += x[j] == y[j];
    }
    assert_in_range(equal, 2150, 2650); /* one digit in ten, 24000 digits: 2400 +- 46 */
    rh_ff1_free(a);
    rh_ff1_free(b);
}

static rh_status encrypt_long(void *ctx, rh_error *err)
{
    uint16_t numerals[300] = {1};
    rh_ff1_item item = {numerals, 300};
    rh_ff1 *ff1 = NULL;
    rh_status status = rh_ff1_new_for(key_a(), "d", 10, &ff1, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_ff1_encrypt(ff1, &item, 1, err);
    assert_true(status == RH_OK || (numerals[0] == 1 && numerals[299] == 0));
    rh_ff1_free(ff1);
    return status;
}

static void ff1_survives_every_failed_allocation(void **state)
{
    (void)state;
    assert_int_equal(fail_nth(encrypt_long, NULL), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ff1_gives_the_samples_of_nist),
        cmocka_unit_test(the_long_path_gives_the_samples_of_nist),
        cmocka_unit_test(both_paths_agree),
        cmocka_unit_test(six_digits_are_permuted_without_a_collision),
        cmocka_unit_test(small_domains_and_wrong_numerals_are_refused),
        cmocka_unit_test(another_key_gives_an_unrelated_string),
        cmocka_unit_test(ff1_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
