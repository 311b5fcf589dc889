/*
 * rehearse keygen: keys for sealed repositories and for masks.
 */
#include <string.h>

#include "command.h"
#include "core/key_file.h"
#include "core/mem.h"
#include "output.h"

static const cli_option options[] = {
    {"seal", CLI_TEXT, "NAME", "write NAME.secret (reads) and NAME.writer (takes snapshots)", NULL},
    {"same-repo", CLI_TEXT, "FILE",
     "with --seal: one more reader for the repositories of this writer key file", NULL},
    {"mask", CLI_TEXT, "FILE", "write a key for masks", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static rh_status write_pair(const char *name, const rh_key *secret, rh_error *err)
{
    char *secret_path = rh_mem_printf("%s.secret", name);
    char *writer_path = rh_mem_printf("%s.writer", name);
    rh_key writer = *secret;
    rh_status status;

    writer.kind = RH_KEY_SEAL_WRITER;
    memset(writer.pair.secret_key, 0, sizeof writer.pair.secret_key);
    if (secret_path == NULL || writer_path == NULL)
        status = rh_error_oom(err);
    else
        status = rh_key_write(secret_path, secret, err);
    if (status == RH_OK)
        status = rh_key_write(writer_path, &writer, err);
    rh_wipe(&writer, sizeof writer);
    rh_mem_free(secret_path);
    rh_mem_free(writer_path);
    return status;
}

static rh_status make_seal(cli_context *context, const cli_args *args, rh_error *err)
{
    const char *same = cli_text(args, "same-repo");
    const char *name = cli_text(args, "seal");
    char fingerprint[17];
    rh_key key;
    rh_status status = RH_OK;

    memset(&key, 0, sizeof key);
    key.kind = RH_KEY_SEAL_SECRET;
    if (same != NULL) {
        rh_key other;

        status = rh_key_read(same, &other, err);
        if (status == RH_OK && other.kind == RH_KEY_MASK)
            status = rh_error_set(err, RH_EUSAGE, "'%s' is a mask key, not a writer key", same);
        memcpy(key.id_key, other.id_key, sizeof key.id_key);
        rh_wipe(&other, sizeof other);
    } else {
        rh_random(key.id_key, sizeof key.id_key);
    }
    if (status == RH_OK) {
        rh_seal_pair_new(&key.pair);
        status = write_pair(name, &key, err);
    }
    if (status == RH_OK) {
        json_t *answer;

        rh_key_fingerprint(&key, fingerprint);
        answer = json_pack("{s:s+, s:s+, s:s}", "secret", name, ".secret", "writer", name,
                           ".writer", "fingerprint", fingerprint);
        if (!cli_print_json(context, answer)) {
            cli_print(context, "%s.secret  reads: keep it where staging is built, nowhere else\n",
                      name);
            cli_print(context, "%s.writer  takes snapshots: for the machine that runs them\n",
                      name);
        }
        json_decref(answer);
    }
    rh_wipe(&key, sizeof key);
    return status;
}

static rh_status make_mask(cli_context *context, const cli_args *args, rh_error *err)
{
    const char *path = cli_text(args, "mask");
    char fingerprint[17];
    rh_key key;
    rh_status status;

    memset(&key, 0, sizeof key);
    key.kind = RH_KEY_MASK;
    rh_random(key.mask_key, sizeof key.mask_key);
    status = rh_key_write(path, &key, err);
    rh_key_fingerprint(&key, fingerprint);
    rh_wipe(&key, sizeof key);
    if (status == RH_OK) {
        json_t *answer = json_pack("{s:s, s:s}", "mask", path, "fingerprint", fingerprint);

        if (!cli_print_json(context, answer))
            cli_print(context, "%s  masks are a function of this key: keep it secret\n", path);
        json_decref(answer);
    }
    return status;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    if (cli_given(args, "seal") == cli_given(args, "mask"))
        return rh_error_set(err, RH_EUSAGE, "say --seal NAME or --mask FILE");
    if (cli_given(args, "same-repo") && !cli_given(args, "seal"))
        return rh_error_set(err, RH_EUSAGE, "--same-repo goes with --seal");
    return cli_given(args, "seal") ? make_seal(context, args, err) : make_mask(context, args, err);
}

const cli_command cli_keygen = {
    "keygen",
    "make keys for sealed repositories and for masks",
    "--seal NAME [--same-repo FILE] | --mask FILE",
    "Writes new key files; an existing file is never replaced. A sealed repository\n"
    "can be written with the .writer file and read only with the .secret file.\n",
    options,
    0,
    0,
    run,
};
