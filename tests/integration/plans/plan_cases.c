#include "plan_cases.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/engine_dialect.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/sql_fingerprint.h"
#include "core/str.h"
#include "profiler/profile.h"

enum { MAX_EXPECTED = 8, MAX_PARAMS = 8, MAX_CASE_BYTES = 65536 };

typedef struct expected {
    char name[48];
    bool placed;
    size_t offset; /* in the text without marks */
    size_t length;
    bool met;
} expected;

typedef struct plan_case {
    const char *name;
    rh_buf text; /* without marks */
    expected list[MAX_EXPECTED];
    size_t count;
    char values[MAX_PARAMS][64];
    rh_parameter params[MAX_PARAMS];
    size_t param_count;
    char settings[512];
    bool plan_only;
    bool healthy;
} plan_case;

/* ---- reading ---- */

static const char *value_behind(const char *line, const char *word, char out[256])
{
    size_t len = strlen(word);

    if (strncmp(line, word, len) != 0)
        return NULL;
    (void)snprintf(out, 256, "%.*s", (int)strcspn(line + len, "\n"), line + len);
    return out;
}

static void add_param(plan_case *c, const char *value)
{
    rh_parameter *out = &c->params[c->param_count];
    char *copy = c->values[c->param_count++];
    size_t len = strlen(value);

    assert(len < sizeof c->values[0]);
    memcpy(copy, value, len + 1);
    *out = (rh_parameter){.kind = RH_PARAMETER_TEXT, .data = copy, .len = len};
    if (value[0] == '\'') {
        out->data = copy + 1;
        out->len = len - 2;
    } else {
        assert(rh_num_scan_int64(value, len, &out->integer));
        out->kind = RH_PARAMETER_INTEGER;
    }
}

/* "work_mem = '64kB'" -> "-c work_mem=64kB" */
static void add_setting(plan_case *c, const char *value)
{
    size_t used = strlen(c->settings);

    used += (size_t)snprintf(c->settings + used, sizeof c->settings - used, " -c ");
    for (; *value != '\0'; value++)
        if (*value != ' ' && *value != '\'')
            c->settings[used++] = *value;
    c->settings[used] = '\0';
}

static void read_line(plan_case *c, const char *line)
{
    char value[256];

    if (value_behind(line, "-- expect: ", value) != NULL) {
        expected *e = &c->list[c->count++];

        *e = (expected){.placed = false};
        (void)snprintf(e->name, sizeof e->name, "%.47s", value);
    } else if (value_behind(line, "-- param: ", value) != NULL) {
        add_param(c, value);
    } else if (value_behind(line, "-- set: ", value) != NULL) {
        add_setting(c, value);
    }
    c->plan_only = c->plan_only || strncmp(line, "-- plan-only", 12) == 0;
    c->healthy = c->healthy || strncmp(line, "-- healthy", 10) == 0;
}

/* "a" or "a+b": several findings of one span. Returns what stands behind. */
static const char *open_mark(plan_case *c, const char *names)
{
    do {
        expected *e = &c->list[c->count++];

        *e = (expected){.placed = true, .offset = c->text.len};
        (void)snprintf(e->name, sizeof e->name, "%.*s", (int)strcspn(names, "+*"), names);
        names += strcspn(names, "+*") + 1;
    } while (names[-1] == '+');
    return names + 1;
}

/* Take the marks out of the text. */
static void read_marks(plan_case *c, const char *text)
{
    size_t open = 0;

    while (*text != '\0') {
        if (strncmp(text, "/*<", 3) == 0) {
            open = c->count;
            text = open_mark(c, text + 3);
        } else if (strncmp(text, "/*>*/", 5) == 0) {
            for (size_t i = open; i < c->count; i++)
                c->list[i].length = c->text.len - c->list[i].offset;
            text += 5;
        } else {
            assert(rh_buf_append_byte(&c->text, (uint8_t)*text++, NULL) == RH_OK);
        }
    }
}

static void read_case(const char *folder, const char *file, plan_case *c)
{
    char *path = rh_fs_join(folder, file);
    rh_buf raw = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    assert(path != NULL);
    if (rh_fs_read(path, MAX_CASE_BYTES, &raw, &err) != RH_OK)
        (void)fprintf(stderr, "%s\n", err.text);
    for (const char *line = rh_buf_cstr(&raw); line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (*line == '-')
            read_line(c, line);
        if (*line == '\0')
            break;
    }
    read_marks(c, rh_buf_cstr(&raw));
    rh_buf_done(&raw);
    rh_mem_free(path);
}

/* ---- comparing ---- */

static bool fits(const expected *e, const json_t *finding, size_t start, size_t length)
{
    const json_t *span = json_object_get(finding, "span");
    size_t offset = (size_t)json_integer_value(json_object_get(span, "offset"));
    size_t len = (size_t)json_integer_value(json_object_get(span, "length"));

    if (e->met || strcmp(e->name, json_string_value(json_object_get(finding, "finding"))) != 0)
        return false;
    if (!e->placed)
        return json_is_null(span) || (offset == start && len == length);
    return json_is_object(span) && offset == e->offset && len == e->length;
}

