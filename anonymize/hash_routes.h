/*
 * Partitions by HASH whose key is masked: their rows move to other partitions, so they are loaded
 * through the partitioned table (core/routes.h), and figures of single partitions are no longer
 * production's.
 */
#ifndef ANONYMIZE_HASH_ROUTES_H
#define ANONYMIZE_HASH_ROUTES_H

#include "filter.h"

/** The partitioned table above a partition whose rows move; NULL: they stay. */
const rh_structure_table *hash_route_of(const rh_anonymizer *anonymizer,
                                        const rh_structure_table *partition);

/** Does any partition have one? */
bool hash_moves_rows(const rh_anonymizer *anonymizer);

/** As hash_route_of; name may also be that of an index of the partition. */
bool hash_moves_rows_of(const rh_anonymizer *anonymizer, const char *schema, const char *name);

/** Write the routes of all partitions into the source's facts. RH_ENOMEM. */
rh_status hash_routes_facts(const rh_anonymizer *anonymizer, json_t *facts,
                            rh_error *err) RH_MUST_CHECK;

#endif
