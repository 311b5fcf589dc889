/*
 * Identifiers of block chains: published vectors of each codec, masking across forms.
 */
#include "mask_test.h"

#include <stdio.h>

#include "anonymize/chain_id.h"
#include "anonymize/wide_perm.h"
#include "core/base58.h"
#include "core/bech32.h"

static rh_chain *open_chain(const rh_mask_key *key)
{
    rh_chain *chain = NULL;

    assert_int_equal(rh_chain_new(key, "address", &chain, NULL), RH_OK);
    return chain;
}

static bool parses(rh_chain *chain, unsigned forms, const char *text, rh_chain_parts *parts)
{
    return rh_chain_parse(chain, forms, text, strlen(text), parts);
}

/* Bitcoin Core's base58_encode_decode.json. */
static void base58_gives_the_published_vectors(void **state)
{
    static const char *const known[][2] = {
        {"", ""},
        {"61", "2g"},
        {"626262", "a3gV"},
        {"636363", "aPEr"},
        {"73696d706c792061206c6f6e6720737472696e67", "2cFupjhnEsSn59qHXstmK2ffpLv2"},
        {"00eb15231dfceb60925886b67d065299925915aeb172c06647",
         "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L"},
        {"516b6fcd0f", "ABnLTmg"},
        {"bf4f89001e670274dd", "3SEo3LWLoPntC"},
        {"572e4794", "3EFU7m"},
        {"ecac89cad93923c02321", "EJDM8drfXA6uyA"},
        {"10c8511e", "Rt5zm"},
        {"00000000000000000000", "1111111111"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint8_t want[96], out[96];
        char text[RH_BASE58_MAX_TEXT];
        size_t len = strlen(known[i][0]) / 2, out_len;

        from_hex(known[i][0], want);
        assert_int_equal(rh_base58_encode(want, len, text), strlen(known[i][1]));
        assert_memory_equal(text, known[i][1], strlen(known[i][1]));
        assert_true(rh_base58_decode(known[i][1], strlen(known[i][1]), out, &out_len));
        assert_int_equal(out_len, len);
        assert_memory_equal(out, want, len);
    }
}

static void base58_comes_back_and_refuses_other_letters(void **state)
{
    static const char bad[] = "0OIl+/ _\xff";
    uint64_t seed = 79;
    uint8_t data[96], out[96];
    char text[RH_BASE58_MAX_TEXT];
    size_t out_len;

    (void)state;
    for (size_t round = 0; round < 2000; round++) {
        size_t len = round % 97, zeros = (size_t)(next_number(&seed) % 5);

        fill_random(&seed, data, len);
        memset(data, 0, zeros < len ? zeros : len);

        size_t text_len = rh_base58_encode(data, len, text);

        assert_true(text_len <= RH_BASE58_MAX_TEXT);
        assert_true(rh_base58_decode(text, text_len, out, &out_len));
        assert_int_equal(out_len, len);
        assert_memory_equal(out, data, len);
    }
    for (size_t i = 0; i < sizeof bad - 1; i++) {
        memset(text, 'z', 10);
        text[i] = bad[i];
        assert_false(rh_base58_decode(text, 10, out, &out_len));
    }
    memset(text, 'z', sizeof text);
    assert_false(rh_base58_decode(text, sizeof text, out, &out_len)); /* 97 bytes */
}

/* BIP 173 and BIP 350, all valid strings. */
static void bech32_takes_the_valid_strings_of_the_bips(void **state)
{
    static const struct {
        const char *text;
        bool modified;
    } valid[] = {
        {"A12UEL5L", false},
        {"a12uel5l", false},
        {"an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tg"
         "s",
         false},
        {"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", false},
        {"11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247"
         "j",
         false},
        {"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", false},
        {"?1ezyfcl", false},
        {"A1LQFN3A", true},
        {"a1lqfn3a", true},
        {"an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg"
         "6",
         true},
        {"abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", true},
        {"11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr"
         "8",
         true},
        {"split1checkupstagehandshakeupstreamerranterredcaperredlc445v", true},
        {"?1v759aa", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        rh_bech32 b;
        char text[RH_BECH32_MAX_TEXT];
        size_t len = strlen(valid[i].text);

        assert_true(rh_bech32_decode(valid[i].text, len, &b));
        assert_int_equal(b.modified, valid[i].modified);
        assert_int_equal(rh_bech32_encode(&b, text), len);
        assert_memory_equal(text, valid[i].text, len);
    }
}

static void bech32_refuses_the_invalid_strings_of_the_bips(void **state)
{
    static const char *const invalid[] = {
        "\x20"
        "1nwldj5",
        "\x7f"
        "1axkwrx",
        "\x80"
        "1eym55h",
        "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pv"
        "x",
        "pzry9x0s0muk",
        "1pzry9x0s0muk",
        "x1b4n0q5v",
        "li1dgmt3",
        "de1lg7wt\xff",
        "A1G7SGD8",
        "10a06t8",
        "1qzzfhee",
        "\x20"
        "1xj0phk",
        "\x7f"
        "1g6xzxy",
        "\x80"
        "1vctc34",
        "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts"
        "4",
        "qyrz8wqd2c9m",
        "1qyrz8wqd2c9m",
        "y1b0jsk6g",
        "lt1igcx5c0",
        "in1muywd",
        "mm1crxm3i",
        "au1s5cgom",
        "M1VUXWEZ",
        "16plkw9",
        "1p2gdwpf",
        "A12uEL5L",
        "",
    };

    (void)state;
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        rh_bech32 b;

        assert_false(rh_bech32_decode(invalid[i], strlen(invalid[i]), &b));
    }
}

/* Segwit addresses of BIP 350 with programs of 20 or 32 bytes. */
static void segwit_addresses_are_read(void **state)
{
    static const struct {
        const char *text, *hex;
        uint8_t version;
    } valid[] = {
        {"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "751e76e8199196d454941c45d1b3a323f1433bd6",
         0},
        {"tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
         "1863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262", 0},
        {"tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
         "000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433", 0},
        {"tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
         "000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433", 1},
        {"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
         "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 1},
    };
    static const char *const invalid[] = {
        "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
        "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf",
        "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
        "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47",
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
        "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
        "bc1pw5dgrnzv",
        "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
        "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
        "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j",
        "bc1gmk9yu",
    };
    rh_chain *chain = open_chain(key_a());
    rh_chain_parts parts;

    (void)state;
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        uint8_t want[32];
        char text[RH_CHAIN_MAX_TEXT];

        from_hex(valid[i].hex, want);
        assert_true(parses(chain, RH_CHAIN_CHECKED, valid[i].text, &parts));
        assert_int_equal(parts.form, RH_CHAIN_SEGWIT);
        assert_int_equal(parts.version, valid[i].version);
        assert_int_equal(parts.id_bytes, strlen(valid[i].hex) / 2);
        assert_memory_equal(parts.id, want, parts.id_bytes);
        assert_int_equal(rh_chain_format(chain, &parts, text), strlen(valid[i].text));
        assert_memory_equal(text, valid[i].text, strlen(valid[i].text));
    }
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++)
        assert_false(parses(chain, RH_CHAIN_SEGWIT, invalid[i], &parts));
    rh_chain_free(chain);
    rh_chain_free(NULL);
}

