/*
 * Writing a workload file: one transaction over a file that nobody else sees yet, without journal;
 * executions and texts go in by the batch.
 *
 *   created -> (add, session, source ...)* -> committed
 *       `------------ any failure -----------> broken: only free, which removes the file
 *
 * 1. path is not touched before commit's rename; the file is durable before that.
 * 2. texts and statements know only what is in the file.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "core/doc.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/workload_file.h"
#include "lite_aside.h"
#include "lite_conn.h"
#include "lite_sql.h"
#include "lite_target.h"
#include "workload_batch.h"
#include "workload_params.h"
#include "workload_texts.h"

enum {
    CACHE_KIB = 8 * 1024,
    MAX_PARAMETER_BYTES = 256 << 20,
};

typedef enum statement_kind {
    ADD_STATEMENT,
    ADD_SESSION,
    ADD_SOURCE,
    ADD_SKIPPED,
    ADD_PLAN,
    ADD_UNIT,
    ADD_TOTALS,
    ADD_META,
    STATEMENT_COUNT,
} statement_kind;

static const char *const statement_sql[STATEMENT_COUNT] = {
    [ADD_STATEMENT] = "INSERT INTO statements VALUES(?,?,?,?,?)",
    [ADD_SESSION] = "INSERT OR REPLACE INTO sessions VALUES(?,?,?,?,?,?,?)",
    [ADD_SOURCE] = "INSERT OR REPLACE INTO sources VALUES(?,?,?,?,?,?,?,?)",
    [ADD_SKIPPED] = "INSERT INTO skipped VALUES(?,?,?,?) "
                    "ON CONFLICT(reason, source) DO UPDATE SET count = count + excluded.count",
    [ADD_PLAN] = "INSERT INTO plans VALUES(NULL,?,?,?)",
    [ADD_UNIT] = "INSERT OR REPLACE INTO units VALUES(?,?,?,?,?,?)",
    [ADD_TOTALS] = "INSERT INTO totals VALUES(?,?,?,?)",
    [ADD_META] = "INSERT INTO meta VALUES(?,?)",
};

/* Columns of the tables whose rows are batched, without their numbers. */
enum {
    TEXT_STATEMENT,
    TEXT_SQL,
    TEXT_COLUMNS,
};

static const char *const text_columns[TEXT_COLUMNS] = {"statement", "sql"};

enum {
    EXECUTION_SESSION,
    EXECUTION_TX,
    EXECUTION_TEXT,
    EXECUTION_START,
    EXECUTION_DURATION,
    EXECUTION_PROTOCOL,
    EXECUTION_NAME,
    EXECUTION_PARAMETERS,
    EXECUTION_ROWS,
    EXECUTION_SQLSTATE,
    EXECUTION_SOURCE,
    EXECUTION_LINE,
    EXECUTION_UNREPLAYABLE,
    EXECUTION_UNIT,
    EXECUTION_COLUMNS,
};

static const char *const execution_columns[EXECUTION_COLUMNS] = {
    "session",    "tx",   "text",     "start_us", "duration_us", "protocol",     "name",
    "parameters", "rows", "sqlstate", "source",   "line",        "unreplayable", "unit",
};

struct rh_workload_writer {
    char *path;  /* absolute */
    char *build; /* NULL once it was moved or removed */
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    rh_workload_batch new_texts;
    rh_workload_batch executions;
    rh_workload_texts texts;
    rh_workload_texts shapes;
    rh_buf parameters;
    uint64_t text_count;
    uint64_t statement_count;
    uint64_t execution_count;
    uint64_t unreplayable;
    int64_t first_us;
    int64_t last_us;
    bool unordered;
    bool replace;
};

/* ---- values ---- */

static void bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
    if (text != NULL)
        sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
}

/* 0 stands for "not known" or "none". */
static void bind_number(sqlite3_stmt *stmt, int at, uint64_t value)
{
    if (value != 0)
        sqlite3_bind_int64(stmt, at, (int64_t)value);
}

static void bind_time(sqlite3_stmt *stmt, int at, int64_t value)
{
    if (value != 0)
        sqlite3_bind_int64(stmt, at, value);
}

static void bind_count(sqlite3_stmt *stmt, int at, int64_t value)
{
    if (value >= 0)
        sqlite3_bind_int64(stmt, at, value);
}

