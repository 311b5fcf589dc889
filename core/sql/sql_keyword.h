/*
 * The words that steer our reading of SQL. Everything else is a name to us.
 */
#ifndef SQL_KEYWORD_H
#define SQL_KEYWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/sql_scan.h"

/* word, and whether it is reserved enough never to be an operand or a column by itself */
#define RH_SQL_KEYWORDS(X)                                                                         \
    X(ABORT, 0)                                                                                    \
    X(ALL, 1)                                                                                      \
    X(ALTER, 0)                                                                                    \
    X(ANALYZE, 0)                                                                                  \
    X(AND, 1)                                                                                      \
    X(ANY, 1)                                                                                      \
    X(ARRAY, 0)                                                                                    \
    X(AS, 1)                                                                                       \
    X(ASC, 1)                                                                                      \
    X(AT, 0)                                                                                       \
    X(ATTACH, 0)                                                                                   \
    X(BEGIN, 0)                                                                                    \
    X(BETWEEN, 1)                                                                                  \
    X(BY, 1)                                                                                       \
    X(CALL, 0)                                                                                     \
    X(CASE, 1)                                                                                     \
    X(CAST, 0)                                                                                     \
    X(CHECKPOINT, 0)                                                                               \
    X(CLOSE, 0)                                                                                    \
    X(CLUSTER, 0)                                                                                  \
    X(COLLATE, 1)                                                                                  \
    X(COMMENT, 0)                                                                                  \
    X(COMMIT, 0)                                                                                   \
    X(CONFLICT, 0)                                                                                 \
    X(COPY, 0)                                                                                     \
    X(CREATE, 0)                                                                                   \
    X(CROSS, 1)                                                                                    \
    X(CURSOR, 0)                                                                                   \
    X(DEALLOCATE, 0)                                                                               \
    X(DECLARE, 0)                                                                                  \
    X(DEFAULT, 0)                                                                                  \
    X(DELETE, 0)                                                                                   \
    X(DESC, 1)                                                                                     \
    X(DETACH, 0)                                                                                   \
    X(DISCARD, 0)                                                                                  \
    X(DISTINCT, 1)                                                                                 \
    X(DO, 1)                                                                                       \
    X(DROP, 0)                                                                                     \
    X(ELSE, 1)                                                                                     \
    X(END, 1)                                                                                      \
    X(ESCAPE, 0)                                                                                   \
    X(EXCEPT, 1)                                                                                   \
    X(EXECUTE, 0)                                                                                  \
    X(EXISTS, 0)                                                                                   \
    X(EXPLAIN, 0)                                                                                  \
    X(FALSE, 0)                                                                                    \
    X(FETCH, 1)                                                                                    \
    X(FILTER, 0)                                                                                   \
    X(FOR, 1)                                                                                      \
    X(FROM, 1)                                                                                     \
    X(FULL, 1)                                                                                     \
    X(GLOB, 0)                                                                                     \
    X(GRANT, 0)                                                                                    \
    X(GROUP, 1)                                                                                    \
    X(HAVING, 1)                                                                                   \
    X(ILIKE, 1)                                                                                    \
    X(IMPORT, 0)                                                                                   \
    X(IN, 1)                                                                                       \
    X(INDEXED, 0)                                                                                  \
    X(INNER, 1)                                                                                    \
    X(INSERT, 0)                                                                                   \
    X(INTERSECT, 1)                                                                                \
    X(INTERVAL, 0)                                                                                 \
    X(INTO, 1)                                                                                     \
    X(IS, 1)                                                                                       \
    X(ISNULL, 1)                                                                                   \
    X(JOIN, 1)                                                                                     \
    X(LATERAL, 1)                                                                                  \
    X(LEFT, 1)                                                                                     \
    X(LIKE, 1)                                                                                     \
    X(LIMIT, 1)                                                                                    \
    X(LISTEN, 0)                                                                                   \
    X(LOAD, 0)                                                                                     \
    X(LOCK, 0)                                                                                     \
    X(MATCH, 0)                                                                                    \
    X(MATCHED, 0)                                                                                  \
    X(MATERIALIZED, 0)                                                                             \
    X(MERGE, 0)                                                                                    \
    X(MOVE, 0)                                                                                     \
    X(NATURAL, 1)                                                                                  \
    X(NOT, 1)                                                                                      \
    X(NOTHING, 0)                                                                                  \
    X(NOTIFY, 0)                                                                                   \
    X(NOTNULL, 1)                                                                                  \
    X(NULL, 0)                                                                                     \
    X(NULLS, 0)                                                                                    \
    X(OFFSET, 1)                                                                                   \
    X(ON, 1)                                                                                       \
    X(ONLY, 0)                                                                                     \
    X(OR, 1)                                                                                       \
    X(ORDER, 1)                                                                                    \
    X(ORDINALITY, 0)                                                                               \
    X(OUTER, 1)                                                                                    \
    X(OVER, 0)                                                                                     \
    X(OVERRIDING, 0)                                                                               \
    X(PRAGMA, 0)                                                                                   \
    X(PREPARE, 0)                                                                                  \
    X(PREPARED, 0)                                                                                 \
    X(RAISE, 0)                                                                                    \
    X(REASSIGN, 0)                                                                                 \
    X(RECURSIVE, 0)                                                                                \
    X(REFRESH, 0)                                                                                  \
    X(REGEXP, 0)                                                                                   \
    X(REINDEX, 0)                                                                                  \
    X(RELEASE, 0)                                                                                  \
    X(REPLACE, 0)                                                                                  \
    X(RESET, 0)                                                                                    \
    X(RETURNING, 1)                                                                                \
    X(REVOKE, 0)                                                                                   \
    X(RIGHT, 1)                                                                                    \
    X(ROLLBACK, 0)                                                                                 \
    X(ROW, 0)                                                                                      \
    X(ROWS, 0)                                                                                     \
    X(SAVEPOINT, 0)                                                                                \
    X(SECURITY, 0)                                                                                 \
    X(SELECT, 1)                                                                                   \
    X(SET, 0)                                                                                      \
    X(SHOW, 0)                                                                                     \
    X(SIMILAR, 1)                                                                                  \
    X(SOME, 1)                                                                                     \
    X(START, 0)                                                                                    \
    X(SYMMETRIC, 0)                                                                                \
    X(TABLE, 1)                                                                                    \
    X(TABLESAMPLE, 1)                                                                              \
    X(THEN, 1)                                                                                     \
    X(TO, 0)                                                                                       \
    X(TRANSACTION, 0)                                                                              \
    X(TRUE, 0)                                                                                     \
    X(TRUNCATE, 0)                                                                                 \
    X(UNION, 1)                                                                                    \
    X(UNLISTEN, 0)                                                                                 \
    X(UPDATE, 0)                                                                                   \
    X(USING, 1)                                                                                    \
    X(VACUUM, 0)                                                                                   \
    X(VALUES, 0)                                                                                   \
    X(WHEN, 1)                                                                                     \
    X(WHERE, 1)                                                                                    \
    X(WINDOW, 1)                                                                                   \
    X(WITH, 1)                                                                                     \
    X(WITHIN, 0)                                                                                   \
    X(WORK, 0)

typedef enum rh_sql_keyword {
    RH_SQL_KW_NONE,
#define RH_SQL_KEYWORD_ENUM(word, reserved) RH_SQL_KW_##word,
    RH_SQL_KEYWORDS(RH_SQL_KEYWORD_ENUM)
#undef RH_SQL_KEYWORD_ENUM
        RH_SQL_KW_COUNT,
} rh_sql_keyword;

/** RH_SQL_KW_NONE for a name, a quoted name and every other token. */
rh_sql_keyword rh_sql_keyword_of(const rh_sql_token *token, const char *text);

/** May stand neither for a column nor for an alias without AS. */
bool rh_sql_keyword_is_reserved(rh_sql_keyword keyword);

#endif
