/*
 * Values per second of every masking primitive, then of every kind of mask, on one core:
 * `bench_masks [milliseconds [PART]]`, exit 1 when a bar of the design is missed. PART: only lines
 * whose name contains it.
 *
 * "one" gives a primitive a single value per call, "batch" as many as a batch of rows has.
 */
#define _DEFAULT_SOURCE /* clock_gettime together with C11 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "anonymize/chain_id.h"
#include "anonymize/check_digit.h"
#include "anonymize/cipher.h"
#include "anonymize/class_text.h"
#include "anonymize/decimal_map.h"
#include "anonymize/ff1.h"
#include "anonymize/int_perm.h"
#include "anonymize/ip_map.h"
#include "anonymize/monotone.h"
#include "anonymize/prefix_text.h"
#include "anonymize/shuffle.h"
#include "anonymize/time_map.h"
#include "anonymize/uuid_perm.h"
#include "anonymize/wide_perm.h"
#include "bench_mask_kinds.h"
#include "core/num.h"

enum { BATCH = 256 };

/* All primitives, and room for a batch of each kind of value. */
typedef struct bench {
    rh_ff1 *decimal;
    rh_ff1 *alnum;
    rh_int_perm *integer;
    rh_int_perm *walking;
    rh_wide_perm *wide_16, *wide_20, *wide_32;
    rh_uuid_perm *uuid;
    rh_ip_map *ip;
    rh_mac_perm *mac;
    rh_shuffle *shuffle;
    rh_monotone *monotone;
    rh_time_map *time;
    rh_decimal_map *numeric;
    rh_prefix_text *prefix;
    rh_class_text *classes, *digits;
    rh_chain *chain;
    rh_cipher *mac_cipher;
    size_t count; /* values per call */
    uint64_t sum; /* so that nothing is optimised away */
    uint16_t numerals[BATCH][56];
    rh_ff1_item items[BATCH];
    int64_t integers[BATCH];
    uint32_t v4[BATCH];
    uint8_t bytes[BATCH * 32];
    char text[BATCH][64];
    rh_class_item texts[BATCH];
} bench;

typedef bool (*bench_step)(bench *b);

static void ff1_items(bench *b, size_t length)
{
    for (size_t i = 0; i < b->count; i++)
        b->items[i] = (rh_ff1_item){b->numerals[i], length};
}

static bool step_ff1_10(bench *b)
{
    ff1_items(b, 10);
    return rh_ff1_encrypt(b->decimal, b->items, b->count, NULL) == RH_OK;
}

static bool step_ff1_16(bench *b)
{
    ff1_items(b, 16);
    return rh_ff1_encrypt(b->decimal, b->items, b->count, NULL) == RH_OK;
}

static bool step_ff1_56(bench *b)
{
    ff1_items(b, 56);
    return rh_ff1_encrypt(b->decimal, b->items, b->count, NULL) == RH_OK;
}

static bool step_ff1_alnum(bench *b)
{
    ff1_items(b, 12);
    return rh_ff1_encrypt(b->alnum, b->items, b->count, NULL) == RH_OK;
}

static bool step_ff1_long(bench *b)
{
    ff1_items(b, 50);
    return rh_ff1_encrypt(b->alnum, b->items, b->count, NULL) == RH_OK;
}

static bool step_int(bench *b)
{
    return rh_int_perm_map(b->integer, b->integers, b->count);
}

static bool step_int_walk(bench *b)
{
    for (size_t i = 0; i < b->count; i++)
        b->integers[i] %= 10000000000;
    return rh_int_perm_map(b->walking, b->integers, b->count);
}

static bool step_shuffle(bench *b)
{
    for (size_t i = 0; i < b->count; i++)
        b->v4[i] = rh_shuffle_get(b->shuffle, b->v4[i] % 100000);
    return true;
}

static bool step_wide_16(bench *b)
{
    rh_wide_perm_map(b->wide_16, b->bytes, 16, b->count);
    return true;
}

