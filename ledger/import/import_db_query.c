/*
 * One query gives all rows in the order of the chain: a merge inside the database, so that nothing
 * has to be kept here and one statement's snapshot holds for all tables.
 */
#include <inttypes.h>
#include <string.h>

#include "core/own_statements.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "import_db_internal.h"

enum { MAX_HINT_COLUMNS = 12 };

/* A part as the database has it: names quoted, NULL where there is none. */
typedef struct part {
    const char *table;
    const char *columns[RH_DB_COLUMNS];
} part;

typedef struct writing {
    rh_call_session *session;
    const rh_import_db_options *options;
    rh_arena *arena;
    part parts[RH_DB_PARTS];
    rh_buf sql;
    bool sqlite;
} writing;

/* ---- what is there ---- */

/* "name", each part of a dotted name by itself. NULL when memory is out. */
static const char *quoted(writing *w, const char *name, bool dotted)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = RH_OK;
    const char *out = NULL;

    while (status == RH_OK) {
        size_t len = dotted ? strcspn(name, ".") : strlen(name);
        const char *piece = rh_arena_strndup(w->arena, name, len);

        status = piece == NULL ? RH_ENOMEM : rh_sql_name_quote(piece, &text, NULL);
        if (name[len] == '\0')
            break;
        if (status == RH_OK)
            status = rh_buf_append_byte(&text, '.', NULL);
        name += len + 1;
    }
    if (status == RH_OK)
        out = rh_arena_strdup(w->arena, rh_buf_cstr(&text));
    rh_buf_done(&text);
    return out;
}

static bool is_missing(const rh_error *err)
{
    return strcmp(err->sqlstate, "42P01") == 0 || strcmp(err->sqlstate, "3F000") == 0 ||
           strstr(err->text, "no such table") != NULL;
}

static rh_status no_column(const rh_call_statement *statement, rh_db_part number, const char *table,
                           const char *column, const char *role, rh_error *err)
{
    rh_buf list = RH_BUF_INIT;
    const char *name;

    for (size_t i = 0; i < MAX_HINT_COLUMNS && (name = rh_call_column(statement, i)) != NULL; i++)
        (void)!rh_buf_printf(&list, NULL, "%s%s", i > 0 ? ", " : "", name);
    rh_error_set(err, RH_ENOTFOUND, "table '%s' has no column '%s'", table, column);
    rh_error_hint(err, "--mapping: '%s: {%s: COLUMN}'; it has %s", rh_db_part_name(number), role,
                  rh_buf_cstr(&list));
    rh_buf_done(&list);
    return RH_ENOTFOUND;
}

/* The result's own spelling of a column; NULL when it has none of that name. */
static const char *find_column(const rh_call_statement *statement, const char *name)
{
    const char *column;

    for (size_t i = 0; (column = rh_call_column(statement, i)) != NULL; i++) {
        if (rh_str_ieq(column, name))
            return column;
    }
    return NULL;
}

static bool is_needed(rh_db_part number, rh_db_column column)
{
    return number == RH_DB_BLOCKS ? column == RH_DB_HEIGHT
                                  : column == RH_DB_HEIGHT || column == RH_DB_POSITION;
}

static rh_status take_columns(writing *w, const rh_call_statement *statement, rh_db_part number,
                              rh_error *err)
{
    const rh_db_names *names = &w->options->mapping->parts[number];
    const rh_db_column *column = rh_db_part_columns(number);

    for (; *column != RH_DB_COLUMNS; column++) {
        const char *name = names->columns[*column];
        const char *found = name == NULL ? NULL : find_column(statement, name);

        if (name == NULL)
            continue;
        if (found == NULL && (names->asked[*column] || is_needed(number, *column)))
            return no_column(statement, number, names->table, name, rh_db_column_name(*column),
                             err);
        if (found == NULL)
            continue;
        w->parts[number].columns[*column] = quoted(w, found, false);
        if (w->parts[number].columns[*column] == NULL)
            return rh_error_oom(err);
    }
    return RH_OK;
}

