/*
 * The parts of the anonymizer: what the filter's functions share.
 */
#ifndef ANONYMIZE_FILTER_H
#define ANONYMIZE_FILTER_H

#include <rehearse/anonymize.h>

#include "anonymize/rules.h"
#include "anonymize/seen.h"
#include "core/row_fields.h"
#include "core/row_filter.h"

/** One masked column of a copied table. */
typedef struct rh_masked_column {
    size_t column; /* position in the table */
    const rh_mask *mask;
    rh_seen_kind seen_as;
    bool may_pass;                /* see rh_mask_may_pass */
    const rh_mask_custom *custom; /* its values are masked elsewhere, or NULL */
    size_t extra;                 /* custom with sql: position of the answer among the fields */
} rh_masked_column;

typedef struct rh_late_failure rh_late_failure;

/** What happens to the rows of one catalog table. */
typedef struct rh_masked_table {
    const rh_table *table;
    rh_masked_column *columns;
    size_t count;
    bool *read; /* by column: decode it (masked, or read by a mask of another column) */
    rh_extra_column *extras; /* for the source to compute */
    size_t extra_count;
    size_t command_count; /* columns that a command masks */
    bool reads_others;    /* some mask looks at another column: it must see the raw one */
    bool sequences;       /* sqlite_sequence: rows of tables whose rowid is masked are left out */
    bool samples;         /* sqlite_stat4: keys of indexes, which follow through masks of order */
    bool drop_rows;       /* what a full-text index was computed to */
} rh_masked_table;

struct rh_anonymizer {
    rh_rules *rules;
    rh_mask_key key;
    char key_fingerprint[17];
    rh_problems *problems;
    rh_rows_format format;
    rh_structure *structure;
    rh_bound_rules *bound;
    json_t *proof;
    bool moves_rows;         /* of some partition by HASH (hash_routes.h) */
    char *seen_file;         /* where the side file for the leak scan goes, or NULL */
    rh_seen *seen;           /* NULL: raw values are not remembered */
    rh_masked_table *tables; /* one per catalog table */
    size_t table_count;
    rh_late_failure *late;
    rh_row_filter filter;
};

/** Decide, compile and prove against the text of the section "structure". RH_ECONFIG when the rules
 * do not fit: the anonymizer's problems say why. Once per anonymizer. */
rh_status rh_anonymizer_bind(rh_anonymizer *anonymizer, rh_rows_format format,
                             const char *structure, size_t len, rh_error *err) RH_MUST_CHECK;

/** Of the source; known once the anonymizer is bound. */
rh_engine_kind rh_anonymizer_engine(const rh_anonymizer *anonymizer);

/** Mask of a column; table is its full name. NULL: kept as it is, or unknown (*out_known is false).
 */
const rh_mask *rh_anonymizer_mask(const rh_anonymizer *anonymizer, const char *table,
                                  const char *column, bool *out_known);

/** Remember one masked value for the leak scan. Any thread. */
rh_status rh_anonymizer_remember(const rh_anonymizer *anonymizer, const rh_masked_column *column,
                                 const rh_field *raw, const rh_field *masked,
                                 rh_error *err) RH_MUST_CHECK;

/** Values of keep-lists may stand anywhere. */
rh_status rh_anonymizer_remember_kept(const rh_anonymizer *anonymizer, const rh_mask *mask,
                                      rh_error *err) RH_MUST_CHECK;

/** What the leak scan takes a column's values for. */
rh_seen_kind rh_anonymizer_seen_kind(const rh_structure_column *column);

/* ---- rows (filter_rows.c); as rh_row_filter's table_open, apply, table_close ---- */

rh_status rh_mask_rows_open(void *ctx, const rh_table *table, void **out_state,
                            rh_error *err) RH_MUST_CHECK;
rh_status rh_mask_rows(void *state, const rh_batch *in, rh_batch *out, rh_error *err) RH_MUST_CHECK;
void rh_mask_rows_close(void *state);

/* ---- sections (section_*.c) ---- */

/** The source's facts: sequences of masked columns lose their state and follow the values; rows
 * that move to other partitions get a route. */
rh_status rh_mask_facts(const rh_anonymizer *anonymizer, json_t *facts,
                        rh_error *err) RH_MUST_CHECK;

/** Planner statistics: values go through the masks, what cannot is left out. */
rh_status rh_mask_statistics(const rh_anonymizer *anonymizer, const rh_buf *in, rh_buf *out,
                             rh_error *err) RH_MUST_CHECK;

/** Schema text: comments are left out, the rest passes; what may hold values is noted. */
rh_status rh_mask_schema(const rh_anonymizer *anonymizer, const char *name, const rh_buf *in,
                         rh_buf *out, rh_error *err) RH_MUST_CHECK;

/* ---- the end of a run (filter_report.c) ---- */

/** Values that the declared fallback decided over, by column, become notes: no run fails for them,
 * but somebody should look. */
rh_status rh_mask_note_invalid(const rh_anonymizer *anonymizer, rh_error *err) RH_MUST_CHECK;

/** What the manifest tells of the masks (docs/format.md). */
rh_status rh_mask_report(const rh_anonymizer *anonymizer, json_t **out,
                         rh_error *err) RH_MUST_CHECK;

#endif
