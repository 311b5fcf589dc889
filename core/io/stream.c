/*
 * What all streams have in common.
 */
#include "core/stream.h"

#include <assert.h>
#include <string.h>

#include "stream_internal.h"

rh_status rh_writer_put(rh_writer *writer, const void *data, size_t len, rh_error *err)
{
    assert(!writer->finished);
    if (len == 0)
        return RH_OK;
    return writer->ops->put(writer, data, len, err);
}

rh_status rh_writer_put_str(rh_writer *writer, const char *text, rh_error *err)
{
    return rh_writer_put(writer, text, strlen(text), err);
}

rh_status rh_writer_finish(rh_writer *writer, rh_error *err)
{
    for (; writer != NULL; writer = writer->below) {
        assert(!writer->finished);
        if (writer->ops->finish != NULL) {
            rh_status status = writer->ops->finish(writer, err);

            if (status != RH_OK)
                return status;
        }
        writer->finished = true;
    }
    return RH_OK;
}

void rh_writer_free(rh_writer *writer)
{
    while (writer != NULL) {
        rh_writer *below = writer->below;

        writer->ops->free(writer);
        writer = below;
    }
}

rh_status rh_reader_get(rh_reader *reader, void *out, size_t max, size_t *out_len, rh_error *err)
{
    assert(max > 0);
    return reader->ops->get(reader, out, max, out_len, err);
}

rh_status rh_reader_get_exact(rh_reader *reader, void *out, size_t len, rh_error *err)
{
    unsigned char *at = out;

    while (len > 0) {
        size_t got = 0;
        rh_status status = rh_reader_get(reader, at, len, &got, err);

        if (status == RH_DONE)
            return rh_error_set(err, RH_EFORMAT, "unexpected end, %zu bytes are missing", len);
        if (status != RH_OK)
            return status;
        at += got;
        len -= got;
    }
    return RH_OK;
}

rh_status rh_reader_get_all(rh_reader *reader, size_t max, rh_buf *out, rh_error *err)
{
    size_t before = out->len;
    rh_status status = RH_OK;

    while (status == RH_OK) {
        size_t left = max - (out->len - before);
        size_t want = left < STREAM_BUFFER_BYTES ? left : STREAM_BUFFER_BYTES;
        size_t got = 0;
        unsigned char probe = 0;

        if (want == 0) { /* full: one more byte is one too many */
            status = rh_reader_get(reader, &probe, 1, &got, err);
            if (status == RH_OK)
                status = rh_error_set(err, RH_ELIMIT, "longer than %zu bytes", max);
            continue;
        }
        status = rh_buf_reserve(out, want, err);
        if (status == RH_OK)
            status = rh_reader_get(reader, out->data + out->len, want, &got, err);
        if (status == RH_OK)
            out->len += got;
    }
    if (status != RH_DONE)
        out->len = before;
    if (out->data != NULL)
        out->data[out->len] = '\0';
    return status == RH_DONE ? RH_OK : status;
}

void rh_reader_free(rh_reader *reader)
{
    while (reader != NULL) {
        rh_reader *below = reader->below;

        reader->ops->free(reader);
        reader = below;
    }
}
