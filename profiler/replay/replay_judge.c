#include "replay_judge.h"

#include <string.h>

#include "core/sql_fingerprint.h"
#include "core/str.h"

enum { MAX_STATEMENTS = 100 };

/* Of the session only, taken back by nobody: they run as they are, also outside of a transaction,
 * for a rollback would take back what later statements need. */
static bool is_of_session(const rh_sql_command *command)
{
    static const char *const verbs[] = {"set",     "reset",  "show",     "discard", "deallocate",
                                        "prepare", "listen", "unlisten", "declare", "fetch",
                                        "move",    "close",  "pragma"};

    if (command->kind != RH_SQL_COMMAND_UTILITY)
        return false;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(command->verb, verbs[i]) == 0)
            return true;
    }
    return false;
}

/* It ends the transaction of its session: left out, it would leave that open for what follows. */
static bool is_prepare_transaction(const rh_sql_command *command)
{
    return command->transaction == RH_SQL_TX_TWO_PHASE && strcmp(command->verb, "prepare") == 0;
}

static const char *reason_to_skip(const rh_sql_command *command, rh_replay_writes writes)
{
    if (strcmp(command->verb, "copy") == 0)
        return "COPY";
    if (command->transaction == RH_SQL_TX_TWO_PHASE && writes != RH_REPLAY_WRITES_COMMIT &&
        !is_prepare_transaction(command))
        return "two-phase commit";
    if (writes != RH_REPLAY_WRITES_SKIP || command->kind == RH_SQL_COMMAND_READ ||
        command->kind == RH_SQL_COMMAND_TRANSACTION || is_of_session(command))
        return NULL;
    return "writes are skipped";
}

/* Where the statements of one text are, in terms of transactions. */
typedef struct walk {
    bool inside;  /* behind a BEGIN of this text */
    bool control; /* there was one */
    bool unsafe;  /* something that has to be taken back stands outside of BEGIN and COMMIT */
} walk;

static void judge_step(const rh_sql_command *command, rh_sql_dialect dialect,
                       rh_replay_writes writes, walk *state, rp_plan *plan)
{
    bool changes = command->kind != RH_SQL_COMMAND_READ && !is_of_session(command);
    bool take_back = writes == RH_REPLAY_WRITES_ROLLBACK &&
                     (changes || (command->kind == RH_SQL_COMMAND_READ &&
                                  (dialect == RH_SQL_POSTGRES || command->locks)));

    switch (command->transaction) {
    case RH_SQL_TX_BEGIN:
        state->inside = true;
        state->control = true;
        plan->begins = true;
        plan->ends = false;
        return;
    case RH_SQL_TX_COMMIT:
    case RH_SQL_TX_ROLLBACK:
    case RH_SQL_TX_TWO_PHASE:
        state->inside = false;
        state->control = true;
        plan->begins = false;
        plan->ends = true;
        return;
    case RH_SQL_TX_NONE:
        plan->writes = plan->writes || changes || command->locks;
        if (take_back && !state->inside) {
            plan->wrap = true;
            state->unsafe = true;
        }
        return;
    default: /* savepoints */
        return;
    }
}

/* The text that runs in place of the captured one. */
static const char *text_of(const rh_sql_command *command, rh_replay_writes writes, rh_arena *arena,
                           const char *sql, const rh_sql_piece *piece)
{
    if (command->transaction == RH_SQL_TX_COMMIT && writes == RH_REPLAY_WRITES_ROLLBACK)
        return "ROLLBACK";
    if (is_prepare_transaction(command) && writes != RH_REPLAY_WRITES_COMMIT)
        return "ROLLBACK";
    return rh_arena_strndup(arena, sql + piece->offset, piece->len);
}

rh_status rp_judge(rh_sql_dialect dialect, rh_replay_writes writes, const char *sql,
                   rh_arena *arena, rp_plan *out, rh_error *err)
{
    const char *texts[MAX_STATEMENTS];
    const char **list;
    rp_plan plan = {0};
    walk state = {false, false, false};
    rh_sql_scan scan;
    rh_sql_piece piece;

    rh_sql_scan_init(&scan, dialect, sql, strlen(sql));
    while (rh_sql_split_next(&scan, &piece)) {
        rh_sql_command command = rh_sql_command_of(dialect, sql + piece.offset, piece.len);
        const char *skip = reason_to_skip(&command, writes);

        if (skip != NULL && plan.skip == NULL)
            plan.skip = skip;
        if (plan.count == MAX_STATEMENTS) {
            plan.skip = "too many statements in one text";
            break;
        }
        judge_step(&command, dialect, writes, &state, &plan);
        plan.light = plan.count == 0 && command.kind == RH_SQL_COMMAND_READ && !command.locks;
        texts[plan.count] = text_of(&command, writes, arena, sql, &piece);
        if (texts[plan.count++] == NULL)
            return rh_error_oom(err);
    }
    if (plan.count == 0)
        plan.skip = "empty";
    if (state.control && plan.count > 1) {
        plan.end_behind = plan.ends;
        if (state.unsafe && plan.skip == NULL)
            plan.skip = "transaction control among other statements";
    }
    list = rh_arena_array(arena, plan.count, sizeof *list);
    if (list == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < plan.count; i++)
        list[i] = texts[i];
    plan.statements = list;
    *out = plan;
    return RH_OK;
}
