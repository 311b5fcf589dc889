/*
 * One value under the eye: what is found inside encodings, and that each value counts once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/hash.h"
#include "leak_internal.h"

static const uint8_t key[RH_SEEN_KEY_BYTES] = "0123456789abcdef0123456789abcdef";
static rh_seen_set *set;

#define TXID "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"

static int remember(void **state)
{
    static const char *const values[] = {"jane@example.org",
                                         "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
                                         TXID,
                                         "+1 202 555 0143",
                                         "Zo\xc3\xab van Dijk",
                                         "shipped"};
    rh_buf file = RH_BUF_INIT;
    rh_seen *seen = NULL;

    (void)state;
    assert_int_equal(rh_seen_new(0, &seen, NULL), RH_OK);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_int_equal(
            rh_seen_add(seen, &(rh_seen_value){RH_SEEN_TEXT, values[i], strlen(values[i]), NULL, 0},
                        NULL),
            RH_OK);
    assert_int_equal(rh_seen_seal(seen, key, &file, NULL), RH_OK);
    assert_int_equal(rh_seen_unseal(file.data, file.len, key, &set, NULL), RH_OK);
    rh_buf_done(&file);
    rh_seen_free(seen);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    rh_seen_set_free(set);
    return 0;
}

static leak_counts counts;

static void look(const void *data, size_t len, bool bytes, rh_leak_detectors detectors)
{
    rh_leak_options options = RH_LEAK_OPTIONS_INIT;
    leak_eye eye;

    options.seen = set;
    options.detectors = detectors;
    memset(&counts, 0, sizeof counts);
    leak_eye_init(&eye, &options);
    eye.counts = &counts;
    if (bytes)
        leak_eye_bytes(&eye, data, len);
    else
        leak_eye_text(&eye, data, len, true);
    assert_int_equal(leak_eye_status(&eye, NULL), RH_OK);
    leak_eye_done(&eye);
}

static uint64_t seen_in_text(const char *text)
{
    uint64_t sum = 0;

    look(text, strlen(text), false, RH_LEAK_DETECTORS_OFF);
    for (size_t i = 0; i < DETECTORS; i++)
        sum += counts.by[i].seen.values;
    return sum;
}

static uint64_t seen_in_bytes(const void *data, size_t len)
{
    uint64_t sum = 0;

    look(data, len, true, RH_LEAK_DETECTORS_OFF);
    for (size_t i = 0; i < DETECTORS; i++)
        sum += counts.by[i].seen.values;
    return sum;
}

static void seen_values_are_found_in_encodings(void **state)
{
    (void)state;
    assert_int_equal(seen_in_text("jane@example.org"), 1);
    assert_int_equal(seen_in_text("JANE@EXAMPLE.ORG"), 1);
    assert_int_equal(seen_in_text("a jane%40example.org b"), 1);
    assert_int_equal(seen_in_text("{\"a\":\"\\u006aane@example.org\"}"), 1);
    assert_int_equal(seen_in_text("{\"a\":\"{\\\"b\\\":\\\"jane@example.org\\\"}\"}"), 1);
    assert_int_equal(seen_in_text("bWFpbCBqYW5lQGV4YW1wbGUub3JnIG5vdw"), 1);
    assert_int_equal(seen_in_text("\\x6a616e65406578616d706c652e6f7267"), 1);
    assert_int_equal(seen_in_text("x 6a616e65406578616d706c652e6f7267 y"), 1);
    assert_int_equal(seen_in_text("{\"name\":\"Zo\\u00eb van Dijk\"}"), 1);
    assert_int_equal(seen_in_text("202.555.0143"), 0);
    assert_int_equal(seen_in_text("+1-202-555-0143"), 1);
    assert_int_equal(seen_in_text("john@example.org"), 0);
    assert_int_equal(seen_in_text(""), 0);
}

static void a_value_counts_once(void **state)
{
    (void)state;
    assert_int_equal(seen_in_text("jane@example.org jane@example.org, jane@example.org"), 1);
    assert_int_equal(seen_in_text(TXID ":0"), 1);
}

static void packed_identifiers_are_found_in_binary(void **state)
{
    uint8_t data[120];

    (void)state;
    memset(data, 0xa5, sizeof data);
    data[30] = 0;
    assert_int_equal(rh_hex_decode("77bff20c60e522dfaa3350c39b030a5d004e839a", 20, data + 31), 0);
    assert_int_equal(seen_in_bytes(data, sizeof data), 1);
    memset(data, 0xa5, sizeof data);
    assert_int_equal(seen_in_bytes(data, sizeof data), 0);
    assert_int_equal(rh_hex_decode(TXID, 32, data + 7), 0);
    assert_int_equal(seen_in_bytes(data, sizeof data), 1);
    assert_int_equal(seen_in_bytes(data + 7, 32), 1);
    memcpy(data, "\x01\x02\x10jane@example.org\x00\x01", 21);
    assert_int_equal(seen_in_bytes(data, 60), 1);
    assert_int_equal(seen_in_bytes("jane@example.org", 16), 1);
}

static void words_are_weak(void **state)
{
    (void)state;
    look("shipped", 7, false, RH_LEAK_DETECTORS_ON);
    assert_int_equal(counts.by[DETECTOR_PHRASE].weak.values, 1);
    assert_int_equal(counts.by[DETECTOR_PHRASE].seen.values, 0);
}

static void look_alikes_and_secrets_are_told_apart(void **state)
{
    static const char seed[] =
        "{\"s\": \"legal winner thank year wave sausage worth useful legal winner thank yellow\"}";

    (void)state;
    look("john@example.org", 16, false, RH_LEAK_DETECTORS_ON);
    assert_int_equal(counts.by[DETECTOR_EMAIL].look.values, 1);
    assert_int_equal(counts.by[DETECTOR_EMAIL].seen.values, 0);
    look("john@example.org", 16, false, RH_LEAK_DETECTORS_OFF);
    assert_false(counts.any);
    look(seed, sizeof seed - 1, false, RH_LEAK_DETECTORS_ON);
    assert_int_equal(counts.by[DETECTOR_SEED_PHRASE].look.values, 1);
}

static void deleted_records_are_carved_out(void **state)
{
    rh_leak_options options = RH_LEAK_OPTIONS_INIT;
    uint8_t page[512];
    leak_eye eye;

    (void)state;
    memset(page, 0, sizeof page);
    /* two texts without anything between them */
    memcpy(page + 200, "\x03\x2d\x19jane@example.orgfoobar", 25);
    options.seen = set;
    memset(&counts, 0, sizeof counts);
    leak_eye_init(&eye, &options);
    eye.counts = &counts;
    leak_carve(&eye, page, sizeof page);
    assert_int_equal(counts.by[DETECTOR_EMAIL].seen.values, 1);
    assert_int_equal(leak_carve_record(&eye, page + 200, 25), 25);
    assert_int_equal(leak_carve_record(&eye, page + 200, 24), 0);
    assert_int_equal(leak_carve_record(&eye, page, 2), 0);
    leak_eye_done(&eye);
}

