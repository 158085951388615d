/* SPDX-License-Identifier: Apache-2.0
 *
 * The watchdog: once started nothing stops it but a reset that is not by software. So
 * an application's may be found running by the bootloader, and is fed there, too.
 * watchdog.c, or model/watchdog.c. Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_WATCHDOG_H
#define FERRY_NRF52_WATCHDOG_H

#include <stdint.h>

/* Start it with this period, in steps of 125 ms, unless it runs: then it is fed, and
 * keeps its own. */
void nrf52_watchdog_start(uint32_t ms);

/* Harmless where it does not run. */
void nrf52_watchdog_feed(void);

#endif
