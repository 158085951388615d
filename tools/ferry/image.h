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

/* What the image must agree with. */
struct image_wish {
    bool raw;             /* the file's bytes as they are, whatever they look like */
    const uint32_t *link; /* NULL: the file says it */
    const struct board *board; /* it is for one of its banks; NULL: for any */
};

int image_load(struct image *image, const char *path, const struct image_wish *wish);
/* Harmless on a zeroed struct. */
void image_free(struct image *image);

#endif
