/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the flash of the nRF52840 (product specification 1.1, NVMC): a page takes 85
 * ms, 87.5 in later editions, in slices of at most 10 ms: nine of them. Locks: ACL.
 * Compiled only. */
#include "locks.h"
#include "nvmc.h"

const struct nrf52_part nrf52_part = {
    .flash_len = 0x100000,
    .page = 4096,
    .erase_ms = 90,
    .slice_ms = 10,
    .lock = nrf52_lock_acl,
};
