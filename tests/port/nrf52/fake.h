/* SPDX-License-Identifier: Apache-2.0
 *
 * A chip made of numbers: registers that keep what is written to them, unless the test
 * gives one a will of its own, and a log of what was written. */
#ifndef FERRY_TEST_NRF52_FAKE_H
#define FERRY_TEST_NRF52_FAKE_H

#include <stdbool.h>

#include "check.h"
#include "fake_regs.h"

/* What a test may put in a register's place. `set` returns true if it dealt with the
 * write; `get` if it filled in `value`. Either may be NULL. */
struct fake_will {
    bool (*get)(uint32_t addr, uint32_t *value);
    bool (*set)(uint32_t addr, uint32_t value);
};

/* A new chip: all registers read 0. */
void fake_new(struct fake_will will);

/* What a register holds, and what it shall hold, past any will. */
uint32_t fake_peek(uint32_t addr);
void fake_poke(uint32_t addr, uint32_t value);

/* How often this was written to that register; how often anything was. */
unsigned fake_written(uint32_t addr, uint32_t value);
unsigned fake_writes(uint32_t addr);

extern unsigned fake_naps;      /* waits for an interrupt */
extern bool fake_held;          /* interrupts are held back */
extern const uint8_t *fake_mem; /* what nrf52_copy_out() copies from */

#endif
