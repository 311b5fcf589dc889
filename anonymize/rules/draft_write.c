/*
 * Writing: one line per column, with the evidence behind it.
 */
#include <string.h>

#include "anonymize/mask.h"
#include "core/str.h"
#include "decide.h"
#include "draft_json.h"

enum {
    RULE_COLUMN = 48, /* where evidence starts, when the rule is shorter */
    MAX_DOMAINS = 8,
};

/* A column's line. */
typedef struct line {
    const rh_structure_table *table;
    const rh_structure_column *column;
    draft_choice choice;
    const char *follows; /* full name of what it is derived from, or NULL */
} line;

typedef struct writer {
    const rh_draft *draft;
    rh_buf *out;
    rh_error *err;
    const char *domains[MAX_DOMAINS]; /* used by two columns or more */
    const char *masks[MAX_DOMAINS];
    size_t domain_count;
    size_t active; /* rules that are not comments */
} writer;

/* ---- text ---- */

/* The character at text and its length in bytes; what is no UTF-8 is one byte, and 0. */
static uint32_t read_char(const char *text, size_t *out_len)
{
    uint32_t c = 0;
    size_t len = rh_str_decode(text, strnlen(text, 4), &c);

    *out_len = len == 0 ? 1 : len;
    return len == 0 ? 0 : c;
}

/* What YAML allows as it stands, and takes for no line break. */
static bool is_plain(uint32_t c)
{
    return (c >= 0x20 && c < 0x7f) ||
           (c >= 0xa0 && c <= 0xfffd && c != 0x2028 && c != 0x2029 && c != 0xfeff) || c > 0xffff;
}

/* Names of the schema in comments: nothing that ends the line or moves the cursor. */
static rh_status put_plain(const writer *w, const char *text)
{
    rh_status status = RH_OK;

    while (status == RH_OK && *text != '\0') {
        size_t len;

        if (is_plain(read_char(text, &len)))
            status = rh_buf_append(w->out, text, len, w->err);
        else
            status = rh_buf_append_byte(w->out, '?', w->err);
        text += len;
    }
    return status;
}

/* One character of a name inside of the quotes of YAML, and of the pattern's when it has some. */
static rh_status put_quoted_char(const writer *w, const char *at, size_t len, uint32_t c)
{
    if (c == '"')
        return rh_buf_append_str(w->out, "\\\"\\\"", w->err);
    if (c == '\\')
        return rh_buf_append_str(w->out, "\\\\", w->err);
    if (!is_plain(c))
        return rh_buf_printf(w->out, w->err, "\\u%04x", (unsigned)(c & 0xffff));
    return rh_buf_append(w->out, at, len, w->err);
}

/* A name as a part of a pattern, inside of YAML's double quotes. */
static rh_status put_part(const writer *w, const char *name)
{
    bool quoted = name[0] == '\0' || strpbrk(name, ".*?\":") != NULL;
    rh_status status = quoted ? rh_buf_append_str(w->out, "\\\"", w->err) : RH_OK;

    while (status == RH_OK && *name != '\0') {
        size_t len;
        uint32_t c = read_char(name, &len);

        status = put_quoted_char(w, name, len, c);
        name += len;
    }
    if (status == RH_OK && quoted)
        status = rh_buf_append_str(w->out, "\\\"", w->err);
    return status;
}

static rh_status put_pattern(const writer *w, const line *l)
{
    rh_status status = rh_buf_append_byte(w->out, '"', w->err);

    if (status == RH_OK)
        status = put_part(w, l->table->schema);
    if (status == RH_OK)
        status = rh_buf_append_byte(w->out, '.', w->err);
    if (status == RH_OK)
        status = put_part(w, l->table->name);
    if (status == RH_OK)
        status = rh_buf_append_byte(w->out, '.', w->err);
    if (status == RH_OK)
        status = put_part(w, l->column->name);
    if (status == RH_OK)
        status = rh_buf_append_byte(w->out, '"', w->err);
    return status;
}