static rh_workload_cell number_cell(int64_t value)
{
    return (rh_workload_cell){.kind = RH_WORKLOAD_CELL_NUMBER, .number = value};
}

static rh_workload_cell some_cell(int64_t value)
{
    return value != 0 ? number_cell(value) : (rh_workload_cell){0};
}

static rh_workload_cell count_cell(int64_t value)
{
    return value >= 0 ? number_cell(value) : (rh_workload_cell){0};
}

/* Insert what was bound; leaves the statement ready for the next row. */
static rh_status insert(rh_workload_writer *writer, statement_kind kind, rh_error *err)
{
    sqlite3_stmt *stmt = writer->statements[kind];
    int rc = sqlite3_step(stmt);
    rh_status status = rc == SQLITE_DONE ? RH_OK : rh_lite_fail(writer->db, rc, err);

    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return status;
}

static rh_status add_meta(rh_workload_writer *writer, const char *key, const char *text,
                          int64_t number, rh_error *err)
{
    sqlite3_stmt *stmt = writer->statements[ADD_META];

    bind_text(stmt, 1, key);
    if (text != NULL)
        bind_text(stmt, 2, text);
    else
        sqlite3_bind_int64(stmt, 2, number);
    return insert(writer, ADD_META, err);
}

/* ---- creating ---- */

static rh_status prepare_file(rh_workload_writer *writer, rh_error *err)
{
    char pragmas[256];
    rh_status status;

    (void)snprintf(pragmas, sizeof pragmas,
                   "PRAGMA page_size=8192; PRAGMA encoding='UTF-8';"
                   "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF;"
                   "PRAGMA synchronous=OFF; PRAGMA cache_size=-%d; PRAGMA foreign_keys=OFF;"
                   "PRAGMA user_version=%d; PRAGMA application_id=%d; BEGIN EXCLUSIVE",
                   (int)CACHE_KIB, (int)RH_WORKLOAD_FORMAT, (int)RH_WORKLOAD_APPLICATION_ID);
    status = rh_lite_open(writer->build, RH_LITE_BUILD, 0, &writer->db, err);
    if (status == RH_OK)
        status = rh_lite_exec(writer->db, pragmas, err);
    if (status == RH_OK)
        status = rh_lite_exec(writer->db, rh_lite_sql_workload, err);
    if (status == RH_OK)
        status = rh_lite_exec(writer->db, rh_lite_sql_workload_totals, err);
    for (size_t i = 0; status == RH_OK && i < STATEMENT_COUNT; i++)
        status = rh_lite_prepare(writer->db, statement_sql[i], &writer->statements[i], err);
    if (status == RH_OK)
        status = rh_workload_batch_init(&writer->new_texts, writer->db, "texts", text_columns,
                                        TEXT_COLUMNS, err);
    if (status == RH_OK)
        status = rh_workload_batch_init(&writer->executions, writer->db, "executions",
                                        execution_columns, EXECUTION_COLUMNS, err);
    return status;
}

/* Statements have to be gone before the connection is. */
static void finalize(rh_workload_writer *writer)
{
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(writer->statements[i]);
        writer->statements[i] = NULL;
    }
    rh_workload_batch_done(&writer->new_texts);
    rh_workload_batch_done(&writer->executions);
}

static rh_status describe(rh_workload_writer *writer, const rh_workload_writer_options *options,
                          rh_error *err)
{
    rh_buf settings = RH_BUF_INIT;
    rh_status status =
        options->settings == NULL
            ? rh_buf_append_str(&settings, "{}", err)
            : rh_doc_print_json(options->settings, JSON_COMPACT | JSON_SORT_KEYS, &settings, err);

    if (status == RH_OK)
        status = add_meta(writer, "format", NULL, RH_WORKLOAD_FORMAT, err);
    if (status == RH_OK)
        status = add_meta(writer, "engine", rh_engine_name(options->engine), 0, err);
    if (status == RH_OK)
        status = add_meta(writer, "tool_version", options->tool_version, 0, err);
    if (status == RH_OK)
        status = add_meta(writer, "settings", rh_buf_cstr(&settings), 0, err);
    rh_buf_done(&settings);
    return status;
}

