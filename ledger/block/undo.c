#include "ledger/undo.h"

#include "ledger/compact_size.h"

rh_status rh_undo_next(rh_undo *undo, rh_block_output *out, rh_error *err)
{
    rh_cursor c = {undo->data, undo->len, undo->at};
    uint64_t script_len = 0;
    rh_fault fault;

    if (undo->at == undo->len)
        return RH_DONE;
    fault = rh_cursor_skip(&c, 8);
    if (fault == NULL && rh_get_u64(c.data + c.at - 8) > INT64_MAX)
        fault = "a value is negative";
    if (fault == NULL)
        fault = rh_cursor_compact(&c, &script_len);
    if (fault == NULL)
        fault = rh_cursor_skip(&c, script_len);
    if (fault != NULL)
        return rh_error_set(err, RH_EFORMAT, "byte %zu of the spent outputs: %s", c.at, fault);
    out->value = (int64_t)rh_get_u64(undo->data + undo->at);
    out->script_len = (size_t)script_len;
    out->script = undo->data + c.at - script_len;
    undo->at = c.at;
    return RH_OK;
}
