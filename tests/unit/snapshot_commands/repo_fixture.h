/*
 * Small repositories for the tests of the repository commands: synthetic PostgreSQL rows written
 * through the store, as a snapshot run would.
 */
#ifndef RH_TESTS_REPO_FIXTURE_H
#define RH_TESTS_REPO_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include <rehearse/repository.h>

enum { FX_PATH_BYTES = 512 };

typedef struct fx {
    char dir[FX_PATH_BYTES];  /* thrown away at the end */
    char repo[FX_PATH_BYTES]; /* below dir */
    char secret[FX_PATH_BYTES];
    char writer[FX_PATH_BYTES];
} fx;

/** Rows of one table: id, a text made of id and version, and for one row a very long text. */
typedef struct fx_table {
    const char *name; /* in schema "shop" */
    int rows;         /* fewer than 0: rows are left out of the snapshot */
    int version;      /* of rows [changed_from, changed_to); the others have version 0 */
    int changed_from;
    int changed_to;
    size_t long_bytes; /* of row 7's text; 0 = as short as the others */
    bool extra_column;
    bool prose; /* words that come again and again: a dictionary helps */
} fx_table;

typedef struct fx_snapshot {
    const char *database; /* names the lineage; NULL: "shop" */
    const char *time;     /* NULL: now */
    const char *label;
    const char *pre_data; /* section texts; NULL: none */
    const char *post_data;
    const json_t *sequences; /* for the source facts; borrowed, or NULL */
} fx_snapshot;

int fx_setup(void **state); /* *state: fx */
int fx_teardown(void **state);

/** Fail the test with the error's text unless status is RH_OK. */
void fx_ok(rh_status status, const rh_error *err);

/** Open for writing, made when it is not there. sealed: with the writer key. */
rh_repo *fx_create(fx *f, bool sealed);
/** Open for reading; key NULL = none. */
rh_repo *fx_open(const fx *f, const char *key);
rh_repo *fx_open_exclusive(const fx *f);

/** Take a snapshot; the id is written to out (64 bytes). tables end with name NULL. */
rh_status fx_try_take(rh_repo *repo, const fx_snapshot *about, const fx_table *tables, char *out,
                      rh_error *err);
void fx_take(rh_repo *repo, const fx_snapshot *about, const fx_table *tables, char *out);
/** Create or open, take, close. */
void fx_add(fx *f, bool sealed, const fx_snapshot *about, const fx_table *tables, char *out);

/* ---- files ---- */

void fx_path(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *fx_read_file(const char *path, size_t *out_len); /* free() it */
void fx_write_file(const char *path, const void *data, size_t len);
long fx_file_size(const char *path);
void fx_flip(const char *path, long offset); /* offset < 0: from the end */
void fx_truncate(const char *path, long bytes);
void fx_swap(const char *path_a, const char *path_b);
void fx_manifest_path(const fx *f, const char *id, char *out);
void fx_pack_path(const fx *f, const char *name, char *out);
/** Names of all packs on disk; returns how many (at most max). */
size_t fx_packs(const fx *f, char names[][65], size_t max);
/** Set the modification time to so many seconds ago. */
void fx_age(const char *path, long seconds);

#endif
