/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how flash, clock and watchdog of a well-behaved chip answer. */
#include "chip.h"

#include <assert.h>
#include <string.h>

#define RUBBISH 0xA7
#define LOOK_US 7U /* a look at the clock takes so long */

static int erase(void *ctx, uint32_t addr)
{
    struct chip *c = ctx;
    uint32_t unit = c->flash.erase_unit;

    assert(addr % unit == 0 && addr + unit <= CHIP_BYTES);
    if (addr >= c->locked_from && addr < c->locked_to) {
        return FERRY_E_FLASH;
    }
    memset(c->bytes + addr, c->flash.erased, unit);
    return 0;
}

static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    struct chip *c = ctx;
    const uint8_t *from = buf;

    assert(addr % c->flash.write_unit == 0 && len % c->flash.write_unit == 0);
    assert(addr + len <= CHIP_BYTES);
    if (addr >= c->locked_from && addr < c->locked_to) {
        return FERRY_E_FLASH;
    }
    for (uint32_t i = 0; i < len; i++) {
        if (c->flash.erased == 0xFF) {
            c->bytes[addr + i] &= from[i];
        } else {
            c->bytes[addr + i] |= from[i];
        }
    }
    return 0;
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    struct chip *c = ctx;

    assert(addr + len <= CHIP_BYTES);
    memcpy(buf, c->bytes + addr, len);
    return 0;
}

static int lock(void *ctx, uint32_t addr, uint32_t len)
{
    struct chip *c = ctx;

    c->locked_from = addr;
    c->locked_to = addr + len;
    return 0;
}

static uint32_t micros(void *ctx)
{
    struct chip *c = ctx;

    c->us += LOOK_US;
    if (c->watchdog_at != 0 && c->us >= c->watchdog_at) {
        longjmp(*c->bite, 1);
    }
    return (uint32_t)c->us;
}

static uint32_t millis(void *ctx)
{
    struct chip *c = ctx;

    (void)micros(ctx);
    return (uint32_t)((c->us + c->set_at) / 1000U);
}

static void set_millis(void *ctx, uint32_t ms)
{
    struct chip *c = ctx;
    c->set_at = (uint64_t)ms * 1000U - c->us; /* may wrap, and back in millis() */
}

static int arm_watchdog(void *ctx)
{
    struct chip *c = ctx;

    c->watchdog_at = c->us + c->port.watchdog_ms * 900U;
    return 0;
}

void chip_init(struct chip *c, uint32_t erase_unit, uint8_t write_unit, uint8_t erased)
{
    static const uint8_t seed[32] = {7};

    memset(c, RUBBISH, sizeof *c);
    c->us = c->set_at = 0;
    crypto_sign_seed_keypair(c->public_key, c->secret, seed);
    c->sodium.secret = c->secret;
    c->crypto = ferry_sodium_crypto(&c->sodium);
    c->crypto.sign = ferry_sodium_sign;
    c->flash = (struct ferry_flash){c,     erase_unit, write_unit, erased, erase,
                                    write, read,       lock,       NULL};
    c->port = (struct ferry_port_selftest){
        .flash = &c->flash,
        .crypto = &c->crypto,
        .scratch = erase_unit,
        .kept = &c->kept,
        .ctx = c,
        .millis = millis,
        .micros = micros,
        .set_millis = set_millis,
        .public_key = c->public_key,
        .with_lock = true,
        .arm_watchdog = arm_watchdog,
        .watchdog_ms = 500,
    };
    chip_reset(c, FERRY_RESET_POWER);
}

void chip_reset(struct chip *c, enum ferry_reset reset)
{
    c->locked_from = c->locked_to = 0;
    c->watchdog_at = 0;
    c->port.reset = reset;
    if (reset == FERRY_RESET_POWER) {
        memset(&c->kept, RUBBISH, sizeof c->kept);
    }
}

bool chip_spared_others(const struct chip *c)
{
    uint32_t unit = c->flash.erase_unit;

    for (uint32_t i = 0; i < CHIP_BYTES; i++) {
        if ((i < unit || i >= 4 * unit) && c->bytes[i] != RUBBISH) {
            return false;
        }
    }
    return true;
}
