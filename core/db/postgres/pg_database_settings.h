/*
 * What belongs to a database itself and not to its tables: settings, rights, owner, connection
 * limit.
 */
#ifndef PG_DATABASE_SETTINGS_H
#define PG_DATABASE_SETTINGS_H

#include <jansson.h>

#include "pg_target.h"

/** ALTER DATABASE name change. */
rh_status rh_pg_alter_database(rh_pg *pg, const char *name, const char *change,
                               rh_error *err) RH_MUST_CHECK;

/** Give database `to` what `from` has, on a connection of its own, whose settings may be changed at
 * will. What the role may not copy is listed in not_copied, not fatal: the old database's owner can
 * repeat it. */
rh_status rh_pg_copy_database_settings(const rh_pg_target *target, const char *from, const char *to,
                                       json_t *not_copied, rh_error *err) RH_MUST_CHECK;

#endif
