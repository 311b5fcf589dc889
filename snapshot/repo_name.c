/*
 * Names inside a repository: checked before they become paths, and found again from what a user
 * typed.
 */
#include <stdio.h>
#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "repo.h"

enum {
    TIME_CHARS = 16, /* 20261120T091718Z */
    HEX_CHARS = 16,
    ID_CHARS = TIME_CHARS + 1 + HEX_CHARS,
    PACK_CHARS = RH_REPO_PACK_NAME_BYTES - 1,
    DICT_CHARS = RH_REPO_DICT_NAME_BYTES - 1,
};

static bool is_lower_hex(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
            return false;
    return true;
}

static bool is_time(const char *text)
{
    for (size_t i = 0; i < TIME_CHARS; i++) {
        bool good = i == 8    ? text[i] == 'T'
                    : i == 15 ? text[i] == 'Z'
                              : text[i] >= '0' && text[i] <= '9';

        if (!good)
            return false;
    }
    return true;
}

bool rh_repo_is_pack_name(const char *text)
{
    return strlen(text) == PACK_CHARS && is_lower_hex(text, PACK_CHARS);
}

bool rh_repo_is_snapshot_id(const char *text)
{
    return strlen(text) == ID_CHARS && is_time(text) && text[TIME_CHARS] == '-' &&
           is_lower_hex(text + TIME_CHARS + 1, HEX_CHARS);
}

bool rh_repo_is_dict_name(const char *text, uint32_t *out_id)
{
    uint32_t id = 0;

    if (strlen(text) != DICT_CHARS || !is_lower_hex(text, DICT_CHARS))
        return false;
    for (size_t i = 0; i < DICT_CHARS; i++)
        id = id << 4 | (uint32_t)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
    if (id == 0)
        return false;
    *out_id = id;
    return true;
}

/* ---- paths ---- */

static rh_status give(char *path, char **out, rh_error *err)
{
    if (path == NULL)
        return rh_error_oom(err);
    *out = path;
    return RH_OK;
}

rh_status rh_repo_pack_path(const rh_repo *repo, const char *name, char **out, rh_error *err)
{
    if (!rh_repo_is_pack_name(name))
        return rh_error_set(err, RH_EFORMAT, "'%.80s' is no name of a pack", name);
    return give(rh_mem_printf("%s/packs/%.2s/%s.zp", rh_repo_dir(repo), name, name), out, err);
}

rh_status rh_repo_dict_path(const rh_repo *repo, uint32_t id, char **out, rh_error *err)
{
    return give(rh_mem_printf("%s/dicts/%08x", rh_repo_dir(repo), (unsigned)id), out, err);
}

rh_status rh_repo_snapshot_path(const rh_repo *repo, const char *id, char **out, rh_error *err)
{
    if (!rh_repo_is_snapshot_id(id))
        return rh_error_set(err, RH_EFORMAT, "'%.80s' is no id of a snapshot", id);
    return give(rh_mem_printf("%s/snapshots/%s.json", rh_repo_dir(repo), id), out, err);
}

rh_status rh_repo_sub_path(const rh_repo *repo, const char *name, char **out, rh_error *err)
{
    return give(rh_fs_join(rh_repo_dir(repo), name), out, err);
}

/* ---- what is there ---- */

/* Keep the names that turn out good, in place; turn may shorten a name. */
static size_t keep(char **names, size_t count, bool (*turn)(char *name))
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (turn(names[i]))
            names[kept++] = names[i];
        else
            rh_mem_free(names[i]);
    }
    if (count > 0)
        names[kept] = NULL;
    return kept;
}

static bool turn_snapshot(char *name)
{
    if (strlen(name) != ID_CHARS + 5 || strcmp(name + ID_CHARS, ".json") != 0)
        return false;
    name[ID_CHARS] = '\0';
    return rh_repo_is_snapshot_id(name);
}

static bool turn_pack(char *name)
{
    if (strlen(name) != PACK_CHARS + 3 || strcmp(name + PACK_CHARS, ".zp") != 0)
        return false;
    name[PACK_CHARS] = '\0';
    return rh_repo_is_pack_name(name);
}

static bool turn_dict(char *name)
{
    uint32_t id;

    return rh_repo_is_dict_name(name, &id);
}

static bool turn_folder(char *name)
{
    return strlen(name) == 2 && is_lower_hex(name, 2);
}

static rh_status list_folder(const char *path, bool (*turn)(char *name), char ***out,
                             size_t *out_count, rh_error *err)
{
    char **names = NULL;
    size_t count = 0;
    rh_status status = rh_fs_list(path, &names, &count, err);

    if (status != RH_OK)
        return status;
    *out_count = keep(names, count, turn);
    *out = names;
    return RH_OK;
}

