/*
 * Moving a finished file into place, keeping the old one, and going back to it.
 *
 * Beside <target> stand: <target>.rehearse, the mark (JSON: which snapshot, when, and the inode of
 * the file that it speaks of, so that it does not vouch for a file that somebody put there later);
 * <target>.rehearse-old, the database that the last swap replaced, with a mark of its own if it had
 * one.
 *
 * Invariants
 *   1. While the names change we hold the old file's exclusive lock, so nobody has it open in WAL
 *      mode and nobody is in the middle of a transaction.
 *   2. At every moment <target> is a complete database, the old one or the new one, and its mark
 *      vouches for it. (On a file system without hard links it is missing between two renames.)
 *   3. No -wal, -shm or -journal of the old file is left for the new one to be mistaken for its
 * own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/doc.h"
#include "core/fs.h"
#include "core/mem.h"
#include "lite_conn.h"
#include "lite_target.h"

enum { MAX_MARK_BYTES = 64 * 1024 };

static const int64_t claim_wait_us = 5000000;

/* The names that belong to one target; freed together. */
typedef struct place_names {
    char *mark;
    char *old;
    char *old_mark;
    char *spare; /* for exchanging two files */
    char *spare_mark;
} place_names;

static void names_done(place_names *names)
{
    rh_mem_free(names->mark);
    rh_mem_free(names->old);
    rh_mem_free(names->old_mark);
    rh_mem_free(names->spare);
    rh_mem_free(names->spare_mark);
}

static rh_status names_init(place_names *names, const char *path, rh_error *err)
{
    names->mark = rh_mem_printf("%s.rehearse", path);
    names->old = rh_mem_printf("%s.rehearse-old", path);
    names->old_mark = rh_mem_printf("%s.rehearse-old.rehearse", path);
    names->spare = rh_mem_printf("%s.rehearse-spare", path);
    names->spare_mark = rh_mem_printf("%s.rehearse-spare.rehearse", path);
    if (names->mark == NULL || names->old == NULL || names->old_mark == NULL ||
        names->spare == NULL || names->spare_mark == NULL) {
        names_done(names);
        return rh_error_oom(err);
    }
    return RH_OK;
}

/* ---- the mark ---- */

/* replaces: inode of the marked file that stands there now, which the new mark vouches for as well
 * (a kill between mark and file must not leave an unmarked database); 0 without one. */
static json_t *new_mark(const char *snapshot_id, ino_t inode, ino_t replaces)
{
    char time[RH_CLOCK_TEXT_BYTES];
    json_t *mark = json_pack("{s:i, s:s, s:s?, s:s, s:I}", "rehearse_mark", 1, "tool", "rehearse",
                             "snapshot", snapshot_id, "time",
                             rh_clock_format(rh_clock_wall_us(), time), "inode", (json_int_t)inode);

    if (mark != NULL && replaces != 0 &&
        json_object_set_new(mark, "replaces", json_integer((json_int_t)replaces)) != 0) {
        json_decref(mark);
        return NULL;
    }
    return mark;
}

static rh_status write_mark(const char *path, const char *file, const char *snapshot_id,
                            ino_t replaces, rh_error *err)
{
    struct stat st;
    json_t *mark = NULL;
    char *text = NULL;
    size_t size = 0;
    rh_status status = RH_OK;

    if (stat(file, &st) != 0)
        return rh_error_errno(err, errno, "cannot look at '%s'", file);
    mark = new_mark(snapshot_id, st.st_ino, replaces);
    if (mark != NULL)
        size = json_dumpb(mark, NULL, 0, JSON_SORT_KEYS);
    if (size > 0)
        text = rh_mem_alloc(size);
    if (text == NULL || json_dumpb(mark, text, size, JSON_SORT_KEYS) != size)
        status = rh_error_oom(err);
    else
        status = rh_fs_write(path, 0644, text, size, err);
    rh_mem_free(text);
    json_decref(mark);
    return status;
}

