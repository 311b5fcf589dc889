/*
 * custom: a value's image comes from outside, from an SQL expression on the source or from a
 * command. Here its parameters are read; who moves the rows gets the answers (rh_mask_answer).
 */
#include <string.h>

#include "core/str.h"
#include "kinds.h"

enum { DEFAULT_SECONDS = 60, MAX_SECONDS = 86400, MAX_WORDS = 64 };

typedef struct claim {
    const char *name;
    unsigned keeps;
} claim;

/* What a rule may vouch for; the words are those of `rules check`. */
static const claim claims[] = {
    {"equality", RH_KEEPS_EQUALITY},   {"unique", RH_KEEPS_UNIQUE | RH_KEEPS_EQUALITY},
    {"frequency", RH_KEEPS_FREQUENCY}, {"order", RH_KEEPS_ORDER},
    {"prefix", RH_KEEPS_PREFIX},       {"width", RH_KEEPS_WIDTH},
    {"class", RH_KEEPS_CLASS},         {"shape", RH_KEEPS_SHAPE},
};

static rh_status read_claims(mask_compiler *c, mask_node *node, rh_error *err)
{
    const char **names = NULL;
    size_t count = 0;
    rh_status status = param_texts(c, node, "keeps", &names, &count, err);

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        size_t k = 0;

        while (k < sizeof claims / sizeof claims[0] && strcmp(claims[k].name, names[i]) != 0)
            k++;
        if (k == sizeof claims / sizeof claims[0])
            return param_error(c, node->parameters, "keeps", err,
                               "'keeps' of mask 'custom' knows equality, unique, frequency, order, "
                               "prefix, width, class, shape");
        node->keeps |= claims[k].keeps;
    }
    return status;
}

static rh_status read_command(mask_compiler *c, mask_node *node, rh_mask_custom *custom,
                              rh_error *err)
{
    const json_t *list = json_object_get(node->parameters, "command");
    const size_t count = json_array_size(list);
    const char **words = NULL;

    if (!json_is_array(list) || count == 0 || count > MAX_WORDS)
        return param_error(c, node->parameters, "command", err,
                           "'command' must be a list: the program, then its arguments");
    words = rh_arena_array(c->arena, count + 1, sizeof *words);
    if (words == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        const char *word = json_string_value(json_array_get(list, i));

        if (word == NULL || (i == 0 && word[0] == '\0'))
            return param_error(c, node->parameters, "command", err,
                               "'command' must be a list of texts");
        words[i] = rh_arena_strdup(c->arena, word);
        if (words[i] == NULL)
            return rh_error_oom(err);
    }
    custom->command = words;
    return RH_OK;
}

static rh_status say_where(mask_compiler *c, const mask_node *node, const char *key,
                           rh_mask_custom *custom, rh_error *err)
{
    const rh_doc *doc = c->request->doc;
    rh_doc_pos pos = {0, 0};

    custom->where = "";
    if (doc == NULL)
        return RH_OK;
    pos = rh_doc_value_pos(doc, node->parameters, key);
    if (pos.line == 0)
        pos = c->request->pos;
    custom->where = rh_arena_printf(c->arena, "%s:%zu:%zu", rh_doc_name(doc), pos.line, pos.column);
    return custom->where == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status compile_custom(mask_compiler *c, mask_node *node, rh_error *err)
{
    const int64_t range[2] = {1, MAX_SECONDS};
    const json_t *sql = json_object_get(node->parameters, "sql");
    const json_t *command = json_object_get(node->parameters, "command");
    rh_mask_custom *custom = rh_arena_array(c->arena, 1, sizeof *custom);
    int64_t seconds = DEFAULT_SECONDS;
    rh_status status = RH_OK;

    if (custom == NULL)
        return rh_error_oom(err);
    node->data = custom;
    if ((sql == NULL) == (command == NULL))
        return param_error(c, node->parameters, NULL, err,
                           "mask 'custom' needs either 'sql' or 'command'");
    if (c->depth > 1 || c->request->table == NULL)
        return param_error(c, node->parameters, "mask", err,
                           "mask 'custom' stands for a whole column, not inside of '%s'",
                           node->place.name);
    if (sql != NULL && !json_is_string(sql))
        return param_error(c, node->parameters, "sql", err, "'sql' must be one SQL expression");
    if (sql != NULL && json_object_get(node->parameters, "timeout") != NULL)
        return param_error(c, node->parameters, "timeout", err, "'timeout' belongs to a 'command'");
    if (sql != NULL)
        status = param_text(c, node, "sql", &custom->sql, err);
    else
        status = read_command(c, node, custom, err);
    if (status == RH_OK)
        status = param_integer(c, node, "timeout", range, &seconds, err);
    if (status == RH_OK)
        status = read_claims(c, node, err);
    if (status == RH_OK)
        status = say_where(c, node, sql != NULL ? "sql" : "command", custom, err);
    custom->timeout_us = seconds * 1000000;
    return status;
}

static rh_status apply_custom(const mask_node *node, void *state, mask_call *call, rh_field *value,
                              rh_error *err)
{
    (void)state;
    if (call->answer == NULL)
        return rh_error_set(err, RH_EUNSUPPORTED,
                            "mask 'custom' of '%s' works on rows on their way only",
                            node->place.name);
    *value = *call->answer;
    return RH_OK;
}

static const char *const custom_parameters[] = {"sql", "command", "timeout", "keeps", NULL};

const mask_ops mask_ops_custom = {
    .kind = {"custom", RH_KEEPS_NULLS, "whatever the expression or the command leaves in",
             custom_parameters},
    .fits = FITS_ALL,
    .flags = OPS_WHOLE,
    .compile = compile_custom,
    .apply = apply_custom,
};
