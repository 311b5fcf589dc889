/*
 * One reader for YAML and JSON configuration: libyaml events become jansson values, and every
 * value and key remembers its line and column, so that each complaint can name file:line:col.
 *
 * Machine-written JSON (manifests, lock files) is read with rh_doc_parse_json, which is strict JSON
 * (jansson's own reader) and keeps no positions.
 */
#ifndef CORE_DOC_H
#define CORE_DOC_H

#include <jansson.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "core/buf.h"

typedef struct rh_doc rh_doc;

/** Where something stands in its file; both count from 1, 0 when unknown. */
typedef struct rh_doc_pos {
    size_t line;
    size_t column;
} rh_doc_pos;

/**
 * Read a YAML or JSON text. name is used in errors only (a file name). One document, no anchors
 * cycles, no duplicate keys, nesting <= 64, text <= 16 MiB. Scalars: unquoted true/false, null/~,
 * decimal integers and floats get their JSON type, all else is a string (no "Norway" booleans).
 *
 * Returns RH_OK, RH_ECONFIG ("name:line:col: ...") or RH_ENOMEM. Free with rh_doc_free.
 */
rh_status rh_doc_parse(const char *name, const char *text, size_t len, rh_doc **out,
                       rh_error *err) RH_MUST_CHECK;

/** Read a file; RH_EIO or RH_ENOTFOUND when it cannot be read. */
rh_status rh_doc_read(const char *path, rh_doc **out, rh_error *err) RH_MUST_CHECK;
void rh_doc_free(rh_doc *doc);

/** The root value, borrowed. */
json_t *rh_doc_root(const rh_doc *doc);
const char *rh_doc_name(const rh_doc *doc);

/** Position of object[key]'s key / value, or of array[index]. {0,0} when not known. */
rh_doc_pos rh_doc_key_pos(const rh_doc *doc, const json_t *object, const char *key);
rh_doc_pos rh_doc_value_pos(const rh_doc *doc, const json_t *object, const char *key);
rh_doc_pos rh_doc_item_pos(const rh_doc *doc, const json_t *array, size_t index);

/** RH_ECONFIG with "name:line:col: <text>". */
rh_status rh_doc_error(const rh_doc *doc, rh_doc_pos pos, rh_error *err, const char *format, ...)
    RH_PRINTF(4, 5);

/**
 * Every key of object must be one of known (NULL-terminated list); the first that is not is an
 * RH_ECONFIG naming it, with the nearest known key as the hint. where: e.g. "in 'domains'".
 */
rh_status rh_doc_check_keys(const rh_doc *doc, const json_t *object, const char *const *known,
                            const char *where, rh_error *err) RH_MUST_CHECK;

/** Strict JSON; duplicate keys refused; integers stay 64 bit. RH_EFORMAT "name:line:col: ...". */
rh_status rh_doc_parse_json(const char *name, const char *text, size_t len, json_t **out,
                            rh_error *err) RH_MUST_CHECK;

/**
 * Append a JSON value as text. flags: jansson's JSON_COMPACT, JSON_SORT_KEYS ... jansson's own
 * printing goes on without a key when memory is out; this does not: RH_ENOMEM, RH_ELIMIT.
 */
rh_status rh_doc_print_json(const json_t *json, size_t flags, rh_buf *out,
                            rh_error *err) RH_MUST_CHECK;

/** The same as a C string: *out is fresh memory, free with rh_mem_free. */
rh_status rh_doc_json_text(const json_t *json, size_t flags, char **out,
                           rh_error *err) RH_MUST_CHECK;

#endif
