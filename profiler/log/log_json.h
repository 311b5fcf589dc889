/*
 * JSON objects of one line, read in place: strings are unescaped where they stand, nothing is
 * allocated. jansson builds trees and copies every string; a log of a gigabyte is one million of
 * small objects of which a handful of members matters.
 */
#ifndef LOG_JSON_H
#define LOG_JSON_H

#include "profiler/log_event.h"

typedef enum log_json_kind {
    LOG_JSON_STRING, /* text: unescaped */
    LOG_JSON_NUMBER, /* text: as written, as for the following */
    LOG_JSON_WORD,   /* true, false, null */
    LOG_JSON_OBJECT,
    LOG_JSON_ARRAY,
} log_json_kind;

typedef struct log_json_value {
    log_json_kind kind;
    char *data; /* writable: an object or array may be opened */
    size_t len;
} log_json_value;

/** Inside an object or array. */
typedef struct log_json {
    char *data;
    size_t len;
    size_t at;
    bool array;
    bool first;
    bool broken; /* no JSON after all */
} log_json;

/** True when text is one whole object, judged by quotes and braces alone; blanks around allowed. */
bool log_json_whole(const char *text, size_t len);

/** Open an object or array. False when data is none. */
bool log_json_open(log_json *json, char *data, size_t len);

/** The next member (or element: key stays empty). False at the end or when it is broken. Changes
 * the bytes in place, so that an object can be walked once. */
bool log_json_next(log_json *json, rh_log_text *out_key, log_json_value *out);

#endif
