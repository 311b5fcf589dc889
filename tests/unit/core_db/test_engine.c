/*
 * Dispatch, with two engines that only note what they were asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/engine_ops.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/replay_engine_ops.h"
#include "core/row_codec.h"

static char calls[1024];
static rh_status next_status; /* what the next call of a fallible function answers */
static int thing;             /* what handles point to */

static rh_status note(const char *name, rh_error *err)
{
    rh_status status = next_status;

    snprintf(calls + strlen(calls), sizeof calls - strlen(calls), "%s ", name);
    next_status = RH_OK;
    return status < 0 ? rh_error_set(err, status, "%s failed", name) : status;
}

static void note_void(const char *name)
{
    snprintf(calls + strlen(calls), sizeof calls - strlen(calls), "%s ", name);
}

/* ---- the engine ---- */

static rh_status source_open(const char *name, const rh_source_options *options, void **out,
                             rh_error *err)
{
    (void)name;
    (void)options;
    *out = &thing;
    return note("open", err);
}

static rh_status preflight(void *source, rh_problems *problems, rh_error *err)
{
    (void)problems;
    assert_ptr_equal(&thing, source);
    return note("preflight", err);
}

static rh_status source_begin(void *source, rh_error *err)
{
    assert_ptr_equal(&thing, source);
    return note("begin", err);
}

static rh_status catalog(void *source, const rh_catalog **out, rh_error *err)
{
    (void)source;
    (void)out;
    return note("catalog", err);
}

static rh_status facts(void *source, json_t **out, rh_error *err)
{
    (void)source;
    (void)out;
    return note("facts", err);
}

static rh_status section(void *source, const char *name, rh_buf *out, rh_error *err)
{
    (void)source;
    (void)out;
    return note(name, err);
}

static void source_end(void *source)
{
    assert_ptr_equal(&thing, source);
    note_void("end");
}

static rh_status check_extra(void *source, const rh_table *table, const rh_extra_column *extra,
                             rh_error *err)
{
    (void)source;
    (void)table;
    (void)extra;
    return note("check_extra", err);
}

static rh_status set_extras(void *source, const rh_table *table, const rh_extra_column *extras,
                            size_t count, rh_error *err)
{
    (void)source;
    (void)table;
    (void)extras;
    (void)count;
    return note("set_extras", err);
}

static void source_close(void *source)
{
    assert_ptr_equal(&thing, source);
    note_void("close");
}

static rh_status session_open(void *source, void **out, rh_error *err)
{
    (void)source;
    *out = &thing;
    return note("session", err);
}

static void session_close(void *session)
{
    assert_ptr_equal(&thing, session);
    note_void("session_close");
}

static rh_status session_rows(void *session, const rh_table *table, const rh_range *range,
                              const rh_row_sink *sink, rh_error *err)
{
    (void)session;
    (void)table;
    (void)range;
    (void)sink;
    return note("rows", err);
}

static rh_status session_explain(void *session, const char *sql, json_t **out, rh_error *err)
{
    (void)session;
    (void)sql;
    (void)out;
    return note("explain", err);
}

static rh_status target_open(const char *name, const rh_target_options *options, void **out,
                             rh_error *err)
{
    (void)name;
    (void)options;
    *out = &thing;
    return note("open", err);
}

static rh_status target_check(void *target, const rh_restore_input *input, rh_problems *problems,
                              rh_error *err)
{
    (void)target;
    (void)input;
    (void)problems;
    return note("check", err);
}

static rh_status target_begin(void *target, const rh_restore_input *input, rh_error *err)
{
    (void)target;
    (void)input;
    return note("begin", err);
}

static size_t max_loaders(const void *target)
{
    assert_ptr_equal(&thing, target);
    return 3;
}

static rh_status loader_open(void *target, void **out, rh_error *err)
{
    (void)target;
    *out = &thing;
    return note("loader", err);
}

static void loader_close(void *loader)
{
    assert_ptr_equal(&thing, loader);
    note_void("loader_close");
}

