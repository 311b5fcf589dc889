#include "pg_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

PGconn *pg_client_open(const char *database)
{
    const char *cluster = getenv("RH_TEST_PG");
    char name[1024];
    PGconn *client;

    if (cluster == NULL)
        fail_msg("RH_TEST_PG is not set");
    (void)snprintf(name, sizeof name, "%s%s%s", cluster,
                   database == NULL ? "" : " dbname=", database == NULL ? "" : database);
    client = PQconnectdb(name);
    if (PQstatus(client) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(client));
    return client;
}

void pg_client_run(PGconn *client, const char *sql)
{
    PGresult *result = PQexec(client, sql);
    ExecStatusType status = PQresultStatus(result);

    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        fail_msg("%s: %s", sql, PQerrorMessage(client));
}

const char *pg_client_text(PGconn *client, const char *sql, PGresult **out_result)
{
    *out_result = PQexec(client, sql);
    if (PQresultStatus(*out_result) == PGRES_TUPLES_OK)
        return PQgetvalue(*out_result, 0, 0);
    (void)fprintf(stderr, "%s\n%s\n", PQresultErrorMessage(*out_result), sql);
    return NULL;
}
