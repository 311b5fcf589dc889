/*
 * Dates and times as PostgreSQL (ISO) and SQLite write them, to microseconds since 1970 and back in
 * the same form.
 */
#ifndef RH_TIME_TEXT_H
#define RH_TIME_TEXT_H

#include "anonymize/time_map.h"
#include "mask_node.h"

enum { TIME_TEXT_BYTES = 64 };

typedef struct time_text {
    int64_t us;    /* since 1970-01-01 UTC; of dates: midnight */
    bool date;     /* without a time of day */
    bool infinite; /* "infinity", "-infinity": nothing else is set */
    bool minutes;  /* written without seconds */
    bool bc;
    char separator; /* ' ' or 'T' */
    int fraction;   /* digits behind the seconds */
    char zone;      /* 0 none, 'Z', or the sign */
    int zone_seconds;
    int zone_form; /* +HH 1, +HH:MM 2, +HH:MM:SS 3, +HHMM 4 */
    int year_digits;
} time_text;

/** False for anything else, and for dates that do not exist. */
bool time_text_parse(const char *text, size_t len, time_text *out);
/** Write at->us in the form that was read. trim: as PostgreSQL, no zeros at the end of fractions.
 * Returns the length; 0 when the year is out of PostgreSQL's range. */
size_t time_text_put(const time_text *at, bool trim, char out[TIME_TEXT_BYTES]);

/** Parameters of the monotone map of time. */
typedef struct time_options {
    rh_time_map_options map;
} time_options;

/** Reads anchor, stretch-ppm, shift-weeks. */
rh_status time_options_read(const mask_compiler *c, const mask_node *node, time_options *out,
                            rh_error *err);
rh_status time_options_open(const time_options *options, const rh_mask_key *key, const char *domain,
                            rh_time_map **out, rh_error *err);

#endif
