/*
 * What kind of statement a text is, and which texts are the same statement with other values.
 *
 * PostgreSQL: libpg_query's fingerprint when it parses the text (it ignores values, the length of
 * IN lists and the order of ANDed terms). Otherwise, and always for SQLite, a hash over our own
 * normalised tokens. `by` tells which.
 */
#ifndef CORE_SQL_FINGERPRINT_H
#define CORE_SQL_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/arena.h"
#include "core/sql_scan.h"

typedef enum rh_sql_command_kind {
    RH_SQL_COMMAND_EMPTY, /* no token at all */
    RH_SQL_COMMAND_READ,  /* SELECT, VALUES, TABLE, COPY TO, EXPLAIN without effects */
    RH_SQL_COMMAND_WRITE, /* INSERT, UPDATE, DELETE, MERGE, TRUNCATE, COPY FROM, CALL, DO, WITH
                             that writes, SELECT FOR UPDATE is READ with `locks` */
    RH_SQL_COMMAND_DDL,   /* CREATE, ALTER, DROP, SELECT INTO, GRANT, COMMENT, REINDEX ... */
    RH_SQL_COMMAND_TRANSACTION, /* BEGIN, COMMIT, ROLLBACK, SAVEPOINT ...; see `transaction` */
    RH_SQL_COMMAND_UTILITY, /* SET, SHOW, PREPARE, EXECUTE, cursors, LISTEN, VACUUM, PRAGMA ... */
    RH_SQL_COMMAND_UNKNOWN, /* starts with no known word: treat like a write */
} rh_sql_command_kind;

typedef enum rh_sql_transaction_step {
    RH_SQL_TX_NONE,
    RH_SQL_TX_BEGIN,
    RH_SQL_TX_COMMIT,
    RH_SQL_TX_ROLLBACK,
    RH_SQL_TX_SAVEPOINT,
    RH_SQL_TX_RELEASE,
    RH_SQL_TX_ROLLBACK_TO,
    RH_SQL_TX_TWO_PHASE, /* PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED */
} rh_sql_transaction_step;

typedef struct rh_sql_command {
    rh_sql_command_kind kind;
    rh_sql_transaction_step transaction;
    bool locks;    /* FOR UPDATE and its like */
    char verb[16]; /* first word that tells the command, lower case: "select", "insert" ("" = none)
                    */
} rh_sql_command;

/** Judge one statement (see rh_sql_split_next) by its tokens. Never fails. */
rh_sql_command rh_sql_command_of(rh_sql_dialect dialect, const char *text, size_t len);

const char *rh_sql_command_kind_name(rh_sql_command_kind kind); /* "read", "write", "ddl" ... */

typedef enum rh_sql_by {
    RH_SQL_BY_PARSER,  /* libpg_query */
    RH_SQL_BY_SCANNER, /* our tokens: not installed, another dialect, or text it does not parse */
} rh_sql_by;

const char *rh_sql_by_name(rh_sql_by by); /* "parser", "scanner" */

typedef struct rh_sql_shape {
    uint64_t fingerprint;
    char hex[17];           /* the same, 16 digits */
    const char *normalized; /* one space between tokens, no comments, values replaced: PostgreSQL
                               by $n behind the highest $n of the text, SQLite by ?; lists of values
                               after IN and rows of VALUES are cut to the first; terminated */
    size_t normalized_len;
    rh_sql_by by;
    rh_sql_command command;
} rh_sql_shape;

/** One statement, without a cache. Strings live in the arena. RH_OK or RH_ENOMEM. */
rh_status rh_sql_shape_of(rh_sql_dialect dialect, const char *text, size_t len, rh_arena *arena,
                          rh_sql_shape *out, rh_error *err) RH_MUST_CHECK;

/**
 * Shapes already seen, keyed by normalised text: a million executions of one shape are parsed once.
 * Belongs to one thread at a time.
 */
typedef struct rh_sql_shapes rh_sql_shapes;

/** max_bytes: memory for texts (0 = 64 MiB); when it is full the cache starts again from empty. */
rh_sql_shapes *rh_sql_shapes_new(rh_sql_dialect dialect, size_t max_bytes) RH_MUST_CHECK;
void rh_sql_shapes_free(rh_sql_shapes *shapes);

/** *out is borrowed until the next call on the same cache. RH_OK or RH_ENOMEM. */
rh_status rh_sql_shapes_get(rh_sql_shapes *shapes, const char *text, size_t len,
                            const rh_sql_shape **out, rh_error *err) RH_MUST_CHECK;

/** Texts that were parsed, that is, not found in the cache. */
uint64_t rh_sql_shapes_misses(const rh_sql_shapes *shapes);

/** Whether this build has libpg_query, and which PostgreSQL's grammar it is ("15"); else NULL. */
const char *rh_sql_parser_version(void);

/** The parser's own complaint about a text that it does not accept, with the byte offset it points
 * to; false when it accepts the text or is not in this build. message: at least 200 bytes. */
bool rh_sql_parser_complaint(const char *text, size_t len, char *message, size_t size,
                             size_t *out_offset);

#endif
