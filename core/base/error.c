/*
 * The error record: fixed size, first error wins, texts are cut at a UTF-8 boundary so that a cut
 * message is still a valid string for JSON output.
 */
#include <rehearse/error.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Drop an incomplete UTF-8 sequence that vsnprintf's cut left at the end of text. */
static void trim_cut(char *text, size_t size)
{
    size_t len = strlen(text);
    size_t back = 0;

    if (len + 1 < size)
        return;
    while (back < 4 && back < len && ((unsigned char)text[len - 1 - back] & 0xC0u) == 0x80u)
        back++;
    if (back >= len)
        return;

    unsigned char lead = (unsigned char)text[len - 1 - back];
    size_t need = lead < 0xC0u ? 0 : lead < 0xE0u ? 1 : lead < 0xF0u ? 2 : 3;

    if (lead >= 0xC0u && back < need)
        text[len - 1 - back] = '\0';
}

static void format_into(char *out, size_t size, const char *format, va_list args) RH_PRINTF(3, 0);

static void format_into(char *out, size_t size, const char *format, va_list args)
{
    if (vsnprintf(out, size, format, args) < 0)
        out[0] = '\0';
    trim_cut(out, size);
}

/* Add ": more", cut to what fits. */
static void append(char *text, size_t size, const char *more)
{
    size_t len = strlen(text);

    for (const char *from = ": "; *from != '\0' && len + 1 < size; from++)
        text[len++] = *from;
    for (; *more != '\0' && len + 1 < size; more++)
        text[len++] = *more;
    text[len] = '\0';
    trim_cut(text, size);
}

/* True when err can take a new error. */
static bool wants(const rh_error *err)
{
    return err != NULL && err->code == RH_OK;
}

static void start(rh_error *err, rh_status code)
{
    err->code = code;
    err->os_errno = 0;
    err->sqlstate[0] = '\0';
    err->text[0] = '\0';
    err->hint[0] = '\0';
}

rh_status rh_error_set(rh_error *err, rh_status code, const char *format, ...)
{
    va_list args;

    if (!wants(err))
        return code;
    start(err, code);
    va_start(args, format);
    format_into(err->text, sizeof err->text, format, args);
    va_end(args);
    return code;
}

rh_status rh_error_errno(rh_error *err, int os_errno, const char *format, ...)
{
    rh_status code = os_errno == ENOMEM ? RH_ENOMEM : RH_EIO;
    char reason[128];
    va_list args;

    if (!wants(err))
        return code;
    start(err, code);
    err->os_errno = os_errno;
    va_start(args, format);
    format_into(err->text, sizeof err->text, format, args);
    va_end(args);

    if (strerror_r(os_errno, reason, sizeof reason) != 0)
        (void)snprintf(reason, sizeof reason, "error %d", os_errno);
    append(err->text, sizeof err->text, reason);

    if (os_errno == ENOSPC)
        rh_error_hint(err, "the disk is full: free some space, or choose another directory");
    if (os_errno == EDQUOT)
        rh_error_hint(err, "the disk quota is used up: free some space, or raise the quota");
    return code;
}

rh_status rh_error_oom(rh_error *err)
{
    return rh_error_set(err, RH_ENOMEM, "out of memory");
}

void rh_error_hint(rh_error *err, const char *format, ...)
{
    va_list args;

    if (err == NULL || err->code == RH_OK)
        return;
    va_start(args, format);
    format_into(err->hint, sizeof err->hint, format, args);
    va_end(args);
}

void rh_error_sqlstate(rh_error *err, const char *sqlstate)
{
    if (err == NULL || err->code == RH_OK)
        return;
    (void)snprintf(err->sqlstate, sizeof err->sqlstate, "%.5s", sqlstate == NULL ? "" : sqlstate);
}

void rh_error_where(rh_error *err, const char *format, ...)
{
    char joined[RH_ERROR_TEXT_BYTES];
    va_list args;

    if (err == NULL || err->code == RH_OK)
        return;
    va_start(args, format);
    format_into(joined, sizeof joined, format, args);
    va_end(args);
    append(joined, sizeof joined, err->text);
    memcpy(err->text, joined, sizeof joined);
}

void rh_error_clear(rh_error *err)
{
    if (err != NULL)
        start(err, RH_OK);
}

const char *rh_status_name(rh_status status)
{
    switch (status) {
    case RH_OK:
        return "ok";
    case RH_DONE:
        return "done";
    case RH_SKIPPED:
        return "skipped";
    case RH_ENOMEM:
        return "memory";
    case RH_EUSAGE:
        return "usage";
    case RH_ECONFIG:
        return "config";
    case RH_EIO:
        return "io";
    case RH_EFORMAT:
        return "format";
    case RH_ENOTFOUND:
        return "not-found";
    case RH_EEXISTS:
        return "exists";
    case RH_EDB:
        return "database";
    case RH_ECONNECT:
        return "connect";
    case RH_EPRIVILEGE:
        return "privilege";
    case RH_EBUSY:
        return "busy";
    case RH_ELIMIT:
        return "limit";
    case RH_ECANCELED:
        return "canceled";
    case RH_EKEY:
        return "key";
    case RH_EUNSUPPORTED:
        return "unsupported";
    case RH_EMISMATCH:
        return "mismatch";
    }
    return "unknown";
}
