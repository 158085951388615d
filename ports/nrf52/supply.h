/* SPDX-License-Identifier: Apache-2.0
 *
 * Is the supply good enough to erase flash? supply.c, or model/supply.c.
 * Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_SUPPLY_H
#define FERRY_NRF52_SUPPLY_H

#include <stdbool.h>

/* For struct nrf52_nvmc; `ctx` is not used. */
bool nrf52_supply_ok(void *ctx);

#endif
