/*
 * Text: prefix-preserving, format-preserving, check digits.
 */
#include "mask_test.h"

#include <stdio.h>

#include "anonymize/check_digit.h"
#include "anonymize/class_text.h"
#include "anonymize/prefix_text.h"
#include "core/mem.h"
#include "core/str.h"

static rh_prefix_text *open_prefix(const rh_mask_key *key, bool fold_case)
{
    rh_prefix_text *map = NULL;

    assert_int_equal(rh_prefix_text_new(key, "ref", fold_case, &map, NULL), RH_OK);
    return map;
}

static char class_of(char c)
{
    if (c >= '0' && c <= '9')
        return 'd';
    if (c >= 'a' && c <= 'z')
        return 'l';
    return c >= 'A' && c <= 'Z' ? 'u' : c;
}

static size_t shared(const char *a, const char *b)
{
    size_t i = 0;

    while (a[i] != '\0' && a[i] == b[i])
        i++;
    return i;
}

static void common_prefixes_and_classes_are_kept(void **state)
{
    static const char letters[] = "abcABC019-_ .";
    rh_prefix_text *map = open_prefix(key_a(), false);
    uint64_t seed = 67;

    (void)state;
    for (int round = 0; round < 5000; round++) {
        char raw[2][81], out[2][81];
        size_t length = (size_t)(1 + next_number(&seed) % 80);
        size_t same = (size_t)(next_number(&seed) % (length + 1));

        for (size_t j = 0; j < 2; j++) {
            for (size_t i = 0; i < length; i++)
                raw[j][i] = j == 1 && i < same ? raw[0][i] : letters[next_number(&seed) % 13];
            raw[j][length] = '\0';
            memcpy(out[j], raw[j], sizeof out[j]);
            rh_prefix_text_map(map, out[j], length);
            for (size_t i = 0; i < length; i++)
                assert_int_equal(class_of(out[j][i]), class_of(raw[j][i]));
        }
        assert_int_equal(shared(out[0], out[1]), shared(raw[0], raw[1]));
    }
    rh_prefix_text_free(map);
    rh_prefix_text_free(NULL);
}

static void a_character_is_permuted_within_its_class(void **state)
{
    static const struct {
        char first;
        unsigned count;
    } ascii[] = {{'0', 10}, {'a', 26}, {'A', 26}};
    rh_prefix_text *map = open_prefix(key_a(), false);

    (void)state;
    for (size_t c = 0; c < 3; c++) {
        bool seen[256] = {false};

        for (unsigned i = 0; i < ascii[c].count; i++) {
            char text[] = "key-7?";

            text[5] = (char)(ascii[c].first + (int)i);
            rh_prefix_text_map(map, text, 6);
            assert_false(seen[(uint8_t)text[5]]);
            seen[(uint8_t)text[5]] = true;
            assert_int_equal(class_of(text[5]), class_of(ascii[c].first));
        }
    }
    rh_prefix_text_free(map);
}

/* Every image of every digit comes up equally often over the prefixes. */
static void images_are_balanced(void **state)
{
    rh_prefix_text *map = open_prefix(key_a(), false);
    unsigned seen[10][10] = {{0}};

    (void)state;
    for (int i = 0; i < 100000; i++) {
        char text[16];

        (void)snprintf(text, sizeof text, "%05d#%d", i % 100000, i % 10);
        rh_prefix_text_map(map, text, 7);
        seen[i % 10][text[6] - '0']++;
    }
    for (int i = 0; i < 10; i++) {
        for (int j = 0; j < 10; j++)
            assert_in_range(seen[i][j], 870, 1130); /* 1000 +- 30 */
    }
    rh_prefix_text_free(map);
}

static void folded_maps_commute_with_lower(void **state)
{
    rh_prefix_text *fold = open_prefix(key_a(), true), *exact = open_prefix(key_a(), false);
    char mixed[] = "McDonald-42 \xc3\x84RGER \xd0\x9f\xd1\x80";
    char lower[] = "mcdonald-42 \xc3\xa4rger \xd0\xbf\xd1\x80";
    char again[sizeof mixed];
    size_t length = sizeof mixed - 1;

    (void)state;
    memcpy(again, mixed, sizeof again);
    rh_prefix_text_map(fold, mixed, length);
    rh_prefix_text_map(fold, lower, length);
    for (size_t i = 0; i < length; i++) {
        char c = mixed[i];

        if ((uint8_t)c < 0x80)
            assert_int_equal(c >= 'A' && c <= 'Z' ? c | 0x20 : c, lower[i]);
    }
    assert_memory_equal(lower + 12, "\xc3", 1);
    rh_prefix_text_map(exact, again, length);
    assert_memory_not_equal(again, mixed, length);
    rh_prefix_text_free(fold);
    rh_prefix_text_free(exact);
}