/* ---- what a column follows ---- */

static const char *parent_of(const rh_draft *draft, const line *l)
{
    const rh_structure_table *parent =
        l->table->parent == NULL ? NULL : rh_structure_find(draft->structure, l->table->parent);

    if (parent == NULL || !rows_are_copied(parent) ||
        rh_structure_column_index(parent, l->column->name) == parent->column_count)
        return NULL;
    return parent->full_name;
}

/* The column of a foreign key refers to exactly this one. */
static bool refers_to(const rh_structure_table *table, const char *column,
                      const rh_structure_table *target, const char *target_column)
{
    for (size_t i = 0; i < table->foreign_key_count; i++) {
        const rh_structure_foreign_key *key = &table->foreign_keys[i];

        for (size_t j = 0; j < key->column_count; j++) {
            if (strcmp(table->columns[key->columns[j]].name, column) == 0 &&
                strcmp(key->target, target->full_name) == 0 &&
                strcmp(key->target_columns[j], target_column) == 0)
                return true;
        }
    }
    return false;
}

/* A column whose rows or values are not there, or that refers back and comes later, is no lead. */
static bool can_follow(const line *l, const rh_structure_table *target, const char *column)
{
    size_t at = rh_structure_column_index(target, column);
    int order = strcmp(l->table->full_name, target->full_name);

    if (at == target->column_count || target->columns[at].generated || !rows_are_copied(target))
        return false;
    if (order == 0)
        order = strcmp(l->column->name, column);
    return order != 0 && (order > 0 || !refers_to(target, column, l->table, l->column->name));
}

/* The table that a foreign key of the column leads to, or NULL. */
static const char *target_of(const rh_draft *draft, const line *l)
{
    for (size_t i = 0; i < l->table->foreign_key_count; i++) {
        const rh_structure_foreign_key *key = &l->table->foreign_keys[i];
        const rh_structure_table *target = rh_structure_find(draft->structure, key->target);

        for (size_t j = 0; target != NULL && j < key->column_count; j++) {
            if (&l->table->columns[key->columns[j]] == l->column &&
                can_follow(l, target, key->target_columns[j]))
                return target->full_name;
        }
    }
    return NULL;
}

static bool make_line(const writer *w, size_t table, size_t column, line *out)
{
    *out = (line){.table = rh_structure_table_at(w->draft->structure, table)};
    out->column = &out->table->columns[column];
    if (!rows_are_copied(out->table) || out->column->generated)
        return false;
    out->follows = parent_of(w->draft, out);
    if (out->follows == NULL)
        out->follows = target_of(w->draft, out);
    draft_choose(w->draft, table, column, &out->choice);
    /* A program built without a mask does not propose it. */
    if (rh_mask_kind_find(out->choice.mask) == NULL)
        out->choice.decided = false;
    return true;
}

/* ---- domains ---- */

static void count_domains(writer *w)
{
    struct {
        const char *name;
        size_t count;
        const char *mask;
    } seen[MAX_DOMAINS] = {{NULL, 0, NULL}};

    for (size_t i = 0; i < rh_structure_table_count(w->draft->structure); i++) {
        size_t columns = rh_structure_table_at(w->draft->structure, i)->column_count;

        for (size_t j = 0; j < columns; j++) {
            line l;

            if (!make_line(w, i, j, &l) || l.follows != NULL || !l.choice.decided)
                continue;
            w->active++;
            for (size_t k = 0; l.choice.domain != NULL && k < MAX_DOMAINS; k++) {
                if (seen[k].name != NULL && strcmp(seen[k].name, l.choice.domain) != 0)
                    continue;
                seen[k].name = l.choice.domain;
                seen[k].mask = l.choice.mask;
                seen[k].count++;
                break;
            }
        }
    }
    for (size_t k = 0; k < MAX_DOMAINS; k++) {
        if (seen[k].count < 2)
            continue;
        w->domains[w->domain_count] = seen[k].name;
        w->masks[w->domain_count++] = seen[k].mask;
    }
}

