#include <string.h>

#include "core/sql_fingerprint.h"
#include "sql_keyword.h"

typedef struct reader {
    rh_sql_scan scan;
    rh_sql_token token;
    rh_sql_keyword keyword;
} reader;

static void next(reader *r)
{
    r->token = rh_sql_scan_next_code(&r->scan);
    r->keyword = rh_sql_keyword_of(&r->token, r->scan.text);
}

static bool at_word(const reader *r, const char *word)
{
    return rh_sql_token_is(&r->token, r->scan.text, word);
}

static void take_verb(const reader *r, rh_sql_command *out)
{
    size_t len = r->token.len;

    if (len >= sizeof out->verb)
        len = sizeof out->verb - 1;
    for (size_t i = 0; i < len; i++) {
        char c = r->scan.text[r->token.offset + i];

        out->verb[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    out->verb[len] = '\0';
}

static rh_sql_command_kind kind_of_word(rh_sql_keyword keyword)
{
    switch (keyword) {
    case RH_SQL_KW_SELECT:
    case RH_SQL_KW_VALUES:
    case RH_SQL_KW_TABLE:
        return RH_SQL_COMMAND_READ;
    case RH_SQL_KW_INSERT:
    case RH_SQL_KW_UPDATE:
    case RH_SQL_KW_DELETE:
    case RH_SQL_KW_MERGE:
    case RH_SQL_KW_REPLACE:
    case RH_SQL_KW_TRUNCATE:
    case RH_SQL_KW_CALL:
    case RH_SQL_KW_DO:
        return RH_SQL_COMMAND_WRITE;
    case RH_SQL_KW_CREATE:
    case RH_SQL_KW_ALTER:
    case RH_SQL_KW_DROP:
    case RH_SQL_KW_GRANT:
    case RH_SQL_KW_REVOKE:
    case RH_SQL_KW_COMMENT:
    case RH_SQL_KW_SECURITY:
    case RH_SQL_KW_REASSIGN:
    case RH_SQL_KW_REINDEX:
    case RH_SQL_KW_REFRESH:
    case RH_SQL_KW_CLUSTER:
    case RH_SQL_KW_IMPORT:
        return RH_SQL_COMMAND_DDL;
    case RH_SQL_KW_BEGIN:
    case RH_SQL_KW_START:
    case RH_SQL_KW_COMMIT:
    case RH_SQL_KW_END:
    case RH_SQL_KW_ROLLBACK:
    case RH_SQL_KW_ABORT:
    case RH_SQL_KW_SAVEPOINT:
    case RH_SQL_KW_RELEASE:
        return RH_SQL_COMMAND_TRANSACTION;
    case RH_SQL_KW_SET:
    case RH_SQL_KW_SHOW:
    case RH_SQL_KW_RESET:
    case RH_SQL_KW_DISCARD:
    case RH_SQL_KW_PREPARE:
    case RH_SQL_KW_EXECUTE:
    case RH_SQL_KW_DEALLOCATE:
    case RH_SQL_KW_DECLARE:
    case RH_SQL_KW_FETCH:
    case RH_SQL_KW_MOVE:
    case RH_SQL_KW_CLOSE:
    case RH_SQL_KW_LISTEN:
    case RH_SQL_KW_UNLISTEN:
    case RH_SQL_KW_NOTIFY:
    case RH_SQL_KW_LOCK:
    case RH_SQL_KW_LOAD:
    case RH_SQL_KW_VACUUM:
    case RH_SQL_KW_ANALYZE:
    case RH_SQL_KW_CHECKPOINT:
    case RH_SQL_KW_PRAGMA:
    case RH_SQL_KW_ATTACH:
    case RH_SQL_KW_DETACH:
        return RH_SQL_COMMAND_UTILITY;
    default:
        return RH_SQL_COMMAND_UNKNOWN;
    }
}

/* Behind BEGIN, COMMIT, ROLLBACK ...: which step it is. */
static rh_sql_transaction_step step_of(reader *r, rh_sql_keyword first)
{
    if (first == RH_SQL_KW_SAVEPOINT)
        return RH_SQL_TX_SAVEPOINT;
    if (first == RH_SQL_KW_RELEASE)
        return RH_SQL_TX_RELEASE;
    if (first == RH_SQL_KW_BEGIN || first == RH_SQL_KW_START)
        return RH_SQL_TX_BEGIN;
    next(r);
    if (r->keyword == RH_SQL_KW_PREPARED)
        return RH_SQL_TX_TWO_PHASE;
    if (first == RH_SQL_KW_COMMIT || first == RH_SQL_KW_END)
        return RH_SQL_TX_COMMIT;
    if (r->keyword == RH_SQL_KW_WORK || r->keyword == RH_SQL_KW_TRANSACTION)
        next(r);
    return r->keyword == RH_SQL_KW_TO ? RH_SQL_TX_ROLLBACK_TO : RH_SQL_TX_ROLLBACK;
}

/* The rest of a query: a write hidden in WITH, INTO a new table, row locks. Which INTO belongs to
 * SELECT is told by what stands before it: INSERT INTO and MERGE INTO are writes already. */
static void look_into_query(reader *r, rh_sql_command *out, bool with)
{
    unsigned depth = 0;
    rh_sql_keyword before = RH_SQL_KW_NONE;
    bool main_seen = !with;

    for (; r->token.kind != RH_SQL_TOKEN_END; before = r->keyword, next(r)) {
        if (r->token.kind == RH_SQL_TOKEN_OPEN)
            depth++;
        else if (r->token.kind == RH_SQL_TOKEN_CLOSE && depth > 0)
            depth--;
        switch (r->keyword) {
        case RH_SQL_KW_INSERT:
        case RH_SQL_KW_DELETE:
        case RH_SQL_KW_MERGE:
        case RH_SQL_KW_UPDATE:
            if (with && before != RH_SQL_KW_FOR && !out->locks)
                out->kind = RH_SQL_COMMAND_WRITE;
            break;
        case RH_SQL_KW_SELECT:
            main_seen = main_seen || depth == 0;
            break;
        case RH_SQL_KW_INTO:
            if (with && before == RH_SQL_KW_REPLACE)
                out->kind = RH_SQL_COMMAND_WRITE;
            else if (depth == 0 && main_seen && out->kind == RH_SQL_COMMAND_READ)
                out->kind = RH_SQL_COMMAND_DDL;
            break;
        default:
            break;
        }
        if (before == RH_SQL_KW_FOR && (r->keyword == RH_SQL_KW_UPDATE || at_word(r, "share") ||
                                        at_word(r, "no") || at_word(r, "key")))
            out->locks = true;
    }
}

static void look_into_copy(reader *r, rh_sql_command *out)
{
    unsigned depth = 0;

    out->kind = RH_SQL_COMMAND_WRITE;
    for (next(r); r->token.kind != RH_SQL_TOKEN_END; next(r)) {
        if (r->token.kind == RH_SQL_TOKEN_OPEN)
            depth++;
        else if (r->token.kind == RH_SQL_TOKEN_CLOSE && depth > 0)
            depth--;
        if (depth == 0 && r->keyword == RH_SQL_KW_TO)
            out->kind = RH_SQL_COMMAND_READ;
        if (depth == 0 && (r->keyword == RH_SQL_KW_TO || r->keyword == RH_SQL_KW_FROM))
            return;
    }
}

/* EXPLAIN runs its statement only with ANALYZE; SQLite's never does. */
static void look_into_explain(reader *r, rh_sql_command *out)
{
    bool analyze = false;

    out->kind = RH_SQL_COMMAND_READ;
    for (next(r); r->token.kind != RH_SQL_TOKEN_END; next(r)) {
        rh_sql_command_kind kind = kind_of_word(r->keyword);

        if (r->keyword == RH_SQL_KW_ANALYZE || at_word(r, "analyse")) {
            analyze = r->scan.dialect == RH_SQL_POSTGRES;
            continue;
        }
        if (r->keyword == RH_SQL_KW_WITH)
            kind = RH_SQL_COMMAND_READ;
        if (kind == RH_SQL_COMMAND_UNKNOWN)
            continue;
        if (kind == RH_SQL_COMMAND_READ)
            look_into_query(r, out, r->keyword == RH_SQL_KW_WITH);
        else
            out->kind = kind;
        break;
    }
    if (!analyze)
        out->kind = RH_SQL_COMMAND_READ;
}

rh_sql_command rh_sql_command_of(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_command out;
    reader r;
    rh_sql_keyword first;

    memset(&out, 0, sizeof out);
    rh_sql_scan_init(&r.scan, dialect, text, len);
    do {
        next(&r);
    } while (r.token.kind == RH_SQL_TOKEN_OPEN || r.token.kind == RH_SQL_TOKEN_SEMICOLON);
    out.kind = RH_SQL_COMMAND_EMPTY;
    if (r.token.kind == RH_SQL_TOKEN_END)
        return out;
    out.kind = RH_SQL_COMMAND_UNKNOWN;
    if (r.token.kind != RH_SQL_TOKEN_WORD)
        return out;
    take_verb(&r, &out);
    first = r.keyword;
    out.kind = first == RH_SQL_KW_WITH ? RH_SQL_COMMAND_READ : kind_of_word(first);
    if (out.kind == RH_SQL_COMMAND_TRANSACTION)
        out.transaction = step_of(&r, first);
    else if (out.kind == RH_SQL_COMMAND_READ)
        look_into_query(&r, &out, first == RH_SQL_KW_WITH);
    else if (first == RH_SQL_KW_COPY)
        look_into_copy(&r, &out);
    else if (first == RH_SQL_KW_EXPLAIN)
        look_into_explain(&r, &out);
    else if (first == RH_SQL_KW_PREPARE) {
        next(&r);
        if (r.keyword == RH_SQL_KW_TRANSACTION) {
            out.kind = RH_SQL_COMMAND_TRANSACTION;
            out.transaction = RH_SQL_TX_TWO_PHASE;
        }
    }
    return out;
}

const char *rh_sql_command_kind_name(rh_sql_command_kind kind)
{
    static const char *const names[] = {"empty",       "read",    "write",  "ddl",
                                        "transaction", "utility", "unknown"};

    return names[kind];
}
