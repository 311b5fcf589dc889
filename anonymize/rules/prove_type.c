/*
 * What the column itself demands: NOT NULL, width, labels, domains, collation; and foreign keys,
 * generated columns.
 */
#include <string.h>

#include "core/sql_name.h"
#include "core/str.h"
#include "prove.h"
#include "virtual_part.h"

/* One masked column. */
typedef struct column_case {
    const prover *p;
    const rh_structure_table *table;
    const rh_structure_column *column;
    const rh_decision *decision;
    size_t position;
    unsigned keeps;
} column_case;

static rh_status add(const column_case *c, const char *name, const char *kind, opinion said)
{
    return proof_add(c->p, c->table, c->position, (proof_object){name, kind}, said);
}

static bool is_kind(const column_case *c, const char *kind)
{
    return strcmp(c->decision->kind, kind) == 0;
}

/* The text of mask constant; NULL when it is none, or not a text. */
static const char *constant_of(const column_case *c)
{
    if (!is_kind(c, "constant"))
        return NULL;
    return json_string_value(json_object_get(c->decision->parameters, "value"));
}

static rh_status prove_not_null(const column_case *c)
{
    opinion said = {RH_PRESERVED, "values that are there stay there"};

    if (!c->column->not_null)
        return RH_OK;
    if (is_kind(c, "null"))
        said = (opinion){RH_BREAKS, "every value becomes NULL"};
    else if ((c->keeps & RH_KEEPS_NULLS) == 0 && !is_kind(c, "constant"))
        said = (opinion){RH_NOT_GUARANTEED, "some values may become NULL"};
    return add(c, c->column->name, "not null", said);
}

static size_t count_chars(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80 ? 1 : 0;
    return count;
}

/* Texts that would not fit are replaced by others of their own length, unless the rule stops. */
static opinion judge_chars(const column_case *c)
{
    const char *constant = constant_of(c);
    const char *invalid = json_string_value(json_object_get(c->decision->parameters, "invalid"));

    if (constant != NULL && count_chars(constant) > (uint64_t)c->column->max_chars)
        return (opinion){RH_BREAKS, "the constant is longer than the type allows"};
    if (constant != NULL)
        return (opinion){RH_PRESERVED, "the constant fits"};
    if ((c->keeps & RH_KEEPS_WIDTH) != 0)
        return (opinion){RH_PRESERVED, "values keep their width"};
    if (invalid != NULL && strcmp(invalid, "error") == 0)
        return (opinion){RH_NOT_GUARANTEED, "a masked value that is too long stops the run"};
    return (opinion){RH_PRESERVED, "a value whose image is too long gets one of its own length"};
}

static rh_status prove_width(const column_case *c)
{
    if (c->column->max_chars < 0 && c->column->precision < 0)
        return RH_OK;
    if (is_kind(c, "null"))
        return add(c, c->column->type, "width", (opinion){RH_PRESERVED, "NULL fits"});
    if (c->column->max_chars >= 0)
        return add(c, c->column->type, "width", judge_chars(c));
    if ((c->keeps & RH_KEEPS_WIDTH) != 0)
        return add(c, c->column->type, "width",
                   (opinion){RH_PRESERVED, "numbers keep their digits"});
    return add(c, c->column->type, "width",
               (opinion){RH_NOT_GUARANTEED, "a masked number may have a digit more"});
}

static const char *enum_of(const rh_structure_column *column)
{
    return column->element_type != NULL ? column->element_type : column->base_type;
}

/* The type has one set of names: every column of it must know them. */
static opinion judge_renaming(const column_case *c)
{
    bool plain = false;

    for (size_t i = 0; i < c->p->bound->count; i++) {
        const rh_decision *other = &c->p->bound->items[i];

        if (other->column->labels == NULL ||
            strcmp(enum_of(other->column), enum_of(c->column)) != 0)
            continue;
        if (!decision_renames(other) && strcmp(other->kind, "null") != 0)
            return (opinion){RH_BREAKS,
                             rh_arena_printf(c->p->arena,
                                             "the type's labels are renamed, but not in "
                                             "'%s.%s'",
                                             other->table->full_name, other->column->name)};
        if (other->column->domain != NULL)
            return (opinion){RH_BREAKS, "a domain type over it has texts of its own"};
        plain = plain || (decision_renames(other) && other->column->element_type == NULL);
    }
    return plain ? (opinion){RH_PRESERVED, "the labels of the type get the same new names"}
                 : (opinion){RH_BREAKS, "renaming needs a column of the type that is no array"};
}

static rh_status prove_labels(const column_case *c)
{
    const char *constant = constant_of(c);
    opinion said = {RH_BREAKS, "masked values are not labels of the type"};

    if (c->column->labels == NULL)
        return RH_OK;
    if (is_kind(c, "null"))
        said = (opinion){RH_PRESERVED, "NULL fits"};
    else if (decision_renames(c->decision))
        said = judge_renaming(c);
    else if ((c->keeps & RH_KEEPS_SHAPE) != 0)
        said = (opinion){RH_PRESERVED, "labels become labels"};
    if (said.because == NULL)
        return rh_error_oom(c->p->to.err);
    for (size_t i = 0; constant != NULL && c->column->labels[i] != NULL; i++) {
        if (strcmp(c->column->labels[i], constant) == 0)
            said = (opinion){RH_PRESERVED, "the constant is a label"};
    }
    return add(c, c->column->type, "enum type", said);
}

