/*
 * Executions pass the filters, get their transaction, and are written.
 *
 * Transactions: BEGIN to COMMIT or ROLLBACK of a session is one. A log that starts in the middle
 * of one, or sampled it, still names its virtual transaction id: statements outside a block that
 * share one belong together. (At the end of a statement outside of a block it reads n/0.)
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "capture_internal.h"
#include "core/str.h"

rh_status capture_engine(rh_capture *c, rh_sql_dialect dialect, rh_error *err)
{
    rh_workload_writer_options options = {.engine = dialect == RH_SQL_SQLITE ? RH_ENGINE_SQLITE
                                                                             : RH_ENGINE_POSTGRESQL,
                                          .tool_version = c->options.tool_version,
                                          .settings = c->settings,
                                          .replace = c->options.replace};
    rh_status status;

    if (c->writer != NULL && c->dialect == dialect)
        return RH_OK;
    if (c->writer != NULL) {
        rh_error_set(err, RH_EUSAGE, "the inputs hold statements of PostgreSQL and of SQLite");
        rh_error_hint(err, "capture each engine into a workload of its own");
        return RH_EUSAGE;
    }
    if (c->options.origin != NULL && c->options.origin->engine != options.engine)
        return rh_error_set(err, RH_EUSAGE, "the source is of %s, the inputs hold statements of %s",
                            rh_engine_name(c->options.origin->engine),
                            rh_engine_name(options.engine));
    c->shapes = capture_shapes_new(dialect);
    if (c->shapes == NULL)
        return rh_error_oom(err);
    status = rh_workload_writer_create(c->path, &options, &c->writer, err);
    if (status != RH_OK) {
        capture_shapes_free(c->shapes);
        c->shapes = NULL;
        return status;
    }
    c->dialect = dialect;
    return RH_OK;
}

/* ---- filters ---- */

static bool listed(const char *const *globs, const char *name)
{
    if (globs == NULL)
        return true;
    for (; *globs != NULL; globs++) {
        if (rh_str_glob(*globs, name))
            return true;
    }
    return false;
}

static bool has_fingerprint(const char *const *list, uint64_t fingerprint)
{
    char hex[17];

    if (list == NULL)
        return true;
    (void)snprintf(hex, sizeof hex, "%016" PRIx64, fingerprint);
    for (; *list != NULL; list++) {
        if (rh_str_ieq(*list, hex))
            return true;
    }
    return false;
}

/* Of a filter that does not let it pass, the counter; else NULL. */
static uint64_t *refused_by(rh_capture *c, capture_session *s, const rh_workload_item *item,
                            const capture_shape *shape)
{
    const rh_capture_options *o = &c->options;

    if (capture_is_own(c, s, item->sql))
        return &c->filtered.own;
    if (!listed(o->databases, s->database))
        return &c->filtered.database;
    if (!listed(o->users, s->user))
        return &c->filtered.user;
    if (!listed(o->applications, s->application))
        return &c->filtered.application;
    if ((o->since_us != 0 && item->time_us < o->since_us) ||
        (o->until_us != 0 && item->time_us >= o->until_us))
        return &c->filtered.time;
    if (o->min_duration_us > 0 && item->duration_us < o->min_duration_us)
        return &c->filtered.duration;
    if (!has_fingerprint(o->fingerprints, shape->statement.fingerprint))
        return &c->filtered.fingerprint;
    if (!s->sampled)
        return &c->filtered.sample;
    return NULL;
}

/* ---- transactions ---- */

static bool is_real_vxid(rh_log_text vxid)
{
    return vxid.len > 2 && !(vxid.data[vxid.len - 1] == '0' && vxid.data[vxid.len - 2] == '/');
}

static bool same(rh_log_text text, const char *name)
{
    return strlen(name) == text.len && memcmp(name, text.data, text.len) == 0;
}

static void set_vxid(char out[CAPTURE_VXID_BYTES], rh_log_text vxid)
{
    size_t n = vxid.len < CAPTURE_VXID_BYTES ? vxid.len : CAPTURE_VXID_BYTES - 1;

    if (n > 0)
        memcpy(out, vxid.data, n);
    out[n] = '\0';
}