static bool step_wide_20(bench *b)
{
    rh_wide_perm_map(b->wide_20, b->bytes, 20, b->count);
    return true;
}

static bool step_wide_32(bench *b)
{
    rh_wide_perm_map(b->wide_32, b->bytes, 32, b->count);
    return true;
}

static bool step_mac_of_text(bench *b)
{
    for (size_t i = 0; i < b->count; i++)
        rh_cipher_mac(b->mac_cipher, b->bytes + 32 * i, 16, b->bytes + 32 * i);
    return true;
}

static bool step_uuid(bench *b)
{
    rh_uuid_perm_map(b->uuid, b->bytes, b->count);
    return true;
}

static bool step_v4(bench *b)
{
    rh_ip_map_v4(b->ip, b->v4, b->count);
    return true;
}

static bool step_v6(bench *b)
{
    rh_ip_map_v6(b->ip, b->bytes, b->count);
    return true;
}

static bool step_mac(bench *b)
{
    rh_mac_perm_map(b->mac, b->bytes, b->count);
    return true;
}

static bool step_monotone(bench *b)
{
    int64_t out;

    for (size_t i = 0; i < b->count; i++) {
        if (!rh_monotone_map(b->monotone, (int64_t)(b->sum & 0x3fffff) + (int64_t)i, &out))
            return false;
        b->sum += (uint64_t)out + 40503;
    }
    return true;
}

static bool step_time(bench *b)
{
    int64_t out;

    for (size_t i = 0; i < b->count; i++) {
        if (!rh_time_map_map(b->time, (int64_t)(b->sum & 0xffffffffffff) + (int64_t)i, RH_TIME_US,
                             &out))
            return false;
        b->sum += (uint64_t)out + 40503;
    }
    return true;
}

static bool numeric(bench *b, const char *text, size_t len)
{
    char out[RH_DECIMAL_OUT_BYTES];
    size_t out_len;

    for (size_t i = 0; i < b->count; i++) {
        if (!rh_decimal_map_map(b->numeric, text, len, out, &out_len))
            return false;
        b->sum += out_len;
    }
    return true;
}

static bool step_numeric_10(bench *b)
{
    return numeric(b, "1234567.89", 10);
}

static bool step_numeric_78(bench *b)
{
    return numeric(
        b, "115792089237316195423570985008687907853269984665640564039457584007913129639935", 78);
}

static bool step_prefix(bench *b)
{
    for (size_t i = 0; i < b->count; i++)
        rh_prefix_text_map(b->prefix, b->text[i], 12);
    return true;
}

static bool classes(bench *b, rh_class_text *map, size_t length)
{
    for (size_t i = 0; i < b->count; i++)
        b->texts[i] = (rh_class_item){b->text[i], length, false};
    return rh_class_text_map(map, b->texts, b->count) == 0;
}

static bool step_class(bench *b)
{
    return classes(b, b->classes, 12);
}

static bool step_phone(bench *b)
{
    return classes(b, b->digits, 24);
}

static bool step_card(bench *b)
{
    for (size_t i = 0; i < b->count; i++) {
        char card[] = "4111111111111111";

        if (!rh_card_map(b->digits, card, 16, 6))
            return false;
        b->sum += (uint64_t)card[10];
    }
    return true;
}

static bool chain(bench *b, unsigned form, const char *text)
{
    char out[RH_CHAIN_MAX_TEXT];
    size_t len = strlen(text), out_len;

    for (size_t i = 0; i < b->count; i++) {
        if (!rh_chain_map(b->chain, form, text, len, out, &out_len))
            return false;
        b->sum += out_len;
    }
    return true;
}

