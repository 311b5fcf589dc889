/*
 * What this program sends to a server is no part of a workload. Its connections have a name, and
 * statements that a busy server counts begin with a mark, in front of what C builds as in files of
 * SQL; statements of a workload that is replayed have none.
 */
#ifndef CORE_OWN_STATEMENTS_H
#define CORE_OWN_STATEMENTS_H

#define RH_OWN_APPLICATION  "rehearse"
#define RH_OWN_COMMENT      "/* rehearse */ "
#define RH_OWN_FILE_COMMENT "-- rehearse"

#endif
