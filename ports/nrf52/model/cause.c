/* SPDX-License-Identifier: Apache-2.0
 *
 * RESETREAS for a model that has none: a word in RAM, filled in by whoever starts the
 * machine (retained.h). Ran on QEMU's nRF51 model. */
#include "regs.h"
#include "resets.h"
#include "retained.h"

uint32_t nrf52_reset_cause(void)
{
    uint32_t cause = nrf52_get(NRF52_MODEL_RESETREAS_ADDR);

    nrf52_set(NRF52_MODEL_RESETREAS_ADDR, 0);
    return cause;
}
