#include "schema_image.h"

#include <string.h>

#include "core/mem.h"
#include "core/str.h"

rh_status schema_images_init(schema_images *images, size_t capacity, rh_error *err)
{
    images->count = 0;
    images->items = rh_mem_array(capacity + 1, sizeof *images->items);
    return images->items == NULL ? rh_error_oom(err) : RH_OK;
}

void schema_images_done(schema_images *images)
{
    while (images->count > 0)
        schema_images_drop(images);
    rh_mem_free(images->items);
    images->items = NULL;
}

schema_image *schema_images_add(schema_images *images, const rh_structure_table *table,
                                const rh_structure_column *column, const char *text)
{
    schema_image *item = &images->items[images->count++];

    *item = (schema_image){.table = table, .column = column, .text = text};
    rh_buf_init_wiping(&item->image, 0);
    return item;
}

void schema_images_drop(schema_images *images)
{
    rh_buf_wipe_done(&images->items[--images->count].image);
}

const schema_image *schema_images_of(const schema_images *images, const char *schema,
                                     const char *table, const char *column)
{
    for (size_t i = 0; i < images->count; i++) {
        const schema_image *item = &images->items[i];

        if ((item->column == NULL) == (column == NULL) &&
            (column == NULL || strcmp(item->column->name, column) == 0) &&
            rh_str_eq(item->table->schema, schema) && rh_str_eq(item->table->name, table))
            return item;
    }
    return NULL;
}
