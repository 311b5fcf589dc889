#include "profile_cases.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/engine_dialect.h"
#include "core/fs.h"
#include "core/num.h"
#include "core/sql_scan.h"
#include "core/str.h"
#include "core/workload_file.h"

enum { MAX_FILE_BYTES = 16 << 20, MAX_EXECUTIONS = 100000 };

/* ---- values on the command line ---- */

static bool is_quoted(const char *text, size_t len)
{
    return len >= 2 && text[0] == '\'' && text[len - 1] == '\'';
}

/* NULL, 'text' and whole numbers as in SQL; everything else is text. PostgreSQL reads all as text
 * and decides by the context. */
static void read_value(rh_engine_kind engine, const char *text, rh_parameter *out)
{
    size_t len = strlen(text);

    *out = (rh_parameter){.kind = RH_PARAMETER_TEXT, .data = text, .len = len};
    if (strcmp(text, "NULL") == 0) {
        out->kind = RH_PARAMETER_NULL;
    } else if (is_quoted(text, len)) {
        out->data = text + 1;
        out->len = len - 2;
    } else if (engine == RH_ENGINE_SQLITE && rh_num_scan_int64(text, len, &out->integer)) {
        out->kind = RH_PARAMETER_INTEGER;
    }
}

/* "value", or ":name=value". */
static rh_status read_param(profile_input *input, rh_engine_kind engine, const char *text,
                            rh_parameter *out, rh_error *err)
{
    const char *equal = strchr(text, '=');
    const char *name = NULL;

    if (equal != NULL && text[0] != '\0' && strchr(":@$", text[0]) != NULL) {
        name = rh_arena_strndup(input->arena, text, (size_t)(equal - text));
        if (name == NULL)
            return rh_error_oom(err);
        text = equal + 1;
    }
    read_value(engine, text, out);
    out->name = name;
    return RH_OK;
}

