/*
 * Runs on disk are JSON, but too long to be held: this reads just what replay_compare.c writes,
 *
 *   {"run":1,"head":{...},"outcomes":[[loop,execution,rows,"hash","state"],...]}
 *
 * with white space between the entries.
 */
#include "replay_run_file.h"

#include <string.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "core/stream.h"

enum {
    BUFFER_BYTES = 65536,
    MAX_ENTRY_BYTES = 160,
    END = -1,
};

struct rp_run_file {
    rh_reader *reader;
    const char *path;
    uint64_t count; /* entries that were read */
    rp_outcome last;
    bool complete;
    size_t at;
    size_t len;
    uint8_t buffer[BUFFER_BYTES];
};

/* The next byte without taking it, or END. */
static rh_status peek(rp_run_file *file, int *out, rh_error *err)
{
    rh_status status = RH_OK;

    if (file->at == file->len) {
        file->at = file->len = 0;
        status = rh_reader_get(file->reader, file->buffer, sizeof file->buffer, &file->len, err);
    }
    if (status < RH_OK)
        return status;
    *out = status == RH_DONE ? END : file->buffer[file->at];
    return RH_OK;
}

static rh_status peek_solid(rp_run_file *file, int *out, rh_error *err)
{
    rh_status status = peek(file, out, err);

    while (status == RH_OK && (*out == ' ' || *out == '\n' || *out == '\r' || *out == '\t')) {
        file->at++;
        status = peek(file, out, err);
    }
    return status;
}

static rh_status refuse(const rp_run_file *file, rh_error *err)
{
    return rh_error_set(err, RH_EFORMAT, "'%s' is no run of this format", file->path);
}

static rh_status damaged(const rp_run_file *file, rh_error *err)
{
    return rh_error_set(err, RH_EFORMAT, "'%s' is damaged behind entry %llu", file->path,
                        (unsigned long long)file->count);
}

/* This text comes, white space in front of each of its bytes allowed. */
static rh_status expect(rp_run_file *file, const char *text, rh_error *err)
{
    rh_status status = RH_OK;

    for (; status == RH_OK && *text != '\0'; text++) {
        int byte = END;

        status = peek_solid(file, &byte, err);
        if (status == RH_OK && byte != (unsigned char)*text)
            return refuse(file, err);
        file->at++;
    }
    return status;
}

/* An object, whatever is in it. */
static rh_status skip_object(rp_run_file *file, rh_error *err)
{
    size_t depth = 0;
    bool quoted = false;
    bool escaped = false;

    for (;;) {
        int byte = END;
        rh_status status = peek(file, &byte, err);

        if (status != RH_OK)
            return status;
        if (byte == END || (depth == 0 && byte != '{'))
            return refuse(file, err);
        file->at++;
        if (quoted) {
            quoted = escaped || byte != '"';
            escaped = !escaped && byte == '\\';
            continue;
        }
        quoted = byte == '"';
        depth += byte == '{';
        depth -= byte == '}';
        if (depth == 0)
            return RH_OK;
    }
}

rh_status rp_run_file_open(const char *path, rp_run_file **out, rh_error *err)
{
    rh_status status = RH_OK;
    rp_run_file *file = rh_mem_zalloc(sizeof *file);

    if (file == NULL)
        return rh_error_oom(err);
    file->path = path;
    status = rh_reader_file(path, &file->reader, err);
    if (status == RH_OK)
        status = expect(file, "{\"run\":1,\"head\":", err);
    if (status == RH_OK)
        status = skip_object(file, err);
    if (status == RH_OK)
        status = expect(file, ",\"outcomes\":[", err);
    if (status == RH_OK)
        *out = file;
    else
        rp_run_file_close(file);
    return status;
}

/* ---- entries ---- */

