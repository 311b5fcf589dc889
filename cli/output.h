/*
 * Text for people on stdout, messages on stderr, or one JSON document.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "context.h"

/** Exit code of a status: 0 good, 1 bad answer, 2 could not say. */
int cli_exit_code(rh_status status);

/** In JSON mode print document (borrowed), indented. Returns true when it printed. */
bool cli_print_json(const cli_context *context, const json_t *document);

/** printf to stdout unless --quiet or --json. */
void cli_print(const cli_context *context, const char *format, ...) RH_PRINTF(2, 3);

/** A paragraph to stdout behind an indent and `first`, in lines of 80 columns. */
void cli_print_wrapped(const cli_context *context, size_t indent, const char *first,
                       const char *paragraph);

/** The error on stderr ("rehearse: ..." and its hint), or as the JSON document of a failed run;
 * with the problems that were found before. */
void cli_print_error(const cli_context *context, const rh_error *err);

/** Notes and findings on stderr, one per line, with their hints. */
void cli_print_problems(const cli_context *context);

/* ---- tables for terminals ---- */

enum { CLI_TABLE_MAX_COLUMNS = 10 };

typedef struct cli_table cli_table;

/** headings: NULL-terminated; a heading that starts with '>' is for a right-aligned column. */
cli_table *cli_table_new(const char *const *headings) RH_MUST_CHECK;
/** Cells are copied; as many as there are headings. False when memory is out. */
bool cli_table_row(cli_table *table, const char *const *cells) RH_MUST_CHECK;
/** A line below the last row, cut at the terminal's width. False when memory is out. */
bool cli_table_note(cli_table *table, const char *before, const char *text) RH_MUST_CHECK;
void cli_table_print(const cli_context *context, const cli_table *table);
void cli_table_free(cli_table *table);

/** The integer under a key of a summary; 0 where there is none. */
int64_t cli_json_number(const json_t *json, const char *key);

/** The text under a key, or what to say where there is none. */
const char *cli_json_text(const json_t *json, const char *key, const char *missing);

/** Microseconds for people: "812 ms", "4.2 s", "3 min 12 s". Returns out. */
const char *cli_format_duration(int64_t us, char out[32]);

#endif