static bool mark_fits(const rh_buf *text, const char *path)
{
    json_t *mark = NULL;
    struct stat st;
    bool fits = false;

    if (stat(path, &st) == 0 &&
        rh_doc_parse_json("mark", rh_buf_cstr(text), text->len, &mark, NULL) == RH_OK)
        fits = json_integer_value(json_object_get(mark, "rehearse_mark")) == 1 &&
               (json_integer_value(json_object_get(mark, "inode")) == (json_int_t)st.st_ino ||
                json_integer_value(json_object_get(mark, "replaces")) == (json_int_t)st.st_ino);
    json_decref(mark);
    return fits;
}

bool rh_lite_is_marked(const char *path)
{
    rh_buf text = RH_BUF_INIT;
    char *mark = rh_mem_printf("%s.rehearse", path);
    bool marked = mark != NULL && rh_fs_read(mark, MAX_MARK_BYTES, &text, NULL) == RH_OK &&
                  mark_fits(&text, path);

    rh_buf_done(&text);
    rh_mem_free(mark);
    return marked;
}

static rh_status check_mark(const char *path, const rh_target_options *options, rh_error *err)
{
    if (options->allow_unmarked || rh_lite_is_marked(path))
        return RH_OK;
    rh_error_set(err, RH_EUSAGE, "'%s' is not marked as a staging database", path);
    rh_error_hint(err, "only databases that this program made are replaced, unless unmarked ones "
                       "are allowed");
    return RH_EUSAGE;
}

/* ---- the old file's lock ---- */

static rh_status empty_wal(sqlite3 *db, rh_error *err)
{
    int64_t busy = 0;
    rh_status status = rh_lite_get_int(db, "PRAGMA main.wal_checkpoint(TRUNCATE)", &busy, err);

    if (status == RH_OK && busy != 0)
        status = rh_error_set(err, RH_EBUSY, "its write-ahead log cannot be emptied");
    return status;
}

/*
 * Take the exclusive lock and keep it until the connection is closed (invariant 1). RH_SKIPPED: the
 * file is no database at all, so nobody can be using it as one.
 */
static rh_status claim(const char *path, sqlite3 **out, rh_error *err)
{
    rh_error why = RH_ERROR_INIT;
    sqlite3 *db = NULL;
    rh_status status = rh_lite_open(path, RH_LITE_CLAIM, claim_wait_us, &db, &why);

    if (status == RH_OK)
        status = rh_lite_exec(db, "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT", &why);
    if (status == RH_OK)
        status = empty_wal(db, &why);
    if (status == RH_OK) {
        *out = db;
        return RH_OK;
    }
    if (db != NULL && sqlite3_errcode(db) == SQLITE_NOTADB)
        status = RH_SKIPPED;
    rh_lite_close(db);
    if (status == RH_SKIPPED)
        return status;
    if (status == RH_EBUSY) {
        rh_error_set(err, RH_EBUSY, "'%s' is in use: %s", path, why.text);
        rh_error_hint(err, "stop the programs that have it open, then try again");
    } else if (err != NULL && err->code == RH_OK) {
        *err = why;
        rh_error_where(err, "the database to be replaced");
    }
    return status;
}

static void release(sqlite3 *db)
{
    if (db == NULL)
        return;
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    rh_lite_close(db);
}

/* Invariant 3. The log is empty and a hot journal was rolled back when the lock was taken. */
static rh_status remove_side_files(const char *path, rh_error *err)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char *file = rh_mem_printf("%s%s", path, suffixes[i]);

        status = file != NULL ? rh_fs_remove(file, err) : rh_error_oom(err);
        rh_mem_free(file);
    }
    return status;
}

/* ---- swapping ---- */

static rh_status move_if_there(const char *from, const char *to, rh_error *err)
{
    if (rename(from, to) == 0 || errno == ENOENT)
        return RH_OK;
    return rh_error_errno(err, errno, "cannot rename '%s'", from);
}