static bool has_domain(const writer *w, const char *name)
{
    for (size_t i = 0; name != NULL && i < w->domain_count; i++) {
        if (strcmp(w->domains[i], name) == 0)
            return true;
    }
    return false;
}

/* ---- lines ---- */

static rh_status put_follower(const writer *w, const line *l)
{
    rh_status status = rh_buf_append_str(w->out, "  # ", w->err);

    if (status == RH_OK)
        status = put_plain(w, l->column->name);
    if (status == RH_OK)
        status = rh_buf_append_str(w->out, ": follows ", w->err);
    if (status == RH_OK)
        status = put_plain(w, l->follows);
    if (status == RH_OK)
        status = rh_buf_append_byte(w->out, '\n', w->err);
    return status;
}

/* ": email", ": {domain: email}" or ": {mask: integer, mode: monotone}". */
static rh_status put_choice(const writer *w, const draft_choice *choice)
{
    if (has_domain(w, choice->domain))
        return rh_buf_printf(w->out, w->err, ": {domain: %s}", choice->domain);
    if (choice->parameters != NULL)
        return rh_buf_printf(w->out, w->err, ": {mask: %s, %s}", choice->mask, choice->parameters);
    return rh_buf_printf(w->out, w->err, ": %s",
                         strcmp(choice->mask, "null") == 0 ? "\"null\"" : choice->mask);
}

static rh_status put_evidence(const writer *w, size_t begin, const char *type, const char *evidence)
{
    size_t width = w->out->len - begin;
    rh_status status = rh_buf_printf(w->out, w->err, "%*s  # ",
                                     width < RULE_COLUMN ? (int)(RULE_COLUMN - width) : 0, "");

    if (type != NULL && type[0] == '\0') /* SQLite's columns may have none */
        type = NULL;
    if (status == RH_OK && type != NULL)
        status = put_plain(w, type);
    if (status == RH_OK && type != NULL)
        status = rh_buf_append_str(w->out, "; ", w->err);
    if (status == RH_OK)
        status = rh_buf_printf(w->out, w->err, "%s\n", evidence);
    return status;
}

/* Keys stay unless a rule says otherwise, also those that are values. */
static rh_status put_keys(const writer *w, const draft_json *json)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json->key_count; i++) {
        if (json->keys[i].samples >= 2)
            status = rh_buf_printf(w->out, w->err,
                                   "  #     # keys of %s are no plain words, %zu samples, and they "
                                   "stay: keys: {\"%s\": text}\n",
                                   json->keys[i].path, json->keys[i].samples, json->keys[i].path);
    }
    return status;
}

/* A line per path, commented out as the rule is: whoever takes the marks away has a rule. */
static rh_status put_paths(const writer *w, const line *l, const draft_json *json)
{
    rh_status status = rh_buf_append_str(w->out, "  #   mask: json\n  #   paths:\n", w->err);
    size_t rare = 0;

    for (size_t i = 0; status == RH_OK && i < json->count; i++) {
        const draft_path *path = &json->paths[i];
        size_t begin = w->out->len;
        draft_choice choice;

        if (!draft_json_common(json, path)) {
            rare++;
            continue;
        }
        draft_choose_path(l->table, path, &choice);
        status = rh_buf_printf(w->out, w->err, "  #     \"%s\"", path->path);
        if (status == RH_OK)
            status = put_choice(w, &choice);
        if (status == RH_OK)
            status = put_evidence(w, begin, NULL, choice.evidence);
    }
    if (status == RH_OK && (rare > 0 || json->cut))
        status = rh_buf_printf(w->out, w->err, "  #     # and %zu%s that were rare\n", rare,
                               json->cut ? " or more" : "");
    return status == RH_OK ? put_keys(w, json) : status;
}