static rh_status given_case(const cli_args *args, rh_engine_kind engine, profile_input *out,
                            rh_error *err)
{
    const char *const *texts = cli_texts(args, "param");
    rh_parameter *list;
    size_t count = 0;
    rh_status status = RH_OK;

    out->case_count = 1;
    out->cases[0] = (rh_profile_case){NULL, NULL, 0};
    if (texts == NULL)
        return RH_OK;
    while (texts[count] != NULL)
        count++;
    list = rh_arena_array(out->arena, count, sizeof *list);
    if (list == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = read_param(out, engine, texts[i], &list[i], err);
    out->cases[0] = (rh_profile_case){"given", list, count};
    return status;
}

/* ---- a file ---- */

/* The name in a comment "-- name: x" between two statements; in the arena, NULL: none. */
static rh_status name_before(profile_input *input, rh_sql_dialect dialect, size_t from, size_t to,
                             const char **out, rh_error *err)
{
    const char *name;
    size_t len;

    *out = NULL;
    if (!rh_sql_name_between(dialect, rh_buf_cstr(&input->file), from, to, &name, &len))
        return RH_OK;
    *out = rh_arena_strndup(input->arena, name, len);
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status choose_statement(profile_input *input, rh_sql_dialect dialect, const char *wanted,
                                  rh_error *err)
{
    const char *text = rh_buf_cstr(&input->file);
    rh_sql_scan scan;
    rh_sql_piece piece;
    size_t count = 0;
    size_t end = 0;
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, dialect, text, input->file.len);
    while (status == RH_OK && rh_sql_split_next(&scan, &piece)) {
        const char *name = NULL;

        status = name_before(input, dialect, end, piece.offset, &name, err);
        end = piece.offset + piece.len;
        if (status != RH_OK || (wanted != NULL && !rh_str_eq(name, wanted)))
            continue;
        count++;
        input->text.offset = piece.offset;
        input->text.length = piece.len;
        input->text.name = name;
    }
    if (status != RH_OK)
        return status;
    input->text.text = text;
    input->text.len = input->file.len;
    if (count == 1)
        return RH_OK;
    if (wanted != NULL && count == 0)
        return rh_error_set(err, RH_EUSAGE, "no statement is named '%s' in it", wanted);
    rh_error_set(err, RH_EUSAGE, "there are %zu statements in it, one is profiled at a time",
                 count);
    rh_error_hint(err, "write '-- name: x' before each and choose one with --query x");
    return RH_EUSAGE;
}

static rh_status read_file(profile_input *out, const char *path, rh_error *err)
{
    rh_buf_init(&out->file, MAX_FILE_BYTES);
    out->text.file = path;
    return rh_fs_read(path, MAX_FILE_BYTES, &out->file, err);
}

/* Spans and reports are UTF-8, and both databases end a statement at a zero byte. */
static rh_status check_text(const rh_buf *file, rh_error *err)
{
    const char *text = rh_buf_cstr(file);
    size_t line = 0;
    size_t column = 0;

    for (size_t at = 0; at < file->len;) {
        uint32_t point = 0;
        size_t bytes = rh_str_decode(text + at, file->len - at, &point);

        if (bytes > 0 && point != 0) {
            at += bytes;
            continue;
        }
        rh_sql_position(text, file->len, at, &line, &column);
        rh_error_set(err, RH_EFORMAT, "line %zu, column %zu: byte 0x%02X is no UTF-8 text", line,
                     column, (unsigned char)text[at]);
        rh_error_hint(err, "write it as UTF-8 (iconv -f LATIN1 -t UTF-8)");
        return RH_EFORMAT;
    }
    return RH_OK;
}

/* ---- a workload ---- */

typedef struct shape_search {
    const char *wanted;
    uint64_t fingerprint;
    size_t matches;
} shape_search;

static rh_status look_at_shape(void *ctx, const rh_workload_statement *statement, rh_error *err)
{
    shape_search *search = ctx;
    char hex[24];

    (void)err;
    (void)snprintf(hex, sizeof hex, "%016" PRIx64, statement->fingerprint);
    if (!rh_str_starts_with(hex, search->wanted) ||
        (search->matches > 0 && search->fingerprint == statement->fingerprint))
        return RH_OK;
    search->fingerprint = statement->fingerprint;
    search->matches++;
    return RH_OK;
}

static rh_status find_shape(rh_workload_file *file, const char *wanted, uint64_t *out,
                            rh_error *err)
{
    shape_search search = {wanted, 0, 0};
    rh_status status = rh_workload_file_statements(file, look_at_shape, &search, err);

    if (status != RH_OK)
        return status;
    *out = search.fingerprint;
    if (search.matches == 1)
        return RH_OK;
    rh_error_set(err, RH_EUSAGE,
                 "%zu statements of the workload have a fingerprint that starts "
                 "with '%s'",
                 search.matches, wanted);
    rh_error_hint(err, "a statement is named by its fingerprint, or the first digits of it; the "
                       "table 'statements' of the workload lists them");
    return RH_EUSAGE;
}

typedef struct execution {
    int64_t duration_us;
    uint64_t position;
} execution;

static int by_duration(const void *a, const void *b)
{
    const execution *x = a;
    const execution *y = b;

    if (x->duration_us != y->duration_us)
        return x->duration_us < y->duration_us ? -1 : 1;
    return x->position < y->position ? -1 : 1;
}

static rh_status copy_item(profile_input *out, const rh_workload_item *item, const char *name,
                           rh_error *err)
{
    rh_parameter *list = rh_arena_array(out->arena, item->parameter_count + 1, sizeof *list);
    bool fits = list != NULL;

    for (size_t i = 0; fits && i < item->parameter_count; i++) {
        list[i] = item->parameters[i];
        if (list[i].name != NULL)
            fits = (list[i].name = rh_arena_strdup(out->arena, list[i].name)) != NULL;
        if (fits && list[i].data != NULL)
            fits = (list[i].data = rh_arena_strndup(out->arena, list[i].data, list[i].len)) != NULL;
    }
    if (fits && out->text.text == NULL) {
        out->text.text = rh_arena_strdup(out->arena, item->sql);
        fits = out->text.text != NULL;
        out->text.len = out->text.length = strlen(item->sql);
    }
    if (!fits)
        return rh_error_oom(err);
    out->cases[out->case_count++] = (rh_profile_case){name, list, item->parameter_count};
    return RH_OK;
}

/* Visit the executions of the shape; `take` is called with the position of each. Those that cannot
 * be repeated are left out, but for entries of pg_stat_statements when `stats` asks for them. */
static rh_status each_execution(rh_workload_file *file, uint64_t fingerprint, bool stats,
                                rh_status (*take)(void *ctx, const rh_workload_item *item,
                                                  uint64_t position, rh_error *err),
                                void *ctx, rh_error *err)
{
    const rh_workload_filter filter = {.by_fingerprint = true, .fingerprint = fingerprint};
    rh_workload_cursor *cursor = NULL;
    rh_workload_item item;
    rh_workload workload;
    rh_status status = rh_workload_cursor_open(file, &filter, &cursor, err);

    if (status != RH_OK)
        return status;
    workload = rh_workload_from_cursor(cursor);
    for (uint64_t i = 0; status == RH_OK && i < MAX_EXECUTIONS; i++) {
        status = workload.next(workload.ctx, &item, err);
        if (status == RH_OK && (item.unreplayable == NULL || (stats && item.calls > 0)))
            status = take(ctx, &item, i, err);
    }
    rh_workload_cursor_close(cursor);
    return status == RH_DONE ? RH_OK : status;
}

typedef struct selection {
    profile_input *input;
    execution *list;
    size_t count;
    uint64_t wanted[2]; /* positions: typical, worst */
    int64_t most_calls;
} selection;

static rh_status remember(void *ctx, const rh_workload_item *item, uint64_t position, rh_error *err)
{
    selection *s = ctx;

    (void)err;
    s->list[s->count++] = (execution){item->duration_us, position};
    return RH_OK;
}

static rh_status take_wanted(void *ctx, const rh_workload_item *item, uint64_t position,
                             rh_error *err)
{
    static const char *const names[] = {"typical", "worst"};
    selection *s = ctx;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < 2; i++)
        if (s->wanted[i] == position && (i == 0 || s->wanted[0] != position))
            status = copy_item(s->input, item, names[i], err);
    return status;
}

