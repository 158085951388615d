/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows where RESETREAS is and that a one clears a bit (product specifications of
 * nRF52840 1.1 and nRF52832 1.4, POWER). Compiled only; tested on fake registers. */
#include "regs.h"
#include "resets.h"

#define RESETREAS 0x40000400U

uint32_t nrf52_reset_cause(void)
{
    uint32_t cause = nrf52_get(RESETREAS);

    nrf52_set(RESETREAS, cause);
    return cause;
}
