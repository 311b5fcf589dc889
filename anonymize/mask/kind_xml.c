/*
 * xml: text nodes, CDATA and attribute values. A scanner, not a parser: what it cannot follow does
 * not have the form.
 */
#include <stdio.h>
#include <string.h>

#include "field_text.h"
#include "inner.h"
#include "kinds.h"

typedef struct xml_data {
    mask_node *text;
    mask_node *attributes;
    bool keep_comments;
} xml_data;

static rh_status compile_xml(mask_compiler *c, mask_node *node, rh_error *err)
{
    static const char *const comments[] = {"drop", "keep", NULL};
    const mask_place inside = mask_place_inside(&node->place);
    xml_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    size_t choice = 0;
    rh_status status;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    node->passes = true;
    status = param_choice(c, node, "comments", comments, &choice, err);
    if (status == RH_OK)
        status = inner_read(c, node, "text", "text", &inside, &data->text, err);
    if (status == RH_OK)
        status = inner_read(c, node, "attributes", "text", &inside, &data->attributes, err);
    data->keep_comments = choice == 1;
    if (!data->keep_comments)
        node->keeps &= ~(unsigned)(RH_KEEPS_UNIQUE | RH_KEEPS_WIDTH);
    return status;
}

typedef struct scanner {
    const xml_data *data;
    mask_call *call;
    const char *text;
    size_t len;
    size_t at;
    arena_text out;
    rh_error *err;
} scanner;

static bool starts(const scanner *s, const char *word)
{
    size_t len = strlen(word);

    return s->len - s->at >= len && memcmp(s->text + s->at, word, len) == 0;
}

/* Position behind the next `word`, or 0. */
static size_t find_end(const scanner *s, const char *word)
{
    size_t len = strlen(word);

    for (size_t at = s->at; at + len <= s->len; at++) {
        if (memcmp(s->text + at, word, len) == 0)
            return at + len;
    }
    return 0;
}

static rh_status copy_until(scanner *s, size_t end)
{
    rh_status status = arena_text_add(&s->out, s->text + s->at, end - s->at, s->err);

    s->at = end;
    return status;
}

static const struct {
    const char *entity;
    char c;
} entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};

/* &#NN; and &#xNN;: 0 when it is neither, and the code point. */
static size_t read_reference(const char *text, size_t len, uint32_t *out)
{
    uint32_t code = 0;
    bool hex = len > 3 && text[2] == 'x';
    size_t at = hex ? 3 : 2;
    size_t start = at;

    if (len < 4 || text[1] != '#')
        return 0;
    for (; at < len && text[at] != ';' && code <= 0x10ffff; at++) {
        int lower = text[at] | 0x20;
        int digit = is_digit(text[at])                    ? text[at] - '0'
                    : hex && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                          : -1;

        if (digit < 0)
            return 0;
        code = code * (hex ? 16 : 10) + (uint32_t)digit;
    }
    if (at == len || at == start || code == 0 || code > 0x10ffff)
        return 0;
    *out = code;
    return at + 1;
}

static size_t put_code(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }

    size_t bytes = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (size_t i = bytes; i > 1; i--, code >>= 6)
        out[i - 1] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)((bytes == 2 ? 0xc0 : bytes == 3 ? 0xe0 : 0xf0) | code);
    return bytes;
}

/* Undo entities; unknown ones (of a DTD) stay as they are. */
static size_t decode(const char *text, size_t len, char *out)
{
    size_t used = 0;

    for (size_t i = 0; i < len;) {
        size_t taken = 0;
        uint32_t code = 0;

        for (size_t k = 0; text[i] == '&' && k < sizeof entities / sizeof entities[0]; k++) {
            size_t n = strlen(entities[k].entity);

            if (len - i >= n && memcmp(text + i, entities[k].entity, n) == 0) {
                taken = n;
                code = (uint8_t)entities[k].c;
            }
        }
        if (text[i] == '&' && taken == 0)
            taken = read_reference(text + i, len - i, &code);
        if (taken == 0) {
            out[used++] = text[i++];
        } else {
            used += put_code(code, out + used);
            i += taken;
        }
    }
    return used;
}

static rh_status encode(scanner *s, const char *text, size_t len, bool attribute)
{
    rh_status status = RH_OK;

    for (size_t i = 0; i < len && status == RH_OK; i++) {
        const char *entity = NULL;

        for (size_t k = 0; k < sizeof entities / sizeof entities[0]; k++) {
            if (entities[k].c == text[i] && (attribute || k < 3))
                entity = entities[k].entity;
        }
        status = entity == NULL ? arena_text_byte(&s->out, text[i], s->err)
                                : arena_text_add(&s->out, entity, strlen(entity), s->err);
    }
    return status;
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\0' || strchr(" \t\r\n", text[i]) == NULL)
            return false;
    }
    return true;
}

