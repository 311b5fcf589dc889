/*
 * From a rule to a tree of nodes: places (types), common parameters, inner masks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/doc.h"
#include "core/str.h"
#include "mask_tree.h"

enum { MAX_DEPTH = 16, MAX_HINTED = 12 };

/* ---- places ---- */

static const struct {
    const char *name;
    place_type type;
    const char *element;
} types[] = {
    {"text", PLACE_TEXT, NULL},
    {"character varying", PLACE_TEXT, NULL},
    {"character", PLACE_TEXT, NULL},
    {"bpchar", PLACE_TEXT, NULL},
    {"varchar", PLACE_TEXT, NULL},
    {"citext", PLACE_TEXT, NULL},
    {"name", PLACE_TEXT, NULL},
    {"smallint", PLACE_INT2, NULL},
    {"integer", PLACE_INT4, NULL},
    {"bigint", PLACE_INT8, NULL},
    {"numeric", PLACE_NUMERIC, NULL},
    {"double precision", PLACE_FLOAT, NULL},
    {"real", PLACE_FLOAT, NULL},
    {"boolean", PLACE_BOOL, NULL},
    {"bytea", PLACE_BYTEA, NULL},
    {"uuid", PLACE_UUID, NULL},
    {"inet", PLACE_INET, NULL},
    {"cidr", PLACE_CIDR, NULL},
    {"macaddr", PLACE_MAC, NULL},
    {"macaddr8", PLACE_MAC, NULL},
    {"date", PLACE_DATE, NULL},
    {"timestamp without time zone", PLACE_TIMESTAMP, NULL},
    {"timestamp", PLACE_TIMESTAMP, NULL},
    {"timestamp with time zone", PLACE_TIMESTAMPTZ, NULL},
    {"timestamptz", PLACE_TIMESTAMPTZ, NULL},
    {"json", PLACE_JSON, NULL},
    {"jsonb", PLACE_JSON, NULL},
    {"xml", PLACE_XML, NULL},
    {"hstore", PLACE_HSTORE, NULL},
    {"int4range", PLACE_RANGE, "integer"},
    {"int8range", PLACE_RANGE, "bigint"},
    {"numrange", PLACE_RANGE, "numeric"},
    {"tsrange", PLACE_RANGE, "timestamp"},
    {"tstzrange", PLACE_RANGE, "timestamptz"},
    {"daterange", PLACE_RANGE, "date"},
    {"int4multirange", PLACE_MULTIRANGE, "integer"},
    {"int8multirange", PLACE_MULTIRANGE, "bigint"},
    {"nummultirange", PLACE_MULTIRANGE, "numeric"},
    {"tsmultirange", PLACE_MULTIRANGE, "timestamp"},
    {"tstzmultirange", PLACE_MULTIRANGE, "timestamptz"},
    {"datemultirange", PLACE_MULTIRANGE, "date"},
};

static void set_type(mask_place *place, const char *base_type)
{
    const char *dot = strrchr(base_type, '.'); /* extensions may live in any schema */
    const char *name = dot == NULL ? base_type : dot + 1;

    place->type = PLACE_OTHER;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) {
            place->type = types[i].type;
            place->element = types[i].element;
        }
    }
    place->folds_case = strcmp(name, "citext") == 0;
    place->single = strcmp(name, "real") == 0;
}

mask_place mask_place_inside(const mask_place *outer)
{
    return (mask_place){
        .type = PLACE_ANY,
        .name = outer->name,
        .type_name = outer->type_name,
        .max_chars = -1,
        .precision = -1,
        .scale = -1,
        .folds_case = outer->folds_case,
    };
}

mask_place mask_place_of_type(const mask_place *outer, const char *base_type)
{
    mask_place place = mask_place_inside(outer);

    set_type(&place, base_type);
    place.max_chars = outer->max_chars;
    place.precision = outer->precision;
    place.scale = outer->scale;
    if (outer->labels != NULL) {
        place.type = PLACE_ENUM;
        place.labels = outer->labels;
    }
    return place;
}