/* pg_stat_statements keeps a text for each user and database: the one that was called most. Its
 * values are gone, so that they come from --param or from what the planner knows. */
static rh_status take_most_called(void *ctx, const rh_workload_item *item, uint64_t position,
                                  rh_error *err)
{
    selection *s = ctx;

    (void)position;
    if (item->calls <= s->most_calls)
        return RH_OK;
    s->most_calls = item->calls;
    s->input->text.text = rh_arena_strdup(s->input->arena, item->sql);
    s->input->text.len = s->input->text.length = strlen(item->sql);
    return s->input->text.text == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status read_statistics(rh_workload_file *file, uint64_t fingerprint, const char *wanted,
                                 selection *s, rh_error *err)
{
    rh_status status = each_execution(file, fingerprint, true, take_most_called, s, err);

    if (status == RH_OK && s->most_calls == 0)
        status = rh_error_set(
            err, RH_EUSAGE, "the workload has no execution of '%s' that could be repeated", wanted);
    return status;
}

/* Typical: the median by duration; worst: the slowest. */
static rh_status read_workload(profile_input *out, const char *path, const char *wanted,
                               rh_error *err)
{
    rh_workload_file *file = NULL;
    selection s = {.input = out};
    uint64_t fingerprint = 0;
    rh_status status = rh_workload_file_open(path, &file, err);

    if (status != RH_OK)
        return status;
    status = find_shape(file, wanted, &fingerprint, err);
    s.list = rh_arena_array(out->arena, MAX_EXECUTIONS, sizeof *s.list);
    if (status == RH_OK && s.list == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = each_execution(file, fingerprint, false, remember, &s, err);
    if (status == RH_OK && s.count == 0) {
        status = read_statistics(file, fingerprint, wanted, &s, err);
    } else if (status == RH_OK) {
        qsort(s.list, s.count, sizeof *s.list, by_duration);
        s.wanted[0] = s.list[s.count / 2].position;
        s.wanted[1] = s.list[s.count - 1].position;
        out->case_count = 0;
        status = each_execution(file, fingerprint, false, take_wanted, &s, err);
    }
    if (status == RH_OK)
        out->text.name = rh_arena_strdup(out->arena, wanted);
    rh_workload_file_close(file);
    return status;
}

/* ---- all ---- */

static rh_status check_usage(const cli_args *args, rh_error *err)
{
    int given = cli_given(args, "command") + cli_given(args, "file") + cli_given(args, "workload");

    if (given != 1) {
        rh_error_set(err, RH_EUSAGE,
                     given == 0 ? "no statement is given"
                                : "--command, --file and --workload exclude each "
                                  "other");
        rh_error_hint(err, "-c SQL, -f FILE, or --query FINGERPRINT --workload FILE");
        return RH_EUSAGE;
    }
    if (cli_given(args, "workload") && !cli_given(args, "query")) {
        rh_error_set(err, RH_EUSAGE, "--workload needs --query: which statement of it");
        rh_error_hint(err,
                      "sqlite3 FILE 'SELECT fingerprint, normalized FROM statements' lists them");
        return RH_EUSAGE;
    }
    if (cli_given(args, "command") && cli_given(args, "query"))
        return rh_error_set(err, RH_EUSAGE, "--query chooses from a file or a workload");
    return RH_OK;
}

rh_status profile_input_read(const cli_args *args, rh_engine_kind engine, profile_input *out,
                             rh_error *err)
{
    rh_sql_dialect dialect = rh_engine_dialect(engine);
    const char *command = cli_text(args, "command");
    const char *file = cli_text(args, "file");
    rh_status status = check_usage(args, err);

    memset(out, 0, sizeof *out);
    rh_buf_init(&out->file, MAX_FILE_BYTES);
    if (status != RH_OK)
        return status;
    out->arena = rh_arena_new(0);
    if (out->arena == NULL)
        return rh_error_oom(err);
    status = given_case(args, engine, out, err);
    if (status == RH_OK && cli_given(args, "workload"))
        return read_workload(out, cli_text(args, "workload"), cli_text(args, "query"), err);
    if (status == RH_OK && file != NULL)
        status = read_file(out, file, err);
    else if (status == RH_OK)
        status = rh_buf_append_str(&out->file, command, err);
    if (status == RH_OK)
        status = check_text(&out->file, err);
    if (status == RH_OK)
        status = choose_statement(out, dialect, cli_text(args, "query"), err);
    if (status != RH_OK && file != NULL)
        rh_error_where(err, "'%s'", file);
    return status;
}

void profile_input_done(profile_input *input)
{
    rh_buf_done(&input->file);
    rh_arena_free(input->arena);
}