/* Fields of composites whose enum type's labels are renamed: the type must know the new names. */
static rh_status prove_labels_inside(const column_case *c, const json_t *parameters)
{
    const char *type = json_string_value(json_object_get(parameters, "type"));
    const char *mask = json_string_value(json_object_get(parameters, "mask"));
    const char *key;
    json_t *inner;
    rh_status status = RH_OK;

    if (type != NULL && mask != NULL && strcmp(mask, "enum") == 0)
        return add(c, type, "enum type",
                   rh_renamed_enum(c->p->bound, type) != NULL
                       ? (opinion){RH_PRESERVED, "the labels of the type get the same new names"}
                       : (opinion){RH_BREAKS, "no column of the type renames its labels"});
    json_object_foreach((json_t *)(uintptr_t)parameters, key, inner)
    {
        if (status == RH_OK && json_is_object(inner))
            status = prove_labels_inside(c, inner);
    }
    return status;
}

static bool mentions(const rh_structure_check *check, size_t position)
{
    for (size_t i = 0; i < check->mention_count; i++) {
        if (check->mentions[i] == position)
            return true;
    }
    return false;
}

static rh_status prove_domain(const column_case *c)
{
    opinion said = {RH_PRESERVED, "its checks do not ask about the value"};

    if (c->column->domain == NULL)
        return RH_OK;
    if (is_kind(c, "null") && !c->column->not_null)
        return add(c, c->column->domain, "domain type",
                   (opinion){RH_PRESERVED, "NULL satisfies its checks"});
    /* Its CHECKs stand with the table's (docs/format.md 11) and say VALUE. */
    for (size_t i = 0; i < c->table->check_count; i++) {
        const rh_structure_check *check = &c->table->checks[i];
        opinion one;

        if (!mentions(check, c->position) ||
            !rh_sql_mentions(c->p->literals->dialect, check->text, "value"))
            continue;
        one = judge_condition(c->p, c->table, c->position, check->text, false);
        if (one.because == NULL)
            return rh_error_oom(c->p->to.err);
        if (one.verdict >= said.verdict)
            said = one;
    }
    return add(c, c->column->domain, "domain type", said);
}

/* Does a constant go into a column of a STRICT table? Numbers become texts there, not the reverse.
 */
static bool fits_strict(const char *type, const json_t *value)
{
    if (rh_str_ieq(type, "TEXT"))
        return true;
    if (rh_str_ieq(type, "REAL"))
        return json_is_number(value);
    return (rh_str_ieq(type, "INT") || rh_str_ieq(type, "INTEGER")) && !json_is_string(value) &&
           !json_is_real(value);
}

static rh_status prove_strict(const column_case *c)
{
    const char *type = c->column->type;
    opinion said = {RH_PRESERVED, "values keep their storage class"};

    if (!c->table->strict || rh_str_ieq(type, "ANY"))
        return RH_OK;
    if (is_kind(c, "constant"))
        said = fits_strict(type, json_object_get(c->decision->parameters, "value"))
                   ? (opinion){RH_PRESERVED, "the constant is of the type"}
                   : (opinion){RH_BREAKS, "the constant is of another type"};
    else if (is_kind(c, "custom"))
        said = (opinion){RH_NOT_GUARANTEED, "what comes back may be of another type"};
    return add(c, type, "strict type", said);
}

static bool is_text_type(const rh_structure_column *column)
{
    static const char *const TYPES[] = {
        "text", "character varying", "character", "citext", "name", "bpchar", "varchar"};

    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (rh_structure_is_type(column->base_type, TYPES[i]))
            return true;
    }
    return false;
}

/* SQLite writes affinities in capitals; there the default collation compares bytes. */
static bool compares_bytes(const rh_structure_column *column)
{
    static const char *const BYTES[] = {"C", "POSIX", "ucs_basic", "BINARY"};
    const char *name = column->collation;

    if (name == NULL)
        return strcmp(column->base_type, "TEXT") == 0;
    for (size_t i = 0; i < sizeof BYTES / sizeof BYTES[0]; i++) {
        if (strcmp(name, BYTES[i]) == 0 ||
            (rh_str_starts_with(name, "pg_catalog.") && rh_str_ends_with(name, BYTES[i])))
            return true;
    }
    return false;
}

static rh_status prove_collation(const column_case *c)
{
    const char *name = c->column->collation != NULL ? c->column->collation : "default";

    if (!is_text_type(c->column) || (c->keeps & RH_KEEPS_ORDER) == 0)
        return RH_OK;
    if (compares_bytes(c->column))
        return add(c, name, "collation order",
                   (opinion){RH_PRESERVED, "the collation compares bytes"});
    return add(c, name, "collation order",
               (opinion){RH_NOT_GUARANTEED, "order is kept by bytes, the collation has another"});
}

