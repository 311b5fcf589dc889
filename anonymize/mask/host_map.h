/*
 * Host names label by label: what e-mail addresses, URLs and host columns share, so that a name has
 * one image in all of them.
 */
#ifndef RH_HOST_MAP_H
#define RH_HOST_MAP_H

#include "anonymize/ip_map.h"
#include "field_text.h"
#include "text_engine.h"

typedef struct host_map {
    text_engine *labels; /* case folded */
    rh_ip_map *ip;
    bool keep_public; /* names of public mail services stay */
    bool mask_suffix; /* the public suffix is masked as well */
} host_map;

rh_status host_map_open(const rh_mask_key *key, const char *domain, host_map *out, rh_error *err);
void host_map_done(host_map *map);

/**
 * Replace a name in place: every label by one of its length and classes, but for the public suffix
 * ("com", "co.uk") and "www". IPv4 addresses go through the map of addresses, which may change
 * their length: they are appended to out like all else. RH_SKIPPED: not a host name.
 */
rh_status host_map_append(host_map *map, const char *name, size_t len, arena_text *out,
                          rh_error *err);

/** True for letters, digits, hyphens, underscores and bytes above 127 in labels of 1 to 63. */
bool host_is_name(const char *name, size_t len);

#endif
