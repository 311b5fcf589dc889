/*
 * Values into tokens: what is found inside of what, and how much it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "decode.h"
#include "token.h"

typedef struct found {
    const char *wanted;
    token_strength strength;
    size_t tokens;
    size_t words;
} found;

static void take(void *ctx, const leak_token *token)
{
    found *f = ctx;

    f->tokens++;
    assert_true(token->strength != TOKEN_NONE);
    assert_true(token->len <= TOKEN_MAX_BYTES);
    if (f->wanted != NULL && token->len == strlen(f->wanted) &&
        memcmp(token->text, f->wanted, token->len) == 0 && token->strength > f->strength)
        f->strength = token->strength;
}

static void take_words(void *ctx, const uint8_t *text, size_t len, size_t count)
{
    found *f = ctx;

    (void)text;
    assert_true(len > 0);
    f->words = count;
}

static found look(const char *value, bool whole, const char *wanted)
{
    found f = {.wanted = wanted};
    token_sink sink = {.put = take, .words = take_words, .ctx = &f};

    rh_leak_tokens((const uint8_t *)value, strlen(value), whole, &sink);
    return f;
}

static void assert_strength(const char *value, const char *wanted, token_strength strength)
{
    found f = look(value, true, wanted);

    if (f.strength != strength)
        fail_msg("'%s' in '%s': strength %d instead of %d", wanted, value, (int)f.strength,
                 (int)strength);
}

#define TXID          "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
#define TXID2         "0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098"
#define ADDRESS       "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"
#define ADDRESS_LOWER "1bvbmseystwetqtfn5au4m4gfg7xjanvn2"

static void identifiers_are_found_in_every_wrapping(void **state)
{
    static const char *const wrapped[] = {
        ADDRESS,
        "{\"source\": \"" ADDRESS "\", \"quantity\": 1}",
        "[\"" ADDRESS "\"]",
        "{" ADDRESS ",other}",
        "(1,\"" ADDRESS "\",t)",
        "a=>" ADDRESS ", b=>1",
        ADDRESS ":0",
        ADDRESS "_" ADDRESS,
        "first " ADDRESS " last",
        "https://example.org/address/" ADDRESS "?page=1",
        "<a>" ADDRESS "</a>",
        "bitcoin:" ADDRESS "?amount=1",
        "see " ADDRESS ".",
        "  " ADDRESS "\n",
        "x|" ADDRESS "|y;" ADDRESS,
        "$" ADDRESS "$",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrapped / sizeof wrapped[0]; i++)
        assert_strength(wrapped[i], ADDRESS_LOWER, TOKEN_STRONG);
}

static void outpoints_and_match_ids_are_found_whole_and_in_parts(void **state)
{
    (void)state;
    assert_strength(TXID ":0", TXID, TOKEN_STRONG);
    assert_strength(TXID ":0", TXID ":0", TOKEN_STRONG);
    assert_strength(TXID "_" TXID2, TXID, TOKEN_STRONG);
    assert_strength(TXID "_" TXID2, TXID2, TOKEN_STRONG);
    assert_strength("{\"id\":\"" TXID "_" TXID2 "\"}", TXID2, TOKEN_STRONG);
}

static void strengths(void **state)
{
    (void)state;
    assert_strength("jane@example.org", "jane@example.org", TOKEN_STRONG);
    assert_strength("mail Jane <Jane@Example.org> today", "jane@example.org", TOKEN_STRONG);
    assert_strength("mailto:jane@example.org", "jane@example.org", TOKEN_STRONG);
    assert_strength("8.8.4.4", "8.8.4.4", TOKEN_STRONG);
    assert_strength("10.0.0.17", "10.0.0.17", TOKEN_WEAK);
    assert_strength("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000",
                    TOKEN_STRONG);
    assert_strength("00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000",
                    TOKEN_NONE);
    assert_strength("123-45-6789", "123-45-6789", TOKEN_STRONG);
    assert_strength("12345678901", "12345678901", TOKEN_WEAK);
    assert_strength("123456789", "123456789", TOKEN_NONE);
    assert_strength("1234567890123456", "1234567890123456", TOKEN_STRONG);
    assert_strength("1000000000000000000000", "1000000000000000000000", TOKEN_NONE);
    assert_strength("shipped", "shipped", TOKEN_WEAK);
    assert_strength("was shipped today", "shipped", TOKEN_NONE);
    assert_strength("out of stock", "out of stock", TOKEN_WEAK);
    assert_strength("Jane Doe", "jane doe", TOKEN_STRONG);
    assert_strength("call Jane Doe back", "jane doe", TOKEN_STRONG);
    assert_strength("ask Ana Maria Silva now", "ana maria silva", TOKEN_STRONG);
    assert_strength("{\"name\":\"jane of the doe family\"}", "jane of the doe family", TOKEN_WEAK);
    assert_strength("{\"street\":\"12 Baker Street\"}", "12 baker street", TOKEN_STRONG);
    assert_strength("2024-10-17T10:00:00Z", "2024-10-17t10:00:00z", TOKEN_NONE);
    assert_strength("2024-10-17 10:00:00+00", "2024-10-17 10:00:00+00", TOKEN_NONE);
}

static void phone_and_card_numbers_lose_their_signs(void **state)
{
    (void)state;
    assert_strength("+1 (202) 555-0143", "12025550143", TOKEN_STRONG);
    assert_strength("call 202.555.0143 now", "2025550143", TOKEN_STRONG);
    assert_strength("+12025550143", "12025550143", TOKEN_STRONG);
    assert_strength("4111 1111 1111 1234", "4111111111111234", TOKEN_STRONG);
    assert_strength("4111-1111-1111-1234", "4111111111111234", TOKEN_STRONG);
    assert_strength("2024-10-17 12:34:56", "2024101712", TOKEN_NONE);
    assert_strength("0000 0000 0000 0000", "0000000000000000", TOKEN_NONE);
}

static void long_values_count_by_their_beginning(void **state)
{
    char value[5000];
    found f;

    (void)state;
    for (size_t i = 0; i < sizeof value - 1; i++)
        value[i] = (char)('a' + i * 7 % 23);
    value[10] = '7';
    value[11] = '3';
    value[sizeof value - 1] = '\0';
    f = look(value, true, NULL);
    assert_int_equal(f.tokens, 1);
}

static void words_in_a_row_are_counted(void **state)
{
    (void)state;
    assert_int_equal(
        look("one two three four five six seven eight nine ten eleven twelve", true, NULL).words,
        12);
    assert_int_equal(
        look("one two three four five six seven eight nine ten eleven", true, NULL).words, 0);
    assert_int_equal(
        look("one two three four five 6 seven eight nine ten eleven twelve more", true, NULL).words,
        0);
}

static void any_bytes_are_fine(void **state)
{
    uint64_t random = 88172645463325252u;
    uint8_t bytes[300];
    token_sink sink = {.put = take};
    found f = {0};

    (void)state;
    sink.ctx = &f;
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)(random % sizeof bytes);
        uint8_t *exact;

        for (size_t i = 0; i < len; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            bytes[i] =
                round % 2 == 0 ? (uint8_t)random : (uint8_t)("ab1 \"-_:/@.+(0x"[random % 15]);
        }
        exact = rh_mem_alloc(len); /* so that a sanitizer sees the ends */
        assert_non_null(exact);
        memcpy(exact, bytes, len);
        rh_leak_tokens(exact, len, true, &sink);
        rh_leak_token_bytes(exact, len, &sink);
        rh_mem_free(exact);
    }
}

