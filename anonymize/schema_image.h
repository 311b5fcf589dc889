/*
 * Texts of the schema that are replaced: a column's default, a partition's bound.
 */
#ifndef ANONYMIZE_SCHEMA_IMAGE_H
#define ANONYMIZE_SCHEMA_IMAGE_H

#include "core/buf.h"
#include "core/structure.h"

typedef struct schema_image {
    const rh_structure_table *table;
    const rh_structure_column *column; /* NULL: the text is the table's */
    const char *text;                  /* as the schema has it; borrowed from the structure */
    rh_buf image;                      /* what stands there instead; wiped */
} schema_image;

typedef struct schema_images {
    schema_image *items;
    size_t count;
} schema_images;

/** Room for so many. RH_ENOMEM. */
rh_status schema_images_init(schema_images *images, size_t capacity, rh_error *err) RH_MUST_CHECK;
/** Also of zeros. */
void schema_images_done(schema_images *images);

/** The next one, with an empty image; below the capacity. column may be NULL. */
schema_image *schema_images_add(schema_images *images, const rh_structure_table *table,
                                const rh_structure_column *column, const char *text);
/** Takes the last one away again. */
void schema_images_drop(schema_images *images);

/** NULL when the text stays, or a name is NULL. column NULL: that of the table. */
const schema_image *schema_images_of(const schema_images *images, const char *schema,
                                     const char *table, const char *column);

#endif
