/* SPDX-License-Identifier: Apache-2.0
 *
 * A board map: where things lie in the flash of a product, in a text file of its own
 * (ferry factory --help has its keys). One product has one map and many devices.
 * Functions that return int return an exit code and have said why. */
#ifndef FERRY_TOOL_MAP_H
#define FERRY_TOOL_MAP_H

#include <stdbool.h>

#include "ferry/boot.h"
#include "ferry/manifest.h"

#define MAP_FLASH_MAX (256U << 20)
#define MAP_RESERVED_MAX 8
#define MAP_AREAS_MAX (7 + MAP_RESERVED_MAX)

struct board {
    const char *path;
    struct ferry_area flash; /* all of it */
    uint32_t erase_unit, write_unit, erased;
    uint32_t identity; /* where the identity block begins */
    struct ferry_map map;
    struct ferry_area reserved[MAP_RESERVED_MAX];
    unsigned reserved_len;
};

/* Read and check: what it returns DONE for is a map an engine can work with. */
int map_load(struct board *b, const char *path);

/* How many image bytes a bank holds, if its header's table allows. */
uint32_t map_image_room(const struct board *b, unsigned bank);

/* What map_load does last: in a file of its own, map_check.c. */
int map_check(const struct board *b);

#endif
