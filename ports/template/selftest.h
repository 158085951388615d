/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks a *port* on its target, and says in words what is wrong: does flash do what
 * ferry/hal.h promises, before and after a reset; do SHA-256 and Ed25519 agree with their
 * standards; is the clock one; does a lock lock, does the watchdog bite? Run it once for
 * every new board, and again when a driver changes. It knows no product and no chip. */
#ifndef FERRY_PORT_SELFTEST_H
#define FERRY_PORT_SELFTEST_H

#include "ferry/boot.h"

/* Not a verdict yet: reset the chip by software, and call again from the start on. */
#define FERRY_PORT_SELFTEST_RESET (-1)

/* Erase units that it uses up, from `scratch` on. */
#define FERRY_PORT_SELFTEST_UNITS 3U

enum ferry_port_verdict {
    FERRY_PORT_PASSED,
    FERRY_PORT_FAILED,
    FERRY_PORT_SKIPPED /* this port gave no means to try it */
};

/* Lies beside the hand-off block, in RAM that a reset leaves alone. Its contents are
 * the self-test's own; after power-on they may be anything. */
struct ferry_port_selftest_kept {
    uint32_t magic, step, failed;
};

struct ferry_port_selftest {
    const struct ferry_flash *flash;
    const struct ferry_crypto *crypto;
    uint32_t scratch; /* address of three erase units in a row that may be lost */
    struct ferry_port_selftest_kept *kept;
    enum ferry_reset reset; /* what ferry_boot() would be told at this start */
    void *ctx;              /* handed to all of these */

    /* Has the call that returned FERRY_PENDING ended? True once for each: *status is what
     * ferry_device_done() would be told. NULL: no call of this port is ever pending. */
    bool (*ended)(void *ctx, int *status);

    /* One line for each check; NULL: silent. */
    void (*say)(void *ctx, const char *check, enum ferry_port_verdict verdict);

    uint32_t (*millis)(void *ctx); /* the product's clock; required */
    /* Microseconds by another oscillator or timer. NULL: a millisecond is believed. */
    uint32_t (*micros)(void *ctx);
    /* Let the clock go on from this value. NULL: its wrap is not tried. */
    void (*set_millis)(void *ctx, uint32_t ms);

    /* Of the device's own key, to check what `crypto->sign` signs. NULL: not checked. */
    const uint8_t *public_key;

    bool with_lock; /* lock the first unit: it stays so until the reset */

    /* As in struct ferry_boot_config, and the longest that it lets pass unfed. The test
     * does not feed it, and waits for the reset. NULL: this port has none. */
    int (*arm_watchdog)(void *ctx);
    uint32_t watchdog_ms;
};

/* Call it at every start until it gives a verdict: FERRY_PORT_SELFTEST_RESET after the
 * first part, which leaves a mark in flash; and again while resets are to be seen. Then
 * the number of checks that failed in all parts; 0: go on with the product. A supply
 * that goes in between costs the checks of that reset, no more. If it begins anew after
 * every reset, neither RAM nor flash came through it. */
FERRY_MUST_USE int ferry_port_selftest(const struct ferry_port_selftest *t);

#endif
