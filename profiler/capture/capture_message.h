/*
 * What a message of PostgreSQL's log says.
 */
#ifndef CAPTURE_MESSAGE_H
#define CAPTURE_MESSAGE_H

#include "profiler/log_event.h"

typedef enum capture_kind {
    CAPTURE_OTHER,     /* nothing that a workload needs */
    CAPTURE_STATEMENT, /* statement: TEXT */
    CAPTURE_PARSE,     /* parse NAME: TEXT */
    CAPTURE_BIND,      /* bind NAME[/PORTAL]: TEXT */
    CAPTURE_EXECUTE,   /* execute NAME[/PORTAL]: TEXT */
    CAPTURE_FETCH,     /* execute fetch from NAME[/PORTAL]: TEXT */
    CAPTURE_DURATION,  /* duration: X ms, alone */
    CAPTURE_PLAN,      /* duration: X ms  plan: ... */
    CAPTURE_FASTPATH,  /* fastpath function call: ... */
    CAPTURE_CONNECTION_RECEIVED,
    CAPTURE_CONNECTION_AUTHORIZED,
    CAPTURE_DISCONNECTION,
} capture_kind;

typedef struct capture_message {
    capture_kind kind;
    int64_t duration_us; /* -1: not said */
    rh_log_text name;    /* of a prepared statement; "" for <unnamed> */
    rh_log_text portal;
    rh_log_text text; /* the statement, the plan, or what follows "connection authorized:" */
} capture_message;

/** Read the message of a LOG line. */
void capture_message_read(rh_log_text text, capture_message *out);

/** The word behind key ("user=") in text; "" when there is none. */
rh_log_text capture_word_after(rh_log_text text, const char *key);

#endif
