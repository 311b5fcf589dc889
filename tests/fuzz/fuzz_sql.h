/*
 * What the targets of core/sql share: the text in both dialects, in memory of its own size so that
 * a read behind its end is seen, and nothing left allocated.
 */
#ifndef FUZZ_SQL_H
#define FUZZ_SQL_H

#include <assert.h>

#include "core/mem.h"
#include "core/sql_scan.h"
#include "fuzz.h"

typedef void (*fuzz_sql_check)(rh_sql_dialect dialect, const char *text, size_t len);

static inline int fuzz_sql_both(fuzz_sql_check check, const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();
    char *text = rh_mem_strndup((const char *)data, size);

    assert(text != NULL);
    check(RH_SQL_POSTGRES, text, size);
    check(RH_SQL_SQLITE, text, size);
    rh_mem_free(text);
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}

#endif
