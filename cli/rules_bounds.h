/*
 * What `rules check` says of partitions whose bounds go through masks.
 */
#ifndef CLI_RULES_BOUNDS_H
#define CLI_RULES_BOUNDS_H

#include "anonymize/rules.h"
#include "context.h"

/**
 * Make the image of every bound, as a copy will, and print per partitioned table which partitions
 * have one and by which masks. show: print bounds and images, too; they are raw values. A bound
 * without an image becomes a fatal problem of the context. rules: compiled and proved to fit.
 */
rh_status cli_rules_print_bounds(cli_context *context, const rh_bound_rules *rules,
                                 const rh_structure *structure, bool show,
                                 rh_error *err) RH_MUST_CHECK;

#endif