/* A statement that fails leaves PostgreSQL's transaction in ruins: hence the savepoint. */
static rh_status look_at(writing *w, rh_db_part number, rh_error *err)
{
    const rh_db_names *names = &w->options->mapping->parts[number];
    const char *table = names->table == NULL ? NULL : quoted(w, names->table, true);
    const char *sql =
        table == NULL ? NULL
                      : rh_arena_printf(w->arena, RH_OWN_COMMENT "SELECT * FROM %s LIMIT 0", table);
    rh_call_statement *statement = NULL;
    rh_error detail = RH_ERROR_INIT;
    rh_status status, back;

    if (names->table == NULL)
        return RH_OK;
    if (sql == NULL)
        return rh_error_oom(err);
    status = rh_call_exec(w->session, "SAVEPOINT rehearse_look", err);
    if (status != RH_OK)
        return status;
    status = rh_call_prepare(w->session, sql, &statement, &detail);
    if (status == RH_OK) {
        w->parts[number].table = table;
        status = take_columns(w, statement, number, &detail);
    } else if (is_missing(&detail)) {
        rh_error_clear(&detail);
        status = number <= RH_DB_TRANSACTIONS || names->table_asked
                     ? rh_error_set(&detail, RH_ENOTFOUND, "the database has no table '%s'",
                                    names->table)
                     : RH_OK;
        rh_error_hint(&detail,
                      "a mapping file tells its name: --mapping FILE, with '%s: {table: "
                      "NAME, ...}'",
                      rh_db_part_name(number));
    }
    rh_call_statement_free(statement);
    back = rh_call_exec(w->session, "ROLLBACK TO SAVEPOINT rehearse_look", &detail);
    if (status == RH_OK)
        status = back;
    if (status != RH_OK && err != NULL && err->code == RH_OK)
        *err = detail;
    return status;
}

/* ---- the query ---- */

/* ", text of the column": bytes in hexadecimal digits, as SQLite's storage classes go. */
static rh_status put_text(writing *w, const char *alias, const char *column, rh_error *err)
{
    if (column == NULL)
        return rh_buf_append_str(&w->sql, w->sqlite ? ", NULL" : ", NULL::text", err);
    if (!w->sqlite)
        return rh_buf_printf(&w->sql, err, ", %s.%s::text", alias, column);
    return rh_buf_printf(&w->sql, err,
                         ", CASE typeof(%s.%s) WHEN 'blob' THEN lower(hex(%s.%s)) "
                         "ELSE CAST(%s.%s AS TEXT) END",
                         alias, column, alias, column, alias, column);
}

static rh_status put_range(writing *w, const char *alias, const char *height, rh_error *err)
{
    const char *word = "WHERE";
    rh_status status = RH_OK;

    if (w->options->from_height >= 0) {
        status = rh_buf_printf(&w->sql, err, " %s %s.%s >= %" PRId64, word, alias, height,
                               w->options->from_height);
        word = "AND";
    }
    if (status == RH_OK && w->options->to_height >= 0)
        status = rh_buf_printf(&w->sql, err, " %s %s.%s <= %" PRId64, word, alias, height,
                               w->options->to_height);
    return status;
}

static rh_status put_fields(writing *w, const part *p, const rh_db_column fields[5], rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < 5; i++)
        status = put_text(w, "x", fields[i] == RH_DB_COLUMNS ? NULL : p->columns[fields[i]], err);
    return status == RH_OK ? rh_buf_printf(&w->sql, err, " FROM %s AS x", p->table) : status;
}

static rh_status put_blocks(writing *w, rh_error *err)
{
    static const rh_db_column fields[5] = {RH_DB_HASH, RH_DB_TIME, RH_DB_PREVIOUS, RH_DB_COLUMNS,
                                           RH_DB_COLUMNS};
    const part *p = &w->parts[RH_DB_BLOCKS];
    rh_status status = rh_buf_printf(&w->sql, err, "SELECT x.%s, -1, %d, 0",
                                     p->columns[RH_DB_HEIGHT], (int)ROW_BLOCK);

    if (status == RH_OK)
        status = put_fields(w, p, fields, err);
    return status == RH_OK ? put_range(w, "x", p->columns[RH_DB_HEIGHT], err) : status;
}

static rh_status put_transactions(writing *w, rh_error *err)
{
    static const rh_db_column fields[5] = {RH_DB_TXID, RH_DB_SOURCE, RH_DB_DESTINATION, RH_DB_VALUE,
                                           RH_DB_UTXOS};
    const part *p = &w->parts[RH_DB_TRANSACTIONS];
    rh_status status =
        rh_buf_printf(&w->sql, err, " UNION ALL SELECT x.%s, x.%s, %d, 0", p->columns[RH_DB_HEIGHT],
                      p->columns[RH_DB_POSITION], (int)ROW_TX);

    if (status == RH_OK)
        status = put_fields(w, p, fields, err);
    return status == RH_OK ? put_range(w, "x", p->columns[RH_DB_HEIGHT], err) : status;
}

