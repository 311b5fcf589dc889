#include "pg_json.h"

typedef struct dump_state {
    rh_buf *out;
    rh_error *err;
    rh_status status;
} dump_state;

static int put(const char *data, size_t len, void *ctx)
{
    dump_state *state = ctx;

    state->status = rh_buf_append(state->out, data, len, state->err);
    return state->status == RH_OK ? 0 : -1;
}

rh_status rh_pg_json_text(const json_t *value, rh_buf *out, rh_error *err)
{
    dump_state state = {out, err, RH_OK};

    if (json_dump_callback(value, put, &state, JSON_COMPACT | JSON_ENCODE_ANY) == 0)
        return RH_OK;
    return state.status != RH_OK ? state.status : rh_error_oom(err);
}
