/*
 * The first minute of a repository: its folders and its config.
 */
#ifndef SNAPSHOT_REPO_CREATE_H
#define SNAPSHOT_REPO_CREATE_H

#include "core/key_file.h"
#include "repo.h"

/**
 * Make sure that dir is a repository. One that is there stays as it is, except that it takes the
 * keys of options->seal_to while nothing is stored: a first run that failed (a mistyped password)
 * must not decide over sealing. RH_EUSAGE: something else is in dir, or options->sealed_only and no
 * key is given.
 */
rh_status rh_repo_create(const char *dir, const rh_repo_options *options,
                         rh_error *err) RH_MUST_CHECK;

rh_status rh_repo_make_folders(const char *dir, rh_error *err) RH_MUST_CHECK;

/** A key that can write: of `keygen --seal`, either file. RH_EKEY for a mask key. */
rh_status rh_repo_read_writer_key(const char *path, rh_key *out, rh_error *err) RH_MUST_CHECK;

/** The refusal of raw rows in a repository that is not sealed. */
rh_status rh_repo_refuse_unsealed(rh_error *err);

#endif