/* Inputs or outputs; those that know their transaction by its id only are joined to it. */
static rh_status put_children(writing *w, rh_db_part number, int kind, rh_db_column order,
                              const rh_db_column fields[5], rh_error *err)
{
    const part *p = &w->parts[number];
    const part *tx = &w->parts[RH_DB_TRANSACTIONS];
    bool joined = p->columns[RH_DB_HEIGHT] == NULL || p->columns[RH_DB_POSITION] == NULL;
    const part *from = joined ? tx : p;
    const char *alias = joined ? "t" : "x";
    rh_status status;

    if (p->table == NULL)
        return RH_OK;
    if (joined && (p->columns[RH_DB_TXID] == NULL || tx->columns[RH_DB_TXID] == NULL))
        return rh_error_set(err, RH_ENOTFOUND, "'%s' cannot be joined to 'transactions': no 'txid'",
                            rh_db_part_name(number));
    status = rh_buf_printf(&w->sql, err, " UNION ALL SELECT %s.%s, %s.%s, %d, ", alias,
                           from->columns[RH_DB_HEIGHT], alias, from->columns[RH_DB_POSITION], kind);
    if (status == RH_OK && (order == RH_DB_COLUMNS || p->columns[order] == NULL))
        status = rh_buf_append_str(&w->sql, "0", err);
    else if (status == RH_OK)
        status = rh_buf_printf(&w->sql, err, "CAST(x.%s AS %s)", p->columns[order],
                               w->sqlite ? "INTEGER" : "bigint");
    if (status == RH_OK)
        status = put_fields(w, p, fields, err);
    if (status == RH_OK && joined)
        status = rh_buf_printf(&w->sql, err, " JOIN %s AS t ON x.%s = t.%s", tx->table,
                               p->columns[RH_DB_TXID], tx->columns[RH_DB_TXID]);
    return status == RH_OK ? put_range(w, alias, from->columns[RH_DB_HEIGHT], err) : status;
}

static rh_status put_all(writing *w, rh_error *err)
{
    static const rh_db_column inputs[5] = {RH_DB_OUTPOINT, RH_DB_SPENT_TXID, RH_DB_SPENT_VOUT,
                                           RH_DB_ADDRESS, RH_DB_VALUE};
    static const rh_db_column outputs[5] = {RH_DB_VOUT, RH_DB_ADDRESS, RH_DB_VALUE, RH_DB_KIND,
                                            RH_DB_COLUMNS};
    rh_status status = put_blocks(w, err);

    if (status == RH_OK)
        status = put_transactions(w, err);
    if (status == RH_OK)
        status = put_children(w, RH_DB_INPUTS, ROW_INPUT, RH_DB_COLUMNS, inputs, err);
    if (status == RH_OK)
        status = put_children(w, RH_DB_OUTPUTS, ROW_OUTPUT, RH_DB_VOUT, outputs, err);
    return status == RH_OK ? rh_buf_append_str(&w->sql, " ORDER BY 1, 2, 3, 4", err) : status;
}

static rh_status put_count(writing *w, rh_error *err)
{
    const part *p = &w->parts[RH_DB_BLOCKS];
    rh_status status;

    rh_buf_clear(&w->sql);
    status = rh_buf_printf(&w->sql, err, RH_OWN_COMMENT "SELECT count(*) FROM %s AS x", p->table);
    return status == RH_OK ? put_range(w, "x", p->columns[RH_DB_HEIGHT], err) : status;
}

rh_status rh_import_db_query(rh_call_session *session, const rh_import_db_options *options,
                             rh_arena *arena, import_db_query *out, rh_error *err)
{
    writing w = {.session = session,
                 .options = options,
                 .arena = arena,
                 .sqlite = rh_call_kind(session) == RH_ENGINE_SQLITE};
    rh_status status = RH_OK;

    for (int i = 0; status == RH_OK && i < RH_DB_PARTS; i++)
        status = look_at(&w, (rh_db_part)i, err);
    if (status == RH_OK)
        status = put_all(&w, err);
    if (status == RH_OK && (out->rows = rh_arena_strdup(arena, rh_buf_cstr(&w.sql))) == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = put_count(&w, err);
    if (status == RH_OK && (out->count = rh_arena_strdup(arena, rh_buf_cstr(&w.sql))) == NULL)
        status = rh_error_oom(err);
    out->inputs_table = w.parts[RH_DB_INPUTS].table != NULL;
    rh_buf_done(&w.sql);
    return status;
}
