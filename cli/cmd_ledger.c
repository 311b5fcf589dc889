/*
 * rehearse ledger: block workloads.
 */
#include <string.h>

#include "command.h"
#include "core/buf.h"
#include "ledger.h"

static const cli_option options[] = {
    {"out", CLI_TEXT, "FILE", "import: the workload file to write", NULL},
    {"replace", CLI_FLAG, NULL, "import: FILE may exist and is replaced when all went well", NULL},
    {"network", CLI_CHOICE, "NAME",
     "import: of raw blocks, which do not tell theirs (default mainnet)",
     "mainnet|testnet3|testnet4|signet|regtest"},
    {"xor-key", CLI_TEXT, "FILE",
     "import: key of obfuscated blk*.dat files (default: xor.dat beside them)", NULL},
    {"undo", CLI_TEXT, "FILE",
     "import: what inputs spend: BLOCK.undo or rev*.dat (default: what is beside)", NULL},
    {"first-height", CLI_COUNT, "N",
     "import: height of the first block (default: as the blocks tell, or 0)", NULL},
    {"synthesize", CLI_COUNT, "N", "import: make up N blocks like the one of --like", NULL},
    {"like", CLI_TEXT, "BLOCK", "import: the model of --synthesize", NULL},
    {"transactions", CLI_COUNT, "N",
     "import: transactions of each block made up (default: as the model)", NULL},
    {"seed", CLI_COUNT, "N", "import: same seed, same blocks (default 1)", NULL},
    {"from-db", CLI_TEXT, "DB", "import: the blocks that a ledger's own database knows", NULL},
    {"mapping", CLI_TEXT, "FILE",
     "import: tables and columns of --from-db (default: Counterparty's)", NULL},
    {"from-height", CLI_COUNT, "N", "import: the first block that is taken of --from-db", NULL},
    {"to-height", CLI_COUNT, "N", "import: the last one", NULL},
    {"from-trace", CLI_TEXTS, "TRACE",
     "import: the statements of a trace, a log or a captured workload, cut into blocks", NULL},
    {"marker", CLI_TEXT, "SQL",
     "import: the statement that each block of --from-trace has, e.g. 'INSERT INTO blocks'", NULL},
    {"marker-at", CLI_CHOICE, "PLACE",
     "import: whether the marker begins (default) or ends its block", "begin|end"},
    {"engine", CLI_CHOICE, "ENGINE",
     "import: of a trace that is a script: postgresql (default) or sqlite", "postgresql|sqlite"},
    {"format", CLI_CHOICE, "FORMAT",
     "import: of a trace (default: found out): auto, stderr, csvlog, jsonlog, syslog, cri, heroku, "
     "trace, script",
     "auto|stderr|csvlog|jsonlog|syslog|cri|heroku|trace|script"},
    {"calls", CLI_TEXT, "FILE",
     "replay, check, growth: the calls that a node makes (default: a trace's own)", NULL},
    {"against", CLI_TEXT, "FILE", "replay: other calls, whose results are compared", NULL},
    {"sample", CLI_COUNT, "N",
     "replay, check, growth: measure N units of each call per block, extrapolate the rest", NULL},
    {"step-budget", CLI_COUNT, "N",
     "with a sample, VM steps after which a call has been measured enough", NULL},
    {"statistics", CLI_TEXT, "FILE",
     "check, growth: plan by the sqlite_stat1 of this SQLite file, production's", NULL},
    {"max-rows", CLI_COUNT, "N",
     "growth: rows of the largest table in the largest copy (default 131072)", NULL},
    {"mainnet-rows", CLI_COUNT, "N",
     "growth: rows of the largest table that mainnet has (default: as --statistics, or DATABASE)",
     NULL},
    {"testnet-rows", CLI_COUNT, "N", "growth: that testnet has (default: a hundredth of mainnet's)",
     NULL},
    {"testnet-units", CLI_COUNT, "N",
     "growth: inputs and outputs of its block (default: a twentieth of the workload's)", NULL},
    {"keep-going", CLI_FLAG, NULL, "replay, check: count calls that fail and go on", NULL},
    {"commit", CLI_FLAG, NULL, "replay: let what the calls write stay in the database", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

/* Options that a verb looks at; import has all that the others have not. */
static const char *const replay_options[] = {"calls",      "against", "sample", "step-budget",
                                             "keep-going", "commit",  NULL};
static const char *const check_options[] = {"calls",      "sample",     "step-budget",
                                            "statistics", "keep-going", NULL};
static const char *const growth_options[] = {"calls",        "sample",        "step-budget",
                                             "statistics",   "max-rows",      "mainnet-rows",
                                             "testnet-rows", "testnet-units", NULL};

typedef struct verb {
    const char *name;
    size_t min_operands; /* the verb and what follows it */
    size_t max_operands;
    const char *const *options; /* NULL: those of no other verb */
    rh_status (*run)(cli_context *context, const cli_args *args, rh_error *err);
} verb;

static const verb verbs[] = {
    {"import", 1, CLI_MAX_OPERANDS, NULL, cli_ledger_import},
    {"replay", 3, 3, replay_options, cli_ledger_replay},
    {"check", 3, 3, check_options, cli_ledger_check},
    {"growth", 3, 3, growth_options, cli_ledger_growth},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static bool lists(const verb *v, const char *option)
{
    for (size_t i = 0; v->options != NULL && v->options[i] != NULL; i++) {
        if (strcmp(v->options[i], option) == 0)
            return true;
    }
    return false;
}

static bool looks_at(const verb *v, const char *option)
{
    if (v->options != NULL)
        return lists(v, option);
    for (size_t i = 0; i < VERBS; i++) {
        if (lists(&verbs[i], option))
            return false;
    }
    return true;
}

/* An option that would do nothing is a mistake of whoever gave it. */
static rh_status check_verb_options(const verb *chosen, const cli_args *args, rh_error *err)
{
    rh_buf others = RH_BUF_INIT;
    rh_status status = RH_OK;

    for (const cli_option *o = options; status == RH_OK && o->name != NULL; o++) {
        if (!cli_given(args, o->name) || looks_at(chosen, o->name))
            continue;
        for (size_t i = 0; status == RH_OK && i < VERBS; i++) {
            if (looks_at(&verbs[i], o->name))
                status =
                    rh_buf_printf(&others, err, "%s%s", others.len == 0 ? "" : ", ", verbs[i].name);
        }
        if (status == RH_OK) {
            status =
                rh_error_set(err, RH_EUSAGE, "--%s is not for ledger %s", o->name, chosen->name);
            rh_error_hint(err, "it is for ledger %s", rh_buf_cstr(&others));
        }
    }
    rh_buf_done(&others);
    return status;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    const verb *chosen = NULL;
    rh_status status;

    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(verbs[i].name, args->operands[0]) == 0)
            chosen = &verbs[i];
    }
    if (chosen != NULL && args->operand_count >= chosen->min_operands &&
        args->operand_count <= chosen->max_operands) {
        status = check_verb_options(chosen, args, err);
        return status == RH_OK ? chosen->run(context, args, err) : status;
    }
    rh_error_set(err, RH_EUSAGE,
                 chosen == NULL ? "unknown: ledger %s" : "ledger %s: wrong number of arguments",
                 args->operands[0]);
    rh_error_hint(err,
                  "ledger import BLOCKS... | --from-db DB --out FILE, ledger replay|check|growth "
                  "WORKLOAD DB --calls FILE");
    return RH_EUSAGE;
}

const cli_command cli_ledger = {
    "ledger",
    "replay blocks, count calls, forecast the cost of a block",
    "import BLOCKS...|--from-db DB --out FILE\n"
    "       rehearse ledger import --from-trace TRACE --marker SQL --out FILE\n"
    "       rehearse ledger replay WORKLOAD DB [--calls FILE [--against FILE]]\n"
    "       rehearse ledger check WORKLOAD DB [--calls FILE] [--statistics FILE]\n"
    "       rehearse ledger growth WORKLOAD DB --calls FILE [--statistics FILE]",
    "import reads Bitcoin blocks (raw ones, a node's blk*.dat), the tables of a\n"
    "ledger, or a trace that a marker statement cuts into blocks, or makes blocks up,\n"
    "as a workload. replay runs a node's calls (or a trace's own statements) over it,\n"
    "block by block, counts statements, rows and steps, and rolls everything back.\n"
    "check samples, plans each call under three statistics and judges budgets; exit\n"
    "code 1 when a node could not keep up. growth measures on growing copies of the\n"
    "tables how statements per block and the cost of a call grow, and what that makes\n"
    "of a block at testnet's and mainnet's size and at ten times as many rows.\n",
    options,
    1,
    CLI_MAX_OPERANDS,
    run,
};
