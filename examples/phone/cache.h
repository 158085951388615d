/* SPDX-License-Identifier: Apache-2.0
 *
 * Artifacts on the phone's own disk, by their SHA-256, within a bound. What has its final
 * name is whole and was verified; what was cut off is kept as far as it came. Knows
 * files; not where artifacts come from. */
#ifndef FERRY_PHONE_CACHE_H
#define FERRY_PHONE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_NAME 65U /* SHA-256 in hexadecimal, with its end */
#define CACHE_KEEP_MAX 256U
#define CACHE_ARTIFACT_MAX (2U * 1024 * 1024)

struct cache {
    char dir[520];
    uint64_t max; /* bytes */
    /* Those that are offered now: the last ones to be thrown out. */
    char keep[CACHE_KEEP_MAX][CACHE_NAME];
    unsigned keeps;
};

/* Is it 64 lower-case hexadecimal digits? Nothing else gets near the disk. */
bool cache_is_name(const char *name);

bool cache_has(const struct cache *c, const char *name);

/* Whole bytes of it, to be freed; NULL: it is not there, or not what its name says (then
 * it is there no longer). */
uint8_t *cache_load(struct cache *c, const char *name, size_t *len);

/* A part to append to, `*have` bytes long: a descriptor, or -1 with errno. `size` bytes
 * are made room for; ENOSPC: there is none within the bound. */
int cache_part(struct cache *c, const char *name, size_t size, size_t *have);

/* The part is `size` bytes long now: verified and given its name. False: it is not what
 * its name says, and was thrown away. Closes `fd`. */
bool cache_whole(struct cache *c, const char *name, int fd, size_t size);

/* Throw away what there is of it. */
void cache_drop(const struct cache *c, const char *name);

#endif
