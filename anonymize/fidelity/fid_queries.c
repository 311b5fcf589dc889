#include "fid_queries.h"

#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"

enum { MAX_FILE_BYTES = 16 << 20 };

static const char TARGET_END[] = ".target.sql";

void rh_fid_queries_free(rh_fid_queries *queries)
{
    if (queries == NULL)
        return;
    rh_mem_free(queries->items);
    rh_arena_free(queries->arena);
    rh_mem_free(queries);
}

static rh_status check_name(const rh_fid_queries *queries, const rh_fid_query *query, rh_error *err)
{
    if (queries->count >= RH_FID_MAX_QUERIES)
        return rh_error_set(err, RH_ELIMIT, "more than %d queries", RH_FID_MAX_QUERIES);
    for (size_t i = 0; i < queries->count; i++) {
        if (strcmp(queries->items[i].name, query->name) == 0) {
            rh_error_set(err, RH_EUSAGE, "two queries are named '%s': '%s' line %zu, '%s' line %zu",
                         query->name, queries->items[i].file, queries->items[i].line, query->file,
                         query->line);
            rh_error_hint(err, "a line '-- name: x' before a statement names it");
            return RH_EUSAGE;
        }
    }
    return RH_OK;
}

rh_status rh_fid_queries_add(rh_fid_queries *queries, const rh_fid_query *query, rh_error *err)
{
    rh_status status = check_name(queries, query, err);

    if (status != RH_OK)
        return status;
    if (queries->count == queries->cap) {
        size_t cap = queries->cap == 0 ? 32 : queries->cap * 2;
        rh_fid_query *items = rh_mem_rearray(queries->items, cap, sizeof *items);

        if (items == NULL)
            return rh_error_oom(err);
        queries->items = items;
        queries->cap = cap;
    }
    queries->items[queries->count++] = *query;
    return RH_OK;
}

/* The one statement of "<folder>/<name>.target.sql", if there is such a file. */
static rh_status read_target(rh_fid_queries *queries, rh_fid_query *query, rh_error *err)
{
    const char *slash = strrchr(query->file, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - query->file) + 1;
    rh_buf content = RH_BUF_INIT;
    rh_sql_piece statement;
    rh_sql_piece second;
    rh_sql_scan scan;
    char *path = NULL;
    rh_status status = RH_OK;

    query->target_sql = query->source_sql;
    if (!rh_fs_is_plain_name(query->name))
        return RH_OK;
    path = rh_mem_printf("%.*s%s%s", (int)folder, query->file, query->name, TARGET_END);
    if (path == NULL)
        return rh_error_oom(err);
    if (!rh_fs_exists(path))
        goto out;
    status = rh_fs_read(path, MAX_FILE_BYTES, &content, err);
    if (status != RH_OK)
        goto out;
    rh_sql_scan_init(&scan, queries->dialect, rh_buf_cstr(&content), content.len);
    if (!rh_sql_split_next(&scan, &statement) || rh_sql_split_next(&scan, &second)) {
        status = rh_error_set(err, RH_EUSAGE, "'%s' must hold one statement", path);
        goto out;
    }
    query->target_sql =
        rh_arena_strndup(queries->arena, scan.text + statement.offset, statement.len);
    if (query->target_sql == NULL)
        status = rh_error_oom(err);
out:
    rh_buf_done(&content);
    rh_mem_free(path);
    return status;
}

static const char *default_name(rh_arena *arena, const char *file, size_t position)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash == NULL ? file : slash + 1;
    size_t len = strlen(base);

    if (rh_str_ends_with(base, ".sql"))
        len -= strlen(".sql");
    if (position == 1)
        return rh_arena_strndup(arena, base, len);
    return rh_arena_printf(arena, "%.*s#%zu", (int)len, base, position);
}

/* One file while its statements are taken. */
typedef struct file_walk {
    const char *path;
    rh_sql_scan scan;
    size_t behind; /* the last statement */
    size_t line;   /* there, from 1 */
    size_t count;
} file_walk;

static rh_status take_statement(rh_fid_queries *queries, file_walk *w, const rh_sql_piece *piece,
                                rh_error *err)
{
    const char *text = w->scan.text;
    rh_fid_query query = {.file = w->path};
    const char *name = NULL;
    size_t name_len = 0;
    rh_status status = RH_OK;

    for (size_t at = w->behind; at < piece->offset; at++)
        w->line += text[at] == '\n';
    query.line = w->line;
    w->count++;
    query.name =
        rh_sql_name_between(queries->dialect, text, w->behind, piece->offset, &name, &name_len)
            ? rh_arena_strndup(queries->arena, name, name_len)
            : default_name(queries->arena, w->path, w->count);
    query.source_sql = rh_arena_strndup(queries->arena, text + piece->offset, piece->len);
    if (query.name == NULL || query.source_sql == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = read_target(queries, &query, err);
    if (status == RH_OK)
        status = rh_fid_queries_add(queries, &query, err);
    w->behind = piece->offset + piece->len;
    for (size_t at = piece->offset; at < w->behind; at++)
        w->line += text[at] == '\n';
    return status;
}

static rh_status read_file(rh_fid_queries *queries, const char *path, rh_error *err)
{
    rh_buf content = RH_BUF_INIT;
    file_walk w = {.path = rh_arena_strdup(queries->arena, path), .line = 1};
    rh_sql_piece piece;
    rh_status status =
        w.path == NULL ? rh_error_oom(err) : rh_fs_read(path, MAX_FILE_BYTES, &content, err);

    if (status == RH_OK && !rh_str_is_utf8(rh_buf_cstr(&content), content.len))
        status = rh_error_set(err, RH_EUSAGE, "'%s' is not UTF-8", path);
    rh_sql_scan_init(&w.scan, queries->dialect, rh_buf_cstr(&content), content.len);
    while (status == RH_OK && rh_sql_split_next(&w.scan, &piece))
        status = take_statement(queries, &w, &piece, err);
    if (status == RH_OK && w.count == 0)
        status = rh_error_set(err, RH_EUSAGE, "'%s' holds no statement", path);
    rh_buf_done(&content);
    return status;
}

static rh_status read_folder(rh_fid_queries *queries, const char *path, rh_error *err)
{
    char **names = NULL;
    size_t count = 0;
    size_t files = 0;
    rh_status status = rh_fs_list(path, &names, &count, err);

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        char *file;

        if (!rh_str_ends_with(names[i], ".sql") || rh_str_ends_with(names[i], TARGET_END))
            continue;
        file = rh_fs_join(path, names[i]);
        status = file == NULL ? rh_error_oom(err) : read_file(queries, file, err);
        rh_mem_free(file);
        files++;
    }
    rh_fs_list_free(names);
    if (status == RH_OK && files == 0)
        status = rh_error_set(err, RH_EUSAGE, "there is no .sql file in '%s'", path);
    return status;
}

rh_status rh_fid_queries_read(const char *const *paths, rh_sql_dialect dialect,
                              rh_fid_queries **out, rh_error *err)
{
    rh_fid_queries *queries = rh_mem_zalloc(sizeof *queries);
    rh_status status = RH_OK;

    if (queries == NULL)
        return rh_error_oom(err);
    queries->dialect = dialect;
    queries->arena = rh_arena_new(0);
    if (queries->arena == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && paths != NULL && paths[i] != NULL; i++)
        status = rh_fs_is_dir(paths[i]) ? read_folder(queries, paths[i], err)
                                        : read_file(queries, paths[i], err);
    if (status == RH_OK) {
        *out = queries;
        queries = NULL;
    }
    rh_fid_queries_free(queries);
    return status;
}
