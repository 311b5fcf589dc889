/*
 * One SQL text at a time through the masks: see <rehearse/mask_workload.h>.
 */
#include <string.h>

#include <rehearse/mask_workload.h>

#include "core/mem.h"
#include "workload.h"

enum { TEXT_BYTES = 64 << 20 };

struct rh_sql_masker {
    workload_masker masker;
    rh_buf text;
};

rh_status rh_sql_masker_new(rh_anonymizer *anonymizer, bool postgresql, const char *structure,
                            size_t len, rh_sql_masker **out, rh_error *err)
{
    rh_engine_kind engine = postgresql ? RH_ENGINE_POSTGRESQL : RH_ENGINE_SQLITE;
    rh_sql_masker *masker = rh_mem_zalloc(sizeof *masker);
    rh_status status;

    if (masker == NULL)
        return rh_error_oom(err);
    rh_buf_init_wiping(&masker->text, TEXT_BYTES);
    status = workload_masker_init(&masker->masker, anonymizer, engine, structure, len, err);
    if (status == RH_OK) {
        *out = masker;
        masker = NULL;
    }
    rh_sql_masker_free(masker);
    return status;
}

void rh_sql_masker_free(rh_sql_masker *masker)
{
    if (masker == NULL)
        return;
    workload_masker_done(&masker->masker);
    rh_buf_wipe_done(&masker->text);
    rh_mem_free(masker);
}

rh_status rh_sql_masker_text(rh_sql_masker *masker, const char *sql, const char **out,
                             const char **out_why, rh_error *err)
{
    rh_sql_values *values = NULL;
    const char *why = NULL;
    rh_status status;

    rh_arena_reset(masker->masker.literals.scratch);
    rh_buf_clear(&masker->text);
    status =
        workload_mask_text(&masker->masker, sql, strlen(sql), &masker->text, &values, &why, err);
    rh_sql_values_free(values);
    if (status == RH_SKIPPED)
        *out_why = why == NULL ? "not understood" : why;
    if (status == RH_OK)
        *out = rh_buf_cstr(&masker->text);
    return status;
}
