/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of the painter share: its class of devices, and versions. */
#ifndef FERRY_TEST_FLEET_PAINT_IN_H
#define FERRY_TEST_FLEET_PAINT_IN_H

#include "paint.h"

static const uint8_t paint_class[16] = {0x7c, 0xd1, 0x2f, 0x5a, 0x0b, 0x5e, 0x5a, 0x77,
                                        0x9e, 0x3b, 0x50, 0x4c, 0x16, 0xe1, 0x0f, 0x42};

static inline uint32_t paint_version(unsigned major, unsigned minor, unsigned patch)
{
    return (uint32_t)(major << 24 | minor << 16 | patch);
}

/* Releases, the log, and what comes as a stream. */
void paint_streams(struct db *db);

#endif