static rh_status copy_labels(mask_compiler *c, const char *const *labels, mask_place *place,
                             rh_error *err)
{
    size_t count = 0;
    const char **copy;

    while (labels[count] != NULL)
        count++;
    copy = rh_arena_array(c->arena, count + 1, sizeof(char *));
    if (copy == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        copy[i] = rh_arena_strdup(c->arena, labels[i]);
        if (copy[i] == NULL)
            return rh_error_oom(err);
    }
    place->labels = copy;
    return RH_OK;
}

static bool ends_in_brackets(const char *type)
{
    return rh_str_ends_with(type, "[]");
}

rh_status mask_place_of_column(mask_compiler *c, mask_place *out, rh_error *err)
{
    const rh_mask_request *request = c->request;
    const rh_structure_column *column = request->column;
    mask_place place = {.type = PLACE_ANY, .max_chars = -1, .precision = -1, .scale = -1};

    if (column == NULL) {
        place.name = rh_arena_strdup(c->arena, request->domain == NULL ? "" : request->domain);
        place.type_name = "unknown";
        if (place.name == NULL)
            return rh_error_oom(err);
        *out = place;
        return RH_OK;
    }
    place.name = request->table == NULL
                     ? rh_arena_strdup(c->arena, column->name)
                     : rh_arena_printf(c->arena, "%s.%s", request->table->full_name, column->name);
    place.type_name = rh_arena_strdup(c->arena, column->type == NULL ? "" : column->type);
    if (place.name == NULL || place.type_name == NULL)
        return rh_error_oom(err);
    place.not_null = column->not_null;
    if (request->engine == RH_ENGINE_SQLITE) {
        place.type = PLACE_SQLITE;
        place.folds_case = column->collation != NULL && rh_str_ieq(column->collation, "nocase");
        *out = place;
        return RH_OK;
    }

    const char *base = column->base_type == NULL ? "" : column->base_type;

    set_type(&place, base);
    place.max_chars = column->max_chars;
    place.precision = column->precision;
    place.scale = column->scale;
    place.padded = column->padded;
    if (column->element_type != NULL || ends_in_brackets(base)) {
        place.type = PLACE_ARRAY;
        place.element =
            rh_arena_strdup(c->arena, column->element_type == NULL ? "text" : column->element_type);
        place.padded = false;
        if (place.element == NULL)
            return rh_error_oom(err);
    } else if (column->labels != NULL) {
        place.type = PLACE_ENUM;
    }
    if (column->labels != NULL) {
        rh_status status = copy_labels(c, column->labels, &place, err);

        if (status != RH_OK)
            return status;
    }
    *out = place;
    return RH_OK;
}

/* ---- nodes ---- */

static bool is_listed(const char *name, const char *const *list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        if (strcmp(list[i], name) == 0)
            return true;
    }
    return false;
}