static size_t compare(plan_case *c, const json_t *report, const rh_profile_text *text)
{
    const json_t *findings = json_object_get(report, "findings");
    size_t wrong = 0;

    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *finding = json_array_get(findings, i);
        bool found = false;

        for (size_t k = 0; !found && k < c->count; k++) {
            found = fits(&c->list[k], finding, text->offset, text->length);
            c->list[k].met = c->list[k].met || found;
        }
        if (!found) {
            char *json = json_dumps(finding, JSON_INDENT(1) | JSON_SORT_KEYS);

            (void)fprintf(stderr, "%s: not expected: %s\n", c->name, json);
            rh_mem_free(json);
            wrong++;
        }
    }
    for (size_t k = 0; k < c->count; k++)
        if (!c->list[k].met) {
            (void)fprintf(stderr, "%s: missing: %s\n", c->name, c->list[k].name);
            wrong++;
        }
    if (wrong > 0)
        for (size_t i = 0; i < json_array_size(json_object_get(report, "plan")); i++) {
            const json_t *node = json_array_get(json_object_get(report, "plan"), i);

            (void)fprintf(stderr, "    %s %s\n", json_string_value(json_object_get(node, "raw")),
                          json_string_value(json_object_get(node, "relation")));
        }
    return wrong;
}

static size_t profile(plan_case *c, rh_profile_session *session, rh_engine_kind engine)
{
    const rh_finding_config config = rh_finding_config_default();
    const rh_profile_case one = {"given", c->params, c->param_count};
    rh_profile_text text = {.file = c->name, .text = rh_buf_cstr(&c->text), .len = c->text.len};
    rh_profile_request request = {.text = &text,
                                  .cases = &one,
                                  .case_count = 1,
                                  .config = &config,
                                  .execute = !c->plan_only,
                                  .warm = true,
                                  .prove = true};
    rh_profile_outcome outcome;
    rh_error err = RH_ERROR_INIT;
    rh_sql_scan scan;
    rh_sql_piece piece;
    size_t wrong = 1;

    rh_sql_scan_init(&scan, rh_engine_dialect(engine), text.text, text.len);
    assert(rh_sql_split_next(&scan, &piece));
    text.offset = piece.offset;
    text.length = piece.len;
    if (rh_profile_make(session, &request, &outcome, &err) == RH_OK)
        wrong = compare(c, outcome.report, &text);
    else
        (void)fprintf(stderr, "%s: %s\n", c->name, err.text);
    json_decref(outcome.report);
    return wrong;
}

static size_t run_case(const char *folder, const char *file, const char *target,
                       rh_engine_kind engine)
{
    rh_profile_options options = RH_PROFILE_OPTIONS_INIT;
    plan_case *c = rh_mem_zalloc(sizeof *c);
    rh_profile_session *session = NULL;
    rh_error err = RH_ERROR_INIT;
    char *name;
    rh_sql_command command;
    size_t wrong = 1;

    assert(c != NULL);
    c->name = file;
    read_case(folder, file, c);
    assert(c->healthy == (c->count == 0));
    command = rh_sql_command_of(rh_engine_dialect(engine), rh_buf_cstr(&c->text), c->text.len);
    options.writes = command.kind == RH_SQL_COMMAND_WRITE;
    options.serial = true;
    name = c->settings[0] == '\0' ? rh_mem_strdup(target)
                                  : rh_mem_printf("%s options='%s'", target, c->settings);
    assert(name != NULL);
    if (rh_profile_open(name, &options, &session, &err) == RH_OK)
        wrong = profile(c, session, engine);
    else
        (void)fprintf(stderr, "%s: %s\n", file, err.text);
    rh_profile_close(session);
    rh_mem_free(name);
    rh_buf_done(&c->text);
    rh_mem_free(c);
    return wrong > 0;
}

size_t plan_cases_run(const char *folder, const char *target, rh_engine_kind engine)
{
    char **files = NULL;
    size_t count = 0;
    size_t wrong = 0;

    assert(rh_fs_list(folder, &files, &count, NULL) == RH_OK);
    for (size_t i = 0; i < count; i++)
        if (rh_str_ends_with(files[i], ".sql") && strcmp(files[i], "schema.sql") != 0)
            wrong += run_case(folder, files[i], target, engine);
    rh_fs_list_free(files);
    return wrong;
}

void plan_cases_schema(const char *folder, void (*execute)(void *ctx, const char *sql), void *ctx)
{
    char *path = rh_fs_join(folder, "schema.sql");
    rh_buf text = RH_BUF_INIT;
    char *at;

    assert(path != NULL && rh_fs_read(path, MAX_CASE_BYTES, &text, NULL) == RH_OK);
    for (at = (char *)text.data; at != NULL && *at != '\0';) {
        char *end = strstr(at, ";\n");

        if (end != NULL)
            *end = '\0';
        execute(ctx, at);
        at = end == NULL ? NULL : end + 2;
    }
    rh_buf_done(&text);
    rh_mem_free(path);
}
