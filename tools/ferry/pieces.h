/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes and the addresses they are for, in any order, as HEX files and ELF sections have
 * them; joined, one image. Functions that return int return an exit code and have said
 * why. */
#ifndef FERRY_TOOL_PIECES_H
#define FERRY_TOOL_PIECES_H

#include "file.h"

struct piece {
    uint32_t addr, len;
    const uint8_t *at;
    unsigned where; /* line or section of the file */
};

struct pieces {
    const char *path;
    const char *unit; /* "line", "section": what `where` counts */
    struct piece *row;
    size_t len, cap;
};

/* The bytes stay borrowed. */
int pieces_add(struct pieces *p, const struct piece *piece);

/* One run of bytes from the lowest address on, gaps filled with 0xFF. At most `max`;
 * `place` is the word for what holds no more. */
int pieces_join(struct pieces *p, uint32_t max, const char *place, struct bytes *out,
                uint32_t *addr);

void pieces_free(struct pieces *p);

#endif
