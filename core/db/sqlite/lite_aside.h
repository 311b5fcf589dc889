/*
 * Files that are built beside the place they will be moved to.
 */
#ifndef LITE_ASIDE_H
#define LITE_ASIDE_H

#include <rehearse/error.h>

/**
 * Create "<dir>/.<name>.rehearse-<pid>-<random>" for the absolute path <dir>/<name>, empty, mode
 * 0600, made by us alone; what killed processes left for the same path is removed. *out: fresh
 * memory. RH_EIO, RH_ENOMEM.
 */
rh_status rh_lite_create_aside(const char *path, char **out, rh_error *err) RH_MUST_CHECK;

#endif
