/*
 * Stream ends that stay in memory: buffer, nothing, callback, bytes.
 */
#include <string.h>

#include "core/mem.h"
#include "stream_internal.h"

typedef struct buf_writer {
    rh_writer base;
    rh_buf *buf;
} buf_writer;

typedef struct call_writer {
    rh_writer base;
    rh_writer_callback put;
    void *ctx;
} call_writer;

typedef struct mem_reader {
    rh_reader base;
    const unsigned char *data;
    size_t left;
} mem_reader;

static void free_writer(rh_writer *writer)
{
    rh_mem_free(writer);
}

static void free_reader(rh_reader *reader)
{
    rh_mem_free(reader);
}

static rh_status buf_put(rh_writer *writer, const void *data, size_t len, rh_error *err)
{
    return rh_buf_append(((buf_writer *)writer)->buf, data, len, err);
}

static rh_status null_put(rh_writer *writer, const void *data, size_t len, rh_error *err)
{
    (void)writer;
    (void)data;
    (void)len;
    (void)err;
    return RH_OK;
}

static rh_status call_put(rh_writer *writer, const void *data, size_t len, rh_error *err)
{
    call_writer *w = (call_writer *)writer;

    return w->put(w->ctx, data, len, err);
}

static rh_status mem_get(rh_reader *reader, void *out, size_t max, size_t *out_len, rh_error *err)
{
    mem_reader *r = (mem_reader *)reader;
    size_t len = r->left < max ? r->left : max;

    (void)err;
    if (len == 0)
        return RH_DONE;
    memcpy(out, r->data, len);
    r->data += len;
    r->left -= len;
    *out_len = len;
    return RH_OK;
}

static const writer_ops buf_ops = {buf_put, NULL, free_writer};
static const writer_ops null_ops = {null_put, NULL, free_writer};
static const writer_ops call_ops = {call_put, NULL, free_writer};
static const reader_ops mem_ops = {mem_get, free_reader};

rh_status rh_writer_buf(rh_buf *buf, rh_writer **out, rh_error *err)
{
    buf_writer *w = rh_mem_zalloc(sizeof *w);

    if (w == NULL)
        return rh_error_oom(err);
    w->base.ops = &buf_ops;
    w->buf = buf;
    *out = &w->base;
    return RH_OK;
}

rh_status rh_writer_null(rh_writer **out, rh_error *err)
{
    rh_writer *w = rh_mem_zalloc(sizeof *w);

    if (w == NULL)
        return rh_error_oom(err);
    w->ops = &null_ops;
    *out = w;
    return RH_OK;
}

rh_status rh_writer_call(rh_writer_callback put, void *ctx, rh_writer **out, rh_error *err)
{
    call_writer *w = rh_mem_zalloc(sizeof *w);

    if (w == NULL)
        return rh_error_oom(err);
    w->base.ops = &call_ops;
    w->put = put;
    w->ctx = ctx;
    *out = &w->base;
    return RH_OK;
}

rh_status rh_reader_mem(const void *data, size_t len, rh_reader **out, rh_error *err)
{
    mem_reader *r = rh_mem_zalloc(sizeof *r);

    if (r == NULL)
        return rh_error_oom(err);
    r->base.ops = &mem_ops;
    r->data = data;
    r->left = len;
    *out = &r->base;
    return RH_OK;
}