static void other_scripts_keep_their_bytes_and_stay_valid(void **state)
{
    static const char *const texts[] = {
        "Stra\xc3\x9f"
        "e \xc3\xa4\xc3\xb6\xc3\xbc",
        "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd \xd0\x9f\xd0\xb5\xd1\x82\xd1\x80\xd0\xbe\xd0\xb2",
        "\xe6\x9d\xb1\xe4\xba\xac\xe3\x82\xbf\xe3\x83\xaf\xe3\x83\xbc",
        "\xec\x84\x9c\xec\x9a\xb8",
        "\xce\x91\xce\xb8\xce\xae\xce\xbd\xce\xb1",
        "a\xf0\x9f\x98\x80z",
    };

    (void)state;
    for (int fold = 0; fold < 2; fold++) {
        rh_prefix_text *map = open_prefix(key_a(), fold == 1);

        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            char text[64];
            size_t length = strlen(texts[i]);

            memcpy(text, texts[i], length + 1);
            rh_prefix_text_map(map, text, length);
            assert_true(rh_str_is_utf8(text, length));
            assert_memory_not_equal(text, texts[i], length);
            for (size_t j = 0; j < length; j++)
                assert_int_equal((uint8_t)text[j] >= 0x80, (uint8_t)texts[i][j] >= 0x80);
        }
        rh_prefix_text_free(map);
    }
}

/* The code point of the one character at text, whose length is *len. */
static uint32_t decode(const char *text, size_t *len)
{
    uint8_t lead = (uint8_t)text[0];
    uint32_t code;

    *len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    code = *len == 1 ? lead : lead & (0xffU >> (*len + 1));
    for (size_t i = 1; i < *len; i++)
        code = code << 6 | ((uint8_t)text[i] & 0x3f);
    return code;
}

static size_t encode(uint32_t code, char out[4])
{
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = len; i > 1; i--, code >>= 6)
        out[i - 1] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(lead[len] | code);
    return len;
}

/* Behind one beginning the characters of Unicode are permuted: each has one image, in its length.
 */
static void all_characters_are_permuted(void **state)
{
    enum { CODES = 0x32000 };
    uint8_t *seen = rh_mem_zalloc(CODES);

    (void)state;
    assert_non_null(seen);
    for (int fold = 0; fold < 2; fold++) {
        rh_prefix_text *map = open_prefix(key_a(), fold == 1);
        size_t changed = 0;

        memset(seen, 0, CODES);
        for (uint32_t code = 1; code < CODES; code++) {
            char text[8] = "k";
            size_t len, image_len;
            uint32_t image;

            if (code >= 0xd800 && code < 0xe000)
                continue;
            len = encode(code, text + 1);
            rh_prefix_text_map(map, text, 1 + len);
            image = decode(text + 1, &image_len);
            assert_int_equal(image_len, len);
            assert_in_range(image, 1, CODES - 1);
            assert_int_equal(seen[image]++, 0);
            changed += image != code;
        }
        assert_in_range(changed, 130000, 140000); /* letters and digits in Unicode 14 below CODES */
        rh_prefix_text_free(map);
    }
    rh_mem_free(seen);
}

