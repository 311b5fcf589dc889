/*
 * The other engine, for test programs that are about SQLite only.
 */
#include "core/engine_ops.h"

static const char *const no_sections[] = {NULL};

const rh_engine rh_engine_postgresql = {
    .kind = RH_ENGINE_POSTGRESQL,
    .name = "postgresql",
    .rows_format = RH_ROWS_PGCOPY,
    .sections = no_sections,
};
