/*
 * Detectors against published vectors, valid and invalid. Secrets here are the ones that their
 * specifications print.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chain_text.h"
#include "core/bytes.h"
#include "core/hash.h"
#include "detect.h"

/* The detector of the first token that covers all of text. */
typedef struct whole_token {
    size_t len;
    detector which;
} whole_token;

static void take(void *ctx, const leak_token *token)
{
    whole_token *whole = ctx;

    if (token->raw_len == whole->len && whole->which == DETECTOR_TEXT)
        whole->which = rh_leak_detect(token);
}

static detector detect(const char *text)
{
    whole_token whole = {.len = strlen(text)};
    token_sink sink = {.put = take, .ctx = &whole};

    rh_leak_tokens((const uint8_t *)text, strlen(text), true, &sink);
    return whole.which;
}

static void assert_detects(detector which, const char *text)
{
    detector found = detect(text);

    if (found != which)
        fail_msg("'%s' is '%s', not '%s'", text, rh_leak_detector_name(found),
                 rh_leak_detector_name(which));
}

static void assert_is_not(detector which, const char *text)
{
    if (detect(text) == which)
        fail_msg("'%s' must not be '%s'", text, rh_leak_detector_name(which));
}

static void network_identifiers(void **state)
{
    (void)state;
    assert_detects(DETECTOR_EMAIL, "jane.doe+tag@mail.example.org");
    assert_is_not(DETECTOR_EMAIL, "@jane.doe1");
    assert_is_not(DETECTOR_EMAIL, "jane@localhost9");
    assert_detects(DETECTOR_IPV4, "8.8.4.4");
    assert_is_not(DETECTOR_IPV4, "256.8.4.44");
    assert_detects(DETECTOR_IPV6, "2001:db8:85a3::8a2e:370:7334");
    assert_detects(DETECTOR_IPV6, "2001:0db8:85a3:0000:0000:8a2e:0370:7334");
    assert_is_not(DETECTOR_IPV6, "2001:db8:85a3:8a2e:370:7334");
    assert_detects(DETECTOR_URL, "postgresql://user:secret99@db.example.org/app");
    assert_is_not(DETECTOR_URL, "https://example.org/@user22");
    assert_detects(DETECTOR_UUID, "550e8400-e29b-41d4-a716-446655440000");
    assert_is_not(DETECTOR_UUID, "550e8400-e29b-41d4-a716-44665544000g");
    assert_detects(DETECTOR_PHONE, "+12025550143");
}

static void cards_and_accounts(void **state)
{
    (void)state;
    assert_detects(DETECTOR_CARD, "4532015112830366");
    assert_detects(DETECTOR_CARD, "5555-3412-4444-1115");
    assert_detects(DETECTOR_CARD, "378282246310005");
    assert_is_not(DETECTOR_CARD, "378282246310006");
    assert_detects(DETECTOR_IBAN, "GB82WEST12345698765432");
    assert_detects(DETECTOR_IBAN, "DE89370400440532013000");
    assert_is_not(DETECTOR_IBAN, "GB82WEST12345698765433");
}

