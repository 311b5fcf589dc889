/*
 * rehearse rules: draft a rule file, prove it against a schema, explain a decision, look at a
 * preview.
 */
#include <string.h>
#include <unistd.h>

#include "anonymize/draft.h"
#include "anonymize/rules.h"
#include "command.h"
#include "core/engine.h"
#include "core/fs.h"
#include "core/key_file.h"
#include "core/mem.h"
#include "output.h"
#include "rules_bounds.h"
#include "rules_rows.h"
#include "rules_text.h"

static const cli_option options[] = {
    {"rules", CLI_TEXT, "FILE", "the rule file (check, explain, preview)", NULL},
    {"mask-key", CLI_TEXT, "FILE", "mask key, instead of the one that the rule file names", NULL},
    {"out", CLI_TEXT, "FILE", "init: write the draft here (never over an existing file)", NULL},
    {"sample", CLI_COUNT, "N", "init: look at this many rows of each table (default 200)", NULL},
    {"limit", CLI_COUNT, "N", "preview: rows to show (default 10)", NULL},
    {"show-values", CLI_FLAG, NULL, "preview, check: show raw values, too (only on a terminal)",
     NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

enum { DEFAULT_SAMPLE = 200, DEFAULT_PREVIEW = 10 };

/* ---- init ---- */

static rh_status write_draft(const cli_context *context, const cli_args *args, const rh_buf *text,
                             rh_error *err)
{
    const char *path = cli_text(args, "out");
    rh_status status;

    if (path == NULL) {
        fwrite(rh_buf_cstr(text), 1, text->len, stdout);
        return RH_OK;
    }
    if (rh_fs_exists(path))
        return rh_error_set(err, RH_EEXISTS, "'%s' exists", path);
    status = rh_fs_write(path, 0644, rh_buf_cstr(text), text->len, err);
    if (status == RH_OK)
        cli_print(context,
                  "%s drafted: read it, decide what is commented out, then\n"
                  "  rehearse rules check SOURCE --rules %s\n",
                  path, path);
    return status;
}

static rh_status run_init(cli_context *context, const cli_args *args, cli_rules_source *source,
                          rh_error *err)
{
    rh_draft *draft = NULL;
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_draft_new(source->structure, &draft, err);

    if (status == RH_OK)
        status = cli_rules_sample(source, draft, (size_t)cli_number(args, "sample", DEFAULT_SAMPLE),
                                  err);
    if (status == RH_OK)
        status = rh_draft_write(draft, &text, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = write_draft(context, args, &text, err);
    rh_buf_done(&text);
    rh_draft_free(draft);
    return status;
}

/* ---- what check, explain and preview share ---- */

static rh_status read_rules(const cli_args *args, rh_rules **out, rh_error *err)
{
    const char *path = cli_text(args, "rules");

    if (path == NULL)
        return rh_error_set(err, RH_EUSAGE, "--rules FILE is missing");
    return rh_rules_read(path, out, err);
}

static rh_status read_key(const cli_args *args, const rh_rules *rules, rh_mask_key *out,
                          rh_error *err)
{
    const char *path = cli_text(args, "mask-key");
    rh_key key;
    rh_status status;

    if (path == NULL)
        path = rh_rules_key_file(rules);
    if (path == NULL) {
        rh_error_set(err, RH_EKEY, "the rule file names no key");
        rh_error_hint(err, "rehearse keygen --mask FILE, then key: {file: FILE} in the rule file");
        return RH_EKEY;
    }
    status = rh_key_read(path, &key, err);
    if (status == RH_OK && key.kind != RH_KEY_MASK)
        status = rh_error_set(err, RH_EKEY, "'%s' is not a mask key", path);
    if (status == RH_OK)
        memcpy(out->bytes, key.mask_key, sizeof out->bytes);
    rh_wipe(&key, sizeof key);
    return status;
}

static rh_status bind_rules(cli_context *context, const cli_args *args, const rh_rules *rules,
                            const cli_rules_source *source, rh_bound_rules **out, rh_error *err)
{
    rh_mask_key key;
    rh_bound_rules *bound = NULL;
    rh_status status = read_key(args, rules, &key, err);

    if (status == RH_OK)
        status = rh_rules_bind(rules, source->structure, rh_source_kind(source->source), &bound,
                               &context->problems, err);
    if (status == RH_OK)
        status = rh_bound_compile(bound, &key, err);
    rh_mask_key_wipe(&key);
    if (status != RH_OK) {
        rh_bound_rules_free(bound);
        return status;
    }
    *out = bound;
    return RH_OK;
}

static rh_status allow_values(const cli_args *args, bool *out, rh_error *err)
{
    bool show = cli_flag(args, "show-values");

    if (show && isatty(STDOUT_FILENO) != 1)
        return rh_error_set(err, RH_EUSAGE,
                            "--show-values needs a terminal: raw values are not "
                            "written into files or pipes");
    *out = show;
    return RH_OK;
}

/* ---- check ---- */

/* Bounds of partitions are tried as a copy does, which needs rules that fit. */
static rh_status tell(cli_context *context, const cli_rules_source *source,
                      const rh_bound_rules *bound, const json_t *proof, bool show, rh_error *err)
{
    rh_status status = RH_OK;

    if (!context->json) {
        cli_rules_print_masks(context, bound);
        cli_rules_print_proof(context, bound, proof);
    }
    if (rh_problems_fatal(&context->problems) == 0)
        status = cli_rules_print_bounds(context, bound, source->structure, show, err);
    if (status == RH_OK)
        (void)cli_print_json(context, proof);
    return status;
}

static rh_status run_check(cli_context *context, const cli_args *args, cli_rules_source *source,
                           rh_error *err)
{
    rh_rules *rules = NULL;
    rh_bound_rules *bound = NULL;
    json_t *proof = NULL;
    bool show = false;
    rh_status status = allow_values(args, &show, err);

    if (status == RH_OK)
        status = read_rules(args, &rules, err);
    if (status == RH_OK)
        status = bind_rules(context, args, rules, source, &bound, err);
    if (status == RH_OK)
        status = rh_rules_prove(bound, source->structure, &proof, &context->problems, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = tell(context, source, bound, proof, show, err);
    if (status == RH_OK && rh_problems_fatal(&context->problems) > 0)
        status = RH_EMISMATCH; /* an answer, and a bad one */
    json_decref(proof);
    rh_bound_rules_free(bound);
    rh_rules_free(rules);
    return status;
}

/* ---- explain ---- */

static rh_status run_explain(cli_context *context, const cli_args *args, cli_rules_source *source,
                             rh_error *err)
{
    rh_rules *rules = NULL;
    json_t *answer = NULL;
    rh_status status = read_rules(args, &rules, err);

    if (status == RH_OK)
        status = rh_rules_explain(rules, source->structure, args->operands[2], &answer, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, answer))
        cli_rules_print_explanation(context, answer);
    json_decref(answer);
    rh_rules_free(rules);
    return status;
}

/* ---- preview ---- */

static rh_status run_preview(cli_context *context, const cli_args *args, cli_rules_source *source,
                             rh_error *err)
{
    bool show = false;
    rh_rules *rules = NULL;
    rh_bound_rules *bound = NULL;
    rh_status status = allow_values(args, &show, err);

    if (status == RH_OK)
        status = read_rules(args, &rules, err);
    if (status == RH_OK)
        status = bind_rules(context, args, rules, source, &bound, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = cli_rules_preview(source, bound, args->operands[2],
                                   (size_t)cli_number(args, "limit", DEFAULT_PREVIEW), show, err);
    rh_bound_rules_free(bound);
    rh_rules_free(rules);
    return status;
}

/* ---- dispatch ---- */

typedef struct verb {
    const char *name;
    size_t operands;         /* the verb and what follows it */
    const char *rows_option; /* says how many rows it looks at; NULL: none */
    int64_t rows;            /* without the option */
    rh_status (*run)(cli_context *context, const cli_args *args, cli_rules_source *source,
                     rh_error *err);
} verb;

static const verb verbs[] = {
    {"init", 2, "sample", DEFAULT_SAMPLE, run_init},
    {"check", 2, NULL, 0, run_check},
    {"explain", 3, NULL, 0, run_explain},
    {"preview", 3, "limit", DEFAULT_PREVIEW, run_preview},
};

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    const verb *chosen = NULL;
    cli_rules_source source = {0};
    int64_t rows = 0;
    rh_status status;

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, args->operands[0]) == 0)
            chosen = &verbs[i];
    }
    if (chosen == NULL || args->operand_count != chosen->operands) {
        rh_error_set(err, RH_EUSAGE,
                     chosen == NULL ? "unknown: rules %s"
                                    : "rules %s: wrong "
                                      "number of arguments",
                     args->operands[0]);
        rh_error_hint(err, "rules init SOURCE | check SOURCE | explain SOURCE TABLE.COLUMN | "
                           "preview SOURCE TABLE");
        return RH_EUSAGE;
    }
    if (chosen->rows_option != NULL)
        rows = cli_number(args, chosen->rows_option, chosen->rows);
    status = cli_rules_source_open(context, args->operands[1], (size_t)rows, &source, err);
    if (status == RH_OK)
        status = chosen->run(context, args, &source, err);
    cli_rules_source_close(&source);
    return status;
}

const cli_command cli_rules = {
    "rules",
    "draft, prove, explain and preview mask rules",
    "init SOURCE [--out FILE]\n"
    "       rehearse rules check SOURCE --rules FILE [--show-values]\n"
    "       rehearse rules explain SOURCE TABLE.COLUMN --rules FILE\n"
    "       rehearse rules preview SOURCE TABLE --rules FILE",
    "init drafts a commented rule file from names, types and a sample of rows; check\n"
    "proves a rule file against the schema, before any row is read; explain tells\n"
    "which rule decides a column; preview shows masked rows.\n",
    options,
    2,
    3,
    run,
};
