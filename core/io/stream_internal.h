/*
 * The function tables behind rh_writer and rh_reader. An implementation embeds the base as its
 * first member.
 */
#ifndef STREAM_INTERNAL_H
#define STREAM_INTERNAL_H

#include <stdbool.h>

#include "core/stream.h"

enum { STREAM_BUFFER_BYTES = 64 * 1024 };

typedef struct writer_ops {
    rh_status (*put)(rh_writer *writer, const void *data, size_t len, rh_error *err);
    rh_status (*finish)(rh_writer *writer, rh_error *err); /* this stream only, not the one below */
    void (*free)(rh_writer *writer);                       /* likewise */
} writer_ops;

struct rh_writer {
    const writer_ops *ops;
    rh_writer *below; /* NULL at the end of a chain */
    bool finished;
};

typedef struct reader_ops {
    rh_status (*get)(rh_reader *reader, void *out, size_t max, size_t *out_len, rh_error *err);
    void (*free)(rh_reader *reader);
} reader_ops;

struct rh_reader {
    const reader_ops *ops;
    rh_reader *below;
};

#endif
