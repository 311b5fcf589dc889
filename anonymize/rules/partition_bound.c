/*
 * See partition_bound.h. A bound is "FOR VALUES IN ('a', NULL)" or "FOR VALUES FROM (1, MINVALUE)
 * TO
 * ('5', MAXVALUE)": literals at places of the key, nothing else (pg_get_expr of relpartbound).
 */
#include "anonymize/partition_bound.h"

#include "anonymize/partition_key.h"
#include "anonymize/sql_token.h"
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
static rh_status read_literal(const sql_token *token, rh_arena *scratch, rh_field *out,
                              rh_error *err)
{
    bool quoted = token->kind == SQL_TEXT;
    size_t end = token->len - (quoted ? 1 : 0);
    size_t len = 0;
    char *value;

    if ((!quoted && token->kind != SQL_NUMBER) || (quoted && token->at[0] != '\''))
        return RH_SKIPPED;
    value = rh_arena_alloc(scratch, token->len + 1);
    if (value == NULL)
        return rh_error_oom(err);
    for (size_t i = quoted ? 1 : 0; i < end; i++) {
        value[len++] = token->at[i];
        if (quoted && token->at[i] == '\'')
            i++;
    }
    *out = (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)value, .len = len};
    return RH_OK;
}

static rh_status put_literal(const rh_field *value, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_append_byte(out, '\'', err);

    for (size_t i = 0; status == RH_OK && i < value->len; i++) {
        if (value->data[i] == '\'')
            status = rh_buf_append_byte(out, '\'', err);
        if (status == RH_OK)
            status = rh_buf_append_byte(out, value->data[i], err);
    }
    return status == RH_OK ? rh_buf_append_byte(out, '\'', err) : status;
}

static rh_status mask_literal(const bound_walk *w, const rh_mask *mask, size_t place,
                              const sql_token *token, rh_error *err)
{
    rh_field value;
    rh_field image;
    rh_status status = read_literal(token, w->scratch, &value, err);

    if (status != RH_OK)
        return status;
    image = value;
    status = rh_mask_apply(mask, &value, NULL, w->scratch, &image, err);
    if (status == RH_OK && image.kind != RH_FIELD_TEXT)
        return RH_SKIPPED;
    if (status == RH_OK && w->witness != NULL)
        status = w->witness->see(w->witness->ctx, decision_at(w, place), &value, &image, err);
    return status == RH_OK ? put_literal(&image, w->out, err) : status;
}

static bool is_no_value(const sql_token *token)
{
    return sql_is(token, "null") || sql_is(token, "minvalue") || sql_is(token, "maxvalue");
}

/* The bound with its literals replaced; RH_SKIPPED for a form that is not understood. */
static rh_status put_bound(const bound_walk *w, const char *text, rh_error *err)
{
    const char *at = text;
    const char *copied = text;
    size_t place = 0;
    bool inside = false;
    rh_status status = RH_OK;

    for (sql_token token = sql_next(&at); status == RH_OK && token.kind != SQL_END;
         token = sql_next(&at)) {
        const rh_mask *mask = inside ? mask_at(w, place) : NULL;

        if (sql_is(&token, "(")) {
            inside = true;
            place = 0;
        } else if (sql_is(&token, ")")) {
            inside = false;
        } else if (sql_is(&token, ",")) {
            place++;
        } else if (mask != NULL && !is_no_value(&token)) {
            status = rh_buf_append(w->out, copied, (size_t)(token.at - copied), err);
            if (status == RH_OK)
                status = mask_literal(w, mask, place, &token, err);
            copied = at;
        }
    }
    return status == RH_OK ? rh_buf_append_str(w->out, copied, err) : status;
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