static void any_bytes_are_fine(void **state)
{
    uint64_t random = 88172645463325252u;
    rh_leak_options options = RH_LEAK_OPTIONS_INIT;
    uint8_t data[257];
    leak_eye eye;

    (void)state;
    options.seen = set;
    memset(&counts, 0, sizeof counts);
    leak_eye_init(&eye, &options);
    eye.counts = &counts;
    for (int round = 0; round < 5000; round++) {
        size_t len = (size_t)(random >> 20) % sizeof data;

        for (size_t i = 0; i < len; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            data[i] = (uint8_t)(round % 3 == 0 ? random % 20 : random);
        }
        leak_eye_text(&eye, data, len, true);
        leak_eye_bytes(&eye, data, len);
        leak_carve(&eye, data, len);
        (void)leak_carve_record(&eye, data, len);
        leak_eye_integer(&eye, (int64_t)random);
    }
    leak_eye_integer(&eye, INT64_MIN);
    assert_int_equal(leak_eye_status(&eye, NULL), RH_OK);
    leak_eye_done(&eye);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seen_values_are_found_in_encodings),
        cmocka_unit_test(a_value_counts_once),
        cmocka_unit_test(packed_identifiers_are_found_in_binary),
        cmocka_unit_test(words_are_weak),
        cmocka_unit_test(look_alikes_and_secrets_are_told_apart),
        cmocka_unit_test(deleted_records_are_carved_out),
        cmocka_unit_test(any_bytes_are_fine),
    };

    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, remember, forget);
}