rh_status rh_workload_writer_create(const char *path, const rh_workload_writer_options *options,
                                    rh_workload_writer **out, rh_error *err)
{
    rh_workload_writer *writer = rh_mem_zalloc(sizeof *writer);
    rh_status status;

    if (writer == NULL)
        return rh_error_oom(err);
    writer->replace = options->replace;
    rh_workload_texts_init(&writer->texts);
    rh_workload_texts_init(&writer->shapes);
    rh_buf_init_wiping(&writer->parameters, MAX_PARAMETER_BYTES);
    status = rh_workload_writer_check(path, writer->replace, err);
    if (status == RH_OK)
        status = rh_lite_target_path(path, &writer->path, err);
    if (status == RH_OK)
        status = rh_lite_create_aside(writer->path, &writer->build, err);
    if (status == RH_OK)
        status = prepare_file(writer, err);
    if (status == RH_OK)
        status = describe(writer, options, err);
    if (status == RH_OK) {
        *out = writer;
        writer = NULL;
    }
    rh_workload_writer_free(writer);
    return status;
}

void rh_workload_writer_free(rh_workload_writer *writer)
{
    if (writer == NULL)
        return;
    finalize(writer);
    rh_lite_close(writer->db);
    if (writer->build != NULL)
        rh_lite_remove(writer->build);
    rh_workload_texts_done(&writer->texts);
    rh_workload_texts_done(&writer->shapes);
    rh_buf_wipe_done(&writer->parameters);
    rh_mem_free(writer->build);
    rh_mem_free(writer->path);
    rh_mem_free(writer);
}

/* ---- executions ---- */

/* The number of the statement that a new text belongs to. */
static rh_status add_statement(rh_workload_writer *writer, const rh_workload_statement *shape,
                               uint64_t *out, rh_error *err)
{
    uint64_t next = writer->statement_count + 1;
    char hex[17];
    rh_status status = rh_workload_texts_get(&writer->shapes, shape->normalized,
                                             strlen(shape->normalized), next, out, err);

    if (status != RH_OK || *out != next)
        return status;
    writer->statement_count = next;
    (void)snprintf(hex, sizeof hex, "%016" PRIx64, shape->fingerprint);
    bind_number(writer->statements[ADD_STATEMENT], 1, next);
    bind_text(writer->statements[ADD_STATEMENT], 2, hex);
    bind_text(writer->statements[ADD_STATEMENT], 3, shape->by);
    bind_text(writer->statements[ADD_STATEMENT], 4, shape->command);
    bind_text(writer->statements[ADD_STATEMENT], 5, shape->normalized);
    return insert(writer, ADD_STATEMENT, err);
}

/* A text that nobody has looked at is a statement of its own. */
static rh_status add_itself(rh_workload_writer *writer, const char *sql, uint64_t *out,
                            rh_error *err)
{
    rh_workload_statement itself = {0, 0, "scanner", "unknown", sql};
    uint8_t hash[RH_STORED_HASH_BYTES];

    rh_hash_stored(sql, strlen(sql), hash);
    itself.fingerprint = rh_get_u64(hash);
    return add_statement(writer, &itself, out, err);
}

static rh_status add_text(rh_workload_writer *writer, const rh_workload_item *item, uint64_t *out,
                          rh_error *err)
{
    uint64_t next = writer->text_count + 1;
    size_t len = strlen(item->sql);
    uint64_t statement = 0;
    rh_workload_cell *cells;
    rh_status status = rh_workload_texts_get(&writer->texts, item->sql, len, next, out, err);

    if (status != RH_OK || *out != next)
        return status;
    writer->text_count = next;
    status = item->statement != NULL ? add_statement(writer, item->statement, &statement, err)
                                     : add_itself(writer, item->sql, &statement, err);
    if (status != RH_OK)
        return status;
    cells = rh_workload_batch_row(&writer->new_texts);
    cells[TEXT_STATEMENT] = number_cell((int64_t)statement);
    status = rh_workload_batch_text(&writer->new_texts, &cells[TEXT_SQL], item->sql, len, err);
    return status == RH_OK ? rh_workload_batch_end(&writer->new_texts, err) : status;
}

