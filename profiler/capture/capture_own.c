/*
 * What this program itself sent is no workload. Statements of its own have a mark. It also runs
 * pg_dump, whose statements nobody can mark, and whose connections are told only where the log has
 * their name: so sessions of pg_dump are known by how they begin, whoever started them. They read
 * catalogs and whole tables under a snapshot that is gone; nobody wants to replay that.
 *
 *   none --empty search_path--> opened --SET DATESTYLE--> dump --BEGIN--> dump_reads --\
 *     ^----------(anything that pg_dump does not say there; BEGIN, the end of the block)--/
 *
 * All of PostgreSQL's own client programs begin with the same empty search_path, in these bytes.
 */
#include <string.h>

#include "capture_internal.h"
#include "core/own_statements.h"
#include "core/str.h"

/* Between the first statement and the one that only pg_dump sends. */
static bool may_follow_opening(const char *sql)
{
    return strcmp(sql, "SELECT pg_catalog.pg_is_in_recovery()") == 0 ||
           rh_str_starts_with(sql, "set client_encoding to '");
}

static bool is_dump(capture_session *s, const char *sql)
{
    static const char opening[] = "SELECT pg_catalog.set_config('search_path', '', false)";

    if (rh_str_starts_with(sql, opening) &&
        (sql[sizeof opening - 1] == '\0' || strcmp(sql + sizeof opening - 1, ";") == 0)) {
        s->dump = CAPTURE_DUMP_OPENED;
        return true;
    }
    switch (s->dump) {
    case CAPTURE_DUMP_OPENED:
        if (may_follow_opening(sql))
            return true;
        s->dump = strcmp(sql, "SET DATESTYLE = ISO") == 0 ? CAPTURE_DUMP : CAPTURE_DUMP_NONE;
        break;
    case CAPTURE_DUMP:
        if (strcmp(sql, "BEGIN") == 0)
            s->dump = CAPTURE_DUMP_READS;
        break;
    case CAPTURE_DUMP_READS: /* one transaction: what comes later is another's with its process id
                              */
        if (rh_str_starts_with(sql, "BEGIN") || rh_str_ieq(sql, "COMMIT") ||
            rh_str_ieq(sql, "ROLLBACK"))
            s->dump = CAPTURE_DUMP_NONE;
        break;
    default:
        break;
    }
    return s->dump != CAPTURE_DUMP_NONE;
}

bool capture_is_own(const rh_capture *c, capture_session *s, const char *sql)
{
    bool comment = sql[0] == '/' || sql[0] == '-';

    if (c->dialect != RH_SQL_POSTGRES)
        return false;
    if (comment &&
        (rh_str_starts_with(sql, RH_OWN_COMMENT) || rh_str_starts_with(sql, RH_OWN_FILE_COMMENT)))
        return true;
    if (c->options.applications != NULL) /* asked for by its name */
        return false;
    return strcmp(s->application, RH_OWN_APPLICATION) == 0 || is_dump(s, sql);
}
