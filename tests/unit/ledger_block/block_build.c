#include "block_build.h"

#include <assert.h>
#include <string.h>

#include "core/bytes.h"
#include "core/hash.h"

static void put(rh_buf *out, const void *data, size_t len)
{
    if (rh_buf_append(out, data, len, NULL) != RH_OK)
        assert(!"out of memory");
}

static void put_u32(rh_buf *out, uint32_t value)
{
    uint8_t bytes[4];

    rh_put_u32(bytes, value);
    put(out, bytes, sizeof bytes);
}

static void put_u64(rh_buf *out, uint64_t value)
{
    uint8_t bytes[8];

    rh_put_u64(bytes, value);
    put(out, bytes, sizeof bytes);
}

void build_compact(rh_buf *out, uint64_t value)
{
    uint8_t first = value < 0xfd          ? (uint8_t)value
                    : value <= 0xffff     ? 0xfd
                    : value <= 0xffffffff ? 0xfe
                                          : 0xff;
    uint8_t bytes[8];

    put(out, &first, 1);
    rh_put_u64(bytes, value);
    if (first >= 0xfd)
        put(out, bytes, (size_t)1 << (first - 0xfc));
}

static void put_script(rh_buf *out, const char *hex)
{
    uint8_t bytes[600];
    size_t len = strlen(hex) / 2;

    assert(len <= sizeof bytes);
    (void)rh_hex_decode(hex, len, bytes);
    build_compact(out, len);
    put(out, bytes, len);
}

static void put_input(rh_buf *out, int fill, uint32_t vout, const char *script)
{
    uint8_t txid[32];

    memset(txid, fill, sizeof txid);
    put(out, txid, sizeof txid);
    put_u32(out, vout);
    put_script(out, script);
    put_u32(out, UINT32_MAX);
}

static void put_output(rh_buf *out, uint64_t value, const char *script)
{
    put_u64(out, value);
    put_script(out, script);
}

void build_header(rh_buf *out, uint64_t tx_count)
{
    uint8_t zero[64] = {7};

    put_u32(out, 2);
    put(out, zero, sizeof zero);
    put_u32(out, 1400000000);
    put_u32(out, 0x1d00ffff);
    put_u32(out, 42);
    build_compact(out, tx_count);
}

static void put_coinbase(rh_buf *out)
{
    put_u32(out, 1);
    build_compact(out, 1);
    put_input(out, 0, UINT32_MAX,
              "03f99304"
              "2f74657374");
    build_compact(out, 1);
    put_output(out, 2500000000,
               "76a914"
               "0102030405060708090a0b0c0d0e0f1011121314"
               "88ac");
    put_u32(out, 0);
}

static void put_plain(rh_buf *out)
{
    put_u32(out, 1);
    build_compact(out, 2);
    put_input(out, 0xaa, 0, "51");
    put_input(out, 0xbb, 70000, "");
    build_compact(out, 2);
    put_output(out, 1000,
               "a914"
               "0102030405060708090a0b0c0d0e0f1011121314"
               "87");
    put_output(out, 0, "6a0568656c6c6f");
    put_u32(out, 5);
}

/* body_only: what its txid covers. */
static void put_segwit(rh_buf *out, int body_only)
{
    static const uint8_t mark[] = {0, 1}, witness[] = {2, 1, 0x30, 3, 1, 2, 3};

    put_u32(out, 2);
    if (!body_only)
        put(out, mark, sizeof mark);
    build_compact(out, 1);
    put_input(out, 0xcc, 3, "");
    build_compact(out, 1);
    put_output(out, 777,
               "0014"
               "0102030405060708090a0b0c0d0e0f1011121314");
    if (!body_only)
        put(out, witness, sizeof witness);
    put_u32(out, 0);
}

static void double_hash(const void *data, size_t len, uint8_t out[32])
{
    uint8_t once[32];

    rh_hash_sha256(data, len, once);
    rh_hash_sha256(once, sizeof once, out);
}

void build_block(rh_buf *out)
{
    uint8_t ids[4][32], pairs[2][32];
    rh_buf stripped = RH_BUF_INIT;
    size_t at[4];

    build_header(out, 3);
    at[0] = out->len;
    put_coinbase(out);
    at[1] = out->len;
    put_plain(out);
    at[2] = out->len;
    put_segwit(out, 0);
    put_segwit(&stripped, 1);
    double_hash(out->data + at[0], at[1] - at[0], ids[0]);
    double_hash(out->data + at[1], at[2] - at[1], ids[1]);
    double_hash(stripped.data, stripped.len, ids[2]);
    memcpy(ids[3], ids[2], 32);
    double_hash(ids[0], 64, pairs[0]);
    double_hash(ids[2], 64, pairs[1]);
    double_hash(pairs, 64, out->data + 36);
    rh_buf_done(&stripped);
}