static rh_status put_rule(const writer *w, size_t number, const line *l)
{
    size_t begin = w->out->len;
    rh_status status = rh_buf_append_str(w->out, l->choice.decided ? "  " : "  # ", w->err);

    if (status == RH_OK)
        status = put_pattern(w, l);
    if (status != RH_OK)
        return status;
    if (l->choice.json)
        status = rh_buf_append_byte(w->out, ':', w->err);
    else
        status = put_choice(w, &l->choice);
    if (status == RH_OK)
        status = put_evidence(w, begin, l->column->type, l->choice.evidence);
    if (status == RH_OK && l->choice.json)
        status = put_paths(w, l, w->draft->columns[number][l->column - l->table->columns].json);
    return status;
}

/* The parent, when all columns follow it: then a line says it. */
static const char *follows_whole(const writer *w, const rh_structure_table *table)
{
    const char *parent = NULL;

    for (size_t i = 0; i < table->column_count; i++) {
        const line l = {.table = table, .column = &table->columns[i]};

        if (l.column->generated)
            continue;
        parent = parent_of(w->draft, &l);
        if (parent == NULL)
            return NULL;
    }
    return parent;
}

static rh_status put_table(const writer *w, size_t number)
{
    const rh_structure_table *table = rh_structure_table_at(w->draft->structure, number);
    const char *parent;
    rh_status status;

    if (!rows_are_copied(table))
        return RH_OK;
    parent = follows_whole(w, table);
    status = rh_buf_append_str(w->out, "\n  # ", w->err);
    if (status == RH_OK)
        status = put_plain(w, table->full_name);
    if (parent != NULL) {
        if (status == RH_OK)
            status = rh_buf_append_str(w->out, ": follows ", w->err);
        if (status == RH_OK)
            status = put_plain(w, parent);
        return status == RH_OK ? rh_buf_append_byte(w->out, '\n', w->err) : status;
    }
    if (status == RH_OK)
        status = rh_buf_printf(w->out, w->err, ": %zu rows looked at\n", w->draft->rows[number]);
    for (size_t i = 0; status == RH_OK && i < table->column_count; i++) {
        line l;

        if (make_line(w, number, i, &l))
            status = l.follows != NULL ? put_follower(w, &l) : put_rule(w, number, &l);
    }
    return status;
}

static rh_status put_head(const writer *w)
{
    static const char TEXT[] =
        "# Drafted by `rehearse rules init`: read every line before it is used. Lines that are\n"
        "# commented out are undecided: `rehearse rules check` stops until they are. Columns that\n"
        "# follow another one (foreign keys, partitions) need no rule.\n"
        "version: 1\n"
        "key: {file: mask.key}\n";
    rh_status status = rh_buf_append_str(w->out, TEXT, w->err);

    if (status == RH_OK && w->domain_count > 0)
        status =
            rh_buf_append_str(w->out, "\n# Columns of one domain stay joined.\ndomains:\n", w->err);
    for (size_t i = 0; status == RH_OK && i < w->domain_count; i++)
        status = rh_buf_printf(w->out, w->err, "  %s: %s\n", w->domains[i], w->masks[i]);
    if (status != RH_OK)
        return status;
    return rh_buf_append_str(w->out,
                             w->active > 0
                                 ? "\ncolumns:\n"
                                 : "\n# Remove the braces with the first rule.\ncolumns: {}\n",
                             w->err);
}

rh_status rh_draft_write(const rh_draft *draft, rh_buf *out, rh_error *err)
{
    writer w = {.draft = draft, .out = out, .err = err};
    rh_status status;

    count_domains(&w);
    status = put_head(&w);
    for (size_t i = 0; status == RH_OK && i < rh_structure_table_count(draft->structure); i++)
        status = put_table(&w, i);
    return status;
}
