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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_section),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
