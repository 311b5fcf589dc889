/*
 * Which links wait for a lock: sampled, because the server tells it only while it lasts. Nothing
 * here fails the run: without answers, time simply counts as the server's.
 */
#include <string.h>

#include "pg_replay.h"
#include "pg_sql.h"
#include "pg_statement.h"

enum {
    ASK_EVERY_US = 20000,
    WORTH_ASKING_US = 10000, /* some call runs for longer than this */
};

static bool someone_is_slow(const rh_pg_link *links, size_t count, int64_t now_us)
{
    for (size_t i = 0; i < count; i++) {
        const rh_replay_done *done = rh_pg_link_current(&links[i]);

        if (done != NULL && now_us - done->start_us > WORTH_ASKING_US)
            return true;
    }
    return false;
}

static void add_wait(rh_pg_locks *locks, rh_pg_link *links, size_t count, int64_t pid,
                     int64_t now_us)
{
    for (size_t i = 0; i < count; i++) {
        rh_replay_done *done = rh_pg_link_current(&links[i]);
        int64_t from = locks->answered_us;

        if (done == NULL || links[i].pid != pid)
            continue;
        if (done->start_us > from)
            from = done->start_us;
        if (now_us > from)
            done->lock_us += now_us - from;
    }
}

static void take_answer(rh_pg_locks *locks, rh_pg_link *links, size_t count, int64_t now_us)
{
    PGresult *result;

    if (!PQconsumeInput(locks->conn)) {
        PQfinish(locks->conn);
        locks->conn = NULL;
        return;
    }
    while (!PQisBusy(locks->conn)) {
        result = PQgetResult(locks->conn);
        if (result == NULL) {
            locks->asking = false;
            locks->answered_us = now_us;
            return;
        }
        for (int row = 0; row < PQntuples(result); row++)
            add_wait(locks, links, count, rh_pg_int64(result, row, 0), now_us);
        PQclear(result);
    }
}

void rh_pg_locks_watch(rh_pg_locks *locks, rh_pg_link *links, size_t count, int64_t now_us)
{
    if (locks->conn == NULL)
        return;
    if (locks->asking) {
        take_answer(locks, links, count, now_us);
        return;
    }
    if (now_us - locks->asked_us < ASK_EVERY_US)
        return;
    if (!someone_is_slow(links, count, now_us)) {
        locks->answered_us = now_us;
        return;
    }
    locks->asked_us = now_us;
    locks->asking = PQsendQuery(locks->conn, rh_pg_sql_replay_waits) != 0;
    (void)PQflush(locks->conn);
}
