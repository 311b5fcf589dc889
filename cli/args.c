/*
 * See args.h.
 */
#include "args.h"

#include <assert.h>
#include <string.h>

#include "core/num.h"
#include "core/str.h"

const cli_option cli_common_options[] = {
    {"json", CLI_FLAG, NULL, "print one JSON document on stdout and nothing else", NULL},
    {"quiet", CLI_FLAG, NULL, "print nothing but errors", NULL},
    {"progress", CLI_CHOICE, "WHEN", "show progress: auto, always or never", "auto|always|never"},
    {"jobs", CLI_COUNT, "N", "parallel workers (default: processors, at most 8)", NULL},
    {"help", CLI_FLAG, NULL, "print this help", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

/* Letters for options that are typed often; they work where the command has such an option. */
static const struct {
    char letter;
    const char *name;
} letters[] = {
    {'c', "command"},
    {'f', "file"},
};

/* ---- parsing ---- */

static size_t find_option(const cli_args *args, const char *name, size_t len)
{
    for (size_t i = 0; i < args->option_count; i++) {
        if (strlen(args->options[i]->name) == len &&
            strncmp(args->options[i]->name, name, len) == 0)
            return i;
    }
    return args->option_count;
}

static void add_options(cli_args *args, const cli_option *options)
{
    for (; options->name != NULL; options++) {
        assert(args->option_count < CLI_MAX_OPTIONS);
        args->options[args->option_count++] = options;
    }
}

/* The known option that starts like the given text, for the hint. */
static const char *similar_option(const cli_args *args, const char *name, size_t len)
{
    for (size_t keep = len; keep >= 2; keep--) {
        for (size_t i = 0; i < args->option_count; i++) {
            if (strncmp(args->options[i]->name, name, keep) == 0)
                return args->options[i]->name;
        }
    }
    return NULL;
}

static rh_status unknown_option(const cli_args *args, const char *name, size_t len, rh_error *err)
{
    const char *similar = similar_option(args, name, len);

    rh_error_set(err, RH_EUSAGE, "unknown option '--%.*s'", (int)len, name);
    if (similar != NULL)
        rh_error_hint(err, "did you mean --%s?", similar);
    return RH_EUSAGE;
}

static rh_status set_choice(const cli_option *option, cli_value *value, const char *text,
                            rh_error *err)
{
    const char *at = option->choices;

    for (int64_t position = 0; at != NULL; position++) {
        const char *end = strchr(at, '|');
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);

        if (strlen(text) == len && strncmp(at, text, len) == 0) {
            value->number = position;
            return RH_OK;
        }
        at = end == NULL ? NULL : end + 1;
    }
    return rh_error_set(err, RH_EUSAGE, "--%s must be one of %s, not '%s'", option->name,
                        option->choices, text);
}

static rh_status set_value(const cli_option *option, cli_value *value, const char *text,
                           rh_error *err)
{
    uint64_t bytes = 0;
    rh_status status = RH_OK;

    if (value->given && option->kind != CLI_TEXTS)
        return rh_error_set(err, RH_EUSAGE, "--%s was given twice", option->name);
    if (value->count == CLI_MAX_TEXTS)
        return rh_error_set(err, RH_EUSAGE, "--%s was given more than %d times", option->name,
                            CLI_MAX_TEXTS);
    switch (option->kind) {
    case CLI_COUNT:
        status = rh_num_int64(text, option->name, 0, INT32_MAX, &value->number, err);
        break;
    case CLI_BYTES:
        status = rh_num_bytes(text, option->name, &bytes, err);
        value->number = bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
        break;
    case CLI_DURATION:
        status = rh_num_duration_us(text, option->name, &value->number, err);
        break;
    case CLI_CHOICE:
        status = set_choice(option, value, text, err);
        break;
    case CLI_FLAG:
    case CLI_TEXT:
    case CLI_TEXTS:
        break;
    }
    value->given = true;
    value->texts[value->count++] = text;
    return status;
}

/* Where the name of an option begins: "--name", or "-c" as --command. *out_len without "=value". */
static const char *name_of(const char *text, size_t *out_len)
{
    for (size_t i = 0; text[1] != '-' && i < sizeof letters / sizeof letters[0]; i++) {
        if (text[1] == letters[i].letter && text[2] == '\0') {
            *out_len = strlen(letters[i].name);
            return letters[i].name;
        }
    }
    *out_len = strcspn(text + 2, "=");
    return text + 2;
}

/* One "--name", "--name=value", "--name value" or "-n value". *at moves over a value taken from
 * argv. */
static rh_status parse_option(cli_args *args, int argc, char **argv, int *at, rh_error *err)
{
    size_t len;
    const char *name = name_of(argv[*at], &len);
    size_t index = find_option(args, name, len);
    const cli_option *option;

    if (index == args->option_count)
        return unknown_option(args, name, len, err);
    option = args->options[index];
    if (option->kind == CLI_FLAG) {
        if (name[len] == '=')
            return rh_error_set(err, RH_EUSAGE, "--%s takes no value", option->name);
        args->values[index].given = true;
        return RH_OK;
    }
    if (name[len] == '=')
        return set_value(option, &args->values[index], name + len + 1, err);
    if (*at + 1 >= argc)
        return rh_error_set(err, RH_EUSAGE, "--%s needs a value: %s", option->name, option->value);
    *at += 1;
    return set_value(option, &args->values[index], argv[*at], err);
}

static bool is_letter(const cli_args *args, const char *text)
{
    size_t len;
    const char *name = name_of(text, &len);

    return text[0] == '-' && text[1] != '-' && name != text + 2 &&
           find_option(args, name, len) < args->option_count;
}

static rh_status add_operand(cli_args *args, const char *text, rh_error *err)
{
    if (args->operand_count == CLI_MAX_OPERANDS)
        return rh_error_set(err, RH_EUSAGE, "more than %d arguments", CLI_MAX_OPERANDS);
    args->operands[args->operand_count++] = text;
    return RH_OK;
}

rh_status cli_args_parse(cli_args *args, const cli_option *options, int argc, char **argv,
                         int first, rh_error *err)
{
    bool only_operands = false;
    rh_status status = RH_OK;

    memset(args, 0, sizeof *args);
    add_options(args, options);
    add_options(args, cli_common_options);
    for (int i = first; status == RH_OK && i < argc; i++) {
        if (!only_operands && strcmp(argv[i], "--") == 0)
            only_operands = true;
        else if (!only_operands && strcmp(argv[i], "-h") == 0)
            args->values[find_option(args, "help", 4)].given = true;
        else if (!only_operands && (rh_str_starts_with(argv[i], "--") || is_letter(args, argv[i])))
            status = parse_option(args, argc, argv, &i, err);
        else if (!only_operands && argv[i][0] == '-' && argv[i][1] != '\0')
            status = rh_error_set(err, RH_EUSAGE, "unknown option '%s'", argv[i]);
        else
            status = add_operand(args, argv[i], err);
    }
    return status;
}

/* ---- access ---- */

static const cli_value *value_of(const cli_args *args, const char *name)
{
    size_t index = find_option(args, name, strlen(name));

    assert(index < args->option_count);
    return &args->values[index];
}

bool cli_flag(const cli_args *args, const char *name)
{
    return value_of(args, name)->given;
}

bool cli_given(const cli_args *args, const char *name)
{
    return value_of(args, name)->given;
}

const char *cli_text(const cli_args *args, const char *name)
{
    return value_of(args, name)->texts[0];
}

const char *const *cli_texts(const cli_args *args, const char *name)
{
    const cli_value *value = value_of(args, name);

    return value->given ? value->texts : NULL;
}

int64_t cli_number(const cli_args *args, const char *name, int64_t fallback)
{
    const cli_value *value = value_of(args, name);

    return value->given ? value->number : fallback;
}

/* ---- help ---- */

enum { HELP_COLUMN = 28, HELP_WIDTH = 79 };

/* Print text from column on, wrapped between words, no blanks at the ends of lines. */
static void print_wrapped(FILE *out, const char *text, int column)
{
    bool first = true;

    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        size_t word = strcspn(text, " ");

        if (!first && column + 1 + (int)word > HELP_WIDTH) {
            fprintf(out, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        } else if (!first) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)word, text);
        column += (int)word;
        text += word;
        first = false;
    }
    fputc('\n', out);
}

/* "-c, " before --command. */
static const char *letter_of(const char *name, char out[8])
{
    out[0] = '\0';
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (strcmp(letters[i].name, name) == 0)
            (void)snprintf(out, 8, "-%c, ", letters[i].letter);
    return out;
}

static void print_options(const cli_option *options, FILE *out)
{
    for (; options->name != NULL; options++) {
        char letter[8];
        int width = fprintf(out, "  %s--%s%s%s", letter_of(options->name, letter), options->name,
                            options->value == NULL ? "" : " ",
                            options->value == NULL ? "" : options->value);

        if (width > HELP_COLUMN - 2) {
            fputc('\n', out);
            width = 0;
        }
        fprintf(out, "%*s", HELP_COLUMN - width, "");
        print_wrapped(out, options->help, HELP_COLUMN);
    }
}

void cli_args_print_help(const cli_option *options, FILE *out)
{
    if (options->name != NULL) {
        fputs("\nOptions:\n", out);
        print_options(options, out);
    }
    fputs("\nCommon options:\n", out);
    print_options(cli_common_options, out);
}
