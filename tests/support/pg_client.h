/*
 * A test's own connection to the throwaway cluster, beside what it tests.
 */
#ifndef PG_CLIENT_H
#define PG_CLIENT_H

#include <libpq-fe.h>

/** To RH_TEST_PG; database: another one than it names, or NULL. Fails the test. */
PGconn *pg_client_open(const char *database);

/** One statement or several, as plain text; rows are thrown away. Fails the test, with the
 * server's words. */
void pg_client_run(PGconn *client, const char *sql);

/** The one value of a query that is to give text; NULL when the query failed, with a message on
 * stderr. Free with PQclear(*out_result), also then. */
const char *pg_client_text(PGconn *client, const char *sql, PGresult **out_result);

#endif
