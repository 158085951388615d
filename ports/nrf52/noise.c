/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the random number generator (product specifications of nRF52840 1.1 and
 * nRF52832 1.4, RNG; nRF51 has the same). Ran on QEMU's nRF51 model only. */
#include "noise.h"

#include "regs.h"

#define RNG 0x4000D000U
#define START (RNG + 0x000)
#define STOP (RNG + 0x004)
#define VALRDY (RNG + 0x100)
#define VALUE (RNG + 0x508)

uint16_t nrf52_noise(void)
{
    uint32_t noise = 0;

    nrf52_set(START, 1);
    for (unsigned i = 0; i < 2; i++) {
        nrf52_set(VALRDY, 0);
        while (nrf52_get(VALRDY) == 0) {
        }
        noise = noise << 8 | (nrf52_get(VALUE) & 0xFFU);
    }
    nrf52_set(STOP, 1);
    return (uint16_t)noise;
}