/* Keep path as second: by a second name, so that path itself is never missing, where there are hard
 * links. Whatever is renamed to path next replaces it. */
static rh_status keep_as(const char *path, const char *second, rh_error *err)
{
    rh_status status = rh_fs_remove(second, err);

    if (status != RH_OK || link(path, second) == 0 || rename(path, second) == 0)
        return status;
    return rh_error_errno(err, errno, "cannot keep '%s' as '%s'", path, second);
}

/* The same for a mark, which may not be there. */
static rh_status keep_mark_as(const char *mark, const char *second, rh_error *err)
{
    rh_status status = rh_fs_remove(second, err);

    if (status != RH_OK || link(mark, second) == 0)
        return status;
    return move_if_there(mark, second, err);
}

/* Best effort on the way out of a failure, which is what gets reported. */
static void take_back(const char *path)
{
    (void)unlink(path);
}

/* The new file is as readable as the one it replaces; the owner can only be kept by root. */
static void copy_rights(const char *from, const char *to)
{
    struct stat st;

    if (stat(from, &st) != 0)
        return;
    if (chown(to, st.st_uid, st.st_gid) != 0 && chown(to, (uid_t)-1, st.st_gid) != 0)
        st.st_mode &= 0700; /* another group: give it nothing */
    (void)chmod(to, st.st_mode & 0777);
}

/* Undo keep_as after a failure. */
static void put_back(const char *path, const char *second)
{
    if (rh_fs_exists(path))
        take_back(second);
    else
        (void)move_if_there(second, path, NULL);
}

static ino_t marked_inode(const char *path)
{
    struct stat st;

    return rh_lite_is_marked(path) && stat(path, &st) == 0 ? st.st_ino : 0;
}

static rh_status swap_in(rh_lite_target *target, const place_names *names, rh_error *err)
{
    ino_t replaces = marked_inode(target->path);
    rh_status status = remove_side_files(target->path, err);

    if (status == RH_OK)
        status = keep_mark_as(names->mark, names->old_mark, err);
    if (status != RH_OK)
        return status;
    copy_rights(target->path, target->build);
    status = write_mark(names->mark, target->build, target->options.snapshot_id, replaces, err);
    if (status == RH_OK)
        status = keep_as(target->path, names->old, err);
    if (status == RH_OK) {
        status = rh_fs_rename(target->build, target->path, err);
        if (status != RH_OK)
            put_back(target->path, names->old);
    }
    if (status != RH_OK) {
        /* The old mark vouches for the old file again. */
        take_back(names->mark);
        (void)move_if_there(names->old_mark, names->mark, NULL);
    }
    return status;
}

static rh_status result(bool swapped, const char *old, int64_t window_us, json_t **out,
                        rh_error *err)
{
    json_t *object = json_pack("{s:b, s:s?, s:I}", "swapped", swapped, "old", old, "window_us",
                               (json_int_t)window_us);

    if (object == NULL)
        return rh_error_oom(err);
    *out = object;
    return RH_OK;
}

static rh_status place_over(rh_lite_target *target, const place_names *names, json_t **out,
                            rh_error *err)
{
    json_t *answer = NULL;
    sqlite3 *old = NULL;
    int64_t since = 0;
    rh_status status;

    if (!target->options.swap) {
        rh_error_set(err, RH_EEXISTS, "'%s' exists", target->path);
        return RH_EEXISTS;
    }
    status = check_mark(target->path, &target->options, err);
    if (status == RH_OK)
        status = result(true, names->old, 0, &answer, err);
    if (status == RH_OK)
        status = claim(target->path, &old, err);
    since = rh_clock_mono_us();
    if (status == RH_OK || status == RH_SKIPPED)
        status = swap_in(target, names, err);
    release(old);
    if (status == RH_OK) {
        json_integer_set(json_object_get(answer, "window_us"), rh_clock_mono_us() - since);
        *out = answer;
        answer = NULL;
    }
    json_decref(answer);
    return status;
}

