#include "host_map.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/str.h"
#include "net_text.h"

rh_status host_map_open(const rh_mask_key *key, const char *domain, host_map *out, rh_error *err)
{
    rh_status status = text_engine_open(key, domain, true, &out->labels, err);

    return status == RH_OK ? rh_ip_map_new(key, domain, &out->ip, err) : status;
}

void host_map_done(host_map *map)
{
    text_engine_close(map->labels);
    rh_ip_map_free(map->ip);
}

bool host_is_name(const char *name, size_t len)
{
    size_t label = 0;

    if (len == 0 || len > 253)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool part = is_alpha(name[i]) || is_digit(name[i]) || name[i] == '-' || name[i] == '_' ||
                    (uint8_t)name[i] > 127;

        if (name[i] == '.' ? label == 0 : !part || label == 63)
            return false;
        label = name[i] == '.' ? 0 : label + 1;
    }
    return label > 0;
}

static bool is_one_of(const char *text, size_t len, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++) {
        if (strlen(list[i]) == len) {
            size_t at = 0;

            while (at < len && (text[at] | 0x20) == (list[i][at] | 0x20))
                at++;
            if (at == len)
                return true;
        }
    }
    return false;
}

static bool is_public_mail(const char *name, size_t len)
{
    static const char *const names[] = {
        "gmail.com",   "googlemail.com", "outlook.com", "hotmail.com",  "live.com",    "msn.com",
        "yahoo.com",   "ymail.com",      "icloud.com",  "me.com",       "aol.com",     "gmx.de",
        "gmx.net",     "web.de",         "mail.ru",     "yandex.ru",    "qq.com",      "163.com",
        "proton.me",   "protonmail.com", "zoho.com",    "fastmail.com", "t-online.de", "orange.fr",
        "yahoo.co.uk", "hotmail.co.uk",  "yahoo.fr",    "hotmail.fr",   "libero.it",   NULL,
    };

    return is_one_of(name, len, names);
}

/* Where the public suffix begins: the last label, or two when they are like "co.uk". */
static size_t suffix_start(const char *name, size_t len)
{
    static const char *const second[] = {"co",  "com", "org", "net", "gov",
                                         "edu", "ac",  "gob", NULL};
    size_t last = len;
    size_t before;

    while (last > 0 && name[last - 1] != '.')
        last--;
    if (last == 0)
        return len; /* one label: a name of its own, not a suffix */
    before = last - 1;
    while (before > 0 && name[before - 1] != '.')
        before--;
    if (len - last == 2 && before > 0 && is_one_of(name + before, last - 1 - before, second))
        return before;
    return last;
}

static bool is_kept_label(const char *label, size_t len)
{
    static const char *const kept[] = {"www", NULL};

    return is_one_of(label, len, kept);
}

static rh_status map_labels(host_map *map, char *name, size_t len, rh_arena *scratch, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t at = 0; at < len && status == RH_OK;) {
        size_t end = at;

        while (end < len && name[end] != '.')
            end++;

        const text_job job = {name + at, end - at, false};

        if (!is_kept_label(name + at, end - at)) {
            do {
                status = text_engine_map(map->labels, &job, scratch, err);
            } while (status == RH_OK && is_kept_label(name + at, end - at));
        }
        at = end + 1;
    }
    return status;
}

rh_status host_map_append(host_map *map, const char *name, size_t len, arena_text *out,
                          rh_error *err)
{
    uint32_t v4;
    char address[NET_TEXT_BYTES];

    if (!host_is_name(name, len))
        return RH_SKIPPED;
    if (net_text_v4(name, len, &v4)) {
        rh_ip_map_v4(map->ip, &v4, 1);
        return arena_text_add(out, address, net_text_put_v4(v4, address), err);
    }

    char *copy = rh_arena_strndup(out->arena, name, len);
    size_t masked = map->mask_suffix ? len : suffix_start(name, len);
    rh_status status = RH_OK;

    if (copy == NULL)
        return rh_error_oom(err);
    if (!map->keep_public || !is_public_mail(name, len)) {
        do {
            status = map_labels(map, copy, masked, out->arena, err);
        } while (status == RH_OK && map->keep_public && is_public_mail(copy, len));
    }
    return status == RH_OK ? arena_text_add(out, copy, len, err) : status;
}
