/*
 * How the tables of a snapshot are cut into pieces for several loaders.
 */
#ifndef SNAPSHOT_RESTORE_PARTS_H
#define SNAPSHOT_RESTORE_PARTS_H

#include "manifest.h"
#include "plan.h"

/**
 * Fill plan. A table is loaded whole (COPY FREEZE, no second writer) unless it alone would keep one
 * loader busy after the others have nothing left: then it is cut into runs of ranges.
 */
rh_status rh_restore_parts(const rh_manifest *manifest, size_t loaders, rh_plan *plan,
                           rh_error *err) RH_MUST_CHECK;

#endif