/* The field up to the separator; *at stands behind that then. */
static bool take_field(const char **at, char separator, const char **out, size_t *out_len)
{
    const char *end = strchr(*at, separator);

    if (end == NULL)
        return false;
    *out = *at;
    *out_len = (size_t)(end - *at);
    *at = end + 1;
    return true;
}

static bool take_number(const char **at, int64_t *out)
{
    const char *field;
    size_t len;

    return take_field(at, ',', &field, &len) && rh_num_scan_int64(field, len, out);
}

static bool take_quoted(const char **at, char separator, char *out, size_t size)
{
    const char *field;
    size_t len;

    if (!take_field(at, separator, &field, &len) || len < 2 || field[0] != '"' ||
        field[len - 1] != '"' || len - 2 >= size || memchr(field + 1, '"', len - 2) != NULL)
        return false;
    memcpy(out, field + 1, len - 2);
    out[len - 2] = '\0';
    return true;
}

/* Without its brackets. */
static bool parse_entry(const char *text, rp_outcome *out)
{
    int64_t loop = 0;
    int64_t execution = 0;
    int64_t rows = 0;
    char hash[33];
    char state[sizeof out->sqlstate];
    rh_u128 value;

    if (!take_number(&text, &loop) || !take_number(&text, &execution) ||
        !take_number(&text, &rows) || !take_quoted(&text, ',', hash, sizeof hash) ||
        !take_quoted(&text, ']', state, sizeof state) || *text != '\0' || loop < 0 ||
        execution < 0 || rh_u128_parse(hash, &value, NULL) != RH_OK)
        return false;
    memset(out, 0, sizeof *out);
    out->loop = (uint64_t)loop;
    out->execution = (uint64_t)execution;
    out->rows = rows;
    out->hash = value;
    (void)rh_str_copy(out->sqlstate, sizeof out->sqlstate, state);
    return true;
}

/* Up to and with the bracket at its end. */
static rh_status read_entry(rp_run_file *file, rp_outcome *out, rh_error *err)
{
    char text[MAX_ENTRY_BYTES];
    size_t len = 0;
    int byte = 0;

    while (byte != ']') {
        rh_status status = peek_solid(file, &byte, err);

        if (status != RH_OK)
            return status;
        if (byte == END || byte == '\0' || len == sizeof text - 1)
            return damaged(file, err);
        text[len++] = (char)byte;
        file->at++;
    }
    text[len] = '\0';
    if (text[0] != '[' || !parse_entry(text + 1, out))
        return damaged(file, err);
    return RH_OK;
}

static rh_status check_end(rp_run_file *file, rh_error *err)
{
    int byte = 0;
    rh_status status = peek_solid(file, &byte, err);

    if (status == RH_OK && byte == '}') {
        file->at++;
        status = peek_solid(file, &byte, err);
        file->complete = byte == END;
    }
    if (status != RH_OK)
        return status;
    return file->complete ? RH_DONE : damaged(file, err);
}

rh_status rp_run_file_next(rp_run_file *file, rp_outcome *out, rh_error *err)
{
    rp_outcome read;
    int byte = 0;
    rh_status status = file->complete ? RH_DONE : peek_solid(file, &byte, err);

    if (status != RH_OK)
        return status;
    if (byte == ']' || (byte == ',' && file->count > 0))
        file->at++;
    else if (file->count > 0)
        return damaged(file, err);
    if (byte == ']')
        return check_end(file, err);
    if (byte == ',')
        status = peek_solid(file, &byte, err);
    if (status == RH_OK)
        status = read_entry(file, &read, err);
    if (status == RH_OK && file->count > 0 && rp_outcome_order(&file->last, &read) >= 0)
        status = damaged(file, err);
    if (status != RH_OK)
        return status;
    file->count++;
    file->last = read;
    *out = read;
    return RH_OK;
}

void rp_run_file_close(rp_run_file *file)
{
    if (file == NULL)
        return;
    rh_reader_free(file->reader);
    rh_mem_free(file);
}