static rh_status put_parameters(rh_workload_writer *writer, const rh_workload_item *item,
                                rh_workload_cell *cells, rh_error *err)
{
    rh_status status;

    if (item->parameter_count == 0)
        return RH_OK;
    rh_buf_clear(&writer->parameters);
    status =
        rh_workload_params_write(item->parameters, item->parameter_count, &writer->parameters, err);
    if (status != RH_OK)
        return status;
    return rh_workload_batch_text(&writer->executions, &cells[EXECUTION_PARAMETERS],
                                  rh_buf_cstr(&writer->parameters), writer->parameters.len, err);
}

static void put_numbers(const rh_workload_item *item, uint64_t text, rh_workload_cell *cells)
{
    cells[EXECUTION_SESSION] = number_cell((int64_t)item->session);
    cells[EXECUTION_TX] = some_cell((int64_t)item->transaction);
    cells[EXECUTION_TEXT] = number_cell((int64_t)text);
    cells[EXECUTION_START] = some_cell(item->time_us);
    cells[EXECUTION_DURATION] = count_cell(item->duration_us);
    cells[EXECUTION_PROTOCOL] = number_cell((int64_t)item->protocol);
    cells[EXECUTION_ROWS] = count_cell(item->rows);
    cells[EXECUTION_SOURCE] = some_cell((int64_t)item->source);
    cells[EXECUTION_LINE] = some_cell((int64_t)item->source_line);
    cells[EXECUTION_UNIT] = some_cell((int64_t)item->unit);
}

static rh_status put_texts(rh_workload_writer *writer, const rh_workload_item *item,
                           rh_workload_cell *cells, rh_error *err)
{
    const struct {
        int at;
        const char *text;
    } texts[] = {
        {EXECUTION_NAME, item->prepared_name},
        {EXECUTION_SQLSTATE, item->sqlstate},
        {EXECUTION_UNREPLAYABLE, item->unreplayable},
    };
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].text != NULL)
            status = rh_workload_batch_text(&writer->executions, &cells[texts[i].at], texts[i].text,
                                            strlen(texts[i].text), err);
    }
    return status;
}

static rh_status add_totals(rh_workload_writer *writer, const rh_workload_item *item, rh_error *err)
{
    sqlite3_stmt *stmt = writer->statements[ADD_TOTALS];

    if (item->calls <= 0)
        return RH_OK;
    bind_number(stmt, 1, writer->execution_count + 1);
    bind_count(stmt, 2, item->calls);
    bind_count(stmt, 3, item->total_us);
    bind_count(stmt, 4, item->total_rows);
    return insert(writer, ADD_TOTALS, err);
}

static void account(rh_workload_writer *writer, const rh_workload_item *item)
{
    writer->execution_count++;
    writer->unreplayable += item->unreplayable != NULL;
    writer->unordered |= item->time_us < writer->last_us;
    if (item->time_us == 0)
        return;
    if (writer->first_us == 0 || item->time_us < writer->first_us)
        writer->first_us = item->time_us;
    if (item->time_us > writer->last_us)
        writer->last_us = item->time_us;
}

rh_status rh_workload_writer_add(rh_workload_writer *writer, const rh_workload_item *item,
                                 uint64_t *out_execution, rh_error *err)
{
    uint64_t text = 0;
    rh_workload_cell *cells;
    rh_status status = add_text(writer, item, &text, err);

    if (status != RH_OK)
        return status;
    cells = rh_workload_batch_row(&writer->executions);
    put_numbers(item, text, cells);
    status = put_parameters(writer, item, cells, err);
    if (status == RH_OK)
        status = add_totals(writer, item, err);
    if (status == RH_OK)
        status = put_texts(writer, item, cells, err);
    if (status == RH_OK)
        status = rh_workload_batch_end(&writer->executions, err);
    if (status != RH_OK)
        return status;
    account(writer, item);
    if (out_execution != NULL)
        *out_execution = writer->execution_count;
    return RH_OK;
}

/* ---- the other tables ---- */

rh_status rh_workload_writer_session(rh_workload_writer *writer, const rh_workload_session *session,
                                     rh_error *err)
{
    sqlite3_stmt *stmt = writer->statements[ADD_SESSION];

    assert(session->id != 0);
    bind_number(stmt, 1, session->id);
    bind_text(stmt, 2, session->user);
    bind_text(stmt, 3, session->database);
    bind_text(stmt, 4, session->application);
    bind_text(stmt, 5, session->client);
    bind_time(stmt, 6, session->start_us);
    bind_time(stmt, 7, session->end_us);
    return insert(writer, ADD_SESSION, err);
}

