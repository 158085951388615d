/* SPDX-License-Identifier: Apache-2.0
 *
 * A chip in memory for the port's self-test: NOR flash with locks, a clock that goes on as
 * it is looked at, a watchdog, resets. Every call ends before it returns. What a real one
 * does in between, or how a torn word reads, it does not know. */
#ifndef FERRY_TEST_CHIP_H
#define FERRY_TEST_CHIP_H

#include <setjmp.h>

#include "crypto_sodium.h"
#include "selftest.h"

#define CHIP_UNITS 5U /* the first and the last are nobody's to touch */
#define CHIP_BYTES (CHIP_UNITS * 4096U)

struct chip {
    uint8_t bytes[CHIP_BYTES];
    uint32_t locked_from, locked_to;
    uint64_t us;
    uint64_t set_at;      /* what the product's clock began from, in us */
    uint64_t watchdog_at; /* it bites then; 0: it sleeps */
    jmp_buf *bite;        /* where to */
    uint8_t secret[64], public_key[32];
    struct ferry_sodium sodium;
    struct ferry_flash flash;
    struct ferry_crypto crypto;
    struct ferry_port_selftest_kept kept;
    struct ferry_port_selftest port; /* over all this */
};

/* Flash full of rubbish, RAM too. */
void chip_init(struct chip *c, uint32_t erase_unit, uint8_t write_unit, uint8_t erased);
void chip_reset(struct chip *c, enum ferry_reset reset);
/* Has flash outside of the three units changed since chip_init? */
bool chip_spared_others(const struct chip *c);

#endif
