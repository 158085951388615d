/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes that are to run on a device, out of the file a linker left: raw, Intel HEX
 * or ELF. Functions that return int return an exit code and have said why. */
#ifndef FERRY_TOOL_IMAGE_H
#define FERRY_TOOL_IMAGE_H

#include "file.h"
#include "map.h"

struct image {
    const char *path;
    struct bytes bytes;
    size_t padding; /* of them, at the end: devices take images in fours */
    bool linked;    /* the file says what it is linked for */
    uint32_t link;
};

/* The image's addresses are `link`'s if that is not NULL, and one bank's of the board if
 * that is not NULL. */
int image_load(struct image *image, const char *path, const uint32_t *link,
               const struct board *board);
/* Harmless on a zeroed struct. */
void image_free(struct image *image);

#endif
