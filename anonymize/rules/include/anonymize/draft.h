/*
 * `rules init`: a commented rule file, drafted from the structure and a sample of rows.
 *
 * Safe by default: a column that neither name, type nor samples explain is left commented out, so
 * that `rules check` stops until somebody decides it. Values are counted, never kept or shown.
 */
#ifndef ANONYMIZE_DRAFT_H
#define ANONYMIZE_DRAFT_H

#include <stddef.h>

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/row_fields.h"
#include "core/structure.h"

typedef struct rh_draft rh_draft;

/** structure is borrowed until the draft is freed. RH_ENOMEM. */
rh_status rh_draft_new(const rh_structure *structure, rh_draft **out, rh_error *err) RH_MUST_CHECK;
void rh_draft_free(rh_draft *draft);

/**
 * Look at one row. table: index in the structure; fields: one per column of the structure's table,
 * generated ones included (RH_FIELD_UNREAD); count must be that number. RH_EUSAGE otherwise.
 */
rh_status rh_draft_sample(rh_draft *draft, size_t table, const rh_field *fields, size_t count,
                          rh_error *err) RH_MUST_CHECK;

/** Append the file's text. RH_ENOMEM, RH_ELIMIT (out's maximum). */
rh_status rh_draft_write(const rh_draft *draft, rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