/* Stored ones are computed again, and may refuse what they get. */
static rh_status prove_generated(const column_case *c)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < c->table->column_count; i++) {
        const rh_structure_column *other = &c->table->columns[i];

        if (!other->generated || other->generated_from == NULL ||
            !rh_sql_mentions(c->p->literals->dialect, other->generated_from, c->column->name))
            continue;
        status = add(c, other->name, "generated column",
                     (opinion){RH_NOT_GUARANTEED, "it is computed again from masked values"});
    }
    return status;
}

/* Large objects are written piece by piece, to the places that these columns name. */
static rh_status prove_pieces(const column_case *c)
{
    if (strcmp(c->table->full_name, RH_LARGE_OBJECTS) != 0 || strcmp(c->column->name, "data") == 0)
        return RH_OK;
    return add(c, "data", "large object",
               (opinion){RH_BREAKS, "its pieces stay where they are: 'keep' this column"});
}

static rh_status prove_tree(const column_case *c)
{
    const rh_structure_table *tree = virtual_part_rtree(c->p->structure, c->table, c->column);

    if (tree == NULL)
        return RH_OK;
    return add(c, tree->name, "R-tree",
               (opinion){RH_BREAKS, "its tables hold one tree: 'keep' them, or leave it out"});
}

rh_status prove_types(const prover *p, const rh_structure_table *table)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < table->column_count; i++) {
        column_case c = {p, table, &table->columns[i], proof_decision(p, table, i), i, 0};

        if (!proof_is_masked(p, table, i))
            continue;
        c.keeps = proof_keeps(p, table, i);
        status = prove_pieces(&c);
        if (status == RH_OK)
            status = prove_tree(&c);
        if (status == RH_OK)
            status = prove_not_null(&c);
        if (status == RH_OK)
            status = prove_width(&c);
        if (status == RH_OK)
            status = prove_labels(&c);
        if (status == RH_OK && c.column->labels == NULL)
            status = prove_labels_inside(&c, c.decision->parameters);
        if (status == RH_OK)
            status = prove_domain(&c);
        if (status == RH_OK)
            status = prove_strict(&c);
        if (status == RH_OK)
            status = prove_collation(&c);
        if (status == RH_OK)
            status = prove_generated(&c);
    }
    return status;
}

/* ---- foreign keys ---- */

static opinion judge_key(const prover *p, size_t from, size_t to)
{
    const decisions *d = &p->bound->plan;
    const cell *a = &d->cells[from];
    const cell *b = to == NO_CELL ? NULL : &d->cells[to];

    if (a->rule != NULL && strcmp(a->rule->kind, "null") == 0)
        return (opinion){RH_PRESERVED, "NULL refers to nothing"};
    if (b == NULL)
        return (opinion){RH_NOT_GUARANTEED, "the referenced column is not in the database"};
    if (a->column->generated || b->column->generated)
        return (opinion){RH_NOT_GUARANTEED, "one side is computed again"};
    if (!cells_agree(d, a, b))
        return (opinion){RH_BREAKS, "the two sides are masked differently"};
    if (strcmp(a->rule->kind, "keep") != 0 &&
        strcmp(a->column->base_type, b->column->base_type) != 0)
        return (opinion){RH_NOT_GUARANTEED, "the two sides have different types"};
    if ((proof_keeps(p, b->table, (size_t)(b->column - b->table->columns)) & RH_KEEPS_EQUALITY) ==
        0)
        return strcmp(a->rule->kind, "custom") == 0
                   ? (opinion){RH_NOT_GUARANTEED, "the rule does not vouch for it with 'keeps'"}
                   : (opinion){RH_BREAKS, "equal values may become different"};
    return (opinion){RH_PRESERVED, "both sides go through the same mask and key"};
}

static bool is_masked_cell(const cell *c)
{
    return c->rule != NULL && strcmp(c->rule->kind, "keep") != 0;
}

rh_status prove_keys(const prover *p, const rh_structure_table *table)
{
    const decisions *d = &p->bound->plan;
    rh_status status = RH_OK;

    for (size_t i = 0; i < table->foreign_key_count; i++) {
        const rh_structure_foreign_key *key = &table->foreign_keys[i];

        for (size_t j = 0; status == RH_OK && j < key->column_count; j++) {
            size_t from = cell_of(d, table, key->columns[j]);
            size_t to = cell_find(d, key->target, key->target_columns[j]);
            proof_object object = {key->name, "foreign key"};

            /* The entry stands at the masked side; at the referencing one when both are. */
            if (is_masked_cell(&d->cells[from]))
                status = proof_add(p, table, key->columns[j], object, judge_key(p, from, to));
            else if (to != NO_CELL && is_masked_cell(&d->cells[to]))
                status = proof_add(p, d->cells[to].table,
                                   (size_t)(d->cells[to].column - d->cells[to].table->columns),
                                   object, judge_key(p, from, to));
        }
    }
    return status;
}
