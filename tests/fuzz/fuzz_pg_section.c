/*
 * Sections of PostgreSQL's schema, which come out of repositories: any text is cut into statements
 * that lie in it, or refused; what a statement is about has a name.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite
 */
#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "fuzz.h"
#include "pg_script.h"

static void look_at(const rh_pg_script *script)
{
    for (size_t i = 0; i < script->item_count; i++) {
        const rh_pg_item *item = &script->items[i];

        assert(item->sql != NULL && item->sql[0] != '\0' && item->label != NULL);
        assert(item->settings <= script->setting_count);
        if (item->kind == RH_PG_ITEM_INDEX || item->kind == RH_PG_ITEM_CONSTRAINT ||
            item->kind == RH_PG_ITEM_FOREIGN_KEY)
            assert(item->schema != NULL && item->table != NULL && item->name != NULL);
        if (item->kind == RH_PG_ITEM_FOREIGN_KEY)
            assert(item->to_schema != NULL && item->to_table != NULL);
        if (item->kind == RH_PG_ITEM_REFRESH)
            assert(item->schema != NULL && item->table != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();
    char *exact = rh_mem_alloc(size);
    rh_pg_script *script = NULL;

    if (exact == NULL)
        return 0;
    if (size > 0)
        memcpy(exact, data, size);
    if (rh_pg_script_parse(exact, size, &script, NULL) == RH_OK)
        look_at(script);
    rh_pg_script_free(script);
    rh_mem_free(exact);
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
