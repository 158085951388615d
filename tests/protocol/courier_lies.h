/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices that lie to a courier, each in one way: what they say, when, and where the
 * courier must end. */
#ifndef FERRY_TEST_COURIER_LIES_H
#define FERRY_TEST_COURIER_LIES_H

#include "courier_scenes.h"

/* What a device says in place of the truth, the n-th time; the states before it, it
 * answers as it should. */
struct lie {
    const char *name;
    unsigned in; /* enum ferry_courier_state, and so is `ends` */
    void (*tell)(unsigned n);
    uint32_t every_ms;
    unsigned ends;
    int err;
};

extern const struct lie lies[];
extern const size_t lies_len;

#endif
