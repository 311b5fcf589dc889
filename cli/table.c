/*
 * Tables for terminals: columns as wide as their widest cell, two spaces between them.
 */
#include <stdio.h>
#include <string.h>

#include "core/display.h"
#include "core/mem.h"
#include "output.h"

enum { NOTE_BYTES = 68 };

struct cli_table {
    size_t columns;
    bool right[CLI_TABLE_MAX_COLUMNS];
    size_t widths[CLI_TABLE_MAX_COLUMNS];
    char **cells; /* rows * columns; the first row holds the headings */
    char **notes; /* one per row, or NULL */
    size_t rows;
    size_t cap;
};

cli_table *cli_table_new(const char *const *headings)
{
    cli_table *table = rh_mem_zalloc(sizeof *table);
    const char *plain[CLI_TABLE_MAX_COLUMNS];

    if (table == NULL)
        return NULL;
    while (headings[table->columns] != NULL && table->columns < CLI_TABLE_MAX_COLUMNS) {
        const char *heading = headings[table->columns];

        table->right[table->columns] = heading[0] == '>';
        plain[table->columns] = heading[0] == '>' ? heading + 1 : heading;
        table->columns++;
    }
    if (!cli_table_row(table, plain)) {
        cli_table_free(table);
        return NULL;
    }
    return table;
}

bool cli_table_row(cli_table *table, const char *const *cells)
{
    if (table->rows == table->cap) {
        size_t cap = table->cap == 0 ? 16 : table->cap * 2;
        char **grown = rh_mem_rearray(table->cells, cap * table->columns, sizeof *grown);

        if (grown == NULL)
            return false;
        table->cells = grown;
        grown = rh_mem_rearray(table->notes, cap, sizeof *grown);
        if (grown == NULL)
            return false;
        table->notes = grown;
        table->cap = cap;
    }
    table->notes[table->rows] = NULL;

    char **row = table->cells + table->rows * table->columns;

    for (size_t i = 0; i < table->columns; i++) {
        row[i] = rh_mem_strdup(cells[i] == NULL ? "-" : cells[i]);
        if (row[i] == NULL) {
            while (i-- > 0)
                rh_mem_free(row[i]);
            return false;
        }
        rh_display_clean(row[i], strlen(row[i]));

        size_t width = rh_display_columns(row[i], strlen(row[i]));

        if (width > table->widths[i])
            table->widths[i] = width;
    }
    table->rows++;
    return true;
}

bool cli_table_note(cli_table *table, const char *before, const char *text)
{
    char **note = &table->notes[table->rows - 1];
    char *line = *note == NULL ? rh_mem_printf("  %s%.*s", before, NOTE_BYTES, text)
                               : rh_mem_printf("%s\n  %s%.*s", *note, before, NOTE_BYTES, text);

    if (line == NULL)
        return false;
    rh_mem_free(*note);
    *note = line;
    return true;
}

static void print_cell(const cli_table *table, size_t column, const char *text)
{
    int pad = (int)(table->widths[column] - rh_display_columns(text, strlen(text)));
    bool last = column + 1 == table->columns;

    if (table->right[column])
        printf("%*s%s%s", pad, "", text, last ? "" : "  ");
    else
        printf("%s%*s", text, last ? 0 : pad + 2, "");
}

void cli_table_print(const cli_context *context, const cli_table *table)
{
    if (context->json || context->quiet)
        return;
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t column = 0; column < table->columns; column++)
            print_cell(table, column, table->cells[row * table->columns + column]);
        putchar('\n');
        if (table->notes[row] != NULL)
            printf("%s\n", table->notes[row]);
    }
}

void cli_table_free(cli_table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->rows * table->columns; i++)
        rh_mem_free(table->cells[i]);
    for (size_t i = 0; i < table->rows; i++)
        rh_mem_free(table->notes[i]);
    rh_mem_free(table->notes);
    rh_mem_free(table->cells);
    rh_mem_free(table);
}
