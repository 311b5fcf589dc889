/*
 * What was skipped, by reason and source. Reasons are static texts of ours, so there are few.
 */
#include <string.h>

#include "capture_internal.h"

static capture_skip *find(rh_capture *c, const char *reason, uint64_t source)
{
    for (size_t i = c->skip_count; i > 0; i--) {
        capture_skip *s = &c->skips[i - 1];

        if (s->source == source && (s->reason == reason || strcmp(s->reason, reason) == 0))
            return s;
    }
    return NULL;
}

void capture_skip_add(rh_capture *c, const char *reason, uint64_t source, uint64_t line)
{
    capture_skip *s = find(c, reason, source);

    if (s == NULL && c->skip_count == CAPTURE_MAX_REASONS) {
        /* Hundreds of inputs: those behind share one entry per reason, without a source. */
        source = 0;
        line = 0;
        s = find(c, reason, 0);
        if (s == NULL)
            s = &c->skips[CAPTURE_MAX_REASONS - 1];
    }
    if (s == NULL) {
        s = &c->skips[c->skip_count++];
        *s = (capture_skip){.reason = reason, .source = source, .line = line};
    }
    s->count++;
}

uint64_t capture_skip_total(const rh_capture *c, uint64_t source)
{
    uint64_t total = 0;

    for (size_t i = 0; i < c->skip_count; i++) {
        if (source == 0 || c->skips[i].source == source)
            total += c->skips[i].count;
    }
    return total;
}
