/*
 * seen_tool KEY_FILE OUT < lines: "kind TAB raw TAB masked" where kind is t (text), b (hex of
 * binary) or n (number); "k TAB value" for values to keep. Writes the side file of `leaks`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "anonymize/seen.h"
#include "core/bytes.h"
#include "core/key_file.h"
#include "core/mem.h"

static rh_status add_line(rh_seen *seen, char *line, rh_error *err)
{
    uint8_t raw[4096];
    char *first = strchr(line, '\t');
    char *second = first == NULL ? NULL : strchr(first + 1, '\t');
    size_t len;

    if (first == NULL)
        return rh_error_set(err, RH_EUSAGE, "a line without tabs");
    first++;
    if (line[0] == 'k')
        return rh_seen_keep(seen, first, strlen(first), err);
    if (second == NULL)
        return rh_error_set(err, RH_EUSAGE, "a line without a masked value");
    *second++ = '\0';
    len = strlen(first);
    if (line[0] == 'b') {
        if (len / 2 > sizeof raw || rh_hex_decode(first, len / 2, raw) != 0)
            return rh_error_set(err, RH_EUSAGE, "not hex");
        return rh_seen_add(seen, &(rh_seen_value){RH_SEEN_BINARY, raw, len / 2, NULL, 0}, err);
    }
    return rh_seen_add(seen,
                       &(rh_seen_value){line[0] == 'n' ? RH_SEEN_NUMBER : RH_SEEN_TEXT, first, len,
                                        second, strlen(second)},
                       err);
}

int main(int argc, char **argv)
{
    static char line[1 << 20];
    rh_error err = RH_ERROR_INIT;
    rh_seen *seen = NULL;
    rh_key key;
    rh_status status = argc == 3 ? rh_crypto_start(&err) : RH_EUSAGE;

    if (status == RH_OK)
        status = rh_key_read(argv[1], &key, &err);
    if (status == RH_OK)
        status = rh_seen_new(0, &seen, &err);
    while (status == RH_OK && fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        status = add_line(seen, line, &err);
    }
    if (status == RH_OK)
        status = rh_seen_write(seen, argv[2], key.mask_key, &err);
    rh_seen_free(seen);
    if (status != RH_OK)
        fprintf(stderr, "seen_tool: %s\n", err.text);
    return status == RH_OK ? 0 : 1;
}
