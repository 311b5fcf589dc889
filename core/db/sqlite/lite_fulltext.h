/*
 * Full-text indexes (FTS3, FTS4, FTS5): which tables hold one, and making it again from its
 * content.
 */
#ifndef LITE_FULLTEXT_H
#define LITE_FULLTEXT_H

#include "lite_schema.h"

/**
 * Does the table hold what a full-text index was computed to (words of all texts), rather than the
 * texts themselves (_content) or settings (_config)?
 */
bool rh_lite_is_fulltext_index(const rh_lite_schema *schema, const rh_lite_object *table);

/** Does the table hold how a full-text index works, its format's version among it? */
bool rh_lite_is_fulltext_settings(const rh_lite_schema *schema, const rh_lite_object *table);

/**
 * Make the indexes that came without rows: from their content table, or empty where they have none
 * (contentless). Needs a RH_LITE_BUILD connection with the exact schema.
 */
rh_status rh_lite_fulltext_rebuild(sqlite3 *db, const rh_lite_schema *schema,
                                   rh_error *err) RH_MUST_CHECK;

#endif
