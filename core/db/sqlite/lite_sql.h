/*
 * The SQL of sql/, one array per file, embedded at build time (cmake/RhEmbed.cmake).
 */
#ifndef LITE_SQL_H
#define LITE_SQL_H

extern const char rh_lite_sql_workload[];
extern const char rh_lite_sql_workload_read[];
extern const char rh_lite_sql_workload_totals[];

#endif
