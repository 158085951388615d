/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes that are to run on a device, out of the file a linker left. Functions that
 * return int return an exit code and have said why. */
#ifndef FERRY_TOOL_IMAGE_H
#define FERRY_TOOL_IMAGE_H

#include "file.h"

struct image {
    const char *path;
    struct bytes bytes;
    size_t padding; /* of them, at the end: devices take images in fours */
};

int image_load(struct image *image, const char *path);
/* Harmless on a zeroed struct. */
void image_free(struct image *image);

#endif