static bool step_p2pkh(bench *b)
{
    return chain(b, RH_CHAIN_BASE58CHECK, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
}

static bool step_segwit(bench *b)
{
    return chain(b, RH_CHAIN_SEGWIT, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
}

static bool step_evm(bench *b)
{
    return chain(b, RH_CHAIN_EVM, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");
}

static bool step_eip55(bench *b)
{
    return chain(b, RH_CHAIN_EVM, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
}

static bool step_solana(bench *b)
{
    return chain(b, RH_CHAIN_SOLANA, "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
}

static bool step_txid(bench *b)
{
    return chain(b, RH_CHAIN_HASH,
                 "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b");
}

static const struct {
    const char *name;
    bench_step step;
    double bar; /* million values a second that the design asks for; 0: none */
} lines[] = {
    {"ff1, 10 digits", step_ff1_10, 5},
    {"ff1, 16 digits", step_ff1_16, 5},
    {"ff1, 56 digits", step_ff1_56, 0},
    {"ff1, 12 of radix 62", step_ff1_alnum, 5},
    {"ff1, 50 of radix 62", step_ff1_long, 0},
    {"integer, 2^32 (ff1)", step_int, 5},
    {"integer, 10^10 (ff1)", step_int_walk, 5},
    {"shuffle, 10^5", step_shuffle, 20},
    {"identifier, 16 bytes", step_wide_16, 20},
    {"identifier, 20 bytes", step_wide_20, 20},
    {"identifier, 32 bytes", step_wide_32, 20},
    {"prf of 16 bytes", step_mac_of_text, 20},
    {"uuid", step_uuid, 20},
    {"ipv4", step_v4, 20},
    {"ipv6", step_v6, 20},
    {"mac address", step_mac, 0},
    {"monotone integer", step_monotone, 5},
    {"timestamp", step_time, 5},
    {"numeric, 9 digits", step_numeric_10, 0},
    {"numeric, 78 digits", step_numeric_78, 0},
    {"prefix text, 12 letters", step_prefix, 0},
    {"class text, 12 mixed", step_class, 5},
    {"class text, 24 digits", step_phone, 5},
    {"card number", step_card, 0},
    {"p2pkh address", step_p2pkh, 0},
    {"p2wpkh address", step_segwit, 0},
    {"evm address, lower case", step_evm, 0},
    {"evm address, eip-55", step_eip55, 0},
    {"solana address", step_solana, 0},
    {"transaction id as hex", step_txid, 0},
};

/* Processor time: what others do on the machine does not count. */
static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static rh_status open_all(bench *b, const rh_mask_key *key, rh_error *err)
{
    const rh_int_range small = {INT32_MIN, INT32_MAX, false};
    const rh_int_range large = {0, 9999999999, false};
    const rh_monotone_options monotone = RH_MONOTONE_OPTIONS_INIT;
    const rh_time_map_options time = {0, 20000, 104};
    rh_status s = rh_ff1_new_for(key, "d", 10, &b->decimal, err);

    s = s ? s : rh_ff1_new_for(key, "d", 62, &b->alnum, err);
    s = s ? s : rh_int_perm_new(key, "d", &small, &b->integer, err);
    s = s ? s : rh_int_perm_new(key, "d", &large, &b->walking, err);
    s = s ? s : rh_wide_perm_new(key, "d", 16, &b->wide_16, err);
    s = s ? s : rh_wide_perm_new(key, "d", 20, &b->wide_20, err);
    s = s ? s : rh_wide_perm_new(key, "d", 32, &b->wide_32, err);
    s = s ? s : rh_uuid_perm_new(key, "d", NULL, &b->uuid, err);
    s = s ? s : rh_ip_map_new(key, "d", &b->ip, err);
    s = s ? s : rh_mac_perm_new(key, "d", &b->mac, err);
    s = s ? s : rh_shuffle_new(key, "d", "p", 100000, &b->shuffle, err);
    s = s ? s : rh_monotone_new(key, "d", &monotone, &b->monotone, err);
    s = s ? s : rh_time_map_new(key, "d", &time, &b->time, err);
    s = s ? s : rh_decimal_map_new(key, "d", &b->numeric, err);
    s = s ? s : rh_prefix_text_new(key, "d", true, &b->prefix, err);
    s = s ? s : rh_class_text_new(key, "d", false, &b->classes, err);
    s = s ? s : rh_class_text_new(key, "d", true, &b->digits, err);
    s = s ? s : rh_chain_new(key, "d", &b->chain, err);
    return s ? s : rh_cipher_new_for(key, "d", "mac", &b->mac_cipher, err);
}

static void close_all(bench *b)
{
    rh_ff1_free(b->decimal);
    rh_ff1_free(b->alnum);
    rh_int_perm_free(b->integer);
    rh_int_perm_free(b->walking);
    rh_wide_perm_free(b->wide_16);
    rh_wide_perm_free(b->wide_20);
    rh_wide_perm_free(b->wide_32);
    rh_uuid_perm_free(b->uuid);
    rh_ip_map_free(b->ip);
    rh_mac_perm_free(b->mac);
    rh_shuffle_free(b->shuffle);
    rh_monotone_free(b->monotone);
    rh_time_map_free(b->time);
    rh_decimal_map_free(b->numeric);
    rh_prefix_text_free(b->prefix);
    rh_class_text_free(b->classes);
    rh_class_text_free(b->digits);
    rh_chain_free(b->chain);
    rh_cipher_free(b->mac_cipher);
}

static void fill(bench *b)
{
    for (size_t i = 0; i < BATCH; i++) {
        b->integers[i] = (int64_t)(i * 7919);
        b->v4[i] = (uint32_t)i * 2654435761U;
        (void)snprintf(b->text[i], sizeof b->text[i], "Ab%02zux-9Kqzw0123456789012345678901234567",
                       i % 100);
        for (size_t j = 0; j < 56; j++)
            b->numerals[i][j] = (uint16_t)((i + j) % 10);
    }
    for (size_t i = 0; i < sizeof b->bytes; i++)
        b->bytes[i] = (uint8_t)(i * 131 >> 3);
}

/* Millions of values per second; negative when the primitive refused. */
static double measure(bench *b, bench_step step, size_t count, double seconds)
{
    double start, end;
    uint64_t done = 0;

    fill(b);
    b->count = count;
    if (!step(b)) /* warm up */
        return -1;
    start = now();
    do {
        for (int i = 0; i < 64; i++) {
            if (!step(b))
                return -1;
        }
        done += 64 * count;
        end = now();
    } while (end - start < seconds);
    return (double)done / (end - start) / 1e6;
}

int main(int argc, char **argv)
{
    static bench b;
    const rh_mask_key key = {{42}};
    rh_error err = RH_ERROR_INIT;
    int64_t ms = 200;
    int status = 0;
    const char *part = argc > 2 ? argv[2] : "";

    if (argc > 1 && !rh_num_scan_int64(argv[1], strlen(argv[1]), &ms)) {
        (void)fprintf(stderr, "usage: bench_masks [milliseconds per figure [PART]]\n");
        return 2;
    }
    if (open_all(&b, &key, &err) != RH_OK) {
        (void)fprintf(stderr, "bench_masks: %s\n", err.text);
        close_all(&b);
        return 2;
    }
    (void)printf("%-26s %12s %12s %8s\n", "million values per second", "one", "batch", "bar");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (strstr(lines[i].name, part) == NULL)
            continue;

        double one = measure(&b, lines[i].step, 1, (double)ms / 1000);
        double batch = measure(&b, lines[i].step, BATCH, (double)ms / 1000);

        (void)printf("%-26s %12.2f %12.2f", lines[i].name, one, batch);
        if (lines[i].bar > 0)
            (void)printf(" %8.0f %s", lines[i].bar, batch >= lines[i].bar ? "ok" : "BELOW");
        (void)printf("\n");
        if (one < 0 || (lines[i].bar > 0 && batch < lines[i].bar))
            status = 1;
    }
    close_all(&b);
    return bench_mask_kinds(&key, (double)ms / 1000, part) ? status : 2;
}
