/*
 * Byte streams as filters: a writer hands its bytes to the next one, a reader asks the next one.
 *
 *   rh_writer *w = file -> seal? -> zstd -> hash        rh_reader *r = hash <- zstd <- file
 *
 * Ownership: a filter takes the stream below it (frees it with itself), also when the constructor
 * fails. rh_writer_finish() flushes everything down to the file; without it a file writer discards
 * what it wrote (its temporary file is removed), so a failed run never leaves half a file behind.
 */
#ifndef CORE_STREAM_H
#define CORE_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/cancel.h"
#include "core/hash.h"

typedef struct rh_writer rh_writer;
typedef struct rh_reader rh_reader;

/* ---- life cycle ---- */

/** Write all of data, or fail: RH_EIO, RH_ENOMEM, RH_ELIMIT. After a failure only free is allowed.
 */
rh_status rh_writer_put(rh_writer *writer, const void *data, size_t len,
                        rh_error *err) RH_MUST_CHECK;
rh_status rh_writer_put_str(rh_writer *writer, const char *text, rh_error *err) RH_MUST_CHECK;

/** Flush and complete every stream of the chain. Once only; then free. */
rh_status rh_writer_finish(rh_writer *writer, rh_error *err) RH_MUST_CHECK;
void rh_writer_free(rh_writer *writer);

/** Read 1..max bytes: RH_OK with *out_len > 0, RH_DONE at the end, or an error. */
rh_status rh_reader_get(rh_reader *reader, void *out, size_t max, size_t *out_len,
                        rh_error *err) RH_MUST_CHECK;

/** Read exactly len bytes; RH_EFORMAT "unexpected end" when there are fewer. */
rh_status rh_reader_get_exact(rh_reader *reader, void *out, size_t len,
                              rh_error *err) RH_MUST_CHECK;

/** Everything that is left, at most max bytes (RH_ELIMIT otherwise), appended to out. */
rh_status rh_reader_get_all(rh_reader *reader, size_t max, rh_buf *out,
                            rh_error *err) RH_MUST_CHECK;
void rh_reader_free(rh_reader *reader);

/* ---- ends ---- */

/**
 * Write path: bytes go to a temporary file beside it; finish fsyncs it, renames it into place and
 * fsyncs the directory. mode as for open(2), e.g. 0600.
 */
rh_status rh_writer_file(const char *path, unsigned mode, rh_writer **out,
                         rh_error *err) RH_MUST_CHECK;

/** Write to an open descriptor (stdout, a pipe); never closed, never fsynced. Handles EINTR. */
rh_status rh_writer_fd(int fd, const char *name, rh_writer **out, rh_error *err) RH_MUST_CHECK;

/** Append to a caller's buffer (borrowed; must outlive the writer). */
rh_status rh_writer_buf(rh_buf *buf, rh_writer **out, rh_error *err) RH_MUST_CHECK;

/** Count and drop. */
rh_status rh_writer_null(rh_writer **out, rh_error *err) RH_MUST_CHECK;

/** Calls put for each piece. ctx is borrowed. */
typedef rh_status (*rh_writer_callback)(void *ctx, const void *data, size_t len, rh_error *err);
rh_status rh_writer_call(rh_writer_callback put, void *ctx, rh_writer **out,
                         rh_error *err) RH_MUST_CHECK;

/** A regular file, no symbolic link. RH_ENOTFOUND, RH_EIO. */
rh_status rh_reader_file(const char *path, rh_reader **out, rh_error *err) RH_MUST_CHECK;

/**
 * What a user named as an input: a file, what a symbolic link leads to, a FIFO, /dev/fd/N of a
 * process substitution, a terminal; "-" is the standard input. Whether somebody writes into a pipe
 * is not known: reading waits, until cancel (borrowed, may be NULL) ends it with RH_ECANCELED.
 * RH_ENOTFOUND, RH_EIO (a folder, a disk).
 */
rh_status rh_reader_input(const char *path, const rh_cancel *cancel, rh_reader **out,
                          rh_error *err) RH_MUST_CHECK;

rh_status rh_reader_fd(int fd, const char *name, rh_reader **out, rh_error *err) RH_MUST_CHECK;

/** Read from memory (borrowed; must outlive the reader). */
rh_status rh_reader_mem(const void *data, size_t len, rh_reader **out, rh_error *err) RH_MUST_CHECK;

/* ---- filters; each takes the stream below ---- */

/** zstd frame(s), level 1..19. */
rh_status rh_writer_zstd(rh_writer *below, int level, rh_writer **out, rh_error *err) RH_MUST_CHECK;

/** Decompress any sequence of zstd frames; damaged bytes are RH_EFORMAT. */
rh_status rh_reader_zstd(rh_reader *below, rh_reader **out, rh_error *err) RH_MUST_CHECK;

/** Decompress any sequence of gzip members or bzip2 streams; damaged or cut bytes are RH_EFORMAT.
 */
rh_status rh_reader_gzip(rh_reader *below, rh_reader **out, rh_error *err) RH_MUST_CHECK;
rh_status rh_reader_bzip2(rh_reader *below, rh_reader **out, rh_error *err) RH_MUST_CHECK;

/**
 * Look at the first bytes and put the right reader in between: gzip, bzip2, zstd, or none.
 * out_name: receives "gzip", "bzip2", "zstd" or "plain" (static).
 */
rh_status rh_reader_decompress(rh_reader *below, const char **out_name, rh_reader **out,
                               rh_error *err) RH_MUST_CHECK;

/** Hash and count what passes. After finish, read the result with rh_writer_hash_result. */
rh_status rh_writer_hash(rh_writer *below, rh_hash_kind kind, rh_writer **out,
                         rh_error *err) RH_MUST_CHECK;
void rh_writer_hash_result(const rh_writer *hash_writer, uint8_t out[RH_HASH_MAX_BYTES],
                           uint64_t *out_bytes);
rh_status rh_reader_hash(rh_reader *below, rh_hash_kind kind, rh_reader **out,
                         rh_error *err) RH_MUST_CHECK;
void rh_reader_hash_result(const rh_reader *hash_reader, uint8_t out[RH_HASH_MAX_BYTES],
                           uint64_t *out_bytes);

#endif
