/*
 * See rules_bounds.h.
 */
#include "rules_bounds.h"

#include "anonymize/partition_bound.h"
#include "anonymize/partition_key.h"
#include "core/str.h"
#include "output.h"

typedef struct bound_list {
    cli_context *context;
    const rh_bound_rules *rules;
    const rh_structure *structure;
    rh_arena *scratch;
    bool show;
} bound_list;

/* "at: time, kind: text" */
static rh_status name_masks(const bound_list *list, const rh_structure_table *parent, rh_buf *out,
                            rh_error *err)
{
    rh_partition_key key;
    rh_status status = RH_OK;

    if (!rh_partition_key_read(parent, &key))
        return RH_OK;
    for (size_t i = 0; status == RH_OK && i < key.count; i++) {
        const char *column = parent->columns[key.columns[i]].name;
        const rh_decision *decision = rh_bound_find(list->rules, parent->full_name, column);

        if (decision != NULL && rh_bound_mask_of(list->rules, decision) != NULL)
            status = rh_buf_printf(out, err, "%s%s: %s", out->len == 0 ? "" : ", ", column,
                                   decision->kind);
    }
    return status;
}

static rh_status print_heading(const bound_list *list, const rh_structure_table *parent,
                               rh_error *err)
{
    rh_buf masks = RH_BUF_INIT;
    rh_status status = name_masks(list, parent, &masks, err);

    if (status == RH_OK) {
        cli_print(list->context, "bounds of partitions of %s go through ", parent->full_name);
        cli_print_wrapped(list->context, 0, "", rh_buf_cstr(&masks));
    }
    rh_buf_done(&masks);
    return status;
}

static void print_images(const bound_list *list, const rh_structure_table *partition,
                         const rh_buf *image)
{
    cli_print_wrapped(list->context, 2, "", partition->full_name);
    cli_print_wrapped(list->context, 6, "   ", partition->partition_bound);
    cli_print_wrapped(list->context, 6, "-> ", rh_buf_cstr(image));
}

/* One partition: its name to names, or both bounds to the terminal. */
static rh_status take_bound(const bound_list *list, const rh_structure_table *partition,
                            bool *headed, rh_buf *names, rh_error *err)
{
    rh_buf image = RH_BUF_INIT_WIPING;
    rh_error why = RH_ERROR_INIT;
    rh_status status = rh_partition_bound_image(list->rules, list->structure, partition, NULL,
                                                list->scratch, &image, &why);

    if (status == RH_OK && !*headed) {
        *headed = true;
        status = print_heading(list, rh_structure_find(list->structure, partition->parent), err);
    }
    if (status == RH_OK && list->show)
        print_images(list, partition, &image);
    else if (status == RH_OK)
        status = rh_buf_printf(names, err, "%s%s", names->len == 0 ? "" : ", ", partition->name);
    else if (status == RH_ENOMEM)
        status = rh_error_oom(err);
    else if (status < 0)
        status = rh_problems_add(&list->context->problems, true, NULL, err, "%s", why.text);
    rh_buf_wipe_done(&image);
    rh_arena_reset(list->scratch);
    return status == RH_SKIPPED ? RH_OK : status;
}

static rh_status print_table(const bound_list *list, const rh_structure_table *parent,
                             rh_error *err)
{
    rh_buf names = RH_BUF_INIT;
    bool headed = false;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < rh_structure_table_count(list->structure); i++) {
        const rh_structure_table *partition = rh_structure_table_at(list->structure, i);

        if (rh_str_eq(partition->parent, parent->full_name))
            status = take_bound(list, partition, &headed, &names, err);
    }
    if (status == RH_OK && names.len > 0)
        cli_print_wrapped(list->context, 2, "", rh_buf_cstr(&names));
    rh_buf_done(&names);
    return status;
}

rh_status cli_rules_print_bounds(cli_context *context, const rh_bound_rules *rules,
                                 const rh_structure *structure, bool show, rh_error *err)
{
    bound_list list = {context, rules, structure, rh_arena_new_wiping(0), show};
    rh_status status = list.scratch == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < rh_structure_table_count(structure); i++) {
        const rh_structure_table *table = rh_structure_table_at(structure, i);

        if (table->partition_key != NULL)
            status = print_table(&list, table, err);
    }
    rh_arena_free(list.scratch);
    return status;
}
