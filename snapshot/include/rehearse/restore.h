/*
 * Build a staging database from a snapshot.
 */
#ifndef REHEARSE_RESTORE_H
#define REHEARSE_RESTORE_H

#include <rehearse/repository.h>

struct rh_problems;
struct rh_target_options;

/**
 * Restore a snapshot into target. Everything the snapshot references is checked (level
 * RH_VERIFY_PACKS) before the target is touched; content is proved while it is loaded; the result
 * is moved into place only when every table has the rows and the row hash of the manifest.
 *
 * options: see core/engine.h; snapshot_id inside it is set by this call. problems receives the
 * check's findings and notes, not NULL. *out (new reference): {"snapshot","target","tables","rows",
 * "bytes","elapsed_us","swap":{...}}.
 *
 * RH_EFORMAT: the repository is damaged, table and chunk are named; the target was not touched.
 * RH_EEXISTS: target exists and swap was not asked for. Any failure leaves the target as it was.
 */
RH_API rh_status rh_restore_run(rh_repo *repo, const char *snapshot_id, const char *target,
                                const struct rh_target_options *options,
                                struct rh_problems *problems, struct json_t **out,
                                rh_error *err) RH_MUST_CHECK;

/**
 * The same without the last step: everything is built, proved and dropped again (verify --level
 * restore). target names the server or directory and a name that does not exist there.
 */
RH_API rh_status rh_restore_trial(rh_repo *repo, const char *snapshot_id, const char *target,
                                  const struct rh_target_options *options,
                                  struct rh_problems *problems, struct json_t **out,
                                  rh_error *err) RH_MUST_CHECK;

#endif
