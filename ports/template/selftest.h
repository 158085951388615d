/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks a *port* on its target: does flash do what ferry/hal.h promises, do SHA-256 and
 * Ed25519 agree with their standards, does a lock lock? Run it once for every new board,
 * and again when its flash driver changes. */
#ifndef FERRY_PORT_SELFTEST_H
#define FERRY_PORT_SELFTEST_H

#include "ferry/hal.h"

struct ferry_port_selftest {
    const struct ferry_flash *flash;
    const struct ferry_crypto *crypto;
    uint32_t scratch; /* address of two erase units that may be lost */
    void *ctx;        /* of the next two */
    /* A call returned FERRY_PENDING: wait for its end, return what done() would be told.
     * NULL: this port never does. */
    int (*wait)(void *ctx);
    /* One line for each check, NULL: silent. */
    void (*say)(void *ctx, const char *check, bool passed);
    bool with_lock; /* lock the first unit, last of all: it stays so until a reset */
};

/* The number of checks that failed; 0: go on with the product. */
FERRY_MUST_USE int ferry_port_selftest(const struct ferry_port_selftest *t);

#endif
