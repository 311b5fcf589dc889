/*
 * docs/masks.md has a section per kind, names each parameter in it, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "anonymize/mask.h"

static char *read_docs(void)
{
    const char *root = getenv("RH_SOURCE_DIR");
    char path[1024];
    char *text = calloc(1, 1 << 20);
    FILE *file;
    size_t len;

    (void)snprintf(path, sizeof path, "%s/docs/masks.md", root == NULL ? "." : root);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(text);
    len = fread(text, 1, (1 << 20) - 1, file);
    assert_true(len > 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void every_kind_has_its_section(void **state)
{
    char *docs = read_docs();
    char *masks = strstr(docs, "\n## Masks");

    (void)state;
    assert_non_null(masks);
    for (const rh_mask_kind *const *kind = rh_mask_kinds(); *kind != NULL; kind++) {
        char heading[64];
        char *section;
        char *end;
        char saved;

        (void)snprintf(heading, sizeof heading, "\n### %s\n", (*kind)->name);
        section = strstr(masks, heading);
        if (section == NULL)
            fail_msg("docs/masks.md has no section '%s'", (*kind)->name);
        end = strstr(section + 1, "\n### ");
        if (end == NULL)
            end = section + strlen(section);
        saved = *end;
        *end = '\0';
        for (const char *const *p = (*kind)->parameters; p != NULL && *p != NULL; p++) {
            char quoted[64];

            (void)snprintf(quoted, sizeof quoted, "`%s`", *p);
            if (strstr(section, quoted) == NULL)
                fail_msg("docs/masks.md: section '%s' does not have `%s`", (*kind)->name, *p);
        }
        if (strstr(section, "Keeps") == NULL || strstr(section, "Leaks") == NULL)
            fail_msg("docs/masks.md: section '%s' does not say what it keeps and leaks",
                     (*kind)->name);
        *end = saved;
    }
    for (char *at = strstr(masks, "\n### "); at != NULL; at = strstr(at + 1, "\n### ")) {
        char name[64] = "";

        assert_int_equal(sscanf(at, "\n### %63[^\n]", name), 1);
        if (rh_mask_kind_find(name) == NULL)
            fail_msg("docs/masks.md has a section '%s', but there is no such mask", name);
    }
    free(docs);
}

/* "| kind | what it keeps | what it leaks |", in the words that `rules check` prints. */
static void write_row(const rh_mask_kind *kind, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "\n| `%s` |", kind->name);
    const char *separator = " ";

    for (size_t bit = 0; bit < RH_KEEPS_COUNT; bit++) {
        if ((kind->keeps & (1U << bit)) == 0)
            continue;
        used +=
            (size_t)snprintf(out + used, size - used, "%s%s", separator, rh_mask_keeps_word(bit));
        separator = ", ";
    }
    (void)snprintf(out + used, size - used, " | %s |\n", kind->leaks);
}

static void the_table_is_what_the_masks_say(void **state)
{
    char *docs = read_docs();
    size_t missing = 0;

    (void)state;
    for (const rh_mask_kind *const *kind = rh_mask_kinds(); *kind != NULL; kind++) {
        char row[2048];

        write_row(*kind, row, sizeof row);
        if (strstr(docs, row) != NULL)
            continue;
        print_message("docs/masks.md lacks the row%s", row);
        missing++;
    }
    assert_int_equal(missing, 0);
    free(docs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_section),
        cmocka_unit_test(the_table_is_what_the_masks_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