static rh_status check_keys(const mask_compiler *c, const mask_node *node, rh_error *err)
{
    static const char *const common[] = {"mask", "domain", "why", "invalid", "keep", NULL};
    const char *const *own = node->ops->kind.parameters;
    const char *all[32];
    size_t count = 0;
    const char *key;
    void *iter;

    if (node->parameters == NULL)
        return RH_OK;
    if (!json_is_object(node->parameters))
        return param_error(c, NULL, NULL, err, "parameters of mask '%s' must be a mapping",
                           node->ops->kind.name);
    for (size_t i = 0; common[i] != NULL; i++)
        all[count++] = common[i];
    for (size_t i = 0; own != NULL && own[i] != NULL; i++)
        all[count++] = own[i];
    all[count] = NULL;
    if (c->request->doc != NULL) {
        char where[64];

        (void)rh_str_copy(where, sizeof where, node->ops->kind.name);
        return rh_doc_check_keys(c->request->doc, node->parameters, all,
                                 "among the parameters of the mask", err);
    }
    iter = json_object_iter((json_t *)(uintptr_t)node->parameters);
    while (iter != NULL) {
        key = json_object_iter_key(iter);
        if (!is_listed(key, all))
            return param_error(c, node->parameters, key, err, "mask '%s' has no parameter '%s'",
                               node->ops->kind.name, key);
        iter = json_object_iter_next((json_t *)(uintptr_t)node->parameters, iter);
    }
    return RH_OK;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static rh_status read_common(mask_compiler *c, mask_node *node, rh_error *err)
{
    static const char *const policies[] = {"keep-shape", "error", "null", "keep", NULL};
    size_t policy = (node->ops->flags & OPS_ORDER) != 0 ? INVALID_ERROR : INVALID_SHAPE;
    rh_status status = check_keys(c, node, err);

    if (status == RH_OK)
        status = param_choice(c, node, "invalid", policies, &policy, err);
    if (status == RH_OK)
        status = param_texts(c, node, "keep", &node->keep, &node->keep_count, err);
    if (status != RH_OK)
        return status;
    node->invalid = (invalid_policy)policy;
    if (node->keep_count > 1)
        qsort(node->keep, node->keep_count, sizeof(char *), compare_texts);
    if (node->invalid == INVALID_SHAPE && (node->ops->flags & OPS_ORDER) != 0 &&
        (FITS_TIMES & (UINT32_C(1) << node->place.type)) != 0)
        return param_error(c, node->parameters, "invalid", err,
                           "'invalid: keep-shape' does not fit '%s' of type '%s'", node->place.name,
                           node->place.type_name);
    if (node->invalid == INVALID_NULL && node->place.not_null)
        return param_error(c, node->parameters, "invalid", err,
                           "'invalid: null' does not fit '%s', which is not null",
                           node->place.name);
    return RH_OK;
}

/* A mask of single values on an array or a range masks what is inside. */
static const char *wrapper_of(const mask_ops *ops, const mask_place *place)
{
    if ((ops->flags & (OPS_WHOLE | OPS_CONTAINER)) != 0)
        return NULL;
    switch (place->type) {
    case PLACE_ARRAY:
        return "array";
    case PLACE_RANGE:
        return "range";
    case PLACE_MULTIRANGE:
        return "multirange";
    default:
        return NULL;
    }
}

/* The masks that do fit, when they are few: of texts there are too many for a line. */
static void hint_fitting(uint32_t fit, rh_error *err)
{
    const rh_mask_kind *const *kinds = rh_mask_kinds();
    char names[RH_ERROR_HINT_BYTES - 64] = "";
    size_t count = 0;
    size_t len = 0;

    for (; *kinds != NULL; kinds++) {
        const char *name = (*kinds)->name;

        if ((mask_ops_find(name)->fits & fit) == 0 || len + strlen(name) + 3 > sizeof names)
            continue;
        len +=
            (size_t)snprintf(names + len, sizeof names - len, "%s%s", count > 0 ? ", " : "", name);
        count++;
    }
    if (count <= MAX_HINTED)
        rh_error_hint(err, "masks of such columns: %s", names);
}

static rh_status check_fit(mask_compiler *c, const mask_node *node, rh_error *err)
{
    uint32_t fit = UINT32_C(1) << node->place.type;
    rh_status status;

    if ((node->ops->fits & fit) != 0)
        return RH_OK;
    status =
        param_error(c, node->parameters, "mask", err, "mask '%s' does not fit '%s' of type '%s'",
                    node->ops->kind.name, node->place.name, node->place.type_name);
    hint_fitting(fit, err);
    return status;
}

rh_status mask_compile_node(mask_compiler *c, const char *kind, const json_t *params,
                            const char *domain, const mask_place *place, mask_node **out,
                            rh_error *err)
{
    const mask_ops *ops = mask_ops_find(kind);
    mask_node *node = NULL;
    rh_status status = RH_OK;

    if (ops == NULL) {
        status = param_error(c, params, "mask", err, "there is no mask '%s'", kind);
        rh_error_hint(err, "the masks are listed in docs/masks.md");
        return status;
    }
    if (c->depth == MAX_DEPTH)
        return param_error(c, params, NULL, err, "masks are nested more than %d deep", MAX_DEPTH);

    const char *wrapper = wrapper_of(ops, place);

    node = rh_arena_array(c->arena, 1, sizeof *node);
    if (node == NULL)
        return rh_error_oom(err);
    node->ops = wrapper == NULL ? ops : mask_ops_find(wrapper);
    node->domain = rh_arena_strdup(c->arena, domain);
    node->place = *place;
    node->parameters = wrapper == NULL ? params : NULL;
    node->keeps = node->ops->kind.keeps;
    node->leaks = node->ops->kind.leaks;
    if (node->domain == NULL)
        return rh_error_oom(err);
    status = mask_tree_add(c->mask, node, err);
    if (status == RH_OK)
        status = check_fit(c, node, err);
    if (status == RH_OK)
        status = read_common(c, node, err);
    if (status != RH_OK)
        return status;
    c->depth++;
    if (wrapper != NULL) {
        mask_place inside = mask_place_of_type(place, place->element);
        mask_node *inner = NULL;

        if (inside.type == PLACE_ANY)
            inside.type_name = place->type_name;
        status = mask_compile_node(c, kind, params, domain, &inside, &inner, err);
        node->data = inner;
        if (status == RH_OK && node->ops->compile != NULL)
            status = node->ops->compile(c, node, err);
    } else if (ops->compile != NULL) {
        status = ops->compile(c, node, err);
    }
    c->depth--;
    if (node->invalid == INVALID_NULL || node->invalid == INVALID_KEEP)
        node->keeps &= ~(unsigned)(node->invalid == INVALID_NULL ? RH_KEEPS_UNIQUE | RH_KEEPS_NULLS
                                                                 : RH_KEEPS_UNIQUE);
    if (status == RH_OK)
        *out = node;
    return status;
}

/* ---- inner masks ---- */

static rh_status inner_of_object(mask_compiler *c, const json_t *spec, const char *domain,
                                 const mask_place *place, mask_node **out, rh_error *err)
{
    const json_t *mask = json_object_get(spec, "mask");
    const json_t *named = json_object_get(spec, "domain");
    const rh_mask_domains *domains = c->request->domains;
    const char *kind = json_string_value(mask);
    const json_t *params = spec;

    if (named != NULL && !json_is_string(named))
        return param_error(c, spec, "domain", err, "'domain' must be the name of a domain");
    if (named != NULL)
        domain = json_string_value(named);
    if (named != NULL && kind == NULL) {
        rh_error found = RH_ERROR_INIT;

        if (domains == NULL || domains->find(domains->ctx, domain, &kind, &params, &found) != RH_OK)
            return param_error(c, spec, "domain", err, "there is no domain '%s'", domain);
    }
    if (kind == NULL)
        return param_error(c, spec, "mask", err, "a mask or a domain must be named here");
    return mask_compile_node(c, kind, params, domain, place, out, err);
}

rh_status mask_compile_inner(mask_compiler *c, const mask_node *outer, const inner_mask *inner,
                             mask_node **out, rh_error *err)
{
    const json_t *spec = json_object_get(inner->parent, inner->key);
    const char *domain = rh_arena_printf(c->arena, "%s%s", outer->domain,
                                         inner->suffix == NULL ? "" : inner->suffix);

    if (domain == NULL)
        return rh_error_oom(err);
    if (json_is_null(spec)) /* `null` without quotes means the mask of that name */
        return mask_compile_node(c, "null", NULL, domain, inner->place, out, err);
    if (json_is_object(spec))
        return inner_of_object(c, spec, domain, inner->place, out, err);
    if (!json_is_string(spec))
        return param_error(c, inner->parent, inner->key, err,
                           "'%s' of mask '%s' must name a mask or a domain", inner->key,
                           outer->ops->kind.name);
    if (mask_ops_find(json_string_value(spec)) == NULL)
        return param_error(c, inner->parent, inner->key, err, "there is no mask '%s'",
                           json_string_value(spec));
    return mask_compile_node(c, json_string_value(spec), NULL, domain, inner->place, out, err);
}

rh_status mask_reads_column(mask_compiler *c, const mask_node *node, const char *name,
                            size_t *out_index, rh_error *err)
{
    const rh_structure_table *table = c->request->table;
    size_t index = table == NULL ? 0 : rh_structure_column_index(table, name);

    if (table == NULL || index == table->column_count)
        return param_error(c, node->parameters, "subject", err, "'%s' has no column '%s'",
                           table == NULL ? node->place.name : table->full_name, name);
    *out_index = index;
    return mask_tree_read(c->mask, index, err);
}
