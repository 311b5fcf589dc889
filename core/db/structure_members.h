/*
 * Members of the JSON objects of section "structure", checked and copied into an arena. A missing
 * or null member leaves *out as it is, unless said otherwise. RH_EFORMAT names the member and the
 * table; RH_ENOMEM.
 */
#ifndef STRUCTURE_MEMBERS_H
#define STRUCTURE_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <rehearse/error.h>

#include "core/arena.h"

/* What is being read, and the words for complaints about it. */
typedef struct rh_structure_reader {
    rh_arena *arena;
    rh_error *err;
    const char *table; /* full name, NULL while not known */
    size_t column_count;
} rh_structure_reader;

/** RH_EFORMAT: "'key' of table 'x' problem". */
rh_status rh_structure_damaged(const rh_structure_reader *r, const char *key, const char *problem);

rh_status rh_structure_take_text(const rh_structure_reader *r, const json_t *object,
                                 const char *key, const char **out) RH_MUST_CHECK;
/** A text that must be there and not be empty. */
rh_status rh_structure_take_name(const rh_structure_reader *r, const json_t *object,
                                 const char *key, const char **out) RH_MUST_CHECK;
rh_status rh_structure_take_bool(const rh_structure_reader *r, const json_t *object,
                                 const char *key, bool *out) RH_MUST_CHECK;
rh_status rh_structure_take_int(const rh_structure_reader *r, const json_t *object, const char *key,
                                int64_t min, int64_t max, int64_t *out) RH_MUST_CHECK;
/** Positions of columns of the table that is being read, from 0. */
rh_status rh_structure_take_positions(const rh_structure_reader *r, const json_t *object,
                                      const char *key, const size_t **out,
                                      size_t *out_count) RH_MUST_CHECK;
/** NULL-terminated; *out stays when the list is empty, too. */
rh_status rh_structure_take_texts(const rh_structure_reader *r, const json_t *object,
                                  const char *key, const char *const **out,
                                  size_t *out_count) RH_MUST_CHECK;

/** An array of zeroed structs of `size` bytes for the objects of a list. *out_list NULL: missing or
 * empty. */
rh_status rh_structure_begin_list(const rh_structure_reader *r, const json_t *object,
                                  const char *key, size_t size, const json_t **out_list,
                                  void **out) RH_MUST_CHECK;

#endif