/* Text from s->at to end; blanks around it stay in their place. */
static rh_status mask_text(scanner *s, size_t end, const mask_node *mask, bool escaped,
                           bool attribute)
{
    const char *text = s->text + s->at;
    size_t len = end - s->at;
    size_t lead = 0;
    size_t tail = 0;
    rh_field value;
    char *plain;
    char number[FIELD_NUMBER_BYTES];
    rh_status status;

    if (is_blank(text, len))
        return copy_until(s, end);
    while (is_blank(text + lead, 1))
        lead++;
    while (is_blank(text + len - tail - 1, 1))
        tail++;
    plain = rh_arena_alloc(s->call->scratch, len);
    if (plain == NULL)
        return rh_error_oom(s->err);
    status = copy_until(s, s->at + lead);
    if (escaped) {
        field_set_text(&value, plain, decode(text + lead, len - lead - tail, plain));
    } else {
        memcpy(plain, text + lead, len - lead - tail);
        field_set_text(&value, plain, len - lead - tail);
    }
    if (status == RH_OK)
        status = mask_node_apply(mask, s->call, &value, s->err);
    if (status == RH_OK && field_text(&value, number, &text, &len))
        status =
            escaped ? encode(s, text, len, attribute) : arena_text_add(&s->out, text, len, s->err);
    s->at = end - tail;
    return status == RH_OK ? copy_until(s, end) : status;
}

/* Inside of <name ...>: attribute values are masked, all else is copied. */
static rh_status scan_tag(scanner *s)
{
    rh_status status = RH_OK;

    while (status == RH_OK && s->at < s->len && s->text[s->at] != '>') {
        char c = s->text[s->at];
        const char *close;

        if (c != '"' && c != '\'') {
            status = copy_until(s, s->at + 1);
            continue;
        }
        status = copy_until(s, s->at + 1);
        close = s->at < s->len ? memchr(s->text + s->at, c, s->len - s->at) : NULL;
        if (close == NULL)
            return RH_SKIPPED;
        if (status == RH_OK)
            status = mask_text(s, (size_t)(close - s->text), s->data->attributes, true, true);
        if (status == RH_OK)
            status = copy_until(s, s->at + 1);
    }
    if (s->at == s->len)
        return RH_SKIPPED;
    return status == RH_OK ? copy_until(s, s->at + 1) : status;
}

static rh_status scan_comment(scanner *s)
{
    size_t end = find_end(s, "-->");

    if (end == 0)
        return RH_SKIPPED;
    if (s->data->keep_comments)
        return copy_until(s, end);
    s->at = end;
    return arena_text_add(&s->out, "<!-- -->", 8, s->err);
}

static rh_status scan_cdata(scanner *s)
{
    size_t end = find_end(s, "]]>");
    rh_status status;

    if (end == 0)
        return RH_SKIPPED;
    status = copy_until(s, s->at + 9);
    if (status == RH_OK)
        status = mask_text(s, end - 3, s->data->text, false, false);
    return status == RH_OK ? copy_until(s, end) : status;
}

static rh_status scan_next(scanner *s)
{
    size_t end = s->at;

    if (starts(s, "<!--"))
        return scan_comment(s);
    if (starts(s, "<![CDATA["))
        return scan_cdata(s);
    if (starts(s, "<?") ||
        starts(s, "<!")) { /* declarations; a DTD with entities is not followed */
        end = find_end(s, starts(s, "<?") ? "?>" : ">");
        if (end == 0 || memchr(s->text + s->at, '[', end - s->at) != NULL)
            return RH_SKIPPED;
        return copy_until(s, end);
    }
    if (starts(s, "<"))
        return scan_tag(s);
    while (end < s->len && s->text[end] != '<')
        end++;
    return mask_text(s, end, s->data->text, true, false);
}

static rh_status apply_xml(const mask_node *node, void *state, mask_call *call, rh_field *value,
                           rh_error *err)
{
    scanner s = {.data = node->data,
                 .call = call,
                 .text = (const char *)value->data,
                 .len = value->len,
                 .out = {.arena = call->scratch},
                 .err = err};
    rh_status status = RH_OK;

    (void)state;
    if (value->kind != RH_FIELD_TEXT)
        return RH_SKIPPED;
    while (status == RH_OK && s.at < s.len)
        status = scan_next(&s);
    if (status == RH_OK && value->len > 0)
        field_set_text(value, s.out.data, s.out.len);
    return status;
}

static const char *const xml_parameters[] = {"text", "attributes", "comments", NULL};

const mask_ops mask_ops_xml = {
    .kind = {"xml", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "names of elements and attributes, structure, processing instructions, and what the "
             "inner masks leak",
             xml_parameters},
    .fits = FITS_TEXT | FIT(XML),
    .flags = OPS_CONTAINER,
    .compile = compile_xml,
    .apply = apply_xml,
};
