/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the power-fail comparator (product specifications of nRF52840 1.1 and nRF52832
 * 1.4, POWER): it warns once, when it is switched on below its threshold. Does not know
 * the product's battery: a cell that sags under load wants a measurement under load.
 * Compiled only; tested on fake registers. */
#include "supply.h"

#include "regs.h"

#define POFWARN 0x40000108U
#define POFCON 0x40000510U

#define OFF 0U
#define BELOW_2V7 (14U << 1 | 1U)
#define SETTLES 100 /* loops; microseconds at least */

bool nrf52_supply_ok(void *ctx)
{
    (void)ctx;
    nrf52_set(POFCON, OFF);
    nrf52_set(POFWARN, 0);
    nrf52_set(POFCON, BELOW_2V7);
    for (unsigned i = 0; i < SETTLES; i++) {
        (void)nrf52_get(POFCON);
    }
    bool low = nrf52_get(POFWARN) != 0;
    nrf52_set(POFCON, OFF);
    return !low;
}
