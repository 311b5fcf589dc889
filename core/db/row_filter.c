/*
 * What every user of a filter does with it beside its rows (row_filter.h).
 */
#include "core/row_filter.h"

static rh_status refuse(const rh_table *table, const rh_extra_column *extra, rh_error *err)
{
    rh_error_set(err, RH_EUNSUPPORTED,
                 "column '%s.%s' is computed by the source: a snapshot has only rows",
                 table->full_name, table->columns[extra->column].name);
    if (extra->where != NULL)
        rh_error_where(err, "%s", extra->where);
    rh_error_hint(err, "mask on the way from the database: snapshot --rules, or mirror");
    return RH_EUNSUPPORTED;
}

rh_status rh_row_filter_attach(const rh_row_filter *filter, rh_source *source,
                               const rh_catalog *catalog, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; filter->extras != NULL && status == RH_OK && i < catalog->table_count; i++) {
        const rh_table *table = &catalog->tables[i];
        const rh_extra_column *extras = NULL;
        size_t count = 0;

        if (table->rows_excluded)
            continue;
        status = filter->extras(filter->ctx, table, &extras, &count, err);
        if (status != RH_OK || count == 0)
            continue;
        status = source == NULL ? refuse(table, &extras[0], err)
                                : rh_source_extras(source, table, extras, count, err);
    }
    return status;
}

rh_status rh_row_filter_end(const rh_row_filter *filter, rh_error *err)
{
    return filter == NULL || filter->end == NULL ? RH_OK : filter->end(filter->ctx, err);
}

rh_status rh_row_filter_facts(const rh_row_filter *filter, json_t *facts, rh_error *err)
{
    return filter == NULL || filter->facts == NULL ? RH_OK : filter->facts(filter->ctx, facts, err);
}
