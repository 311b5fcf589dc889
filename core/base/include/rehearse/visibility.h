/*
 * Attributes behind macros, so that the sources stay C11 on any compiler.
 */
#ifndef REHEARSE_VISIBILITY_H
#define REHEARSE_VISIBILITY_H

#if defined(__GNUC__) || defined(__clang__)
#define RH_API        __attribute__((visibility("default")))
#define RH_MUST_CHECK __attribute__((warn_unused_result))
#define RH_PRINTF(format_index, first_argument)                                                    \
    __attribute__((format(printf, format_index, first_argument)))
#else
#define RH_API
#define RH_MUST_CHECK
#define RH_PRINTF(format_index, first_argument)
#endif

#endif
