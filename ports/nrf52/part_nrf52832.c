/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the flash of the nRF52832 (product specification 1.4, NVMC): a page takes 89.7
 * ms at most, in one go. Locks: BPROT. Compiled only. */
#include "locks.h"
#include "nvmc.h"

const struct nrf52_part nrf52_part = {
    .flash_len = 0x80000,
    .page = 4096,
    .erase_ms = 90,
    .slice_ms = 0,
    .lock = nrf52_lock_bprot,
};
