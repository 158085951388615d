/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how long a page's erase and a word's program take. Does not know what they do. */
#include "flash_time.h"

#include "retry.h"

#define PAGE_LEN 4096U
#define PAGE_US 85000U
#define WORD_LEN 4U
#define WORD_US 41U

/* Pending from now on. A millisecond begun is a millisecond, but a call that follows at
 * once gets what was left of it. */
static int pend(struct flash_time *t, uint32_t us)
{
    if (*t->now != t->due) {
        t->spare_us = 0;
    }
    us = us > t->spare_us ? us - t->spare_us : 0;
    uint32_t ms = (us + 999U) / 1000U;
    t->spare_us = ms * 1000U - us;
    t->due = *t->now + ms;
    return FERRY_PENDING;
}

static int begin_erase(void *ctx, uint32_t addr)
{
    struct flash_time *t = ctx;
    uint64_t us = (uint64_t)PAGE_US * t->inner.erase_unit / PAGE_LEN;

    t->op = FLASH_TIME_ERASING;
    t->addr = addr;
    return pend(t, (uint32_t)(us / t->slices));
}

static int begin_write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    struct flash_time *t = ctx;

    t->op = FLASH_TIME_WRITING;
    t->addr = addr;
    t->buf = buf;
    t->len = len;
    return pend(t, WORD_US * ((len + WORD_LEN - 1U) / WORD_LEN));
}

static int read_now(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    struct flash_time *t = ctx;
    return t->inner.read(t->inner.ctx, addr, buf, len);
}

static int lock_now(void *ctx, uint32_t addr, uint32_t len)
{
    struct flash_time *t = ctx;
    return t->inner.lock(t->inner.ctx, addr, len);
}

static bool power_ok_now(void *ctx)
{
    struct flash_time *t = ctx;
    return t->inner.power_ok(t->inner.ctx);
}

struct ferry_flash flash_time_hal(struct flash_time *t, enum flash_time_model model,
                                  struct sim_flash *flash,
                                  const struct ferry_flash *inner)
{
    struct ferry_flash hal = *inner;

    *t = (struct flash_time){.model = model, .inner = *inner, .now = flash->now};
    if (model == FLASH_TIMELESS) {
        return hal;
    }
    flash->mode = model == FLASH_SLICED ? SIM_FLASH_SLICED : SIM_FLASH_SYNC;
    t->slices = model == FLASH_SLICED ? flash->slices : 1;
    hal.ctx = t;
    hal.erase = begin_erase;
    hal.write = begin_write;
    hal.read = read_now;
    hal.lock = lock_now;
    hal.power_ok = power_ok_now;
    return hal;
}

bool flash_time_ended(struct flash_time *t, uint32_t now, int *status)
{
    if (flash_time_wait(t, now) != 0) {
        return false;
    }
    *status = t->op == FLASH_TIME_ERASING
                  ? t->inner.erase(t->inner.ctx, t->addr)
                  : t->inner.write(t->inner.ctx, t->addr, t->buf, t->len);
    t->op = FLASH_TIME_IDLE;
    return true;
}

uint32_t flash_time_wait(const struct flash_time *t, uint32_t now)
{
    return t->op == FLASH_TIME_IDLE ? UINT32_MAX : ferry_until(now, t->due);
}

bool flash_time_silent(const struct flash_time *t)
{
    return t->model == FLASH_SILENT && t->op == FLASH_TIME_ERASING;
}

void flash_time_reset(struct flash_time *t)
{
    t->op = FLASH_TIME_IDLE;
    t->spare_us = 0;
}
