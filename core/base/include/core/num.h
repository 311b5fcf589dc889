/*
 * Numbers, sizes and durations from text, strictly: the whole text must be the number.
 * The only file that may use the strtol family is num.c.
 */
#ifndef CORE_NUM_H
#define CORE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

/** Decimal integer, optional sign, in [min, max]. RH_EUSAGE names `what` and the text otherwise. */
rh_status rh_num_int64(const char *text, const char *what, int64_t min, int64_t max, int64_t *out,
                       rh_error *err) RH_MUST_CHECK;

/** Size in bytes: "123", "64KiB", "1.5MiB", "2GB", "10M" (K, M, G, T alone are powers of 1024). */
rh_status rh_num_bytes(const char *text, const char *what, uint64_t *out,
                       rh_error *err) RH_MUST_CHECK;

/** Duration in microseconds: "500ms", "30s", "10min", "2h", "7d"; a bare number is seconds. */
rh_status rh_num_duration_us(const char *text, const char *what, int64_t *out,
                             rh_error *err) RH_MUST_CHECK;

/** As rh_num_int64 for text of len bytes without a NUL; false instead of an error. */
bool rh_num_scan_int64(const char *text, size_t len, int64_t *out);

/** A JSON number as a double, of at most 63 bytes without a NUL; false when it is none or infinite.
 */
bool rh_num_scan_real(const char *text, size_t len, double *out);

/** "1.3 GiB", "812 B": at most 12 bytes with the NUL. Returns out. */
const char *rh_num_format_bytes(uint64_t bytes, char out[16]);

/** "1,234,567" into out (32 bytes). Returns out. */
const char *rh_num_format_count(int64_t count, char out[32]);

#endif
