/*
 * Large objects as rows of COPY text: oid, offset, bytes as hex. Pieces that hold only zeros are
 * left out unless they end the object, so that a sparse object stays small; an empty object is one
 * row with an empty piece.
 */
#ifndef PG_LARGE_OBJECTS_H
#define PG_LARGE_OBJECTS_H

#include "core/engine.h"
#include "pg_connection.h"

enum { RH_PG_LO_PIECE_BYTES = 256 * 1024 };

/** Put one piece as a row's bytes (with its newline) behind out. */
rh_status rh_pg_lo_append_row(rh_buf *out, uint32_t oid, int64_t offset, const uint8_t *data,
                              size_t len, rh_error *err) RH_MUST_CHECK;

/** All large objects that the session's snapshot shows, by oid. */
rh_status rh_pg_lo_read(rh_pg *pg, const rh_source_options *options, const rh_row_sink *sink,
                        rh_error *err) RH_MUST_CHECK;

/** Write rows; objects that pre-data did not make are made. */
rh_status rh_pg_lo_write(rh_pg *pg, const rh_row_reader *rows, int64_t *out_rows,
                         rh_error *err) RH_MUST_CHECK;

#endif
