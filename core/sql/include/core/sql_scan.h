/*
 * Tokens of SQL text in PostgreSQL's and SQLite's dialects: borrows the text, gives byte offsets,
 * allocates nothing and never fails: what makes no sense is RH_SQL_TOKEN_OTHER.
 */
#ifndef CORE_SQL_SCAN_H
#define CORE_SQL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/visibility.h>

typedef enum rh_sql_dialect {
    RH_SQL_POSTGRES,
    RH_SQL_SQLITE,
} rh_sql_dialect;

typedef enum rh_sql_token_kind {
    RH_SQL_TOKEN_END,       /* len 0, at the end of the text */
    RH_SQL_TOKEN_WORD,      /* keyword or unquoted name */
    RH_SQL_TOKEN_IDENT,     /* "x", U&"x"; SQLite also `x` and [x]; quotes included */
    RH_SQL_TOKEN_STRING,    /* 'x', E'x', N'x', U&'x', $tag$x$tag$ */
    RH_SQL_TOKEN_BYTES,     /* X'..', B'..' */
    RH_SQL_TOKEN_NUMBER,    /* without sign: 1, 1.5e-3, .5, 0x1F, 1_000 */
    RH_SQL_TOKEN_PARAMETER, /* $1; SQLite also ?, ?1, :x, @x, $x; PostgreSQL also :x outside [ ] */
    RH_SQL_TOKEN_OPERATOR,  /* the longest operator, e.g. =, ||, ->>, ::; also '.' and ':' */
    RH_SQL_TOKEN_OPEN,      /* ( */
    RH_SQL_TOKEN_CLOSE,     /* ) */
    RH_SQL_TOKEN_BRACKET,   /* [ or ] of an array (PostgreSQL) */
    RH_SQL_TOKEN_COMMA,
    RH_SQL_TOKEN_SEMICOLON,
    RH_SQL_TOKEN_COMMENT, /* -- to before the line's end, or a block; PostgreSQL's blocks nest */
    RH_SQL_TOKEN_META,    /* PostgreSQL: a psql command (backslash) to before the line's end */
    RH_SQL_TOKEN_OTHER,   /* one byte that starts nothing */
} rh_sql_token_kind;

typedef struct rh_sql_token {
    rh_sql_token_kind kind;
    bool closed; /* false: a quote, comment or dollar quote that takes the rest of the text */
    size_t offset;
    size_t len;
} rh_sql_token;

typedef struct rh_sql_scan {
    const char *text; /* borrowed, need not be terminated */
    size_t len;
    size_t at;
    rh_sql_dialect dialect;
    bool standard_strings; /* PostgreSQL: backslash is plain in '...'; true after init */
    unsigned brackets;     /* PostgreSQL: open [ */
} rh_sql_scan;

void rh_sql_scan_init(rh_sql_scan *scan, rh_sql_dialect dialect, const char *text, size_t len);

/** A scan of a terminated text. */
rh_sql_scan rh_sql_scan_of(rh_sql_dialect dialect, const char *text);

/** The next token, white space skipped, comments included. */
rh_sql_token rh_sql_scan_next(rh_sql_scan *scan);

/** As rh_sql_scan_next, comments skipped. */
rh_sql_token rh_sql_scan_next_code(rh_sql_scan *scan);

/** ASCII case-insensitive: the token is the unquoted word or the operator. word in lower case. */
bool rh_sql_token_is(const rh_sql_token *token, const char *text, const char *word);

/** One statement of a text: from its first token (comments before it are left out) to before its
 * semicolon, white space and comments behind it left out. */
typedef struct rh_sql_piece {
    size_t offset;
    size_t len;
    bool complete; /* a semicolon follows */
} rh_sql_piece;

/**
 * The next statement that has a token; false at the end. Knows BEGIN ATOMIC bodies of PostgreSQL,
 * trigger bodies of SQLite and semicolons in parentheses (CREATE RULE). psql commands are skipped.
 */
bool rh_sql_split_next(rh_sql_scan *scan, rh_sql_piece *out);

/**
 * The name that a comment "-- name: x" between two statements, text[from..to), gives the one behind
 * it; of several the last one's. False when there is none; the name is borrowed from text.
 */
bool rh_sql_name_between(rh_sql_dialect dialect, const char *text, size_t from, size_t to,
                         const char **out, size_t *out_len);

/** Line and column, both from 1, of a byte offset; columns count characters of UTF-8. */
void rh_sql_position(const char *text, size_t len, size_t offset, size_t *out_line,
                     size_t *out_column);

#endif
