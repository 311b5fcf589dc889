/*
 * Pieces of JSON that the report and the comparison share.
 */
#ifndef REPLAY_REPORT_H
#define REPLAY_REPORT_H

#include "core/str.h"
#include "replay_internal.h"

/** {"file", "line", "execution"}; NULL when memory is out. */
json_t *rp_place_json(const rp_place *place);

#endif
