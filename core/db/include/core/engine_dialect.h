/*
 * Which SQL an engine speaks.
 */
#ifndef CORE_ENGINE_DIALECT_H
#define CORE_ENGINE_DIALECT_H

#include "core/engine.h"
#include "core/sql_scan.h"

static inline rh_sql_dialect rh_engine_dialect(rh_engine_kind kind)
{
    return kind == RH_ENGINE_SQLITE ? RH_SQL_SQLITE : RH_SQL_POSTGRES;
}

#endif
