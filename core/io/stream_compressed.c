/*
 * Readers of gzip and bzip2, and the reader that looks at the first bytes to choose one. Several
 * members in a row (rotated logs put together) are read as one stream, as gzip and bzip2 do.
 */
#include <bzlib.h>
#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "core/mem.h"
#include "stream_internal.h"

/* What both libraries allocate goes through our memory, so that tests can make it fail. */
static void *zlib_alloc(void *opaque, unsigned items, unsigned size)
{
    (void)opaque;
    return rh_mem_array(items, size);
}

static void *bzip2_alloc(void *opaque, int items, int size)
{
    (void)opaque;
    return items < 0 || size < 0 ? NULL : rh_mem_array((size_t)items, (size_t)size);
}

static void library_free(void *opaque, void *address)
{
    (void)opaque;
    rh_mem_free(address);
}

/* ---- what both have in common ---- */

typedef struct packed_reader {
    rh_reader base;
    bool is_bzip2;
    bool open;   /* the library's state is initialised */
    bool inside; /* in the middle of a member */
    bool any;    /* a member was read to its end */
    bool below_done;
    const char *name;
    z_stream zlib;
    bz_stream bzip2;
    size_t at, len; /* input in buffer */
    unsigned char buffer[STREAM_BUFFER_BYTES];
} packed_reader;

/* RH_OK, RH_DONE (end of a member), or an error. Moves on in the input and fills out. */
static rh_status zlib_step(packed_reader *r, void *out, size_t max, size_t *out_len, rh_error *err)
{
    int code;

    r->zlib.next_in = r->buffer + r->at;
    r->zlib.avail_in = (unsigned)(r->len - r->at);
    r->zlib.next_out = out;
    r->zlib.avail_out = (unsigned)max;
    code = inflate(&r->zlib, Z_NO_FLUSH);
    r->at = r->len - r->zlib.avail_in;
    *out_len = max - r->zlib.avail_out;
    if (code == Z_STREAM_END)
        return RH_DONE;
    if (code == Z_MEM_ERROR)
        return rh_error_oom(err);
    if (code != Z_OK && code != Z_BUF_ERROR)
        return rh_error_set(err, RH_EFORMAT, "compressed data (gzip): %s",
                            r->zlib.msg == NULL ? "damaged" : r->zlib.msg);
    return RH_OK;
}

static rh_status bzip2_step(packed_reader *r, void *out, size_t max, size_t *out_len, rh_error *err)
{
    int code;

    r->bzip2.next_in = (char *)r->buffer + r->at;
    r->bzip2.avail_in = (unsigned)(r->len - r->at);
    r->bzip2.next_out = out;
    r->bzip2.avail_out = (unsigned)max;
    code = BZ2_bzDecompress(&r->bzip2);
    r->at = r->len - r->bzip2.avail_in;
    *out_len = max - r->bzip2.avail_out;
    if (code == BZ_STREAM_END)
        return RH_DONE;
    if (code == BZ_MEM_ERROR)
        return rh_error_oom(err);
    if (code != BZ_OK)
        return rh_error_set(err, RH_EFORMAT, "compressed data (bzip2): damaged");
    return RH_OK;
}

static void close_member(packed_reader *r)
{
    if (!r->open)
        return;
    if (r->is_bzip2)
        (void)BZ2_bzDecompressEnd(&r->bzip2);
    else
        (void)inflateEnd(&r->zlib);
    r->open = false;
    r->inside = false;
}

static rh_status open_member(packed_reader *r, rh_error *err)
{
    bool good;

    if (r->is_bzip2) {
        memset(&r->bzip2, 0, sizeof r->bzip2);
        r->bzip2.bzalloc = bzip2_alloc;
        r->bzip2.bzfree = library_free;
        good = BZ2_bzDecompressInit(&r->bzip2, 0, 0) == BZ_OK;
    } else {
        memset(&r->zlib, 0, sizeof r->zlib);
        r->zlib.zalloc = zlib_alloc;
        r->zlib.zfree = library_free;
        good = inflateInit2(&r->zlib, MAX_WBITS + 16) == Z_OK; /* + 16: gzip only */
    }
    if (!good)
        return rh_error_oom(err);
    r->open = true;
    r->inside = true;
    return RH_OK;
}

static rh_status refill(packed_reader *r, rh_error *err)
{
    size_t got = 0;
    rh_status status = RH_OK;

    if (r->at < r->len || r->below_done)
        return RH_OK;
    status = rh_reader_get(r->base.below, r->buffer, sizeof r->buffer, &got, err);
    if (status == RH_DONE) {
        r->below_done = true;
        return RH_OK;
    }
    if (status != RH_OK)
        return status;
    r->at = 0;
    r->len = got;
    return RH_OK;
}

/* Zeros behind the last gzip member are padding (tapes, block devices). */
static bool only_zeros_left(const packed_reader *r)
{
    for (size_t i = r->at; i < r->len; i++) {
        if (r->buffer[i] != 0)
            return false;
    }
    return true;
}