rh_status rh_workload_writer_source(rh_workload_writer *writer, const rh_workload_source *source,
                                    rh_error *err)
{
    sqlite3_stmt *stmt = writer->statements[ADD_SOURCE];

    assert(source->id != 0);
    bind_number(stmt, 1, source->id);
    bind_text(stmt, 2, source->path);
    bind_text(stmt, 3, source->format);
    bind_text(stmt, 4, source->system_id);
    bind_text(stmt, 5, source->database);
    bind_text(stmt, 6, source->server_version);
    sqlite3_bind_int64(stmt, 7, (int64_t)source->lines);
    sqlite3_bind_int64(stmt, 8, (int64_t)source->bytes);
    return insert(writer, ADD_SOURCE, err);
}

rh_status rh_workload_writer_skipped(rh_workload_writer *writer, const rh_workload_skipped *skipped,
                                     rh_error *err)
{
    sqlite3_stmt *stmt = writer->statements[ADD_SKIPPED];

    bind_text(stmt, 1, skipped->reason);
    sqlite3_bind_int64(stmt, 2, (int64_t)skipped->source);
    bind_number(stmt, 3, skipped->line);
    sqlite3_bind_int64(stmt, 4, (int64_t)skipped->count);
    return insert(writer, ADD_SKIPPED, err);
}

rh_status rh_workload_writer_plan(rh_workload_writer *writer, const rh_workload_plan *plan,
                                  rh_error *err)
{
    sqlite3_stmt *stmt = writer->statements[ADD_PLAN];

    sqlite3_bind_int64(stmt, 1, (int64_t)plan->execution);
    bind_text(stmt, 2, plan->format);
    bind_text(stmt, 3, plan->plan);
    return insert(writer, ADD_PLAN, err);
}

rh_status rh_workload_writer_unit(rh_workload_writer *writer, const rh_workload_unit *unit,
                                  rh_error *err)
{
    sqlite3_stmt *stmt = writer->statements[ADD_UNIT];

    assert(unit->id != 0);
    bind_number(stmt, 1, unit->id);
    bind_text(stmt, 2, unit->kind);
    bind_number(stmt, 3, unit->parent);
    bind_count(stmt, 4, unit->height);
    bind_text(stmt, 5, unit->name);
    bind_time(stmt, 6, unit->time_us);
    return insert(writer, ADD_UNIT, err);
}

/* ---- the end ---- */

static rh_status add_figures(rh_workload_writer *writer, rh_error *err)
{
    const struct {
        const char *key;
        int64_t value;
    } figures[] = {
        {"executions", (int64_t)writer->execution_count},
        {"unreplayable", (int64_t)writer->unreplayable},
        {"statements", (int64_t)writer->statement_count},
        {"texts", (int64_t)writer->text_count},
        {"first_us", writer->first_us},
        {"last_us", writer->last_us},
        {"time_ordered", writer->unordered ? 0 : 1},
    };
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < sizeof figures / sizeof figures[0]; i++)
        status = add_meta(writer, figures[i].key, NULL, figures[i].value, err);
    return status;
}

static rh_status close_file(rh_workload_writer *writer, rh_error *err)
{
    rh_status status = rh_workload_batch_flush(&writer->new_texts, err);

    if (status == RH_OK)
        status = rh_workload_batch_flush(&writer->executions, err);
    if (status == RH_OK)
        status = rh_lite_exec(writer->db, "COMMIT", err);
    finalize(writer);
    rh_lite_close(writer->db);
    writer->db = NULL;
    return status;
}

rh_status rh_workload_writer_commit(rh_workload_writer *writer, rh_error *err)
{
    rh_status status = add_figures(writer, err);

    if (status == RH_OK)
        status = close_file(writer, err);
    if (status == RH_OK)
        status = rh_fs_sync(writer->build, err);
    if (status == RH_OK && writer->replace)
        status = rh_fs_rename(writer->build, writer->path, err);
    else if (status == RH_OK)
        status = rh_fs_rename_new(writer->build, writer->path, err);
    if (status != RH_OK)
        return status;
    rh_mem_free(writer->build);
    writer->build = NULL;
    return RH_OK;
}
