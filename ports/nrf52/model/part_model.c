/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the flash of QEMU's nRF51 with the memory sizes of an nRF52840 (microbit
 * machine, nrf51-soc.flash-size=1048576, sram-size=262144). It has no locks.
 * Ran there. */
#include "nvmc.h"

const struct nrf52_part nrf52_part = {
    .flash_len = 0x100000,
    .page = 1024,
    .erase_ms = 0,
    .slice_ms = 0,
    .lock = NULL,
};