/* ---- encodings ---- */

static void assert_unescaped(const char *text, const char *expected)
{
    uint8_t out[128];
    size_t len = rh_leak_unescape((const uint8_t *)text, strlen(text), out);

    assert_int_equal(len, strlen(expected));
    assert_memory_equal(out, expected, len);
}

static void escapes_are_undone(void **state)
{
    (void)state;
    assert_unescaped("a\\/b", "a/b");
    assert_unescaped("Zo\\u00eb", "Zo\xc3\xab");
    assert_unescaped("\\ud83d\\ude00", "\xf0\x9f\x98\x80");
    assert_unescaped("\\u00", "u00");
    assert_unescaped("\\ud83d", "\xed\xa0\xbd");
    assert_unescaped("end\\", "end\\");
    assert_unescaped("\\\"x\\\"\\n", "\"x\"\n");
}

static void base64_is_undone_only_where_it_is_text(void **state)
{
    static const char text[] = "amFuZUBleGFtcGxlLm9yZyBhbmQgbW9yZQ";
    uint8_t out[64];

    (void)state;
    assert_true(rh_leak_looks_base64((const uint8_t *)text, sizeof text - 1));
    assert_int_equal(rh_leak_base64((const uint8_t *)text, sizeof text - 1, out, sizeof out), 25);
    assert_memory_equal(out, "jane@example.org and more", 25);
    assert_false(rh_leak_looks_base64((const uint8_t *)ADDRESS, strlen(ADDRESS)));
    assert_int_equal(rh_leak_base64((const uint8_t *)"ab!c", 4, out, sizeof out), 0);
    assert_int_equal(rh_leak_base64((const uint8_t *)text, 8, out, 3), 3);
}

static void percent_and_utf16_are_undone(void **state)
{
    static const uint8_t wide[] = {'J', 0, 0xeb, 0, 0x3d, 0xd8, 0x00, 0xde, 0x00, 0xd8};
    uint8_t out[32];

    (void)state;
    assert_int_equal(rh_leak_unpercent((const uint8_t *)"jane%40x%2", 10, out), 8);
    assert_memory_equal(out, "jane@x%2", 8);
    assert_int_equal(rh_leak_utf16(wide, sizeof wide, false, out), 10);
    assert_memory_equal(out, "J\xc3\xab\xf0\x9f\x98\x80\xef\xbf\xbd", 10);
    assert_int_equal(rh_leak_utf16((const uint8_t *)"\0J\0", 3, true, out), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_found_in_every_wrapping),
        cmocka_unit_test(outpoints_and_match_ids_are_found_whole_and_in_parts),
        cmocka_unit_test(strengths),
        cmocka_unit_test(phone_and_card_numbers_lose_their_signs),
        cmocka_unit_test(long_values_count_by_their_beginning),
        cmocka_unit_test(words_in_a_row_are_counted),
        cmocka_unit_test(any_bytes_are_fine),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(base64_is_undone_only_where_it_is_text),
        cmocka_unit_test(percent_and_utf16_are_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
