/* SPDX-License-Identifier: Apache-2.0
 *
 * struct ferry_flash on the NVMC of nRF51 and nRF52, synchronous. What one part can and
 * another cannot is a value in struct nrf52_part, never a condition at build time.
 * Ran on QEMU's nRF51 model only. */
#ifndef FERRY_NRF52_NVMC_H
#define FERRY_NRF52_NVMC_H

#include "ferry/hal.h"

struct nrf52_part {
    uint32_t flash_len; /* bytes, from address 0 */
    uint32_t page;      /* bytes that one erase clears */
    uint8_t erase_ms;   /* of a page, all slices together */
    uint8_t slice_ms;   /* longest slice of an erase; 0: this part erases in one go */
    /* Lock whole pages until the next reset: 0 or FERRY_E_FLASH. NULL: it cannot. */
    int (*lock)(void *ctx, uint32_t addr, uint32_t len);
};

/* The part this program was built for: one file of part_*.c, chosen by Meson. */
extern const struct nrf52_part nrf52_part;

struct nrf52_nvmc {
    const struct nrf52_part *part;
    bool (*power_ok)(void *ctx); /* the product's; NULL: the supply always serves */
    uint32_t erasing;            /* the page that is partly erased, */
    uint32_t erased_ms;          /* and for how long; 0: none is */
};

/* `n` must outlive it. In the bootloader alone `lock` may be used. */
struct ferry_flash nrf52_nvmc_flash(struct nrf52_nvmc *n);

#endif
