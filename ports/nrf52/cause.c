/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows where RESETREAS is (nRF52840 product specification 1.1, 5.3.7; nRF52832 1.4,
 * 18.7) and that a one clears a bit. Compiled only; tested on fake registers. */
#include "regs.h"
#include "resets.h"

#define RESETREAS 0x40000400UL

uint32_t nrf52_reset_cause(void)
{
    uint32_t cause = nrf52_get(RESETREAS);

    nrf52_set(RESETREAS, cause);
    return cause;
}
