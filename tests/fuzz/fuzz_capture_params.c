/*
 * Messages, parameter lists and EXECUTE of a log: any text; what is read lies inside it.
 */
#include <assert.h>
#include <string.h>

#include "capture_message.h"
#include "capture_params.h"
#include "core/mem.h"
#include "fuzz.h"

static void inside(rh_log_text part, const char *text, size_t size)
{
    assert(part.len == 0 || (part.data >= text && part.data + part.len <= text + size));
    (void)part, (void)text, (void)size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long blocks = rh_mem_live_blocks();
    const char *text = (const char *)data;
    rh_log_text whole = {text, size};
    rh_log_text list;
    rh_log_text sql = {0};
    capture_message message;
    capture_params params = {0};
    rh_arena *arena = rh_arena_new(0);

    assert(arena != NULL);
    capture_message_read(whole, &message);
    inside(message.text, text, size);
    inside(message.name, text, size);
    inside(message.portal, text, size);
    inside(capture_word_after(whole, "user="), text, size);
    if (capture_params_find(whole, &list)) {
        inside(list, text, size);
        if (capture_params_read(list, arena, &params, NULL) == RH_OK)
            assert(params.count > 0);
    }
    if (capture_params_read(whole, arena, &params, NULL) == RH_OK)
        assert(params.count > 0);
    if (capture_params_execute(whole, whole, arena, &params, &sql, NULL) == RH_OK)
        inside(sql, text, size);
    rh_arena_free(arena);
    assert(rh_mem_live_blocks() == blocks);
    (void)blocks;
    return 0;
}
