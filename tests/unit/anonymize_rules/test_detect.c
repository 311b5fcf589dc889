/* Detectors: what they find, and what they leave alone. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/hash.h"
#include "detect.h"

static rh_chain *chain;

static bool finds(detector which, const char *text)
{
    return (detect(chain, text, strlen(text)) >> which & 1U) != 0;
}

/* Published examples only; none belongs to anybody. */
static const struct {
    detector which;
    const char *text;
} POSITIVE[] = {
    {DETECT_EMAIL, "jane.doe+x@example.co.uk"},
    {DETECT_EMAIL, "a@b.io"},
    {DETECT_URL, "https://example.com/a?b=c"},
    {DETECT_URL, "postgresql://h/db"},
    {DETECT_IP, "192.0.2.7"},
    {DETECT_IP, "192.0.2.0/24"},
    {DETECT_IP, "2001:db8::1"},
    {DETECT_MAC, "00:00:5e:00:53:af"},
    {DETECT_UUID, "00112233-4455-6677-8899-aabbccddeeff"},
    {DETECT_PHONE, "+1 202-555-0143"},
    {DETECT_PHONE, "(030) 1234567 89"},
    {DETECT_DATE, "2024-02-29"},
    {DETECT_DATE, "2024-02-29 23:59:59"},
    {DETECT_DATE, "2024-02-29T23:59:59.125Z"},
    {DETECT_DATE, "2024-02-29 23:59:59+02:00"},
    {DETECT_GEO, "52.52000, 13.40500"},
    {DETECT_GEO, "(-33.8568,151.2153)"},
    {DETECT_JWT, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"},
    {DETECT_API_KEY, "sk_test_abcdefghijkl"},
    {DETECT_API_KEY, "AKIAIOSFODNN7EXAMPLE"},
    {DETECT_SEED_PHRASE, "abandon abandon abandon abandon abandon abandon abandon abandon abandon "
                         "abandon abandon about"},
    {DETECT_CARD, "4111 1111 1111 1111"},
    {DETECT_IBAN, "GB82 WEST 1234 5698 7654 32"},
    {DETECT_HASH, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"},
    {DETECT_OUTPOINT, "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b:0"},
    {DETECT_CHAIN_ADDRESS, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
    {DETECT_CHAIN_ADDRESS, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
    {DETECT_CHAIN_ADDRESS, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
    {DETECT_PRIVATE_KEY, "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"},
};

static const struct {
    detector which;
    const char *text;
} NEGATIVE[] = {
    {DETECT_EMAIL, "not an email"},
    {DETECT_EMAIL, "@example.com"},
    {DETECT_EMAIL, "a b@example.com"},
    {DETECT_EMAIL, "a@b"},
    {DETECT_URL, "://x"},
    {DETECT_URL, "http://a b"},
    {DETECT_IP, "1.2.3"},
    {DETECT_IP, "1.2.3.4/"},
    {DETECT_IP, "300.1.1.1"},
    {DETECT_MAC, "00:00:5e:00:53"},
    {DETECT_PHONE, "2024-01-02"},
    {DETECT_PHONE, "1234567890"},
    {DETECT_PHONE, "+1"},
    {DETECT_DATE, "2024-13-01"},
    {DETECT_DATE, "2024-01-32"},
    {DETECT_DATE, "2024-01-0"},
    {DETECT_DATE, "2024-01-01 23:59"},
    {DETECT_DATE, "2024-01-01 23:59:59 noon"},
    {DETECT_DATE, "2024-01-01."},
    {DETECT_GEO, "1.5, 2.5"},
    {DETECT_JWT, "eyJhbGciOiJub25lIn0.x"},
    {DETECT_API_KEY, "skating is fun today"},
    {DETECT_SEED_PHRASE, "abandon about"},
    {DETECT_SEED_PHRASE, "Abandon abandon abandon abandon abandon abandon abandon abandon abandon "
                         "abandon abandon about"},
    {DETECT_CARD, "4111 1111 1111 1112"},
    {DETECT_CARD, "0000000000000000"},
    {DETECT_IBAN, "GB83 WEST 1234 5698 7654 32"},
    {DETECT_HASH, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26"},
    {DETECT_OUTPOINT, "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b:x"},
    {DETECT_CHAIN_ADDRESS, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"},
    {DETECT_CHAIN_ADDRESS, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed"},
    {DETECT_PRIVATE_KEY, "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK"},
};

static void detectors_find_what_they_are_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof POSITIVE / sizeof POSITIVE[0]; i++) {
        if (!finds(POSITIVE[i].which, POSITIVE[i].text))
            fail_msg("%s: %s", detector_words(POSITIVE[i].which), POSITIVE[i].text);
    }
}

static void detectors_leave_the_rest_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof NEGATIVE / sizeof NEGATIVE[0]; i++) {
        if (finds(NEGATIVE[i].which, NEGATIVE[i].text))
            fail_msg("%s: %s", detector_words(NEGATIVE[i].which), NEGATIVE[i].text);
    }
}

/* A cut or bent value must not be read beyond its end (run under the sanitizers). */
static void any_bytes_are_taken(void **state)
{
    uint32_t random = 7;

    (void)state;
    for (size_t i = 0; i < sizeof POSITIVE / sizeof POSITIVE[0]; i++) {
        size_t len = strlen(POSITIVE[i].text);

        for (size_t cut = 0; cut <= len; cut++) {
            char *copy = test_malloc(cut == 0 ? 1 : cut);

            memcpy(copy, POSITIVE[i].text, cut);
            (void)detect(chain, copy, cut);
            for (size_t k = 0; k < cut; k++) {
                random = random * 1664525 + 1013904223;
                copy[k] = (char)(random >> 24);
            }
            (void)detect(chain, copy, cut);
            test_free(copy);
        }
    }
}

static void names_are_read_word_by_word(void **state)
{
    static const struct {
        const char *name;
        name_sense sense;
    } KNOWN[] = {
        {"email", NAME_EMAIL},
        {"contact_email", NAME_EMAIL},
        {"EMailAddress", NAME_EMAIL},
        {"firstName", NAME_PERSON},
        {"first_name", NAME_PERSON},
        {"LASTNAME", NAME_PERSON},
        {"password_hash", NAME_SECRET},
        {"apiKey", NAME_SECRET},
        {"privkey", NAME_SECRET},
        {"ip", NAME_IP},
        {"last_ip", NAME_IP},
        {"ship", NAME_NOTHING},
        {"dob", NAME_BIRTH},
        {"user_id", NAME_IDENTIFIER},
        {"status", NAME_CATEGORY},
        {"retry_count", NAME_COUNTER},
        {"country", NAME_NOTHING},
        {"", NAME_NOTHING},
        {"total_amount", NAME_AMOUNT},
        {"name", NAME_NOTHING},
        {"street_address", NAME_ADDRESS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        if (name_sense_of(KNOWN[i].name) != KNOWN[i].sense)
            fail_msg("%s: %d", KNOWN[i].name, (int)name_sense_of(KNOWN[i].name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detectors_find_what_they_are_for),
        cmocka_unit_test(detectors_leave_the_rest_alone),
        cmocka_unit_test(any_bytes_are_taken),
        cmocka_unit_test(names_are_read_word_by_word),
    };
    static const rh_mask_key no_key;
    int failed;

    if (rh_crypto_start(NULL) != RH_OK || rh_chain_new(&no_key, "test", &chain, NULL) != RH_OK)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    rh_chain_free(chain);
    return failed;
}