static rh_status loader_load(void *loader, const rh_table *table, bool whole,
                             const rh_row_reader *rows, int64_t *out_rows, rh_error *err)
{
    (void)loader;
    (void)table;
    (void)whole;
    (void)rows;
    *out_rows = 5;
    return note("load", err);
}

static rh_status finish(void *target, rh_problems *notes, rh_error *err)
{
    (void)target;
    (void)notes;
    return note("finish", err);
}

static rh_status commit(void *target, json_t **out, rh_error *err)
{
    (void)target;
    (void)out;
    return note("commit", err);
}

static void target_free(void *target)
{
    assert_ptr_equal(&thing, target);
    note_void("free");
}

static rh_status rollback(const char *name, const rh_target_options *options, json_t **out,
                          rh_error *err)
{
    (void)name;
    (void)options;
    (void)out;
    return note("rollback", err);
}

static rh_status describe_pg(const char *name, rh_buf *out, rh_error *err)
{
    (void)name;
    return rh_buf_append_str(out, "pg", err);
}

static rh_status describe_lite(const char *name, rh_buf *out, rh_error *err)
{
    (void)name;
    return rh_buf_append_str(out, "lite", err);
}

static rh_status render(const rh_table *table, const rh_batch *batch, rh_buf *out, rh_error *err)
{
    (void)table;
    (void)batch;
    (void)out;
    return note("render", err);
}

static const char *const sections[] = {"one", "two", NULL};

/* By name: what a new function of an engine does is not of interest here. */
#define FAKE_SOURCE                                                                                \
    {                                                                                              \
        .open = source_open, .preflight = preflight, .begin = source_begin, .catalog = catalog,    \
        .facts = facts, .section = section, .check_extra = check_extra, .set_extras = set_extras,  \
        .end = source_end, .close = source_close, .session_open = session_open,                    \
        .session_close = session_close, .session_rows = session_rows,                              \
        .session_explain = session_explain                                                         \
    }
#define FAKE_TARGET                                                                                \
    {                                                                                              \
        .open = target_open, .check = target_check, .begin = target_begin,                         \
        .max_loaders = max_loaders, .loader_open = loader_open, .loader_close = loader_close,      \
        .loader_load = loader_load, .finish = finish, .commit = commit, .free = target_free,       \
        .rollback = rollback                                                                       \
    }

const rh_engine rh_engine_postgresql = {
    .kind = RH_ENGINE_POSTGRESQL,
    .name = "postgresql",
    .rows_format = RH_ROWS_PGCOPY,
    .sections = sections,
    .describe = describe_pg,
    .render = render,
    .source = FAKE_SOURCE,
    .target = FAKE_TARGET,
};
const rh_engine rh_engine_sqlite = {
    .kind = RH_ENGINE_SQLITE,
    .name = "sqlite",
    .rows_format = RH_ROWS_SQLITE,
    .sections = sections,
    .describe = describe_lite,
    .render = render,
    .source = FAKE_SOURCE,
    .target = FAKE_TARGET,
};
const rh_row_codec rh_row_codec_pgcopy = {0};
const rh_row_codec rh_row_codec_sqlite = {0};
const rh_replay_ops rh_replay_postgresql = {0};
const rh_replay_ops rh_replay_sqlite = {0};

/* ---- tests ---- */

static int setup(void **state)
{
    (void)state;
    calls[0] = '\0';
    next_status = RH_OK;
    return 0;
}