static rh_status list_sub(const rh_repo *repo, const char *name, bool (*turn)(char *name),
                          char ***out, size_t *out_count, rh_error *err)
{
    char *path = NULL;
    rh_status status = rh_repo_sub_path(repo, name, &path, err);

    if (status == RH_OK)
        status = list_folder(path, turn, out, out_count, err);
    rh_mem_free(path);
    return status;
}

rh_status rh_repo_snapshot_ids(rh_repo *repo, char ***out, size_t *out_count, rh_error *err)
{
    return list_sub(repo, "snapshots", turn_snapshot, out, out_count, err);
}

rh_status rh_repo_dict_names(rh_repo *repo, char ***out, size_t *out_count, rh_error *err)
{
    return list_sub(repo, "dicts", turn_dict, out, out_count, err);
}

/* Move the names of one folder behind the others; from's array is freed, its names are not. */
static rh_status append_names(char ***all, size_t *count, char **from, size_t from_count,
                              rh_error *err)
{
    char **grown = rh_mem_rearray(*all, *count + from_count + 1, sizeof **all);

    if (grown == NULL) {
        rh_fs_list_free(from);
        return rh_error_oom(err);
    }
    memcpy(grown + *count, from, from_count * sizeof *from);
    *count += from_count;
    grown[*count] = NULL;
    *all = grown;
    rh_mem_free(from);
    return RH_OK;
}

rh_status rh_repo_pack_names(rh_repo *repo, char ***out, size_t *out_count, rh_error *err)
{
    char **folders = NULL;
    char **all = NULL;
    size_t folder_count = 0;
    size_t count = 0;
    rh_status status = list_sub(repo, "packs", turn_folder, &folders, &folder_count, err);

    if (status == RH_OK) {
        all = rh_mem_array(1, sizeof *all);
        status = all == NULL ? rh_error_oom(err) : RH_OK;
    }
    for (size_t i = 0; status == RH_OK && i < folder_count; i++) {
        char sub[16];
        char **names = NULL;
        size_t name_count = 0;

        (void)snprintf(sub, sizeof sub, "packs/%s", folders[i]);
        status = list_sub(repo, sub, turn_pack, &names, &name_count, err);
        if (status == RH_OK && name_count > 0)
            status = append_names(&all, &count, names, name_count, err);
        else if (status == RH_OK)
            rh_fs_list_free(names);
    }
    rh_fs_list_free(folders);
    if (status != RH_OK) {
        rh_fs_list_free(all);
        return status;
    }
    *out = all;
    *out_count = count;
    return RH_OK;
}

/* ---- what a user typed ---- */

static rh_status resolve_latest(char **ids, size_t count, const char *text, char **out,
                                rh_error *err)
{
    int64_t back = 0;

    if (text[strlen("latest")] == '~') {
        rh_status status =
            rh_num_int64(text + strlen("latest~"), "snapshot", 0, 1000000, &back, err);

        if (status != RH_OK)
            return status;
    }
    if ((uint64_t)back >= count) {
        rh_error_set(err, RH_ENOTFOUND, "there is no snapshot '%s'", text);
        if (count == 0)
            rh_error_hint(err, "the repository is empty");
        else
            rh_error_hint(err, "the repository has %zu snapshot%s", count, count == 1 ? "" : "s");
        return RH_ENOTFOUND;
    }
    return give(rh_mem_strdup(ids[count - 1 - (size_t)back]), out, err);
}

static rh_status resolve_prefix(char **ids, size_t count, const char *text, char **out,
                                rh_error *err)
{
    const char *found = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!rh_str_starts_with(ids[i], text) && !rh_str_starts_with(ids[i] + TIME_CHARS + 1, text))
            continue;
        if (found != NULL) {
            rh_error_set(err, RH_EUSAGE, "snapshot '%.40s' is ambiguous: '%s' or '%s'", text, found,
                         ids[i]);
            rh_error_hint(err, "give more digits");
            return RH_EUSAGE;
        }
        found = ids[i];
    }
    if (found == NULL) {
        rh_error_set(err, RH_ENOTFOUND, "there is no snapshot '%.80s'", text);
        rh_error_hint(err, "rehearse list shows what there is");
        return RH_ENOTFOUND;
    }
    return give(rh_mem_strdup(found), out, err);
}

rh_status rh_repo_resolve(rh_repo *repo, const char *text, char **out, rh_error *err)
{
    char **ids = NULL;
    size_t count = 0;
    rh_status status;

    if (text[0] == '\0')
        return rh_error_set(err, RH_EUSAGE, "the name of the snapshot is empty");
    status = rh_repo_snapshot_ids(repo, &ids, &count, err);
    if (status != RH_OK)
        return status;
    if (strcmp(text, "latest") == 0 || rh_str_starts_with(text, "latest~"))
        status = resolve_latest(ids, count, text, out, err);
    else
        status = resolve_prefix(ids, count, text, out, err);
    rh_fs_list_free(ids);
    return status;
}

void rh_string_free(char *text)
{
    rh_mem_free(text);
}
