/*
 * Sequences under masks: what one has counted up to is a raw value of the columns that it feeds,
 * and would give values that masked ones already have. Such a sequence follows its columns.
 */
#include <stdio.h>
#include <string.h>

#include "filter.h"
#include "hash_routes.h"

static bool is_integer(const rh_structure_column *column)
{
    static const char *const types[] = {"smallint", "integer", "bigint"};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (column->base_type != NULL && strcmp(column->base_type, types[i]) == 0)
            return true;
    }
    return false;
}

/* The decision over a fed column; NULL when there is none. */
static const rh_decision *decision_of(const rh_anonymizer *anonymizer, const json_t *feed)
{
    const char *schema = json_string_value(json_object_get(feed, "schema"));
    const char *table = json_string_value(json_object_get(feed, "table"));
    const char *column = json_string_value(json_object_get(feed, "column"));

    if (schema == NULL || table == NULL || column == NULL)
        return NULL;
    for (size_t i = 0; i < rh_bound_count(anonymizer->bound); i++) {
        const rh_decision *decision = rh_bound_at(anonymizer->bound, i);

        if (strcmp(decision->table->schema, schema) == 0 &&
            strcmp(decision->table->name, table) == 0 &&
            strcmp(decision->column->name, column) == 0)
            return decision;
    }
    return NULL;
}

static rh_status mask_sequence(const rh_anonymizer *anonymizer, json_t *sequence, rh_error *err)
{
    const json_t *feeds = json_object_get(sequence, "feeds");
    json_t *follows = json_array();
    bool masked = false;
    rh_status status = follows == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(feeds); i++) {
        json_t *feed = json_array_get(feeds, i);
        const rh_decision *decision = decision_of(anonymizer, feed);

        if (decision == NULL)
            continue;
        masked = masked || strcmp(decision->kind, "keep") != 0;
        if (is_integer(decision->column) && json_array_append(follows, feed) != 0)
            status = rh_error_oom(err);
    }
    if (status == RH_OK && masked) {
        (void)json_object_del(sequence, "last_value");
        (void)json_object_del(sequence, "is_called");
        if (json_object_set(sequence, "follows", follows) != 0)
            status = rh_error_oom(err);
    }
    json_decref(follows);
    return status;
}

rh_status rh_mask_facts(const rh_anonymizer *anonymizer, json_t *facts, rh_error *err)
{
    const json_t *sequences = json_object_get(facts, "sequences");
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(sequences); i++)
        status = mask_sequence(anonymizer, json_array_get(sequences, i), err);
    return status == RH_OK ? hash_routes_facts(anonymizer, facts, err) : status;
}
