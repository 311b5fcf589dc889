#include "mask_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

const rh_mask_key mask_case_key = {{0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                    11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                    22, 23, 24, 25, 26, 27, 28, 29, 30, 31}};

static rh_status find_domain(void *ctx, const char *name, const char **out_kind,
                             const json_t **out_parameters, rh_error *err)
{
    (void)ctx;
    *out_parameters = NULL;
    if (strcmp(name, "address") == 0)
        *out_kind = "chain-address";
    else if (strcmp(name, "tx") == 0)
        *out_kind = "txid";
    else if (strcmp(name, "person") == 0)
        *out_kind = "text";
    else
        return rh_error_set(err, RH_ECONFIG, "no such domain");
    return RH_OK;
}

static void prepare(mask_case *c, const char *rule, const mask_column *column,
                    const rh_mask_key *key)
{
    static const rh_mask_domains domains = {find_domain, NULL};
    const rh_structure_column subject = {
        .name = "subject", .type = "integer", .base_type = "integer"};
    const json_t *mask;

    memset(c, 0, sizeof *c);
    assert_int_equal(rh_doc_parse("rules.yaml", rule, strlen(rule), &c->doc, &c->err), RH_OK);
    c->columns[0] = (rh_structure_column){
        .name = "c",
        .type = column->type == NULL ? "TEXT" : column->type,
        .base_type = column->type == NULL ? "TEXT" : column->type,
        .element_type = column->element,
        .labels = column->labels,
        .max_chars = column->max_chars == 0 ? -1 : column->max_chars,
        .precision = column->precision == 0 ? -1 : column->precision,
        .scale = column->scale,
        .padded = column->padded,
        .not_null = column->not_null,
    };
    c->columns[1] = subject;
    c->table = (rh_structure_table){.schema = "public",
                                    .name = "t",
                                    .full_name = "public.t",
                                    .columns = c->columns,
                                    .column_count = 2};
    mask = json_object_get(rh_doc_root(c->doc), "mask");

    const json_t *domain = json_object_get(rh_doc_root(c->doc), "domain");
    c->request = (rh_mask_request){
        .kind = json_string_value(mask),
        .parameters = rh_doc_root(c->doc),
        .doc = c->doc,
        .domain = domain == NULL ? "d" : json_string_value(domain),
        .key = key,
        .engine = column->type == NULL ? RH_ENGINE_SQLITE : RH_ENGINE_POSTGRESQL,
        .table = &c->table,
        .column = &c->columns[0],
        .domains = &domains,
    };

    c->scratch = rh_arena_new(0);
    assert_non_null(c->scratch);
}

void mask_case_prepare(mask_case *c, const char *rule, const mask_column *column)
{
    prepare(c, rule, column, &mask_case_key);
}

void mask_case_open_key(mask_case *c, const char *rule, const mask_column *column,
                        const rh_mask_key *key)
{
    prepare(c, rule, column, key);
    c->status = rh_mask_compile(&c->request, &c->mask, &c->err);
}

void mask_case_open(mask_case *c, const char *rule, const mask_column *column)
{
    mask_case_open_key(c, rule, column, &mask_case_key);
}

void mask_case_close(mask_case *c)
{
    rh_mask_free(c->mask);
    rh_doc_free(c->doc);
    rh_arena_free(c->scratch);
}

rh_field mask_case_field(mask_case *c, rh_field value)
{
    rh_field out = {.kind = RH_FIELD_UNREAD};

    if (c->status != RH_OK)
        fail_msg("not compiled: %s", c->err.text);
    if (rh_mask_apply(c->mask, &value, NULL, c->scratch, &out, &c->err) != RH_OK)
        fail_msg("not masked: %s", c->err.text);
    return out;
}

static rh_field text_field(const char *text)
{
    if (text == NULL)
        return (rh_field){.kind = RH_FIELD_NULL};
    return (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)text, .len = strlen(text)};
}

rh_status mask_case_status(mask_case *c, const char *text)
{
    const rh_field value = text_field(text);
    rh_field out;

    assert_int_equal(c->status, RH_OK);
    rh_error_clear(&c->err);
    return rh_mask_apply(c->mask, &value, NULL, c->scratch, &out, &c->err);
}

const char *mask_case_text(mask_case *c, const char *text)
{
    rh_field out = mask_case_field(c, text_field(text));
    char *copy;

    if (out.kind == RH_FIELD_NULL)
        return NULL;
    assert_int_equal(out.kind, RH_FIELD_TEXT);
    copy = rh_arena_strndup(c->scratch, out.len == 0 ? "" : (const char *)out.data, out.len);
    assert_non_null(copy);
    return copy;
}

void assert_masked(const char *rule, const char *type, const char *text, const char *image)
{
    mask_case c;
    const mask_column column = {.type = type};
    const char *got;

    mask_case_open(&c, rule, &column);
    got = mask_case_text(&c, text);
    if (got == NULL || strcmp(got, image) != 0)
        fail_msg("%s: %s became %s, not %s", rule, text, got == NULL ? "NULL" : got, image);
    mask_case_close(&c);
}

void assert_refused(const char *rule, const mask_column *column, const char *part)
{
    mask_case c;

    mask_case_open(&c, rule, column);
    if (c.status == RH_OK)
        fail_msg("%s was not refused", rule);
    if (strstr(c.err.text, part) == NULL)
        fail_msg("%s: '%s' does not say '%s'", rule, c.err.text, part);
    mask_case_close(&c);
}
