/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the block protection (product specification of nRF52832 1.4, BPROT): one bit
 * for each 4 KB, set until the next reset. As the chip wakes up, a debugger switches it
 * off; here it stays on. Compiled only; tested on fake registers. */
#include "ferry/err.h"
#include "locks.h"
#include "regs.h"

#define BPROT 0x40000000U
#define CONFIG0 (BPROT + 0x600)
#define CONFIG1 (BPROT + 0x604)
#define DISABLEINDEBUG (BPROT + 0x608)
#define CONFIG2 (BPROT + 0x610)
#define CONFIG3 (BPROT + 0x614)

#define PAGE 4096U
#define PAGES 128U

int nrf52_lock_bprot(void *ctx, uint32_t addr, uint32_t len)
{
    static const uint32_t config[PAGES / 32] = {CONFIG0, CONFIG1, CONFIG2, CONFIG3};
    uint32_t from = addr / PAGE, end = (addr + len) / PAGE;

    (void)ctx;
    if (len == 0 || ((addr | len) & (PAGE - 1)) != 0 || from > end || end > PAGES) {
        return FERRY_E_FLASH;
    }
    nrf52_set(DISABLEINDEBUG, 0);
    for (uint32_t page = from; page < end; page++) {
        uint32_t bit = 1U << (page % 32U);
        nrf52_set(config[page / 32U], bit); /* zeros leave the other bits alone */
        if ((nrf52_get(config[page / 32U]) & bit) == 0) {
            return FERRY_E_FLASH;
        }
    }
    return 0;
}
