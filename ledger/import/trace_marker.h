/*
 * Is a statement a marker, and which height does it tell?
 */
#ifndef RH_TRACE_MARKER_H
#define RH_TRACE_MARKER_H

#include "core/sql_scan.h"
#include "core/workload.h"

/** As rh_import_trace_options.marker says. */
bool rh_trace_is_marker(rh_sql_dialect dialect, const char *marker, const char *sql);

/** The parameter block_index or height, else the first whole number among the parameters, else in
 * the text; -1: none. */
int64_t rh_trace_height(rh_sql_dialect dialect, const rh_workload_item *item);

#endif
