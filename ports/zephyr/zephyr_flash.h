/* Ran on no hardware; compiled against its own seam only: no package carries Zephyr.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Flash areas of Zephyr (flash_map.h, written for 3.4 and later) as one `struct ferry_flash`:
 * an address is the flash device's, and lies in one of the areas. Calls block. Where the
 * driver can, let it erase in slices between radio events: on nRF52
 * CONFIG_SOC_FLASH_NRF_PARTIAL_ERASE=y and CONFIG_SOC_FLASH_NRF_RADIO_SYNC_TICKER=y. */
#ifndef FERRY_ZEPHYR_FLASH_H
#define FERRY_ZEPHYR_FLASH_H

#include "ferry/hal.h"
#include "zephyr_flash_api.h"

struct ferry_zephyr_flash {
    const struct flash_area *const
        *areas;                  /* opened; all of one device; NULL ends them */
    uint32_t erase_unit;         /* bytes */
    bool (*power_ok)(void *ctx); /* may be NULL */
    void *ctx;                   /* of power_ok */
};

/* `f` is the caller's, filled in, and outlives the HAL. Write unit and erased value are
 * asked of the first area. */
struct ferry_flash ferry_zephyr_flash_hal(struct ferry_zephyr_flash *f);

#endif
