/*
 * Classes of bytes in SQL text: one table look-up instead of chains of comparisons.
 */
#ifndef SQL_CHARS_H
#define SQL_CHARS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RH_SQL_CHAR_SPACE = 1,
    RH_SQL_CHAR_NAME_START = 2, /* letters, underscore, bytes >= 0x80 */
    RH_SQL_CHAR_NAME = 4,       /* also digits and $ */
    RH_SQL_CHAR_DIGIT = 8,
    RH_SQL_CHAR_OPERATOR = 16,
    RH_SQL_CHAR_SINGLE = 32, /* ( ) , ; */
};

extern const uint8_t rh_sql_char_class[256];

static inline unsigned rh_sql_class(char c)
{
    return rh_sql_char_class[(unsigned char)c];
}

static inline bool rh_sql_is(char c, unsigned classes)
{
    return (rh_sql_class(c) & classes) != 0;
}

#endif
