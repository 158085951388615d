/* SPDX-License-Identifier: Apache-2.0
 *
 * A NOR flash that this board does not have: 16 MB of its PSRAM, behind which QEMU puts a
 * file, and the rules of one. Contents outlive reset and QEMU; locks do not outlive the
 * reset. Every call ends before it returns. Ran on QEMU only. */
#include <string.h>

#include "port.h"
#include "regs.h"

#define UNITS (FLASH_LEN / FLASH_UNIT)
#define WORD 4U

static uint8_t locked[UNITS / 8]; /* .bss: a reset takes every lock back */

static bool inside(uint32_t addr, uint32_t len)
{
    return addr >= FLASH_ADDR && len <= FLASH_LEN &&
           addr - FLASH_ADDR <= FLASH_LEN - len;
}

static uint32_t unit_of(uint32_t addr)
{
    return (addr - FLASH_ADDR) / FLASH_UNIT;
}

static bool is_locked(uint32_t addr)
{
    uint32_t unit = unit_of(addr);
    return (locked[unit / 8] >> unit % 8 & 1U) != 0;
}

static volatile uint32_t *cells(uint32_t addr)
{
    return (volatile uint32_t *)(uintptr_t)addr;
}

static int erase(void *ctx, uint32_t addr)
{
    (void)ctx;
    if (!inside(addr, FLASH_UNIT) || addr % FLASH_UNIT != 0 || is_locked(addr)) {
        return FERRY_E_FLASH;
    }
    for (uint32_t at = 0; at < FLASH_UNIT; at += WORD) {
        *cells(addr + at) = 0xFFFFFFFFUL;
    }
    return 0;
}

/* Bits only go from 1 to 0. A call stays within two units: it is 512 bytes at most. */
static int write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    const uint32_t *from = buf;

    (void)ctx;
    if (!inside(addr, len) || addr % WORD != 0 || len % WORD != 0 || len == 0 ||
        is_locked(addr) || is_locked(addr + len - 1)) {
        return FERRY_E_FLASH;
    }
    for (uint32_t at = 0; at < len; at += WORD) {
        *cells(addr + at) &= from[at / WORD];
    }
    return 0;
}

static int read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    (void)ctx;
    if (!inside(addr, len)) {
        return FERRY_E_FLASH;
    }
    memcpy(buf, (const void *)(uintptr_t)addr, len);
    return 0;
}

static int lock(void *ctx, uint32_t addr, uint32_t len)
{
    (void)ctx;
    if (!inside(addr, len) || addr % FLASH_UNIT != 0 || len % FLASH_UNIT != 0) {
        return FERRY_E_FLASH;
    }
    for (uint32_t unit = unit_of(addr), n = len / FLASH_UNIT; n > 0; n--, unit++) {
        locked[unit / 8] |= (uint8_t)(1U << unit % 8);
    }
    return 0;
}

/* A board on a desk: the supply always serves, so `power_ok` stays NULL. */
static const struct ferry_flash flash = {
    .erase_unit = FLASH_UNIT,
    .write_unit = WORD,
    .erased = 0xFF,
    .erase = erase,
    .write = write,
    .read = read,
    .lock = lock,
};

const struct ferry_flash *port_flash(void)
{
    return &flash;
}

bool port_ended(void *ctx, int *status)
{
    (void)ctx;
    (void)status;
    return false; /* nothing is ever pending */
}