static void names_tell_the_engine(void **state)
{
    static const struct {
        const char *name;
        int kind; /* 0: refused */
    } cases[] = {
        {"postgresql://u:p@h/d", RH_ENGINE_POSTGRESQL},
        {"postgres://h", RH_ENGINE_POSTGRESQL},
        {"service=prod", RH_ENGINE_POSTGRESQL},
        {"  host = 'a b' dbname=x", RH_ENGINE_POSTGRESQL},
        {"sqlite:any/path", RH_ENGINE_SQLITE},
        {"sqlite:no=such", RH_ENGINE_SQLITE},
        {"/etc/passwd", RH_ENGINE_SQLITE},
        {"/no/such/file", 0},
        {"sqlite:", 0},
        {"mysql://u:p@h/d", 0},
        {"/tmp", 0},
        {"", 0},
        {"HOST=x", 0},
        {"justaword", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rh_error err = RH_ERROR_INIT;
        rh_engine_kind kind = 0;
        rh_status status = rh_engine_of(cases[i].name, &kind, &err);

        assert_int_equal(cases[i].kind == 0 ? RH_EUSAGE : RH_OK, status);
        assert_int_equal(cases[i].kind, (int)kind);
    }
}

static void a_new_target_may_be_a_plain_path(void **state)
{
    rh_engine_kind kind = RH_ENGINE_POSTGRESQL;

    (void)state;
    assert_int_equal(RH_OK, rh_engine_of_new_file("no/such/file.db", &kind, NULL));
    assert_int_equal(RH_ENGINE_SQLITE, kind);
    assert_int_equal(RH_OK, rh_engine_of_new_file("service=x", &kind, NULL));
    assert_int_equal(RH_ENGINE_POSTGRESQL, kind);
    assert_int_equal(RH_EUSAGE, rh_engine_of_new_file("/tmp", &kind, NULL));
    assert_int_equal(RH_EUSAGE, rh_engine_of_new_file("mysql://x", &kind, NULL));
    assert_int_equal(RH_EUSAGE, rh_engine_of_new_file("", &kind, NULL));
}

static void a_refused_name_with_a_password_is_not_repeated(void **state)
{
    rh_error err = RH_ERROR_INIT;
    rh_engine_kind kind;

    (void)state;
    assert_int_equal(RH_EUSAGE, rh_engine_of("mysql://user:hunter2@host/db", &kind, &err));
    assert_null(strstr(err.text, "hunter2"));
    assert_null(strstr(err.hint, "hunter2"));
    assert_true(err.hint[0] != '\0');
}

static void engines_are_known_by_name_both_ways(void **state)
{
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_buf text = RH_BUF_INIT;

    (void)state;
    assert_int_equal(RH_OK, rh_engine_from_name("postgresql", &kind, NULL));
    assert_int_equal(RH_ENGINE_POSTGRESQL, kind);
    assert_string_equal("sqlite", rh_engine_name(RH_ENGINE_SQLITE));
    assert_int_equal(RH_EFORMAT, rh_engine_from_name("oracle", &kind, NULL));
    assert_int_equal(RH_EFORMAT, rh_engine_from_name(NULL, &kind, NULL));
    assert_int_equal(RH_ROWS_SQLITE, rh_engine_rows_format(RH_ENGINE_SQLITE));
    assert_string_equal("two", rh_engine_sections(RH_ENGINE_POSTGRESQL)[1]);
    assert_int_equal(RH_OK, rh_engine_describe("service=x", &text, NULL));
    assert_int_equal(RH_OK, rh_engine_describe("sqlite:x", &text, NULL));
    assert_string_equal("pglite", rh_buf_cstr(&text));
    assert_int_equal(RH_EUSAGE, rh_engine_describe("nothing", &text, NULL));
    rh_buf_done(&text);
    assert_int_equal(RH_OK, rh_rows_render(RH_ENGINE_SQLITE, NULL, NULL, NULL, NULL));
    assert_string_equal("render ", calls);
}

static void a_source_goes_through_its_life(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_source *source = NULL;
    rh_session *session = NULL;
    const rh_catalog *tables = NULL;
    json_t *json = NULL;
    int64_t held;

    (void)state;
    assert_int_equal(RH_OK, rh_source_open("service=x", &options, &source, NULL));
    assert_int_equal(RH_ENGINE_POSTGRESQL, rh_source_kind(source));
    assert_int_equal(RH_OK, rh_source_preflight(source, NULL, NULL));
    assert_int_equal(0, rh_source_held_us(source));
    assert_int_equal(RH_OK, rh_source_begin(source, NULL));
    assert_int_equal(RH_OK, rh_source_catalog(source, &tables, NULL));
    assert_int_equal(RH_OK, rh_source_facts(source, &json, NULL));
    assert_int_equal(RH_OK, rh_source_section(source, "schema", NULL, NULL));
    assert_int_equal(RH_OK, rh_session_open(source, &session, NULL));
    assert_int_equal(RH_OK, rh_session_rows(session, NULL, NULL, NULL, NULL));
    assert_int_equal(RH_OK, rh_session_explain(session, "", &json, NULL));
    rh_session_close(session);
    assert_int_equal(RH_OK, rh_clock_sleep_us(2000, NULL, NULL));
    rh_source_end(source);
    held = rh_source_held_us(source);
    assert_true(held >= 2000);
    assert_int_equal(RH_OK, rh_clock_sleep_us(2000, NULL, NULL));
    assert_int_equal(held, rh_source_held_us(source));
    rh_source_end(source);
    rh_source_close(source);
    assert_string_equal("open preflight begin catalog facts schema session rows explain "
                        "session_close end close ",
                        calls);
}

static void close_ends_a_snapshot_that_is_still_held(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_source *source = NULL;

    (void)state;
    assert_int_equal(RH_OK, rh_source_open("sqlite:x", &options, &source, NULL));
    assert_int_equal(RH_OK, rh_source_begin(source, NULL));
    rh_source_close(source);
    assert_string_equal("open begin end close ", calls);
    rh_source_close(NULL);
    rh_source_end(NULL);
    rh_session_close(NULL);
    rh_loader_close(NULL);
    rh_target_free(NULL);
}

static void a_begin_that_fails_is_ended_and_holds_nothing(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_source *source = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(RH_OK, rh_source_open("sqlite:x", &options, &source, NULL));
    next_status = RH_EBUSY;
    assert_int_equal(RH_EBUSY, rh_source_begin(source, &err));
    assert_string_equal("begin failed", err.text);
    assert_int_equal(0, rh_source_held_us(source));
    rh_source_close(source);
    assert_string_equal("open begin end close ", calls);
}

static void handles_that_fail_to_open_leave_nothing(void **state)
{
    rh_source_options from = RH_SOURCE_OPTIONS_INIT;
    rh_target_options to = RH_TARGET_OPTIONS_INIT;
    rh_source *source = NULL;
    rh_session *session = NULL;
    rh_target *target = NULL;
    rh_loader *loader = NULL;

    (void)state;
    next_status = RH_ECONNECT;
    assert_int_equal(RH_ECONNECT, rh_source_open("sqlite:x", &from, &source, NULL));
    assert_null(source);
    assert_int_equal(RH_EUSAGE, rh_source_open("nonsense", &from, &source, NULL));
    next_status = RH_ECONNECT;
    assert_int_equal(RH_ECONNECT, rh_target_open("sqlite:x", &to, &target, NULL));
    assert_null(target);
    assert_int_equal(RH_EUSAGE, rh_target_open("mysql://x", &to, &target, NULL));
    assert_int_equal(RH_OK, rh_source_open("sqlite:x", &from, &source, NULL));
    assert_int_equal(RH_OK, rh_source_begin(source, NULL));
    next_status = RH_SKIPPED;
    assert_int_equal(RH_SKIPPED, rh_session_open(source, &session, NULL));
    assert_null(session);
    rh_source_close(source);
    assert_int_equal(RH_OK, rh_target_open("sqlite:x", &to, &target, NULL));
    next_status = RH_EDB;
    assert_int_equal(RH_EDB, rh_loader_open(target, &loader, NULL));
    assert_null(loader);
    rh_target_free(target);
    assert_int_equal(0, rh_mem_live_blocks());
}

static void a_target_goes_through_its_life(void **state)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    json_t *engine = json_pack("{s:s}", "engine", "sqlite");
    const rh_restore_input input = {engine, NULL, NULL, NULL};
    rh_target *target = NULL;
    rh_loader *loader = NULL;
    json_t *out = NULL;
    int64_t rows = 0;

    (void)state;
    assert_int_equal(RH_OK, rh_target_open("sqlite:x", &options, &target, NULL));
    assert_int_equal(RH_OK, rh_target_check(target, &input, NULL, NULL));
    assert_int_equal(RH_OK, rh_target_begin(target, &input, NULL));
    assert_int_equal(3, rh_target_max_loaders(target));
    assert_int_equal(RH_OK, rh_loader_open(target, &loader, NULL));
    assert_int_equal(RH_OK, rh_loader_load(loader, NULL, true, NULL, &rows, NULL));
    assert_int_equal(5, rows);
    rh_loader_close(loader);
    assert_int_equal(RH_OK, rh_target_finish(target, NULL, NULL));
    assert_int_equal(RH_OK, rh_target_commit(target, &out, NULL));
    rh_target_free(target);
    assert_int_equal(RH_OK, rh_target_rollback("sqlite:x", &options, &out, NULL));
    assert_int_equal(RH_EUSAGE, rh_target_rollback("nonsense", &options, &out, NULL));
    assert_string_equal("open check begin loader load loader_close finish commit free rollback ",
                        calls);
    json_decref(engine);
}

