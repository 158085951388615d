/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the flash controller's registers (product specifications of nRF52840 1.1 and
 * nRF52832 1.4, NVMC; nRF51 has the same). Does not know what is written, nor who
 * locked what: an erase or a write that a lock swallows shows when Ferry reads it back.
 * Ran on QEMU's nRF51 model only; slices compiled only, and tested on fake
 * registers. */
#include "nvmc.h"

#include <string.h>

#include "regs.h"

#define NVMC 0x4001E000U
#define READY (NVMC + 0x400)
#define CONFIG (NVMC + 0x504)
#define ERASEPAGE (NVMC + 0x508)
#define ERASEPAGEPARTIAL (NVMC + 0x518)
#define ERASEPAGEPARTIALCFG (NVMC + 0x51C)

enum { READ_ONLY = 0, WRITE = 1, ERASE = 2 };

static void wait(void)
{
    while ((nrf52_get(READY) & 1U) == 0) {
    }
}

static void configure(uint32_t mode)
{
    nrf52_set(CONFIG, mode);
    wait();
}

static bool inside(const struct nrf52_nvmc *n, uint32_t addr, uint32_t len,
                   uint32_t unit)
{
    return ((addr | len) & (unit - 1)) == 0 && addr <= n->part->flash_len &&
           len <= n->part->flash_len - addr;
}

/* For `ms`, or (0) for as long as a page takes. */
static void erase_for(uint32_t addr, uint32_t ms)
{
    configure(ERASE);
    if (ms != 0) {
        nrf52_set(ERASEPAGEPARTIALCFG, ms);
    }
    nrf52_set(ms != 0 ? ERASEPAGEPARTIAL : ERASEPAGE, addr);
    wait();
    configure(READ_ONLY);
}

/* The page counts as erased when its slices add up to a whole erase. */
static int erase(void *ctx, uint32_t addr)
{
    struct nrf52_nvmc *n = ctx;
    uint32_t slice_ms = n->part->slice_ms;

    if (!inside(n, addr, n->part->page, n->part->page)) {
        return FERRY_E_FLASH;
    }
    if (addr != n->erasing) { /* the other page is somebody's who gave it up */
        n->erasing = addr;
        n->erased_ms = 0;
    }
    erase_for(addr, slice_ms);
    n->erased_ms += slice_ms;
    if (slice_ms != 0 && n->erased_ms < n->part->erase_ms) {
        return FERRY_MORE;
    }
    n->erased_ms = 0;
    return 0;
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    const struct nrf52_nvmc *n = ctx;

    if (!inside(n, addr, len, 4)) {
        return FERRY_E_FLASH;
    }
    configure(WRITE);
    for (uint32_t at = 0; at < len; at += 4) {
        uint32_t word;
        memcpy(&word, (const uint8_t *)buf + at, sizeof word);
        nrf52_set(addr + at, word);
        wait();
    }
    configure(READ_ONLY);
    return 0;
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    const struct nrf52_nvmc *n = ctx;

    if (!inside(n, addr, len, 1)) {
        return FERRY_E_FLASH;
    }
    nrf52_copy_out(buf, addr, len);
    return 0;
}

static bool power_ok(void *ctx)
{
    const struct nrf52_nvmc *n = ctx;
    return n->power_ok(NULL);
}

struct ferry_flash nrf52_nvmc_flash(struct nrf52_nvmc *n)
{
    struct ferry_flash f = {
        .ctx = n,
        .erase_unit = n->part->page,
        .write_unit = 4,
        .erased = 0xFF,
        .erase = erase,
        .write = write,
        .read = read,
        .lock = n->part->lock,
        .power_ok = n->power_ok != NULL ? power_ok : NULL,
    };
    return f;
}
