/*
 * Growing byte buffer. Capacity doubles; the byte behind the content is always a NUL.
 */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"

static const size_t DEFAULT_MAX = (size_t)256 * 1024 * 1024;
static const size_t FIRST_CAP = 128;

void rh_buf_init(rh_buf *buf, size_t max)
{
    buf->data = NULL;
    buf->len = 0;
    buf->cap = 0;
    buf->max = max;
    buf->wipes = false;
}

void rh_buf_init_wiping(rh_buf *buf, size_t max)
{
    rh_buf_init(buf, max);
    buf->wipes = true;
}

static void drop(rh_buf *buf, bool wipe)
{
    if (wipe)
        rh_mem_wipe_free(buf->data, buf->cap);
    else
        rh_mem_free(buf->data);
    buf->data = NULL;
    buf->len = 0;
    buf->cap = 0;
}

void rh_buf_done(rh_buf *buf)
{
    drop(buf, buf->wipes);
}

void rh_buf_wipe_done(rh_buf *buf)
{
    drop(buf, true);
}

void rh_buf_clear(rh_buf *buf)
{
    buf->len = 0;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

/* The content in a larger block; realloc would leave a copy where it was. */
static uint8_t *moved(const rh_buf *buf, size_t cap)
{
    uint8_t *data = rh_mem_alloc(cap);

    if (data != NULL && buf->data != NULL) {
        memcpy(data, buf->data, buf->len + 1);
        rh_mem_wipe_free(buf->data, buf->cap);
    }
    return data;
}

rh_status rh_buf_reserve(rh_buf *buf, size_t extra, rh_error *err)
{
    size_t max = buf->max == 0 ? DEFAULT_MAX : buf->max;

    if (max == SIZE_MAX)
        max--; /* room for the NUL */
    if (buf->len > max || extra > max - buf->len)
        return rh_error_set(err, RH_ELIMIT, "buffer would grow past %zu bytes", max);

    size_t need = buf->len + extra + 1;

    if (need <= buf->cap)
        return RH_OK;

    size_t cap = buf->cap < FIRST_CAP ? FIRST_CAP : buf->cap;

    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    if (cap > max + 1)
        cap = max + 1;

    uint8_t *data = buf->wipes ? moved(buf, cap) : rh_mem_realloc(buf->data, cap);

    if (data == NULL)
        return rh_error_oom(err);
    buf->data = data;
    buf->cap = cap;
    buf->data[buf->len] = '\0';
    return RH_OK;
}

rh_status rh_buf_append(rh_buf *buf, const void *data, size_t len, rh_error *err)
{
    /* What fits is within max, too. */
    rh_status status = len < buf->cap - buf->len ? RH_OK : rh_buf_reserve(buf, len, err);

    if (status != RH_OK)
        return status;
    if (len > 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
    return RH_OK;
}

rh_status rh_buf_append_str(rh_buf *buf, const char *text, rh_error *err)
{
    return rh_buf_append(buf, text, strlen(text), err);
}

rh_status rh_buf_append_byte(rh_buf *buf, uint8_t byte, rh_error *err)
{
    if (buf->cap - buf->len < 2)
        return rh_buf_append(buf, &byte, 1, err);
    buf->data[buf->len++] = byte;
    buf->data[buf->len] = '\0';
    return RH_OK;
}

rh_status rh_buf_printf(rh_buf *buf, rh_error *err, const char *format, ...)
{
    rh_status status = RH_OK;
    va_list args;
    va_list again;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        status = rh_error_set(err, RH_EUSAGE, "text cannot be formatted");
    else
        status = rh_buf_reserve(buf, (size_t)len, err);
    if (status == RH_OK) {
        (void)vsnprintf((char *)buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
    return status;
}

const char *rh_buf_cstr(const rh_buf *buf)
{
    return buf->data == NULL ? "" : (const char *)buf->data;
}

char *rh_buf_take(rh_buf *buf)
{
    char *text = (char *)buf->data;
    bool wipes = buf->wipes;

    rh_buf_init(buf, buf->max);
    buf->wipes = wipes;
    return text;
}
