/*
 * The section "structure" (docs/format.md §11) of an SQLite file. Nothing of what the schema says
 * is run or compiled for it: views and virtual tables are told by their text alone.
 */
#ifndef LITE_STRUCTURE_H
#define LITE_STRUCTURE_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>

#include <rehearse/error.h>

#include "core/arena.h"
#include "core/buf.h"
#include "lite_schema.h"
#include "lite_table.h"

/** One ordinary table while it is described. */
typedef struct rh_lite_described {
    sqlite3 *db;
    const rh_lite_schema *schema;
    const rh_lite_object *object;
    rh_lite_table table;
    rh_arena *arena; /* for this table */
} rh_lite_described;

/** The whole document, appended to out. */
rh_status rh_lite_structure(sqlite3 *db, const rh_lite_schema *schema, rh_buf *out,
                            rh_error *err) RH_MUST_CHECK;

/* lite_structure_keys.c: members "indexes", "checks" and "foreign_keys" of a table's object */

rh_status rh_lite_put_indexes(const rh_lite_described *d, json_t *out, rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_put_checks(const rh_lite_described *d, json_t *out, rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_put_foreign_keys(const rh_lite_described *d, json_t *out,
                                   rh_error *err) RH_MUST_CHECK;

/** Set a text; bytes that are no UTF-8 become '?'. NULL: leaves the member out. */
rh_status rh_lite_put_text(json_t *object, const char *key, const char *text,
                           rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_put_part(json_t *object, const char *key, const char *text, size_t len,
                           rh_error *err) RH_MUST_CHECK;

/** Set true; false leaves the member out. */
rh_status rh_lite_put_true(json_t *object, const char *key, bool value,
                           rh_error *err) RH_MUST_CHECK;

#endif