static void letters_of_any_script_are_masked_in_their_case(void **state)
{
    static const char *const words[] = {
        "\xc5\x82\xc5\xba\xc4\x85\xc4\x99\xc5\xbc",         /* Polish, small */
        "\xc5\x81\xc5\xb9\xc4\x84\xc4\x98\xc5\xbb",         /* the same, capitals */
        "\xc4\x8d\xc5\x99\xc5\xbe\xc5\xaf\xc4\x9b",         /* Czech */
        "\xc6\xb0\xc6\xa1\xc4\x91\xe1\xba\xa1\xe1\xbb\x87", /* Vietnamese */
        "\xd2\x91\xd1\x97\xd1\x94\xd1\x91",                 /* Ukrainian */
        "\xce\xac\xce\xad\xcf\x8e\xcf\x82",                 /* Greek with accents */
        "\xd5\xa1\xd5\xa2\xd5\xa3\xd5\xa4",                 /* Armenian */
        "\xe1\x83\x90\xe1\x83\x91\xe1\x83\x92",             /* Georgian */
        "\xe0\xb8\x81\xe0\xb8\x82\xe0\xb8\x84",             /* Thai */
        "\xe0\xae\x95\xe0\xae\x99\xe0\xae\x9a",             /* Tamil */
        "\xe1\x88\x80\xe1\x88\x81\xe1\x88\x82",             /* Amharic */
        "\xd9\xa0\xd9\xa1\xd9\xa2\xd9\xa3",                 /* Arabic digits */
        "\xf0\xa0\x80\x80\xf0\xa0\x80\x81\xf0\xa0\x80\x82", /* rare Chinese */
    };
    rh_class_text *map = NULL;
    bool small_stay_small = true;

    (void)state;
    assert_int_equal(rh_class_text_new(key_a(), "w", false, &map, NULL), RH_OK);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char text[64], back[64];
        size_t len = (size_t)snprintf(text, sizeof text, "%s%s%s", words[i], words[i], words[i]);
        rh_class_item item = {text, len, false};

        memcpy(back, text, sizeof back);
        assert_int_equal(rh_class_text_map(map, &item, 1), 0);
        assert_true(rh_str_is_utf8(text, len));
        for (size_t at = 0, same = 0; at < len;) {
            size_t a, b;

            same += decode(text + at, &a) == decode(back + at, &b);
            assert_int_equal(a, b);
            assert_true(same < 5);
            at += a;
        }
        /* Latin letters with marks: capitals are even here. */
        for (size_t at = 0; i < 2 && at < len; at += 2) {
            size_t n;
            uint32_t code = decode(text + at, &n);

            if (code >= 0x100 && code < 0x137)
                small_stay_small = small_stay_small && (code % 2 == 1) == (i == 0);
        }
        assert_int_equal(rh_class_text_unmap(map, &item, 1), 0);
        assert_memory_equal(text, back, len);
    }
    assert_true(small_stay_small);
    rh_class_text_free(map);
}

static void bytes_that_are_no_text_are_kept(void **state)
{
    static const char raw[] = "\xff\xc3\x00\xe2\x82 \xed\xa0\x80\xf8\x80";
    char text[sizeof raw];
    rh_prefix_text *map = open_prefix(key_a(), false);

    (void)state;
    memcpy(text, raw, sizeof text);
    rh_prefix_text_map(map, text, sizeof raw - 1);
    assert_memory_equal(text, raw, sizeof raw);
    rh_prefix_text_map(map, text, 0);
    rh_prefix_text_free(map);
}

/* ---- classes ---- */

static rh_class_text *open_classes(const rh_mask_key *key, bool digits_only)
{
    rh_class_text *map = NULL;

    assert_int_equal(rh_class_text_new(key, "code", digits_only, &map, NULL), RH_OK);
    return map;
}

/* Texts of ASCII, up to 70 bytes, with any share of digits, letters, signs and other bytes. */
static size_t random_text(uint64_t *seed, char out[72])
{
    static const char bytes[] = "0123456789abcxyzABCXYZ -.@";
    size_t len = next_number(seed) % 70;
    size_t from = next_number(seed) % 3 * 10;
    bool digits = next_number(seed) % 4 == 0;

    for (size_t i = 0; i < len; i++)
        out[i] = digits ? (char)('0' + next_number(seed) % 10)
                        : bytes[(from + next_number(seed) % 13) % (sizeof bytes - 1)];
    if (len > 0 && next_number(seed) % 8 == 0)
        out[next_number(seed) % len] = (char)next_number(seed);
    return len;
}

static void short_cuts_give_what_the_general_way_gives(void **state)
{
    enum { COUNT = 40000, BATCH = 7 };
    uint64_t seed = 211;

    (void)state;
    for (int only = 0; only < 2; only++) {
        rh_class_text *fast = open_classes(key_a(), only == 1);
        rh_class_text *general = open_classes(key_a(), only == 1);
        char raw[BATCH][72], a[BATCH][72], b[BATCH][72];
        rh_class_item items[BATCH], one;

        rh_class_text_force_general(general);
        for (int i = 0; i < COUNT; i += BATCH) {
            for (int j = 0; j < BATCH; j++) {
                size_t len = random_text(&seed, raw[j]);

                memcpy(a[j], raw[j], sizeof a[j]);
                memcpy(b[j], raw[j], sizeof b[j]);
                items[j] = (rh_class_item){a[j], len, false};
            }
            (void)rh_class_text_map(fast, items, BATCH);
            for (int j = 0; j < BATCH; j++) {
                one = (rh_class_item){b[j], items[j].len, false};
                (void)rh_class_text_map(general, &one, 1);
                assert_int_equal(one.mapped, items[j].mapped);
                assert_memory_equal(a[j], b[j], one.len);
                if (one.mapped)
                    (void)rh_class_text_unmap(fast, &one, 1);
                assert_memory_equal(b[j], raw[j], one.len);
            }
        }
        rh_class_text_free(fast);
        rh_class_text_free(general);
    }
}

