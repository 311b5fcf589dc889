/*
 * Schema sections by pg_dump, inside our snapshot. The password goes to the child's environment
 * only. What differs from run to run though nothing changed (psql's \restrict key, dates) is taken
 * out, so that the text deduplicates.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/process.h"
#include "core/str.h"
#include "pg_source.h"
#include "pg_tool.h"

enum { SECTION_MAX_BYTES = 512 << 20 };

/* Psql's meta commands stand on lines of their own, at the start and the end of the dump. A
 * function body may hold such a line too, so only lines with the key of the first one go. */
static bool is_noise(const char *line, size_t len, const char *key, size_t key_len)
{
    static const char unrestrict[] = "\\unrestrict ";
    size_t word = sizeof unrestrict - 1;

    if (key_len == 0)
        return false;
    return len == word + key_len && strncmp(line, unrestrict, word) == 0 &&
           strncmp(line + word, key, key_len) == 0;
}

static rh_status tidy(const char *text, size_t text_len, rh_buf *out, rh_error *err)
{
    static const char restrict_word[] = "\\restrict ";
    const char *end = text + text_len;
    const char *key = NULL;
    size_t key_len = 0;
    rh_status status = RH_OK;

    for (const char *line = text; line < end && status == RH_OK;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t len = (size_t)((newline == NULL ? end : newline) - line);

        if (key == NULL && len >= sizeof restrict_word &&
            strncmp(line, restrict_word, sizeof restrict_word - 1) == 0) {
            key = line + sizeof restrict_word - 1;
            key_len = len - (sizeof restrict_word - 1);
        } else if (!is_noise(line, len, key, key_len)) {
            status = rh_buf_append(out, line, len + (newline == NULL ? 0 : 1), err);
        }
        line += len + 1;
    }
    return status;
}

typedef struct dump_call {
    char section[32];
    char snapshot[RH_PG_SNAPSHOT_ID_BYTES + 16];
    char lock_wait[64];
    char *database;
    char *password;
} dump_call;

rh_status rh_pg_dump_find(rh_pg_source *source, rh_error *err)
{
    if (source->dump_program != NULL)
        return RH_OK;
    return rh_pg_tool_find("pg_dump", source->main->version / 10000, &source->dump_program, err);
}

static rh_status run_dump(rh_pg_source *source, const dump_call *call, rh_buf *out, rh_error *err)
{
    bool utf8 = rh_str_eq(PQparameterStatus(source->main->conn, "client_encoding"), "UTF8");
    const char *encoding = utf8 ? "--encoding=UTF8" : NULL;
    bool no_comments = source->options.no_comments;
    const char *const optional[] = {no_comments ? "--no-comments" : encoding,
                                    no_comments ? encoding : NULL};
    const char *arguments[] = {
        "--format=plain", call->section,  call->snapshot, call->lock_wait, "--no-sync",
        "--no-password",  call->database, optional[0],    optional[1],     NULL};
    const char *environment[] = {"PGAPPNAME=rehearse", "PGCLIENTENCODING=", "LC_ALL=C",
                                 call->password, NULL};
    rh_process_options options = {
        .arguments = arguments, .environment = environment, .cancel = source->options.cancel};
    rh_status status = rh_pg_dump_find(source, err);

    if (status == RH_OK)
        status = rh_writer_buf(out, &options.output, err);
    if (status == RH_OK) {
        options.program = source->dump_program;
        status = rh_process_run(&options, err);
    }
    rh_writer_free(options.output);
    return status;
}

rh_status rh_pg_dump_section(rh_pg_source *source, const char *section, rh_buf *out, rh_error *err)
{
    dump_call call = {.database = NULL, .password = NULL};
    rh_buf database = RH_BUF_INIT;
    rh_buf text = RH_BUF_INIT;
    const char *password = PQpass(source->main->conn);
    rh_status status = rh_buf_append_str(&database, "--dbname=", err);

    rh_buf_init(&text, SECTION_MAX_BYTES);
    if (status == RH_OK)
        status = rh_pg_conninfo_text(source->info, &database, err);
    if (status != RH_OK)
        goto out;
    (void)snprintf(call.section, sizeof call.section, "--section=%s", section);
    (void)snprintf(call.snapshot, sizeof call.snapshot, "--snapshot=%s", source->snapshot);
    (void)snprintf(call.lock_wait, sizeof call.lock_wait, "--lock-wait-timeout=%" PRId64,
                   source->options.lock_wait_us / 1000 + 1);
    call.database = rh_buf_take(&database);
    if (password != NULL && password[0] != '\0') {
        call.password = rh_mem_printf("PGPASSWORD=%s", password);
        if (call.password == NULL)
            status = rh_error_oom(err);
    }
    if (status == RH_OK)
        status = run_dump(source, &call, &text, err);
    if (status == RH_OK)
        status = tidy(rh_buf_cstr(&text), text.len, out, err);
    if (status != RH_OK)
        rh_error_where(err, "section '%s'", section);
out:
    rh_buf_done(&database);
    rh_buf_done(&text);
    rh_mem_free(call.database);
    if (call.password != NULL)
        rh_mem_wipe_free(call.password, strlen(call.password));
    return status;
}