/* The eight addresses of EIP-55. */
static void eip55_gives_the_published_addresses(void **state)
{
    static const char *const known[] = {
        "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    };
    rh_chain *chain = open_chain(key_a());

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        rh_chain_parts parts;
        char text[RH_CHAIN_MAX_TEXT], wrong[64];

        assert_true(parses(chain, RH_CHAIN_CHECKED, known[i], &parts));
        assert_int_equal(parts.form, RH_CHAIN_EVM);
        assert_int_equal(rh_chain_format(chain, &parts, text), 42);
        assert_memory_equal(text, known[i], 42);
        parts.hex_case = 'm';
        assert_int_equal(rh_chain_format(chain, &parts, text), 42);
        assert_memory_equal(text, known[i], 42);
        if (i < 4)
            continue;
        memcpy(wrong, known[i], 43); /* one letter in the wrong case */
        for (size_t j = 2;; j++) {
            if (wrong[j] >= 'A') {
                wrong[j] ^= 0x20;
                break;
            }
        }
        assert_false(parses(chain, RH_CHAIN_CHECKED, wrong, &parts));
    }
    rh_chain_free(chain);
}

static void masked_addresses_stay_of_their_kind(void **state)
{
    static const struct {
        const char *text;
        unsigned form;
        const char *starts; /* of the image */
    } known[] = {
        {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", RH_CHAIN_BASE58CHECK, "1"},
        {"3P14159f73E4gFr7JterCCQh9QjiTjiZrG", RH_CHAIN_BASE58CHECK, "3"},
        {"mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", RH_CHAIN_BASE58CHECK, "mn"},
        {"2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc", RH_CHAIN_BASE58CHECK, "2"},
        {"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", RH_CHAIN_BASE58CHECK, "T"},
        {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", RH_CHAIN_SEGWIT, "b"},
        {"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", RH_CHAIN_SEGWIT, "b"},
        {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", RH_CHAIN_EVM, "0"},
        {"5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", RH_CHAIN_EVM, "0123456789abcdef"},
        {"TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", RH_CHAIN_SOLANA, NULL},
        {"4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b", RH_CHAIN_HASH, NULL},
    };
    rh_chain *a = open_chain(key_a()), *b = open_chain(key_b());

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char out[RH_CHAIN_MAX_TEXT + 1], other[RH_CHAIN_MAX_TEXT], again[RH_CHAIN_MAX_TEXT];
        size_t len = strlen(known[i].text), out_len, other_len, again_len;
        rh_chain_parts raw, parts;

        assert_true(rh_chain_map(a, known[i].form, known[i].text, len, out, &out_len));
        assert_true(rh_chain_map(a, known[i].form, known[i].text, len, again, &again_len));
        assert_true(rh_chain_map(b, known[i].form, known[i].text, len, other, &other_len));
        assert_int_equal(out_len, again_len);
        assert_memory_equal(out, again, out_len);
        assert_true(out_len != len || memcmp(out, known[i].text, len) != 0);
        assert_true(out_len != other_len || memcmp(out, other, out_len) != 0);
        out[out_len] = '\0';
        assert_true(parses(a, known[i].form, known[i].text, &raw));
        assert_true(parses(a, known[i].form, out, &parts));
        assert_int_equal(parts.form, raw.form);
        assert_int_equal(parts.version, raw.version);
        assert_int_equal(parts.hex_prefix, raw.hex_prefix);
        assert_in_range(bits_apart(parts.id, raw.id, raw.id_bytes), 2 * raw.id_bytes,
                        6 * raw.id_bytes);
        if (known[i].starts != NULL)
            assert_non_null(strchr(known[i].starts, out[0]));
    }
    rh_chain_free(a);
    rh_chain_free(b);
}

static void damaged_addresses_are_of_no_kind(void **state)
{
    static const char *const bad[] = {
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf",
        "",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
        "hello",
        "1",
        "111111111111111111111111111111",
        "0x",
        "5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg",
    };
    rh_chain *chain = open_chain(key_a());
    char out[RH_CHAIN_MAX_TEXT] = "untouched";
    size_t len = 3;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(rh_chain_map(chain, RH_CHAIN_CHECKED | RH_CHAIN_HASH, bad[i], strlen(bad[i]),
                                  out, &len));
    assert_string_equal(out, "untouched");
    assert_int_equal(len, 3);
    rh_chain_free(chain);
}

/* The same 20 bytes in every form have the same image: P2PKH, P2WPKH, Cosmos, EVM, packed. */
static void one_identifier_has_one_image_in_all_forms(void **state)
{
    static const char *const forms[] = {"1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
                                        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                                        "0x751e76e8199196d454941c45d1b3a323f1433bd6"};
    uint8_t packed[21], topic[32] = {0}, want[20];
    rh_chain *chain = open_chain(key_a());
    rh_wide_perm *perm;
    rh_chain_parts parts;

    (void)state;
    from_hex("751e76e8199196d454941c45d1b3a323f1433bd6", want);
    packed[0] = 0x80;
    memcpy(packed + 1, want, 20);
    memcpy(topic + 12, want, 20);
    assert_int_equal(rh_wide_perm_new(key_a(), "address", 20, &perm, NULL), RH_OK);
    rh_wide_perm_map(perm, want, 20, 1);
    for (size_t i = 0; i < 3; i++) {
        char out[RH_CHAIN_MAX_TEXT];
        size_t len;

        assert_true(rh_chain_map(chain, RH_CHAIN_CHECKED, forms[i], strlen(forms[i]), out, &len));
        assert_true(rh_chain_parse(chain, RH_CHAIN_CHECKED, out, len, &parts));
        assert_memory_equal(parts.id, want, 20);
    }
    rh_chain_map_packed(chain, packed);
    assert_int_equal(packed[0], 0x80);
    assert_memory_equal(packed + 1, want, 20);
    assert_true(rh_chain_map_topic(chain, topic));
    assert_memory_equal(topic + 12, want, 20);
    topic[11] = 1;
    assert_false(rh_chain_map_topic(chain, topic));
    rh_wide_perm_free(perm);
    rh_chain_free(chain);
}

static void cosmos_addresses_keep_their_prefix(void **state)
{
    rh_chain *chain = open_chain(key_a());
    rh_chain_parts parts = {.form = RH_CHAIN_BECH32, .id_bytes = 20, .id = {1, 2, 3}};
    char text[RH_CHAIN_MAX_TEXT], out[RH_CHAIN_MAX_TEXT];
    size_t len, out_len;

    (void)state;
    memcpy(parts.bech32.hrp, "cosmosvaloper", 14);
    len = rh_chain_format(chain, &parts, text);
    assert_false(rh_chain_map(chain, RH_CHAIN_SEGWIT, text, len, out, &out_len));
    assert_true(rh_chain_map(chain, RH_CHAIN_CHECKED, text, len, out, &out_len));
    assert_int_equal(out_len, len);
    assert_memory_equal(out, "cosmosvaloper1", 14);
    assert_memory_not_equal(out, text, len);
    rh_chain_free(chain);
}

static void hashes_join_in_both_byte_orders(void **state)
{
    uint8_t shown[32], wire[32];
    rh_chain *chain = open_chain(key_a());

    (void)state;
    for (uint8_t i = 0; i < 32; i++) {
        shown[i] = i;
        wire[31 - i] = i;
    }
    rh_chain_map_hash(chain, shown, false);
    rh_chain_map_hash(chain, wire, true);
    for (size_t i = 0; i < 32; i++)
        assert_int_equal(shown[i], wire[31 - i]);
    rh_chain_free(chain);
}

#define TXID "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
#define PKH  "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"

static void identifiers_inside_texts_are_mapped(void **state)
{
    static const char text[] = TXID ":0 " TXID "_" TXID "," PKH " XCP 100;" PKH;
    rh_chain *chain = open_chain(key_a());
    rh_chain_words words = {.text = text, .len = sizeof text - 1};
    rh_buf out = RH_BUF_INIT;
    char hash[RH_CHAIN_MAX_TEXT + 1], address[RH_CHAIN_MAX_TEXT + 1], want[600];
    size_t len;

    (void)state;
    assert_true(rh_chain_map(chain, RH_CHAIN_HASH, TXID, 64, hash, &len));
    hash[len] = '\0';
    assert_true(rh_chain_map(chain, RH_CHAIN_CHECKED, PKH, 34, address, &len));
    address[len] = '\0';
    (void)snprintf(want, sizeof want, "%s:0 %s_%s,%s XCP 100;%s", hash, hash, hash, address,
                   address);
    assert_int_equal(
        rh_chain_map_words(chain, RH_CHAIN_CHECKED | RH_CHAIN_HASH, &words, &out, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), want);
    assert_int_equal(words.mapped, 5);
    assert_int_equal(words.secret, 0);
    rh_buf_done(&out);
    rh_chain_free(chain);
}

/* Keys that everybody knows: of BIP 32's first vector, and of the Bitcoin wiki on WIF. */
static void private_keys_are_seen(void **state)
{
    static const char wif[] = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";
    static const char xprv[] = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNK"
                               "mPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi";
    static const char xpub[] = "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFj"
                               "qJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8";
    rh_chain *chain = open_chain(key_a());
    rh_chain_words words = {.text = wif, .len = sizeof wif - 1};
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_true(rh_chain_is_secret(chain, wif, sizeof wif - 1));
    assert_true(rh_chain_is_secret(chain, xprv, sizeof xprv - 1));
    assert_false(rh_chain_is_secret(chain, xpub, sizeof xpub - 1));
    assert_false(rh_chain_is_secret(chain, PKH, 34));
    assert_false(rh_chain_is_secret(chain, wif, sizeof wif - 2));
    assert_int_equal(rh_chain_map_words(chain, RH_CHAIN_CHECKED, &words, &out, NULL), RH_OK);
    assert_int_equal(words.secret, 1);
    rh_buf_wipe_done(&out);
    rh_chain_free(chain);
}

static rh_status map_words(void *ctx, rh_error *err)
{
    rh_chain *chain = NULL;
    rh_chain_words words = {.text = PKH " " TXID, .len = 34 + 1 + 64};
    rh_buf out = RH_BUF_INIT;
    rh_status status = rh_chain_new(key_a(), "address", &chain, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_chain_map_words(chain, RH_CHAIN_CHECKED, &words, &out, err);
    assert_int_equal(words.mapped, status == RH_OK ? 1 : 0);
    rh_buf_done(&out);
    rh_chain_free(chain);
    return status;
}

static void chains_survive_every_failed_allocation(void **state)
{
    (void)state;
    assert_true(fail_nth(map_words, NULL) >= 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base58_gives_the_published_vectors),
        cmocka_unit_test(base58_comes_back_and_refuses_other_letters),
        cmocka_unit_test(bech32_takes_the_valid_strings_of_the_bips),
        cmocka_unit_test(bech32_refuses_the_invalid_strings_of_the_bips),
        cmocka_unit_test(segwit_addresses_are_read),
        cmocka_unit_test(eip55_gives_the_published_addresses),
        cmocka_unit_test(masked_addresses_stay_of_their_kind),
        cmocka_unit_test(damaged_addresses_are_of_no_kind),
        cmocka_unit_test(one_identifier_has_one_image_in_all_forms),
        cmocka_unit_test(cosmos_addresses_keep_their_prefix),
        cmocka_unit_test(hashes_join_in_both_byte_orders),
        cmocka_unit_test(identifiers_inside_texts_are_mapped),
        cmocka_unit_test(private_keys_are_seen),
        cmocka_unit_test(chains_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
