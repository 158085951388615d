/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows both sides' words for the same things, and nothing else. */
#include "sim_hal.h"

_Static_assert((int)SIM_FLASH_PENDING == FERRY_PENDING &&
                   (int)SIM_FLASH_MORE == FERRY_MORE,
               "a call's answer needs no translation");

static int erase(void *ctx, uint32_t addr)
{
    return sim_flash_erase(ctx, addr);
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    return sim_flash_write(ctx, addr, buf, len);
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    return sim_flash_read(ctx, addr, buf, len);
}

static int lock(void *ctx, uint32_t addr, uint32_t len)
{
    return sim_flash_lock(ctx, addr, len);
}

static bool power_ok(void *ctx)
{
    const struct sim_flash *f = ctx;
    return !f->power_low;
}

struct ferry_flash sim_flash_hal(struct sim_flash *f, const uint32_t *now)
{
    sim_flash_clock(f, now);
    struct ferry_flash hal = {
        .ctx = f,
        .erase_unit = f->erase_unit,
        .write_unit = f->write_unit,
        .erased = f->erased,
        .erase = erase,
        .write = write,
        .read = read,
        .lock = lock,
        .power_ok = power_ok,
    };
    return hal;
}