static void base58check_addresses(void **state)
{
    uint8_t out[LEAK_MAX_BASE58_BYTES];
    char hex[64];

    (void)state;
    assert_detects(DETECTOR_BASE58CHECK, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
    assert_detects(DETECTOR_BASE58CHECK, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy");
    assert_detects(DETECTOR_BASE58CHECK, "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn");
    assert_detects(DETECTOR_BASE58CHECK, "1111111111111111111114oLvT2");
    assert_is_not(DETECTOR_BASE58CHECK, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb");
    assert_is_not(DETECTOR_BASE58CHECK, "1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf0a");
    assert_int_equal(
        rh_leak_chain_program((const uint8_t *)"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", 34, out), 20);
    rh_hex_encode(out, 20, hex);
    assert_string_equal(hex, "62e907b15cbf27d5425399ebf6f0fb50ebb88f18");
}

/* BIP 173 and BIP 350, "Test vectors". */
static void bech32_addresses(void **state)
{
    static const char *const valid[] = {
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
        "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
        "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
        "cosmos1hsk6jryyqjfhp5dhc55tc9jtckygx0eph6dd02",
    };
    static const char *const invalid[] = {
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T5",
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sL5k7",
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
        "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3x",
    };
    uint8_t program[LEAK_MAX_PROGRAM];
    uint8_t version;

    (void)state;
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        if (i != 2)
            assert_detects(DETECTOR_BECH32, valid[i]);
        assert_true(rh_leak_bech32((const uint8_t *)valid[i], strlen(valid[i]), &version, program) >
                    0);
    }
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++)
        assert_int_equal(
            rh_leak_bech32((const uint8_t *)invalid[i], strlen(invalid[i]), &version, program), 0);
}

static void other_chains(void **state)
{
    (void)state;
    assert_detects(DETECTOR_EVM, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    assert_is_not(DETECTOR_EVM, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg");
    assert_detects(DETECTOR_SOLANA, "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v");
    assert_detects(DETECTOR_TXID,
                   "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b");
    assert_detects(DETECTOR_BASE58CHECK, "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"); /* Tron */
}

/* The Bitcoin wiki's WIF example and BIP 32's first vector, in halves: no scanner of this
 * repository should find a key here. */
static void private_keys(void **state)
{
    (void)state;
    assert_detects(DETECTOR_PRIVATE_KEY, "5HueCGU8rMjxEXxiPuD5BDku4"
                                         "MkFqeZyd4dZ1jvhTVqvbTLvyTJ");
    assert_detects(DETECTOR_PRIVATE_KEY, "KwdMAjGmerYanjeui5SHS7Jkm"
                                         "pZvVipYvB2LJGU1ZxJwYvP98617");
    assert_detects(DETECTOR_PRIVATE_KEY, "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPP"
                                         "qjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi");
    assert_is_not(
        DETECTOR_PRIVATE_KEY,
        "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8Yt"
        "GqsefD265TMg7usUDFdp6W1EGMcet8");
    assert_is_not(DETECTOR_PRIVATE_KEY, "5HueCGU8rMjxEXxiPuD5BDku4"
                                        "MkFqeZyd4dZ1jvhTVqvbTLvyTK");
}

static void tokens_of_services(void **state)
{
    (void)state;
    assert_detects(DETECTOR_JWT, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0."
                                 "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c");
    assert_is_not(DETECTOR_JWT, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
    assert_is_not(DETECTOR_JWT, "eyJhYWEiOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0.abc1");
    assert_detects(DETECTOR_API_KEY, "AKIA"
                                     "IOSFODNN7EXAMPLE");
    assert_is_not(DETECTOR_API_KEY, "AKIA"
                                    "IOSFODNN7EXAMPLEX");
    assert_detects(DETECTOR_API_KEY, "ghp_"
                                     "16C7e42F292c6912E7710c838347Ae178B4a");
    assert_is_not(DETECTOR_API_KEY, "ghp_"
                                    "111111111111111111111111111111111111");
    assert_detects(DETECTOR_API_KEY, "sk_live_"
                                     "4eC39HqLyjWDarjtT1zdp7dc");
    assert_is_not(DETECTOR_API_KEY, "sk_lives_in_a_house_22_by_the_sea");
}

static void key_blocks(void **state)
{
    static const char block[] = "x -----BEGIN "
                                "RSA PRIVATE "
                                "KEY-----\\nMIIE...";
    static const char other[] = "-----BEGIN CERTIFICATE-----\nMIIE PRIVATE "
                                "KEY";

    (void)state;
    assert_int_equal(rh_leak_count_pem((const uint8_t *)block, sizeof block - 1), 1);
    assert_int_equal(rh_leak_count_pem((const uint8_t *)other, sizeof other - 1), 0);
    assert_int_equal(rh_leak_count_pem((const uint8_t *)block, 20), 0);
    assert_int_equal(rh_leak_count_pem((const uint8_t *)"", 0), 0);
}

/* BIP 39's vectors (entropy of zeros, of 0x7f, of 24 words). */
static void seed_phrases(void **state)
{
    static const struct {
        const char *text;
        size_t words;
        bool valid;
    } cases[] = {
        {"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
         "about",
         12, true},
        {"legal winner thank year wave sausage worth useful legal winner thank yellow", 12, true},
        {"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
         "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
         "abandon art",
         24, true},
        {"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
         "abandon",
         12, false},
        {"legal winner thank year wave sausage worth useful legal winner thank yelloe", 12, false},
        {"legal winner thank year wave sausage worth useful legal winner thank yellow year", 13,
         false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(rh_leak_is_seed_phrase((const uint8_t *)cases[i].text,
                                                strlen(cases[i].text), cases[i].words),
                         cases[i].valid);
}

static void every_detector_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < DETECTORS; i++)
        assert_non_null(rh_leak_detector_name((detector)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network_identifiers),   cmocka_unit_test(cards_and_accounts),
        cmocka_unit_test(base58check_addresses), cmocka_unit_test(bech32_addresses),
        cmocka_unit_test(other_chains),          cmocka_unit_test(private_keys),
        cmocka_unit_test(tokens_of_services),    cmocka_unit_test(key_blocks),
        cmocka_unit_test(seed_phrases),          cmocka_unit_test(every_detector_has_a_name),
    };

    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