static void six_digits_are_permuted_without_a_collision(void **state)
{
    enum { COUNT = 1000000, BATCH = 1000 };
    rh_class_text *map = open_classes(key_a(), true);
    uint8_t *seen = rh_mem_zalloc(COUNT);
    char texts[BATCH][16];
    rh_class_item items[BATCH];

    (void)state;
    for (unsigned first = 0; first < COUNT; first += BATCH) {
        for (unsigned i = 0; i < BATCH; i++) {
            (void)snprintf(texts[i], sizeof texts[i], "%03u-%03u", (first + i) / 1000,
                           (first + i) % 1000);
            items[i] = (rh_class_item){texts[i], 7, false};
        }
        assert_int_equal(rh_class_text_map(map, items, BATCH), 0);
        for (unsigned i = 0; i < BATCH; i++) {
            unsigned value = 0;

            assert_int_equal(texts[i][3], '-');
            for (int j = 0; j < 7; j++)
                value = j == 3 ? value : value * 10 + (unsigned)(texts[i][j] - '0');
            assert_int_equal(seen[value]++, 0);
        }
    }
    rh_mem_free(seen);
    rh_class_text_free(map);
    rh_class_text_free(NULL);
}

/* Random patterns of every length come back, keep their classes, and do not depend on the batch. */
static void texts_of_any_length_come_back(void **state)
{
    static const char *const letters[] = {"0123456789", "azAZ09- ",
                                          "ab\xc3\xa9"
                                          "c1",
                                          "\xe6\x9d\xb1\xe4\xba\xac"
                                          "7"};
    uint64_t seed = 71;
    rh_class_text *map = open_classes(key_a(), false);

    (void)state;
    for (size_t length = 1; length < 700; length += length < 130 ? 1 : 41) {
        for (size_t kind = 0; kind < 4; kind++) {
            char raw[700], text[700], one[700];
            size_t choices = strlen(letters[kind]);
            rh_class_item item = {text, length, false}, single = {one, length, false};

            for (size_t i = 0; i < length; i++)
                raw[i] = letters[kind][next_number(&seed) % choices];
            memcpy(text, raw, length);
            memcpy(one, raw, length);

            size_t skipped = rh_class_text_map(map, &item, 1);

            assert_int_equal(skipped, item.mapped ? 0 : 1);
            if (!item.mapped) {
                assert_memory_equal(text, raw, length);
                continue;
            }
            for (size_t i = 0; i < length; i++)
                assert_int_equal(class_of(text[i]) & 0x80, class_of(raw[i]) & 0x80);
            if (length > 7)
                assert_memory_not_equal(text, raw, length);
            assert_int_equal(rh_class_text_map(map, &single, 1), 0);
            assert_memory_equal(one, text, length);
            assert_int_equal(rh_class_text_unmap(map, &item, 1), 0);
            assert_memory_equal(text, raw, length);
        }
    }
    rh_class_text_free(map);
}

/* A change at the very end must change the beginning of a long text, and the other way round. */
static void parts_of_a_long_text_depend_on_each_other(void **state)
{
    enum { LENGTH = 200 };
    rh_class_text *map = open_classes(key_a(), false);
    size_t equal[3] = {0};

    (void)state;
    for (int round = 0; round < 20; round++) {
        char texts[3][LENGTH];
        rh_class_item items[3];

        for (int j = 0; j < 3; j++) {
            memset(texts[j], 'a' + round, LENGTH);
            items[j] = (rh_class_item){texts[j], LENGTH, false};
        }
        texts[1][LENGTH - 1] = 'z';
        texts[2][0] = 'z';
        assert_int_equal(rh_class_text_map(map, items, 3), 0);
        for (int i = 0; i < LENGTH; i++) {
            equal[0] += texts[0][i] == texts[1][i];
            equal[1] += texts[0][i] == texts[2][i];
            equal[2] += texts[1][i] == texts[2][i];
        }
    }
    for (int i = 0; i < 3; i++)
        assert_in_range(equal[i], 90, 220); /* 4000 / 26 = 154 +- 12 */
    rh_class_text_free(map);
}

