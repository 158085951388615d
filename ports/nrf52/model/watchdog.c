/* SPDX-License-Identifier: Apache-2.0
 *
 * A watchdog for a model that has none: two words in RAM (retained.h), watched from
 * outside. Ran on QEMU's nRF51 model. */
#include "watchdog.h"

#include "regs.h"
#include "retained.h"

void nrf52_watchdog_start(uint32_t ms)
{
    if (nrf52_get(NRF52_MODEL_WATCHDOG_ADDR) == 0) {
        nrf52_set(NRF52_MODEL_WATCHDOG_ADDR, ms);
    }
    nrf52_watchdog_feed();
}

void nrf52_watchdog_feed(void)
{
    nrf52_set(NRF52_MODEL_FED_ADDR, nrf52_get(NRF52_MODEL_FED_ADDR) + 1U);
}