static void a_snapshot_of_the_other_engine_is_refused(void **state)
{
    static const struct {
        const char *facts;
        rh_status status;
    } cases[] = {
        {"{\"engine\": \"postgresql\"}", RH_EUSAGE},
        {"{\"engine\": \"oracle\"}", RH_EFORMAT},
        {"{\"engine\": 5}", RH_EFORMAT},
        {"{}", RH_EFORMAT},
    };
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    rh_target *target = NULL;

    (void)state;
    assert_int_equal(RH_OK, rh_target_open("sqlite:x", &options, &target, NULL));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *engine = json_loads(cases[i].facts, 0, NULL);
        const rh_restore_input input = {engine, NULL, NULL, NULL};

        assert_int_equal(cases[i].status, rh_target_check(target, &input, NULL, NULL));
        assert_int_equal(cases[i].status, rh_target_begin(target, &input, NULL));
        json_decref(engine);
    }
    rh_target_free(target);
    assert_string_equal("open free ", calls);
}

static void handles_survive_every_failed_allocation(void **state)
{
    rh_source_options from = RH_SOURCE_OPTIONS_INIT;
    rh_target_options to = RH_TARGET_OPTIONS_INIT;

    (void)state;
    for (long n = 0;; n++) {
        rh_source *source = NULL;
        rh_session *session = NULL;
        rh_target *target = NULL;
        rh_loader *loader = NULL;
        rh_status status;
        int failed;

        calls[0] = '\0';
        rh_mem_fail_nth(n);
        status = rh_source_open("sqlite:x", &from, &source, NULL);
        if (status == RH_OK)
            status = rh_source_begin(source, NULL);
        if (status == RH_OK)
            status = rh_session_open(source, &session, NULL);
        if (status == RH_OK)
            status = rh_target_open("sqlite:x", &to, &target, NULL);
        if (status == RH_OK)
            status = rh_loader_open(target, &loader, NULL);
        failed = rh_mem_failed();
        rh_mem_fail_nth(-1);
        rh_loader_close(loader);
        rh_target_free(target);
        rh_session_close(session);
        rh_source_close(source);
        assert_int_equal(0, rh_mem_live_blocks());
        if (!failed) {
            assert_int_equal(4, n);
            assert_int_equal(RH_OK, status);
            break;
        }
        assert_int_equal(RH_ENOMEM, status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_tell_the_engine, setup),
        cmocka_unit_test_setup(a_new_target_may_be_a_plain_path, setup),
        cmocka_unit_test_setup(a_refused_name_with_a_password_is_not_repeated, setup),
        cmocka_unit_test_setup(engines_are_known_by_name_both_ways, setup),
        cmocka_unit_test_setup(a_source_goes_through_its_life, setup),
        cmocka_unit_test_setup(close_ends_a_snapshot_that_is_still_held, setup),
        cmocka_unit_test_setup(a_begin_that_fails_is_ended_and_holds_nothing, setup),
        cmocka_unit_test_setup(handles_that_fail_to_open_leave_nothing, setup),
        cmocka_unit_test_setup(a_target_goes_through_its_life, setup),
        cmocka_unit_test_setup(a_snapshot_of_the_other_engine_is_refused, setup),
        cmocka_unit_test_setup(handles_survive_every_failed_allocation, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