/* Follow one command. True when the statement belongs to a block. */
static bool follow(rh_capture *c, capture_session *s, rh_sql_transaction_step step)
{
    bool inside = s->in_block;

    switch (step) {
    case RH_SQL_TX_BEGIN:
        if (!s->in_block) {
            s->transaction = ++c->next_transaction;
            s->block_vxid[0] = '\0';
        }
        s->in_block = true;
        return true;
    case RH_SQL_TX_COMMIT:
    case RH_SQL_TX_ROLLBACK:
    case RH_SQL_TX_TWO_PHASE:
        s->in_block = false;
        return inside;
    default:
        return inside;
    }
}

/* Statements outside a block that share a virtual transaction id. */
static uint64_t shared_transaction(rh_capture *c, capture_session *s, const capture_execution *e)
{
    if (!is_real_vxid(e->vxid))
        return 0;
    if (same(e->vxid, s->shared_vxid))
        return s->transaction;
    if (e->next_vxid.len != e->vxid.len ||
        memcmp(e->next_vxid.data, e->vxid.data, e->vxid.len) != 0)
        return 0;
    set_vxid(s->shared_vxid, e->vxid);
    s->transaction = ++c->next_transaction;
    return s->transaction;
}

static uint64_t follow_each(rh_capture *c, capture_session *s, const capture_execution *e)
{
    rh_sql_scan scan;
    rh_sql_piece piece;
    uint64_t transaction = 0;

    rh_sql_scan_init(&scan, c->dialect, e->item.sql, e->sql_len);
    while (rh_sql_split_next(&scan, &piece)) {
        rh_sql_command command =
            rh_sql_command_of(c->dialect, e->item.sql + piece.offset, piece.len);

        if (follow(c, s, command.transaction))
            transaction = s->transaction;
    }
    return transaction;
}

static uint64_t transaction_of(rh_capture *c, capture_session *s, const capture_execution *e,
                               const capture_shape *shape)
{
    bool real = is_real_vxid(e->vxid);

    /* Another transaction although nobody saw this one end: its COMMIT was not logged. */
    if (s->in_block && real && s->block_vxid[0] != '\0' && !same(e->vxid, s->block_vxid))
        s->in_block = false;
    if (shape->several)
        return follow_each(c, s, e);
    if (follow(c, s, e->item.sqlstate == NULL ? shape->command.transaction : RH_SQL_TX_NONE)) {
        if (real)
            set_vxid(s->block_vxid, e->vxid);
        return s->transaction;
    }
    return shared_transaction(c, s, e);
}

/* ---- writing ---- */

/* Texts that the workload cannot hold as they are. */
static rh_status check_text(rh_capture *c, capture_execution *e, rh_error *err)
{
    rh_workload_item *item = &e->item;

    for (size_t i = 0; i < item->parameter_count; i++) {
        const rh_parameter *p = &item->parameters[i];

        if (p->kind == RH_PARAMETER_TEXT && !rh_str_is_utf8(p->data, p->len)) {
            item->unreplayable = "not UTF-8 (client_encoding or the log's encoding differ)";
            item->parameter_count = 0;
            break;
        }
    }
    if (strlen(item->sql) == e->sql_len && rh_str_is_utf8(item->sql, e->sql_len))
        return RH_OK;

    char *copy = rh_arena_strndup(c->arena, item->sql, e->sql_len);

    if (copy == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < e->sql_len; i++) {
        if (copy[i] == '\0')
            copy[i] = '?';
    }
    rh_str_make_utf8(copy, e->sql_len);
    item->sql = copy;
    e->sql_len = strlen(copy);
    item->unreplayable = "not UTF-8 (client_encoding or the log's encoding differ)";
    return RH_OK;
}

static bool copies_from_client(const rh_capture *c, const char *sql, size_t len)
{
    rh_sql_scan scan;
    rh_sql_token token;
    bool from = false;

    rh_sql_scan_init(&scan, c->dialect, sql, len);
    while ((token = rh_sql_scan_next_code(&scan)).kind != RH_SQL_TOKEN_END) {
        if (from && rh_sql_token_is(&token, sql, "stdin"))
            return true;
        from = rh_sql_token_is(&token, sql, "from");
    }
    return false;
}

