/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the access control lists (product specification of nRF52840 1.1, ACL): eight
 * regions of at most 512 KB, each written once between two resets. Does not know what
 * it locks. Compiled only; tested on fake registers. */
#include "ferry/err.h"
#include "locks.h"
#include "regs.h"

#define ACL 0x4001E000U
#define ADDR(i) (ACL + 0x800 + 0x10 * (i))
#define SIZE(i) (ADDR(i) + 4)
#define PERM(i) (ADDR(i) + 8)

#define REGIONS 8U
#define REGION_MAX 0x80000U
#define NO_WRITE 2U /* and no erase */
#define PAGE 4096U

/* Is it locked already? Locking twice must not spend a second region. */
static int locked(uint32_t addr, uint32_t len)
{
    for (uint32_t i = 0; i < REGIONS; i++) {
        uint32_t from = nrf52_get(ADDR(i));
        if (nrf52_get(PERM(i)) == NO_WRITE && addr >= from &&
            addr + len <= from + nrf52_get(SIZE(i))) {
            return 1;
        }
    }
    return 0;
}

static int lock_region(uint32_t addr, uint32_t len)
{
    for (uint32_t i = 0; i < REGIONS; i++) {
        if (nrf52_get(PERM(i)) == 0) {
            nrf52_set(ADDR(i), addr);
            nrf52_set(SIZE(i), len);
            nrf52_set(PERM(i), NO_WRITE);
            return nrf52_get(PERM(i)) == NO_WRITE ? 0 : FERRY_E_FLASH;
        }
    }
    return FERRY_E_FLASH;
}

int nrf52_lock_acl(void *ctx, uint32_t addr, uint32_t len)
{
    int err = len != 0 && ((addr | len) & (PAGE - 1)) == 0 ? 0 : FERRY_E_FLASH;

    (void)ctx;
    while (err == 0 && len > 0) {
        uint32_t part = len < REGION_MAX ? len : REGION_MAX;
        err = locked(addr, part) ? 0 : lock_region(addr, part);
        addr += part;
        len -= part;
    }
    return err;
}