static rh_status packed_get(rh_reader *reader, void *out, size_t max, size_t *out_len,
                            rh_error *err)
{
    packed_reader *r = (packed_reader *)reader;
    size_t room = max > INT_MAX ? INT_MAX : max;

    for (;;) {
        size_t got = 0;
        rh_status status = refill(r, err);

        if (status != RH_OK)
            return status;
        if (!r->inside && r->any && only_zeros_left(r))
            r->at = r->len;
        if (!r->inside && r->at == r->len && r->below_done)
            return RH_DONE;
        if (!r->inside && r->at == r->len)
            continue;
        if (!r->open) {
            status = open_member(r, err);
            if (status != RH_OK)
                return status;
        }
        status =
            r->is_bzip2 ? bzip2_step(r, out, room, &got, err) : zlib_step(r, out, room, &got, err);
        if (status == RH_DONE) {
            close_member(r);
            r->any = true;
        } else if (status != RH_OK) {
            return status;
        }
        if (got > 0) {
            *out_len = got;
            return RH_OK;
        }
        if (r->inside && r->below_done && r->at == r->len)
            return rh_error_set(err, RH_EFORMAT, "compressed data (%s): unexpected end", r->name);
    }
}

static void packed_free(rh_reader *reader)
{
    close_member((packed_reader *)reader);
    rh_mem_free(reader);
}

static const reader_ops packed_ops = {packed_get, packed_free};

static rh_status packed_new(rh_reader *below, bool is_bzip2, rh_reader **out, rh_error *err)
{
    packed_reader *r = rh_mem_alloc(sizeof *r);

    if (r == NULL) {
        rh_reader_free(below);
        return rh_error_oom(err);
    }
    memset(r, 0, offsetof(packed_reader, buffer));
    r->base = (rh_reader){.ops = &packed_ops, .below = below};
    r->is_bzip2 = is_bzip2;
    r->name = is_bzip2 ? "bzip2" : "gzip";
    *out = &r->base;
    return RH_OK;
}

rh_status rh_reader_gzip(rh_reader *below, rh_reader **out, rh_error *err)
{
    return packed_new(below, false, out, err);
}

rh_status rh_reader_bzip2(rh_reader *below, rh_reader **out, rh_error *err)
{
    return packed_new(below, true, out, err);
}

/* ---- which one is it? ---- */

enum { MAGIC_BYTES = 4 };

typedef struct again_reader {
    rh_reader base;
    size_t at, len;
    unsigned char first[MAGIC_BYTES];
} again_reader;

static rh_status again_get(rh_reader *reader, void *out, size_t max, size_t *out_len, rh_error *err)
{
    again_reader *r = (again_reader *)reader;
    size_t left = r->len - r->at;

    if (left == 0)
        return rh_reader_get(r->base.below, out, max, out_len, err);
    left = left < max ? left : max;
    memcpy(out, r->first + r->at, left);
    r->at += left;
    *out_len = left;
    return RH_OK;
}

static void again_free(rh_reader *reader)
{
    rh_mem_free(reader);
}

static const reader_ops again_ops = {again_get, again_free};

static rh_status read_magic(again_reader *r, rh_error *err)
{
    while (r->len < MAGIC_BYTES) {
        size_t got = 0;
        rh_status status =
            rh_reader_get(r->base.below, r->first + r->len, MAGIC_BYTES - r->len, &got, err);

        if (status == RH_DONE)
            return RH_OK;
        if (status != RH_OK)
            return status;
        r->len += got;
    }
    return RH_OK;
}

rh_status rh_reader_decompress(rh_reader *below, const char **out_name, rh_reader **out,
                               rh_error *err)
{
    static const unsigned char zstd[MAGIC_BYTES] = {0x28, 0xb5, 0x2f, 0xfd};
    again_reader *r = rh_mem_zalloc(sizeof *r);
    rh_status status;

    if (r == NULL) {
        rh_reader_free(below);
        return rh_error_oom(err);
    }
    r->base = (rh_reader){.ops = &again_ops, .below = below};
    status = read_magic(r, err);
    if (status != RH_OK) {
        rh_reader_free(&r->base);
        return status;
    }
    if (r->len >= 2 && r->first[0] == 0x1f && r->first[1] == 0x8b) {
        *out_name = "gzip";
        return rh_reader_gzip(&r->base, out, err);
    }
    if (r->len >= 3 && memcmp(r->first, "BZh", 3) == 0) {
        *out_name = "bzip2";
        return rh_reader_bzip2(&r->base, out, err);
    }
    if (r->len == MAGIC_BYTES && memcmp(r->first, zstd, MAGIC_BYTES) == 0) {
        *out_name = "zstd";
        return rh_reader_zstd(&r->base, out, err);
    }
    *out_name = "plain";
    *out = &r->base;
    return RH_OK;
}
