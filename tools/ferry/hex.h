/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel HEX with extended linear addresses: what programmers of factories read. */
#ifndef FERRY_TOOL_HEX_H
#define FERRY_TOOL_HEX_H

#include "file.h"

struct hex_run {
    uint32_t addr; /* a multiple of 16, so that no record crosses 64 KiB */
    const uint8_t *bytes;
    uint32_t len;
};

/* The text of `n` runs, in ascending order. An exit code. */
int hex_make(struct bytes *text, const struct hex_run *runs, unsigned n);

#endif