static rh_status place_new(rh_lite_target *target, const place_names *names, json_t **out,
                           rh_error *err)
{
    json_t *answer = NULL;
    rh_status status = result(false, NULL, 0, &answer, err);

    /* Without a database beside them these are left-overs, and poison for the new one. */
    if (status == RH_OK)
        status = remove_side_files(target->path, err);
    if (status == RH_OK)
        status = write_mark(names->mark, target->build, target->options.snapshot_id, 0, err);
    if (status == RH_OK) {
        status = rh_fs_rename_new(target->build, target->path, err);
        if (status != RH_OK)
            take_back(names->mark);
    }
    if (status == RH_OK) {
        *out = answer;
        answer = NULL;
    }
    json_decref(answer);
    return status;
}

rh_status rh_lite_place(rh_lite_target *target, json_t **out, rh_error *err)
{
    place_names names = {0};
    rh_status status = names_init(&names, target->path, err);

    if (status != RH_OK)
        return status;
    if (rh_fs_exists(target->path))
        status = place_over(target, &names, out, err);
    else
        status = place_new(target, &names, out, err);
    if (status == RH_OK) {
        rh_mem_free(target->build); /* it is the target now */
        target->build = NULL;
    }
    names_done(&names);
    return status;
}

/* ---- rollback ---- */

static rh_status exchange(const char *path, const place_names *names, rh_error *err)
{
    rh_status status = remove_side_files(path, err);

    if (status == RH_OK)
        status = keep_as(path, names->spare, err);
    if (status == RH_OK)
        status = move_if_there(names->mark, names->spare_mark, err);
    if (status == RH_OK)
        status = move_if_there(names->old_mark, names->mark, err);
    if (status == RH_OK)
        status = rh_fs_rename(names->old, path, err);
    if (status == RH_OK)
        status = move_if_there(names->spare_mark, names->old_mark, err);
    return status == RH_OK ? rh_fs_rename(names->spare, names->old, err) : status;
}

static rh_status go_back(const char *path, const rh_target_options *options,
                         const place_names *names, json_t **out, rh_error *err)
{
    bool there = rh_fs_exists(path);
    json_t *answer = NULL;
    sqlite3 *db = NULL;
    int64_t since = 0;
    rh_status status = result(true, there ? names->old : NULL, 0, &answer, err);

    if (status == RH_OK && there)
        status = check_mark(path, options, err);
    if (status == RH_OK && there)
        status = claim(path, &db, err);
    since = rh_clock_mono_us();
    if ((status == RH_OK || status == RH_SKIPPED) && there) {
        status = exchange(path, names, err);
    } else if (status == RH_OK) {
        status = remove_side_files(path, err);
        if (status == RH_OK)
            status = move_if_there(names->old_mark, names->mark, err);
        if (status == RH_OK)
            status = rh_fs_rename_new(names->old, path, err);
    }
    release(db);
    if (status == RH_OK) {
        json_integer_set(json_object_get(answer, "window_us"), rh_clock_mono_us() - since);
        *out = answer;
        answer = NULL;
    }
    json_decref(answer);
    return status;
}

rh_status rh_lite_rollback(const char *name, const rh_target_options *options, json_t **out,
                           rh_error *err)
{
    place_names names = {0};
    char *path = NULL;
    rh_status status = rh_lite_target_path(name, &path, err);

    if (status == RH_OK)
        status = names_init(&names, path, err);
    if (status == RH_OK && !rh_fs_exists(names.old))
        status = rh_error_set(err, RH_ENOTFOUND, "there is no '%s' to go back to", names.old);
    if (status == RH_OK)
        status = go_back(path, options, &names, out, err);
    names_done(&names);
    rh_mem_free(path);
    return status;
}
