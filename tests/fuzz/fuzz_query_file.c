/*
 * Files of queries in both dialects: statements lie in the text, one behind the other, and so do
 * the names in the comments between them.
 *
 * modules: core_base core_sql
 * corpus: query_file sql examples/explorer
 */
#include <assert.h>

#include "core/sql_scan.h"
#include "fuzz.h"

static void read_file(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_scan scan;
    rh_sql_piece piece;
    size_t behind = 0;

    rh_sql_scan_init(&scan, dialect, text, len);
    while (rh_sql_split_next(&scan, &piece)) {
        const char *name = NULL;
        size_t name_len = 0;

        assert(piece.len > 0 && piece.offset >= behind && piece.offset + piece.len <= scan.at);
        if (rh_sql_name_between(dialect, text, behind, piece.offset, &name, &name_len))
            assert(name_len > 0 && name >= text + behind && name + name_len <= text + piece.offset);
        behind = piece.offset + piece.len;
    }
    assert(scan.at <= len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_file(RH_SQL_POSTGRES, (const char *)data, size);
    read_file(RH_SQL_SQLITE, (const char *)data, size);
    return 0;
}
