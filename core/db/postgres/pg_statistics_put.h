/*
 * Planner statistics put in the place of a database's own: by writing pg_statistic and pg_class,
 * which takes a superuser, or by the functions of version 18.
 */
#ifndef PG_STATISTICS_PUT_H
#define PG_STATISTICS_PUT_H

#include "pg_connection.h"

typedef struct rh_pg_statistics_put {
    rh_pg *pg;       /* borrowed */
    bool functions;  /* version 18's */
    bool partial;    /* over the figures that are there, not instead of all of them */
    bool inside;     /* in the caller's transaction */
    int64_t refused; /* lines that the database has no place for */
} rh_pg_statistics_put;

/** Does a section leave columns out on purpose (that of a masked copy)? */
bool rh_pg_statistics_is_partial(const char *text);

/**
 * Put the lines of a section. What is there already must be forgotten before, unless partial.
 * RH_EBUSY: a catalog row stays locked (lock_timeout).
 */
rh_status rh_pg_statistics_put_text(rh_pg_statistics_put *put, const char *text, size_t len,
                                    rh_error *err) RH_MUST_CHECK;

/** Hide from the planner, in the caller's transaction, indexes that the section does not list. */
rh_status rh_pg_statistics_hide_indexes(rh_pg *pg, const char *text, size_t len,
                                        rh_error *err) RH_MUST_CHECK;

#endif