static void short_and_endless_texts_are_left_and_counted(void **state)
{
    enum { ENDLESS = 100000 };
    rh_class_text *map = open_classes(key_a(), false);
    char empty[] = "", digits[] = "12345", mixed[] = "A1b2", none[] = "-- --", good[] = "abcde";
    char *endless = rh_mem_alloc(ENDLESS);
    rh_class_item items[6] = {{empty, 0, true}, {digits, 5, true}, {mixed, 4, true},
                              {none, 5, true},  {good, 5, false},  {endless, ENDLESS, true}};

    (void)state;
    memset(endless, 'a', ENDLESS);
    assert_int_equal(rh_class_text_map(map, items, 6), 5);
    for (int i = 0; i < 6; i++)
        assert_int_equal(items[i].mapped, i == 4);
    assert_string_equal(digits, "12345");
    assert_string_equal(mixed, "A1b2");
    assert_string_not_equal(good, "abcde");
    assert_int_equal(endless[0], 'a');
    rh_mem_free(endless);
    rh_class_text_free(map);
}

static void digits_only_keeps_letters(void **state)
{
    rh_class_text *map = open_classes(key_a(), true);
    char text[] = "+49 (30) 1234567 ext. ab";
    rh_class_item item = {text, sizeof text - 1, false};

    (void)state;
    assert_int_equal(rh_class_text_map(map, &item, 1), 0);
    assert_int_equal(text[0], '+');
    assert_string_equal(text + 16, " ext. ab");
    assert_memory_not_equal(text + 9, "1234567", 7);
    rh_class_text_free(map);
}

static void another_key_gives_unrelated_text(void **state)
{
    rh_class_text *a = open_classes(key_a(), false), *b = open_classes(key_b(), false);
    size_t equal = 0;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        char x[16], y[16];
        rh_class_item p = {x, 10, false}, q = {y, 10, false};

        (void)snprintf(x, sizeof x, "%010d", i);
        memcpy(y, x, sizeof y);
        assert_int_equal(rh_class_text_map(a, &p, 1) + rh_class_text_map(b, &q, 1), 0);
        for (int j = 0; j < 10; j++)
            equal += x[j] == y[j];
    }
    assert_in_range(equal, 1800, 2200);
    rh_class_text_free(a);
    rh_class_text_free(b);
}

/* ---- check digits ---- */

static void luhn_and_iban_tell_right_from_wrong(void **state)
{
    static const char *const cards[] = {"4111111111111111", "5500 0000 0000 0004",
                                        "3400-000000-00009", "79927398713"};
    static const char *const ibans[] = {"GB82 WEST 1234 5698 7654 32", "DE89370400440532013000",
                                        "FR1420041010050500013M02606", "NO9386011117947",
                                        "MT84MALT011000012345MTLCAST001S"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char text[32];

        memcpy(text, cards[i], strlen(cards[i]) + 1);
        assert_true(rh_luhn_valid(text, strlen(text)));
        text[2] = text[2] == '1' ? '2' : '1';
        assert_false(rh_luhn_valid(text, strlen(text)));
    }
    for (size_t i = 0; i < 5; i++) {
        char text[48];

        memcpy(text, ibans[i], strlen(ibans[i]) + 1);
        assert_true(rh_iban_valid(text, strlen(text)));
        text[strlen(text) - 1] = text[strlen(text) - 1] == '1' ? '2' : '1';
        assert_false(rh_iban_valid(text, strlen(text)));
    }
    assert_false(rh_luhn_valid("", 0));
    assert_false(rh_luhn_valid("0", 1));
    assert_false(rh_luhn_valid("41111x1111111111", 16));
    assert_false(rh_iban_valid("de89370400440532013000", 22));
    assert_false(rh_iban_valid("", 0));
}

