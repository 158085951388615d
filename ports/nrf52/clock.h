/* SPDX-License-Identifier: Apache-2.0
 *
 * Milliseconds that go on while the CPU sleeps, on TIMER1 (a SoftDevice keeps TIMER0
 * for itself). Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_CLOCK_H
#define FERRY_NRF52_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

void nrf52_clock_start(void);

/* Wraps at 2^32. To be asked at least once an hour, and never from an interrupt. */
uint32_t nrf52_clock_ms(void);

/* Sleep until an interrupt, at most for `ms`; not at all if `awake` says that there is
 * something to do. It is asked with interrupts held back, so that none slips by. */
void nrf52_clock_sleep(uint32_t ms, bool (*awake)(void));

#endif
