/*
 * The map of a statement's subqueries in both dialects: each level lies in its parent, or there is
 * a reason why the text is not mapped.
 *
 * modules: core_base core_sql
 * corpus: sql examples/explorer examples/ledger
 */
#include <assert.h>

#include "core/sql_levels.h"
#include "fuzz_sql.h"

static void check_levels(rh_sql_dialect dialect, const char *text, size_t len)
{
    rh_sql_levels *levels = NULL;
    rh_status status = rh_sql_levels_new(dialect, text, len, NULL, &levels, NULL);

    assert(status == RH_OK);
    assert((rh_sql_levels_count(levels) == 0) == (rh_sql_levels_problem(levels) != NULL));
    for (size_t i = 0; i < rh_sql_levels_count(levels); i++) {
        const rh_sql_level *level = rh_sql_levels_at(levels, i);
        const rh_sql_level *parent;

        assert(level->offset + level->length <= len && level->length > 0);
        assert(level->line > 0 && level->column > 0);
        assert((level->parent == RH_SQL_NONE) == (i == 0));
        if (i == 0)
            continue;
        assert(level->parent < i);
        parent = rh_sql_levels_at(levels, level->parent);
        assert(level->offset >= parent->offset);
        assert(level->offset + level->length <= parent->offset + parent->length);
        if (level->kind != RH_SQL_LEVEL_ARM && level->clause != RH_SQL_CLAUSE_INSERT) {
            assert(text[level->offset] == '(');
            assert(text[level->offset + level->length - 1] == ')');
        }
    }
    rh_sql_levels_free(levels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_sql_both(check_levels, data, size);
}
