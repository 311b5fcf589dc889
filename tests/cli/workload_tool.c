/*
 * Workload files for scripts:
 *
 *   workload_tool make ENGINE OUT   standard input: a statement a line, parameters behind tabs:
 *                                   i:5, t:text, n: (NULL), :name=t:text
 *   workload_tool run FILE DB       SQLite: executes each, prints its number of rows
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "core/workload_file.h"

enum { MAX_PARAMETERS = 16 };

static void fail(const rh_error *err)
{
    (void)fprintf(stderr, "workload_tool: %s\n", err->text);
    exit(1);
}

static void read_parameter(char *text, rh_parameter *out)
{
    char *equals = strchr(text, '=');

    memset(out, 0, sizeof *out);
    if ((*text == ':' || *text == '@') && equals != NULL) {
        *equals = '\0';
        out->name = text;
        text = equals + 1;
    }
    out->data = text + 2;
    out->len = strlen(text) - 2;
    out->kind = *text == 'i'   ? RH_PARAMETER_INTEGER
                : *text == 'n' ? RH_PARAMETER_NULL
                               : RH_PARAMETER_TEXT;
    if (*text == 'i' && !rh_num_scan_int64(text + 2, out->len, &out->integer))
        exit(2);
}

static void add_line(rh_workload_writer *writer, char *line)
{
    rh_parameter parameters[MAX_PARAMETERS];
    rh_workload_item item = RH_WORKLOAD_ITEM_INIT;
    rh_error err = RH_ERROR_INIT;
    char *at = strchr(line, '\t');

    item.sql = line;
    item.session = 1;
    item.parameters = parameters;
    while (at != NULL && item.parameter_count < MAX_PARAMETERS) {
        char *next = strchr(at + 1, '\t');

        *at = '\0';
        if (next != NULL)
            *next = '\0';
        read_parameter(at + 1, &parameters[item.parameter_count++]);
        if (next != NULL)
            *next = '\t';
        at = next;
    }
    item.protocol = item.parameter_count > 0 ? RH_WORKLOAD_EXTENDED : RH_WORKLOAD_SIMPLE;
    if (rh_workload_writer_add(writer, &item, NULL, &err) != RH_OK)
        fail(&err);
}

static void make(const char *engine, const char *out)
{
    rh_workload_writer_options options = {.tool_version = "test"};
    const rh_workload_session session = {.id = 1,
                                         .user = "raw-user",
                                         .database = "shop",
                                         .application = "raw-application",
                                         .client = "192.0.2.77"};
    const rh_workload_plan plan = {1, "text", "Filter: (name = 'raw-plan')"};
    rh_workload_writer *writer = NULL;
    rh_error err = RH_ERROR_INIT;
    char line[4096];

    options.engine = strcmp(engine, "sqlite") == 0 ? RH_ENGINE_SQLITE : RH_ENGINE_POSTGRESQL;
    if (rh_workload_writer_create(out, &options, &writer, &err) != RH_OK)
        fail(&err);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        add_line(writer, line);
    }
    if (rh_workload_writer_session(writer, &session, &err) != RH_OK ||
        rh_workload_writer_plan(writer, &plan, &err) != RH_OK ||
        rh_workload_writer_commit(writer, &err) != RH_OK)
        fail(&err);
    rh_workload_writer_free(writer);
}

static void bind(sqlite3_stmt *statement, const rh_workload_item *item)
{
    for (size_t i = 0; i < item->parameter_count; i++) {
        const rh_parameter *p = &item->parameters[i];
        int at = p->name == NULL ? (int)i + 1 : sqlite3_bind_parameter_index(statement, p->name);

        if (p->kind == RH_PARAMETER_INTEGER)
            (void)sqlite3_bind_int64(statement, at, p->integer);
        else if (p->kind == RH_PARAMETER_TEXT)
            (void)sqlite3_bind_text(statement, at, p->data, (int)p->len, SQLITE_TRANSIENT);
    }
}

static void execute(sqlite3 *db, const rh_workload_item *item)
{
    sqlite3_stmt *statement = NULL;
    int rows = 0;

    if (sqlite3_prepare_v2(db, item->sql, -1, &statement, NULL) != SQLITE_OK) {
        (void)printf("error %s\n", sqlite3_errmsg(db));
        return;
    }
    bind(statement, item);
    while (sqlite3_step(statement) == SQLITE_ROW)
        rows++;
    (void)printf("%d\n", sqlite3_column_count(statement) > 0 ? rows : sqlite3_changes(db));
    (void)sqlite3_finalize(statement);
}

static void run(const char *path, const char *database)
{
    const rh_workload_filter all = {.order = RH_WORKLOAD_ORDER_STORED};
    rh_workload_file *file = NULL;
    rh_workload_cursor *cursor = NULL;
    rh_workload_item item;
    rh_workload workload;
    rh_error err = RH_ERROR_INIT;
    sqlite3 *db = NULL;

    if (sqlite3_open(database, &db) != SQLITE_OK)
        exit(1);
    if (rh_workload_file_open(path, &file, &err) != RH_OK ||
        rh_workload_cursor_open(file, &all, &cursor, &err) != RH_OK)
        fail(&err);
    workload = rh_workload_from_cursor(cursor);
    while (workload.next(workload.ctx, &item, &err) == RH_OK)
        execute(db, &item);
    rh_workload_cursor_close(cursor);
    rh_workload_file_close(file);
    (void)sqlite3_close(db);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "make") == 0)
        make(argv[2], argv[3]);
    else if (argc == 4 && strcmp(argv[1], "run") == 0)
        run(argv[2], argv[3]);
    else
        return 2;
    return 0;
}
