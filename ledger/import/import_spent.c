/*
 * Where a block's spent outputs are found: the file that the user names, else the one beside.
 */
#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"
#include "ledger/import.h"

/* *out: the name when there is such a file; else it stays as it is. Takes name. */
static rh_status when_there(char *name, char **out, rh_error *err)
{
    if (name == NULL)
        return rh_error_oom(err);
    if (rh_fs_exists(name))
        *out = name;
    else
        rh_mem_free(name);
    return RH_OK;
}

/* "<block without .raw>.undo", or "rev<n>.dat" of "blk<n>.dat"; *out may stay NULL. */
static rh_status find_undo(const char *path, char **out, rh_error *err)
{
    const char *slash = strrchr(path, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    size_t stem = strlen(path);

    if (rh_str_starts_with(path + folder, "blk") && rh_str_ends_with(path, ".dat"))
        return when_there(rh_mem_printf("%.*srev%s", (int)folder, path, path + folder + 3), out,
                          err);
    if (rh_str_ends_with(path, ".raw") || rh_str_ends_with(path, ".blk"))
        stem -= 4;
    return when_there(rh_mem_printf("%.*s.undo", (int)stem, path), out, err);
}

/* Does the file begin as a node's, with a magic? */
static rh_status is_node_file(const char *path, const rh_block_file_options *options, bool *out,
                              rh_error *err)
{
    const rh_block_file_options any = {NULL, options->xor_key, 0};
    rh_block_file *file = NULL;
    rh_error detail = RH_ERROR_INIT;
    rh_status status = rh_block_file_open(path, &any, &file, &detail);

    *out = status == RH_OK && rh_block_file_is_sequence(file);
    rh_block_file_close(file);
    if (status == RH_EFORMAT) /* not under the key that was given */
        return RH_OK;
    if (status != RH_OK && err != NULL && err->code == RH_OK)
        *err = detail;
    return status;
}

rh_status rh_import_spent_open(const char *block_path, const rh_import_options *options,
                               const rh_network *network, rh_import_spent *out, rh_error *err)
{
    const rh_block_file_options file = {network, options->xor_key, 0};
    char *path = NULL;
    bool node = false;
    rh_status status = RH_OK;

    if (options->undo == NULL)
        status = find_undo(block_path, &path, err);
    else if ((path = rh_mem_strdup(options->undo)) == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK && path != NULL)
        status = is_node_file(path, &file, &node, err);
    if (status == RH_OK && node)
        status = rh_rev_file_open(path, &file, &out->node, err);
    if (status == RH_OK && !node) {
        out->path = path;
        path = NULL;
    }
    rh_mem_free(path);
    return status;
}

void rh_import_spent_close(rh_import_spent *spent)
{
    rh_mem_free(spent->path);
    rh_rev_file_close(spent->node);
}
