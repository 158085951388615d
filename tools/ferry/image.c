/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how long an image may be and how its end is padded. */
#include "image.h"

#include <string.h>

#include "artifact.h"
#include "say.h"

/* 0xFF is what erased flash reads as. */
static void pad(struct image *image)
{
    struct bytes *b = &image->bytes;

    image->padding = (4 - b->len % 4) % 4;
    memset(b->at + b->len, 0xFF, image->padding);
    b->len += image->padding;
}

int image_load(struct image *image, const char *path)
{
    memset(image, 0, sizeof *image);
    image->path = path;
    int code = file_read(&image->bytes, path, "an image (its block table: 4096 bytes)",
                         0, IMAGE_MAX);
    if (code == DONE && image->bytes.len == 0) {
        code = refuse("%s: is empty", path);
    }
    if (code == DONE) {
        pad(image);
    }
    return code;
}

void image_free(struct image *image)
{
    bytes_free(&image->bytes);
}
