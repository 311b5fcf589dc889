/*
 * Write a trace for `rehearse capture`: trace_connection() for each connection, then use SQLite as
 * ever. A line is written when a statement ends, so that its duration is known.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <time.h>

/* A JSON string. Bytes that are no UTF-8 are the application's own mistake: they go as they are. */
static void put_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static int on_profile(unsigned event, void *ctx, void *p, void *x)
{
    FILE *out = ctx;
    sqlite3_stmt *stmt = p;
    long long ns = *(sqlite3_int64 *)x;
    char *expanded = sqlite3_expanded_sql(stmt);
    struct timespec now;

    (void)event;
    clock_gettime(CLOCK_REALTIME, &now);
    fprintf(out, "{\"time\": %lld, \"session\": \"%p\", \"duration_us\": %lld, \"sql\": ",
            (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000 - ns / 1000,
            (void *)sqlite3_db_handle(stmt), ns / 1000);
    put_string(out, sqlite3_sql(stmt));
    if (expanded != NULL) {
        fputs(", \"expanded\": ", out);
        put_string(out, expanded);
    }
    fputs("}\n", out);
    sqlite3_free(expanded);
    return 0;
}

static int trace_connection(sqlite3 *db, FILE *out)
{
    return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, on_profile, out);
}

int main(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;

    puts("{\"rehearse_trace\": 1, \"engine\": \"sqlite\"}");
    if (sqlite3_open(":memory:", &db) != SQLITE_OK || trace_connection(db, stdout) != SQLITE_OK)
        return 1;
    sqlite3_exec(db, "CREATE TABLE t(a INTEGER, b TEXT, c BLOB)", NULL, NULL, NULL);
    if (sqlite3_prepare_v2(db, "INSERT INTO t VALUES(?, ?, :c)", -1, &stmt, NULL) != SQLITE_OK)
        return 1;
    for (int i = 0; i < 3; i++) {
        sqlite3_bind_int(stmt, 1, i - 1);
        sqlite3_bind_text(stmt, 2, "it's, ?\n", -1, SQLITE_STATIC);
        sqlite3_bind_blob(stmt, 3, "\x00\x01", 2, SQLITE_STATIC);
        sqlite3_step(stmt);
        sqlite3_reset(stmt);
    }
    sqlite3_finalize(stmt);
    return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
