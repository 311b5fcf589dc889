/*
 * Values of a column for parameters, from a sample of the table: SQLite keeps no common values.
 * 10,000 rows spread evenly over the rowids, so that a table of any size costs the same; where the
 * sample has only NULLs, an index on the column tells a value.
 */
#include <string.h>

#include "core/sql_name.h"
#include "lite_profile.h"

/* ?1 = highest rowid. Multiples of a prime (Knuth's multiplicative hash): equal steps would see
 * only one of the kinds of rows that take turns. */
static const char SPREAD[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < min(?1, 10000)), "
    "sample(v) AS (SELECT t.%w FROM n CROSS JOIN main.%w t "
    "ON t.rowid = 1 + (n.i * 2654435761) % ?1)";

/* WITHOUT ROWID, views. */
static const char FIRST[] = "WITH sample(v) AS (SELECT %w FROM main.%w LIMIT ?1)";

static const char CHOOSE[] =
    ", known(v, n) AS (SELECT v, count(*) FROM sample WHERE v IS NOT NULL GROUP BY v) "
    "SELECT v, n * 1.0 / (SELECT count(*) FROM sample), n FROM known ORDER BY n %s, v LIMIT 1";

enum { FIRST_ROWS = 10000 };

/* The format with each %w replaced by a quoted name. */
static rh_status write_sql(rh_buf *out, const char *format, const char *const names[2],
                           rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i <= 2; i++) {
        const char *mark = strstr(format, "%w");
        size_t len = mark == NULL ? strlen(format) : (size_t)(mark - format);

        status = rh_buf_append(out, format, len, err);
        if (mark == NULL)
            break;
        if (status == RH_OK)
            status = rh_sql_name_quote(names[i], out, err);
        format = mark + 2;
    }
    return status;
}

static json_t *value_of(sqlite3_stmt *stmt)
{
    switch (sqlite3_column_type(stmt, 0)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(stmt, 0));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(stmt, 0));
    case SQLITE_TEXT:
        return json_string((const char *)sqlite3_column_text(stmt, 0));
    default:
        return NULL; /* a blob is no value to guess with */
    }
}

typedef struct sample {
    json_t *value; /* NULL: none */
    double fraction;
    int64_t rows;
} sample;

static rh_status choose(sqlite3 *db, const char *column, const char *table, int64_t largest,
                        const char *order, sample *out, rh_error *err)
{
    const char *const names[2] = {column, table};
    rh_buf sql = RH_BUF_INIT;
    sqlite3_stmt *stmt = NULL;
    rh_status status = write_sql(&sql, largest > 0 ? SPREAD : FIRST, names, err);

    if (status == RH_OK)
        status = rh_buf_printf(&sql, err, CHOOSE, order);
    if (status == RH_OK)
        status = rh_lite_prepare(db, rh_buf_cstr(&sql), &stmt, err);
    if (status == RH_OK) {
        (void)sqlite3_bind_int64(stmt, 1, largest > 0 ? largest : FIRST_ROWS);
        status = rh_lite_step(stmt, err);
    }
    if (status == RH_OK)
        *out =
            (sample){value_of(stmt), sqlite3_column_double(stmt, 1), sqlite3_column_int64(stmt, 2)};
    sqlite3_finalize(stmt);
    rh_buf_done(&sql);
    return status == RH_DONE ? RH_OK : status;
}

/* The largest value, where an index that begins with the column gives it without a scan. */
static rh_status ask_index(sqlite3 *db, const char *column, const char *table, sample *out,
                           rh_error *err)
{
    static const char by_index[] =
        "SELECT 1 FROM pragma_index_list(?1) l, pragma_index_xinfo(l.name) x WHERE x.seqno = 0 "
        "AND NOT l.partial AND x.name = ?2 COLLATE NOCASE";
    const char *const names[2] = {column, table};
    rh_buf sql = RH_BUF_INIT;
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_prepare(db, by_index, &stmt, err);

    if (status == RH_OK) {
        (void)sqlite3_bind_text(stmt, 1, table, -1, SQLITE_TRANSIENT);
        (void)sqlite3_bind_text(stmt, 2, column, -1, SQLITE_TRANSIENT);
        status = rh_lite_step(stmt, err);
    }
    sqlite3_finalize(stmt);
    stmt = NULL;
    if (status == RH_OK)
        status = write_sql(&sql, "SELECT max(%w) FROM main.%w", names, err);
    if (status == RH_OK)
        status = rh_lite_prepare(db, rh_buf_cstr(&sql), &stmt, err);
    if (status == RH_OK)
        status = rh_lite_step(stmt, err);
    if (status == RH_OK)
        *out = (sample){value_of(stmt), 0, 1};
    sqlite3_finalize(stmt);
    rh_buf_done(&sql);
    return status == RH_DONE ? RH_OK : status;
}

/* As the column has them; text where it has nothing. */
static json_t *absent_like(const json_t *value)
{
    if (json_is_integer(value))
        return json_integer(-1);
    if (json_is_real(value))
        return json_real(-1);
    return json_string("rehearse-absent");
}

static json_t *document(const sample *common, const sample *rare)
{
    json_t *first = common->value == NULL ? NULL : json_pack("{s:O}", "value", common->value);
    json_t *out = json_pack("{s:[], s:O?, s:o}", "common", "rare",
                            rare->rows < common->rows ? rare->value : NULL, "absent",
                            absent_like(common->value));
    bool fits = out != NULL && (common->value == NULL || first != NULL);

    if (fits && first != NULL)
        fits = (common->fraction <= 0 ||
                json_object_set_new(first, "fraction", json_real(common->fraction)) == 0) &&
               json_array_append(json_object_get(out, "common"), first) == 0;
    json_decref(first);
    if (fits)
        return out;
    json_decref(out);
    return NULL;
}

static bool has_column(sqlite3 *db, const char *column, const char *table)
{
    return sqlite3_table_column_metadata(db, "main", table, column, NULL, NULL, NULL, NULL, NULL) ==
           SQLITE_OK;
}

rh_status rh_lite_profile_values(void *session, const rh_profile_table *table, const char *column,
                                 json_t **out, rh_error *err)
{
    const rh_lite_profile *profile = session;
    rh_buf sql = RH_BUF_INIT;
    sample common = {NULL, 0, 0};
    sample rare = {NULL, 0, 0};
    int64_t largest = 0;
    rh_error ignored = RH_ERROR_INIT;
    const char *const names[2] = {table->name, NULL};
    rh_status status;

    if (!has_column(profile->db, column, table->name))
        return RH_SKIPPED;
    status = write_sql(&sql, "SELECT max(rowid) FROM main.%w", names, err);
    if (status == RH_OK &&
        rh_lite_get_int(profile->db, rh_buf_cstr(&sql), &largest, &ignored) != RH_OK)
        largest = 0;
    rh_buf_done(&sql);
    if (status == RH_OK)
        status = choose(profile->db, column, table->name, largest, "DESC", &common, err);
    if (status == RH_OK)
        status = choose(profile->db, column, table->name, largest, "ASC", &rare, err);
    if (status == RH_OK && common.value == NULL)
        status = ask_index(profile->db, column, table->name, &common, err);
    if (status == RH_OK) {
        *out = document(&common, &rare);
        if (*out == NULL)
            status = rh_error_oom(err);
    }
    json_decref(common.value);
    json_decref(rare.value);
    return status;
}