static void account(rh_capture *c, capture_session *s, const rh_workload_item *item)
{
    c->executions++;
    c->per_source[item->source - 1]++;
    if (item->unreplayable != NULL) {
        c->unreplayable++;
        capture_skip_add(c, item->unreplayable, item->source, item->source_line);
    }
    if (item->time_us != 0) {
        if (c->first_us == 0 || item->time_us < c->first_us)
            c->first_us = item->time_us;
        if (item->time_us > c->last_us)
            c->last_us = item->time_us;
        if (s->start_us == 0 || item->time_us < s->start_us)
            s->start_us = item->time_us;
    }
}

rh_status capture_emit(rh_capture *c, capture_session *s, capture_execution *e,
                       uint64_t *out_execution, rh_error *err)
{
    const capture_shape *shape = NULL;
    uint64_t *refused;
    rh_status status = check_text(c, e, err);

    *out_execution = 0;
    if (status == RH_OK)
        status = capture_shapes_get(c->shapes, e->item.sql, e->sql_len, &shape, err);
    if (status != RH_OK)
        return status;
    if (shape->command.kind == RH_SQL_COMMAND_EMPTY) {
        capture_skip_add(c, "empty statement", e->item.source, e->item.source_line);
        return RH_OK;
    }
    e->item.transaction = transaction_of(c, s, e, shape);
    refused = refused_by(c, s, &e->item, shape);
    if (refused != NULL) {
        ++*refused;
        return RH_OK;
    }
    if (s->number == 0)
        s->number = ++c->next_session;
    e->item.session = s->number;
    e->item.statement = &shape->statement;
    if (e->item.unreplayable == NULL && strcmp(shape->command.verb, "copy") == 0 &&
        copies_from_client(c, e->item.sql, e->sql_len))
        e->item.unreplayable = "COPY FROM STDIN: its rows are not logged";
    c->multiple += shape->several;
    account(c, s, &e->item);
    status = capture_shapes_count_in(c->shapes, shape, err);
    return status == RH_OK ? rh_workload_writer_add(c->writer, &e->item, out_execution, err)
                           : status;
}

/* ---- traces and scripts ---- */

static uint64_t trace_process(const rh_capture *c, const rh_log_statement *statement)
{
    uint64_t hash = 0xcbf29ce484222325u + c->source;

    for (size_t i = 0; i < statement->session.len; i++)
        hash = (hash ^ (unsigned char)statement->session.data[i]) * 0x100000001b3u;
    return hash | (uint64_t)1 << 62;
}

rh_status capture_statement(void *ctx, const rh_log_statement *st, rh_error *err)
{
    rh_capture *c = ctx;
    capture_session *s = NULL;
    capture_execution e = {.item = RH_WORKLOAD_ITEM_INIT, .sql_len = st->sql.len};
    char state[CAPTURE_STATE_BYTES] = "";
    uint64_t ignored = 0;
    rh_status status = capture_engine(c, st->dialect, err);

    if (status == RH_OK)
        status = capture_session_get(c, trace_process(c, st), true, &s, err);
    if (status != RH_OK)
        return status;
    capture_name_set(s->user, st->user);
    capture_name_set(s->database, st->database);
    capture_name_set(s->application, st->application);
    if (st->time_us > s->last_us)
        s->last_us = st->time_us;
    e.item.sql = rh_arena_strndup(c->arena, st->sql.data, st->sql.len);
    if (e.item.sql == NULL)
        return rh_error_oom(err);
    if (st->sqlstate.len > 0) {
        size_t n = st->sqlstate.len < sizeof state ? st->sqlstate.len : sizeof state - 1;

        memcpy(state, st->sqlstate.data, n);
        e.item.sqlstate = state;
    }
    e.item.time_us = st->time_us;
    e.item.duration_us = st->duration_us;
    e.item.parameters = st->parameters;
    e.item.parameter_count = st->parameter_count;
    e.item.protocol = st->prepared ? RH_WORKLOAD_EXTENDED : RH_WORKLOAD_SIMPLE;
    e.item.unreplayable = st->unreplayable;
    e.item.source = c->source;
    e.item.source_line = st->line;
    c->messages++;
    status = capture_emit(c, s, &e, &ignored, err);
    rh_arena_reset(c->arena);
    c->params = (capture_params){.longest_whole = c->params.longest_whole};
    return status;
}
