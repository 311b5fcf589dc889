/*
 * Small closed sets of labels: a keyed permutation of them, or new names for those of an enum type.
 */
#include <stdlib.h>
#include <string.h>

#include "anonymize/shuffle.h"
#include "core/mem.h"
#include "field_text.h"
#include "kinds.h"
#include "text_engine.h"

typedef struct enum_data {
    const char **labels; /* sorted, so that the order of their declaration does not matter */
    size_t count;
    const char **images; /* renamed: what each of them is called; else NULL */
    rh_shuffle *shuffle; /* read by all lanes */
} enum_data;

static int compare_labels(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static rh_status copy_type_labels(mask_compiler *c, const mask_node *node, enum_data *data,
                                  rh_error *err)
{
    const char *const *labels = node->place.labels;

    while (labels[data->count] != NULL)
        data->count++;
    data->labels = rh_arena_array(c->arena, data->count + 1, sizeof(char *));
    if (data->labels == NULL)
        return rh_error_oom(err);
    memcpy(data->labels, labels, data->count * sizeof(char *));
    return RH_OK;
}

static rh_status check_labels(const mask_compiler *c, const mask_node *node, const enum_data *data,
                              rh_error *err)
{
    const char *const *of_type = node->place.labels;

    for (size_t i = 0; i < data->count; i++) {
        bool known = of_type == NULL;

        if (i > 0 && strcmp(data->labels[i - 1], data->labels[i]) == 0)
            return param_error(c, node->parameters, "labels", err, "label '%s' is there twice",
                               data->labels[i]);
        for (size_t k = 0; of_type != NULL && of_type[k] != NULL; k++)
            known |= strcmp(of_type[k], data->labels[i]) == 0;
        if (!known)
            return param_error(c, node->parameters, "labels", err, "type '%s' has no label '%s'",
                               node->place.type_name, data->labels[i]);
        if (node->place.max_chars >= 0 &&
            (int64_t)utf8_count(data->labels[i], strlen(data->labels[i])) > node->place.max_chars)
            return param_error(c, node->parameters, "labels", err,
                               "label '%s' does not fit '%s' of type '%s'", data->labels[i],
                               node->place.name, node->place.type_name);
    }
    return RH_OK;
}

static rh_status rename_label(mask_compiler *c, text_engine *engine, const char *label,
                              const char **out, rh_error *err)
{
    char *image = rh_arena_strdup(c->arena, label);
    const text_job job = {image, strlen(label), false};

    if (image == NULL)
        return rh_error_oom(err);
    *out = image;
    return text_engine_map(engine, &job, c->arena, err);
}

static const char *enum_of(const rh_structure_column *column)
{
    return column->element_type != NULL ? column->element_type : column->base_type;
}

/* The type has one set of labels for all its columns, so its name is the domain, whatever the rule
 * says. */
static rh_status rename_labels(mask_compiler *c, mask_node *node, enum_data *data, const char *type,
                               rh_error *err)
{
    const char *domain = rh_arena_printf(c->arena, "enum type %s", type);
    text_engine *engine = NULL;
    rh_status status = RH_OK;

    data->images = rh_arena_array(c->arena, data->count, sizeof(char *));
    if (domain == NULL || data->images == NULL)
        return rh_error_oom(err);
    status = text_engine_open(c->request->key, domain, false, &engine, err);
    for (size_t i = 0; status == RH_OK && i < data->count; i++)
        status = rename_label(c, engine, data->labels[i], &data->images[i], err);
    text_engine_close(engine);
    node->keeps |= RH_KEEPS_ORDER | RH_KEEPS_WIDTH;
    node->leaks = "frequency, the place of each label in the type's order, length, signs";
    return status;
}

static rh_status check_rename(const mask_compiler *c, const mask_node *node, rh_error *err)
{
    if (json_object_get(node->parameters, "labels") != NULL ||
        json_object_get(node->parameters, "keep") != NULL)
        return param_error(c, node->parameters, "rename", err,
                           "'rename' goes without 'labels' and 'keep': it is about the type '%s'",
                           node->place.type_name);
    if (node->place.labels == NULL)
        return param_error(c, node->parameters, "rename", err, "'%s' is of no enum type",
                           node->place.name);
    return RH_OK;
}

/* A column of the enum type, which knows its labels; NULL: none. */
static const rh_structure_column *column_of_type(const rh_structure *structure, const char *type)
{
    for (size_t t = 0; structure != NULL && t < rh_structure_table_count(structure); t++) {
        const rh_structure_table *table = rh_structure_table_at(structure, t);

        for (size_t i = 0; i < table->column_count; i++) {
            if (table->columns[i].labels != NULL && strcmp(enum_of(&table->columns[i]), type) == 0)
                return &table->columns[i];
        }
    }
    return NULL;
}

/* 'type' names the enum type of a value inside of another: the structure tells no fields. */
static rh_status take_type(mask_compiler *c, mask_node *node, const char *type, rh_error *err)
{
    const rh_structure_column *column = column_of_type(c->request->structure, type);
    const char **labels;
    size_t count = 0;

    if (node->place.labels != NULL)
        return param_error(c, node->parameters, "type", err,
                           "'type' is for values inside of others: '%s' has a type",
                           node->place.name);
    if (column == NULL)
        return param_error(c, node->parameters, "type", err, "no column is of the enum type '%s'",
                           type);
    while (column->labels[count] != NULL)
        count++;
    labels = rh_arena_array(c->arena, count + 1, sizeof *labels);
    if (labels == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        labels[i] = rh_arena_strdup(c->arena, column->labels[i]);
        if (labels[i] == NULL)
            return rh_error_oom(err);
    }
    node->place.labels = labels;
    return RH_OK;
}

static rh_status compile_enum(mask_compiler *c, mask_node *node, rh_error *err)
{
    enum_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    const char *type = NULL;
    bool rename = false;
    rh_status status;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    status = param_bool(c, node, "rename", &rename, err);
    if (status == RH_OK)
        status = param_text(c, node, "type", &type, err);
    if (status == RH_OK && type != NULL && !rename)
        return param_error(c, node->parameters, "type", err, "'type' goes with 'rename: true'");
    if (status == RH_OK && type != NULL)
        status = take_type(c, node, type, err);
    if (status == RH_OK && rename)
        status = check_rename(c, node, err);
    if (status != RH_OK)
        return status;
    status = param_texts(c, node, "labels", &data->labels, &data->count, err);
    if (status == RH_OK && data->labels == NULL && node->place.labels != NULL)
        status = copy_type_labels(c, node, data, err);
    if (status != RH_OK)
        return status;
    if (data->count == 0)
        return param_error(c, node->parameters, "mask", err,
                           "mask 'enum' needs 'labels' for '%s', whose type has none",
                           node->place.name);
    qsort(data->labels, data->count, sizeof(char *), compare_labels);
    status = check_labels(c, node, data, err);
    if (status != RH_OK)
        return status;
    if (rename)
        return rename_labels(c, node, data, type != NULL ? type : enum_of(c->request->column), err);
    return rh_shuffle_new(c->request->key, node->domain, "enum", (uint32_t)data->count,
                          &data->shuffle, err);
}

static void release_enum(mask_node *node)
{
    enum_data *data = node->data;

    if (data != NULL)
        rh_shuffle_free(data->shuffle);
}

static rh_status apply_enum(const mask_node *node, void *state, mask_call *call, rh_field *value,
                            rh_error *err)
{
    const enum_data *data = node->data;
    char number[FIELD_NUMBER_BYTES];
    const char *text;
    size_t len;
    size_t low = 0;
    size_t high = data->count;

    (void)state;
    (void)call;
    (void)err;
    if (!field_text(value, number, &text, &len))
        return RH_SKIPPED;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const char *label = data->labels[middle];
        int order = strncmp(text, label, len);

        if (order == 0 && label[len] == '\0') {
            label = data->images != NULL
                        ? data->images[middle]
                        : data->labels[rh_shuffle_get(data->shuffle, (uint32_t)middle)];
            field_put_back(value, label, strlen(label));
            return RH_OK;
        }
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return RH_SKIPPED;
}

static const char *const enum_parameters[] = {"labels", "rename", "type", NULL};

const mask_ops mask_ops_enum = {
    .kind = {"enum", KEEPS_PERMUTED,
             "frequency, by which a label may be guessed; with few labels some keep their place",
             enum_parameters},
    .fits = FITS_TEXT | FIT(ENUM),
    .compile = compile_enum,
    .release = release_enum,
    .apply = apply_enum,
};
