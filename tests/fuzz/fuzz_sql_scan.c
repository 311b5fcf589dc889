/*
 * SQL text cut into tokens and statements in both dialects: they lie inside of the text, in order,
 * and what a piece is (command, line, column) is told for any bytes.
 *
 * modules: core_base core_sql
 * corpus: sql examples/explorer examples/ledger
 */
#include <assert.h>
#include <string.h>

#include "core/sql_fingerprint.h"
#include "core/sql_scan.h"
#include "fuzz_sql.h"

static void check_piece(rh_sql_dialect dialect, const char *text, size_t len,
                        const rh_sql_piece *piece)
{
    rh_sql_command command = rh_sql_command_of(dialect, text + piece->offset, piece->len);
    size_t line = 0;
    size_t column = 0;

    assert(strlen(command.verb) < sizeof command.verb);
    assert(rh_sql_command_kind_name(command.kind) != NULL);
    rh_sql_position(text, len, piece->offset, &line, &column);
    assert(line > 0 && column > 0 && line <= piece->offset + 1);
}

static void check_tokens(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_scan scan;
    rh_sql_piece piece;
    size_t at = 0;

    rh_sql_scan_init(&scan, dialect, text, len);
    for (;;) {
        rh_sql_token token = rh_sql_scan_next(&scan);

        assert(token.offset >= at && token.offset + token.len <= len);
        at = token.offset + token.len;
        if (token.kind == RH_SQL_TOKEN_END)
            break;
        assert(token.len > 0);
    }
    rh_sql_scan_init(&scan, dialect, text, len);
    at = 0;
    while (rh_sql_split_next(&scan, &piece)) {
        assert(piece.len > 0 && piece.offset >= at && piece.offset + piece.len <= len);
        at = piece.offset + piece.len;
        check_piece(dialect, text, len, &piece);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_sql_both(check_tokens, data, size);
}
