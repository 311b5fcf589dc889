/*
 * Growing byte buffer with a stated maximum. Always keeps a NUL behind the content, so that a
 * buffer of text can be used as a C string (rh_buf_cstr).
 */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

typedef struct rh_buf {
    uint8_t *data; /* NULL while nothing was stored */
    size_t len;    /* bytes of content */
    size_t cap;    /* bytes owned, more than len */
    size_t max;    /* content never grows past this; 0 = 256 MiB */
    bool wipes;    /* overwrite memory before it is given back */
} rh_buf;

#define RH_BUF_INIT                                                                                \
    {                                                                                              \
        NULL, 0, 0, 0, false                                                                       \
    }
#define RH_BUF_INIT_WIPING                                                                         \
    {                                                                                              \
        NULL, 0, 0, 0, true                                                                        \
    }

/** Prepare the caller's storage. max 0 means 256 MiB. Allocates nothing. */
void rh_buf_init(rh_buf *buf, size_t max);

/**
 * As rh_buf_init, for row data and keys: memory that is outgrown or freed is overwritten first,
 * which rh_buf_wipe_done alone cannot do for what was outgrown.
 */
void rh_buf_init_wiping(rh_buf *buf, size_t max);

/** Free the content; the buffer may be used again. */
void rh_buf_done(rh_buf *buf);

/** As rh_buf_done, overwriting the content first (row data, keys). */
void rh_buf_wipe_done(rh_buf *buf);

/** Forget the content, keep the memory. */
void rh_buf_clear(rh_buf *buf);

/** Make room for extra more bytes. RH_ENOMEM, or RH_ELIMIT past max. Content untouched on failure.
 */
rh_status rh_buf_reserve(rh_buf *buf, size_t extra, rh_error *err) RH_MUST_CHECK;

/** Append; same codes as rh_buf_reserve. */
rh_status rh_buf_append(rh_buf *buf, const void *data, size_t len, rh_error *err) RH_MUST_CHECK;
rh_status rh_buf_append_str(rh_buf *buf, const char *text, rh_error *err) RH_MUST_CHECK;
rh_status rh_buf_append_byte(rh_buf *buf, uint8_t byte, rh_error *err) RH_MUST_CHECK;
rh_status rh_buf_printf(rh_buf *buf, rh_error *err, const char *format, ...) RH_MUST_CHECK
    RH_PRINTF(3, 4);

/** The content as a C string; "" while empty. Borrowed until the next change. */
const char *rh_buf_cstr(const rh_buf *buf);

/** Take the content over (free with rh_mem_free); the buffer is empty afterwards. NULL if empty. */
char *rh_buf_take(rh_buf *buf);

#endif
