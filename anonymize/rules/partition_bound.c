/*
 * See partition_bound.h. A bound is "FOR VALUES IN ('a', NULL)" or "FOR VALUES FROM (1, MINVALUE)
 * TO ('5', MAXVALUE)": literals at places of the key, nothing else (pg_get_expr of relpartbound).
 */
#include "anonymize/partition_bound.h"

#include "anonymize/partition_key.h"
#include "core/sql_literal.h"
#include "core/str.h"

typedef struct bound_walk {
    const rh_bound_rules *rules;
    const rh_structure_table *parent;
    const rh_partition_key *key;
    const rh_bound_witness *witness; /* or NULL */
    rh_arena *scratch;
    rh_buf *out;
} bound_walk;

static const rh_decision *decision_at(const bound_walk *w, size_t place)
{
    if (w->key->method == RH_PARTITION_LIST)
        place = 0;
    if (place >= w->key->count)
        return NULL;
    return rh_bound_find(w->rules, w->parent->full_name,
                         w->parent->columns[w->key->columns[place]].name);
}

static const rh_mask *mask_at(const bound_walk *w, size_t place)
{
    const rh_decision *decision = decision_at(w, place);
    const rh_mask *mask;
    size_t others = 0;

    if (decision == NULL)
        return NULL;
    mask = rh_bound_mask_of(w->rules, decision);
    if (mask != NULL)
        (void)rh_mask_reads(mask, &others);
    return others > 0 || (mask != NULL && rh_mask_custom_of(mask) != NULL) ? NULL : mask;
}

/* 'text' or 12: what the value is. RH_SKIPPED for E'..' and what is no literal. */
static rh_status read_literal(const char *text, const rh_sql_token *token, rh_arena *scratch,
                              rh_field *out, rh_error *err)
{
    const char *literal = text + token->offset;
    rh_buf value = RH_BUF_INIT_WIPING;
    rh_status status = RH_SKIPPED;

    if ((token->kind == RH_SQL_TOKEN_STRING && *literal == '\'') ||
        token->kind == RH_SQL_TOKEN_NUMBER)
        status = rh_sql_literal_decode(RH_SQL_POSTGRES, literal, token->len, &value, err);
    if (status == RH_OK) {
        const char *copy = rh_arena_strndup(scratch, rh_buf_cstr(&value), value.len);

        *out = (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)copy, .len = value.len};
        status = copy == NULL ? rh_error_oom(err) : RH_OK;
    }
    rh_buf_wipe_done(&value);
    return status;
}

static rh_status mask_literal(const bound_walk *w, size_t place, const char *text,
                              const rh_sql_token *token, rh_error *err)
{
    rh_field value;
    rh_field image;
    rh_status status = read_literal(text, token, w->scratch, &value, err);

    if (status != RH_OK)
        return status;
    image = value;
    status = rh_mask_apply(mask_at(w, place), &value, NULL, w->scratch, &image, err);
    if (status == RH_OK && image.kind != RH_FIELD_TEXT)
        return RH_SKIPPED;
    if (status == RH_OK && w->witness != NULL)
        status = w->witness->see(w->witness->ctx, decision_at(w, place), &value, &image, err);
    return status == RH_OK ? rh_sql_literal_quote(RH_SQL_POSTGRES, (const char *)image.data,
                                                  image.len, w->out, err)
                           : status;
}

static bool is_no_value(const rh_sql_token *token, const char *text)
{
    return rh_sql_token_is(token, text, "null") || rh_sql_token_is(token, text, "minvalue") ||
           rh_sql_token_is(token, text, "maxvalue");
}

/* The bound with its literals replaced; RH_SKIPPED for a form that is not understood. */
static rh_status put_bound(const bound_walk *w, const char *text, rh_error *err)
{
    rh_sql_scan scan = rh_sql_scan_of(RH_SQL_POSTGRES, text);
    size_t copied = 0;
    size_t place = 0;
    bool inside = false;
    rh_status status = RH_OK;

    while (status == RH_OK) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return rh_buf_append_str(w->out, text + copied, err);
        if (token.kind == RH_SQL_TOKEN_OPEN) {
            inside = true;
            place = 0;
        } else if (token.kind == RH_SQL_TOKEN_CLOSE) {
            inside = false;
        } else if (token.kind == RH_SQL_TOKEN_COMMA) {
            place++;
        } else if (inside && mask_at(w, place) != NULL && !is_no_value(&token, text)) {
            status = rh_buf_append(w->out, text + copied, token.offset - copied, err);
            if (status == RH_OK)
                status = mask_literal(w, place, text, &token, err);
            copied = scan.at;
        }
    }
    return status;
}

/* Is a column of the key masked? */
static bool is_masked(const bound_walk *w)
{
    for (size_t i = 0; i < w->key->count; i++) {
        if (mask_at(w, i) != NULL)
            return true;
    }
    return false;
}

rh_status rh_partition_bound_image(const rh_bound_rules *rules, const rh_structure *structure,
                                   const rh_structure_table *partition,
                                   const rh_bound_witness *witness, rh_arena *scratch, rh_buf *out,
                                   rh_error *err)
{
    rh_partition_key key;
    bound_walk w = {rules, NULL, &key, witness, scratch, out};
    rh_status status;

    if (partition->partition_bound == NULL || partition->parent == NULL ||
        rh_str_ieq(partition->partition_bound, "DEFAULT"))
        return RH_SKIPPED;
    w.parent = rh_structure_find(structure, partition->parent);
    if (w.parent == NULL || !rh_partition_key_read(w.parent, &key) ||
        key.method == RH_PARTITION_HASH || !is_masked(&w))
        return RH_SKIPPED;
    status = put_bound(&w, partition->partition_bound, err);
    if (status == RH_SKIPPED)
        status = rh_error_set(err, RH_EUNSUPPORTED, "it is in a form that no mask reads");
    if (status != RH_OK)
        rh_error_where(err, "bound of partition '%s'", partition->full_name);
    return status;
}