static void cards_map_one_to_one_onto_valid_cards(void **state)
{
    enum { COUNT = 20000 };
    static char cards[COUNT][20];
    rh_class_text *digits = open_classes(key_a(), true);
    uint64_t seed = 73;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        char body[20], raw[20];
        size_t keep = i % 2 == 0 ? 6 : 0;

        (void)snprintf(body, sizeof body, "411111%09llu0",
                       (unsigned long long)(next_number(&seed) % 1000000000));
        for (int j = 0; j < 10; j++) {
            body[15] = (char)('0' + j);
            if (rh_luhn_valid(body, 16))
                break;
        }
        memcpy(raw, body, sizeof raw);
        assert_true(rh_card_map(digits, body, 16, keep));
        assert_true(rh_luhn_valid(body, 16));
        assert_memory_equal(body, raw, keep);
        assert_memory_not_equal(body + 6, raw + 6, 10);
        memcpy(cards[i], body, 17);
        for (int j = i % 100; j < i; j += 100) /* a sample of all pairs */
            assert_true(strcmp(cards[i], cards[j]) != 0);
    }
    rh_class_text_free(digits);
}

static void ibans_keep_country_length_and_bank(void **state)
{
    rh_class_text *classes = open_classes(key_a(), false);
    char text[] = "GB82 WEST 1234 5698 7654 32", malta[] = "MT84MALT011000012345MTLCAST001S";

    (void)state;
    assert_true(rh_iban_map(classes, text, strlen(text), 4));
    assert_true(rh_iban_valid(text, strlen(text)));
    assert_memory_equal(text, "GB", 2);
    assert_memory_equal(text + 4, " WEST ", 6);
    assert_memory_not_equal(text + 10, "1234 5698 7654 32", 17);
    assert_true(rh_iban_map(classes, malta, strlen(malta), 0));
    assert_true(rh_iban_valid(malta, strlen(malta)));
    for (size_t i = 0; i < strlen(malta); i++)
        assert_int_equal(class_of(malta[i]), class_of("MT84MALT011000012345MTLCAST001S"[i]));
    rh_class_text_free(classes);
}

static void wrong_check_digits_leave_the_text_alone(void **state)
{
    rh_class_text *classes = open_classes(key_a(), false);
    char card[] = "4111111111111112", iban[] = "GB83WEST12345698765432";
    char shorter[] = "79927398713", kept[] = "4111111111111111";

    (void)state;
    assert_false(rh_card_map(classes, card, 16, 6));
    assert_string_equal(card, "4111111111111112");
    assert_false(rh_card_map(classes, shorter, 11, 0));
    assert_false(rh_card_map(classes, kept, 16, 10)); /* five digits left: too few */
    assert_false(rh_iban_map(classes, iban, strlen(iban), 0));
    assert_string_equal(iban, "GB83WEST12345698765432");
    rh_class_text_free(classes);
}

static rh_status make_maps(void *ctx, rh_error *err)
{
    rh_prefix_text *prefix = NULL;
    rh_class_text *classes = NULL;
    rh_status status = rh_prefix_text_new(key_a(), "d", true, &prefix, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_class_text_new(key_a(), "d", true, &classes, err);
    assert_int_equal(status == RH_OK, classes != NULL);
    rh_class_text_free(classes);
    rh_prefix_text_free(prefix);
    return status;
}

static void maps_survive_every_failed_allocation(void **state)
{
    (void)state;
    assert_int_equal(fail_nth(make_maps, NULL), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_prefixes_and_classes_are_kept),
        cmocka_unit_test(a_character_is_permuted_within_its_class),
        cmocka_unit_test(images_are_balanced),
        cmocka_unit_test(folded_maps_commute_with_lower),
        cmocka_unit_test(other_scripts_keep_their_bytes_and_stay_valid),
        cmocka_unit_test(all_characters_are_permuted),
        cmocka_unit_test(letters_of_any_script_are_masked_in_their_case),
        cmocka_unit_test(bytes_that_are_no_text_are_kept),
        cmocka_unit_test(short_cuts_give_what_the_general_way_gives),
        cmocka_unit_test(six_digits_are_permuted_without_a_collision),
        cmocka_unit_test(texts_of_any_length_come_back),
        cmocka_unit_test(parts_of_a_long_text_depend_on_each_other),
        cmocka_unit_test(short_and_endless_texts_are_left_and_counted),
        cmocka_unit_test(digits_only_keeps_letters),
        cmocka_unit_test(another_key_gives_unrelated_text),
        cmocka_unit_test(luhn_and_iban_tell_right_from_wrong),
        cmocka_unit_test(cards_map_one_to_one_onto_valid_cards),
        cmocka_unit_test(ibans_keep_country_length_and_bank),
        cmocka_unit_test(wrong_check_digits_leave_the_text_alone),
        cmocka_unit_test(maps_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
