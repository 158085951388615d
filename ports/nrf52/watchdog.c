/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the watchdog's registers (product specifications of nRF52840 1.1 and nRF52832
 * 1.4, WDT). It counts in sleep, and stops while a debugger halts the CPU. Does not
 * know who feeds it. Compiled only; tested on fake registers. */
#include "watchdog.h"

#include "regs.h"

#define WDT 0x40010000U
#define START (WDT + 0x000)
#define RUNSTATUS (WDT + 0x400)
#define CRV (WDT + 0x504)
#define RREN (WDT + 0x508)
#define CONFIG (WDT + 0x50C)
#define RR (WDT + 0x600)

#define RELOAD 0x6E524635U
#define RUNS_IN_SLEEP 1U
#define STEP_MS 125U /* at 32768 Hz: */
#define STEP_TICKS 4096U
#define CHANNELS 8U /* each that is enabled must be fed */

void nrf52_watchdog_start(uint32_t ms)
{
    if (nrf52_get(RUNSTATUS) == 0) {
        nrf52_set(CONFIG, RUNS_IN_SLEEP);
        nrf52_set(CRV, ms / STEP_MS * STEP_TICKS - 1U);
        nrf52_set(RREN, 1);
        nrf52_set(START, 1);
    }
    nrf52_watchdog_feed();
}

/* Whoever started it may have enabled other channels than ours. */
void nrf52_watchdog_feed(void)
{
    for (uint32_t i = 0; i < CHANNELS; i++) {
        nrf52_set(RR + 4U * i, RELOAD);
    }
}
