/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what NOR flash allows, and in which order a mapped file is changed so that a
 * kill between any two stores leaves what a power cut could have left. Does not know how
 * the file is opened, who writes, or why.
 *
 * The page cache outlives the process, and a process dies between two instructions: all
 * stores before are in the file, none after. So the marks go first when a write unit is
 * used up, and last when an erase gives it back. */
#include "flash_file.h"

#include <string.h>

#define WRITE_MAX 512U /* as hal.h promises a port */

/* ---- rules ----------------------------------------------------------------------- */

static int refuse(struct ferry_flash_file *f, uint32_t addr, const char *rule)
{
    if (f->refused != NULL) {
        f->refused(f->ctx, addr, rule);
    }
    return FERRY_E_FLASH;
}

static bool inside(const struct ferry_flash_file *f, uint32_t addr, uint32_t len)
{
    return addr <= f->geometry.size && len <= f->geometry.size - addr;
}

/* 0, or what refuse() said of the first write unit that may not be programmed. */
static int check_units(struct ferry_flash_file *f, uint32_t addr, uint32_t len)
{
    const struct ferry_flash_geometry *g = &f->geometry;

    for (uint32_t at = addr; at < addr + len; at += g->write_unit) {
        if (f->locked[at / g->erase_unit]) {
            return refuse(f, at, "write to a locked erase unit");
        }
        if (f->erasing[at / g->erase_unit]) {
            return refuse(f, at, "write to an erase unit whose erase did not end");
        }
        if (f->touched[at / g->write_unit]) {
            return refuse(f, at, "write unit programmed twice between erases");
        }
    }
    return 0;
}

static int check_write(struct ferry_flash_file *f, uint32_t addr, const void *buf,
                       uint32_t len)
{
    if (len == 0 || len > WRITE_MAX) {
        return refuse(f, addr, "write of no bytes or of more than 512");
    }
    if (addr % f->geometry.write_unit != 0 || len % f->geometry.write_unit != 0) {
        return refuse(f, addr, "write not aligned to the write unit");
    }
    if (!inside(f, addr, len)) {
        return refuse(f, addr, "write past the end");
    }
    if ((uintptr_t)buf % 4 != 0) {
        return refuse(f, addr, "write from a buffer that is not 4-aligned");
    }
    return check_units(f, addr, len);
}

static int check_erase(struct ferry_flash_file *f, uint32_t addr)
{
    if (addr % f->geometry.erase_unit != 0) {
        return refuse(f, addr, "erase not aligned to the erase unit");
    }
    if (!inside(f, addr, f->geometry.erase_unit)) {
        return refuse(f, addr, "erase past the end");
    }
    if (f->locked[addr / f->geometry.erase_unit]) {
        return refuse(f, addr, "erase of a locked erase unit");
    }
    return 0;
}

/* ---- operations ------------------------------------------------------------------ */

/* One operation under way: what the hook is told, and how long half of it takes. */
struct work {
    enum ferry_flash_file_op op;
    uint32_t addr, len, half_us;
};

static int reach(struct ferry_flash_file *f, const struct work *w,
                 enum ferry_flash_file_moment moment)
{
    if (f->hook != NULL && f->hook(f->ctx, w->op, moment, w->addr, w->len) != 0) {
        return FERRY_E_FLASH;
    }
    if (f->pass != NULL && w->half_us > 0 && moment != FERRY_FLASH_FILE_AFTER) {
        f->pass(f->pass_ctx, w->half_us);
    }
    return 0;
}

static void fill(volatile uint8_t *to, uint32_t len, uint8_t value)
{
    for (uint32_t i = 0; i < len; i++) {
        to[i] = value;
    }
}

/* Programming moves bits away from the erased value only. */
static void program(const struct ferry_flash_file *f, uint32_t addr, const uint8_t *buf,
                    uint32_t len)
{
    volatile uint8_t *to = f->data + addr;

    for (uint32_t i = 0; i < len; i++) {
        unsigned was = to[i];
        to[i] = (uint8_t)(f->geometry.erased == 0xFF ? was & buf[i] : was | buf[i]);
    }
}

static int do_write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    struct ferry_flash_file *f = ctx;
    const uint8_t unit = f->geometry.write_unit;
    uint32_t half = len / 2;
    int err = check_write(f, addr, buf, len);

    if (err != 0) {
        return err;
    }
    struct work w = {FERRY_FLASH_FILE_WRITE, addr, len, len / unit * f->word_us / 2};
    if (reach(f, &w, FERRY_FLASH_FILE_BEFORE) != 0) {
        return FERRY_E_FLASH;
    }
    fill(f->touched + addr / unit, len / unit, 1);
    program(f, addr, buf, half);
    if (reach(f, &w, FERRY_FLASH_FILE_HALFWAY) != 0) {
        return FERRY_E_FLASH;
    }
    program(f, addr + half, (const uint8_t *)buf + half, len - half);
    f->writes++;
    f->words += len / unit;
    return reach(f, &w, FERRY_FLASH_FILE_AFTER);
}

/* From the first store to the last nothing in the unit is writable. */
static int do_erase(void *ctx, uint32_t addr)
{
    struct ferry_flash_file *f = ctx;
    const struct ferry_flash_geometry *g = &f->geometry;
    volatile uint8_t *mark = f->erasing + addr / g->erase_unit;
    uint32_t half = g->erase_unit / 2;
    int err = check_erase(f, addr);

    if (err != 0) {
        return err;
    }
    struct work w = {FERRY_FLASH_FILE_ERASE, addr, g->erase_unit, f->erase_ms * 500U};
    if (reach(f, &w, FERRY_FLASH_FILE_BEFORE) != 0) {
        return FERRY_E_FLASH;
    }
    *mark = 1;
    fill(f->data + addr, half, g->erased);
    if (reach(f, &w, FERRY_FLASH_FILE_HALFWAY) != 0) {
        return FERRY_E_FLASH;
    }
    fill(f->data + addr + half, half, g->erased);
    fill(f->touched + addr / g->write_unit, g->erase_unit / g->write_unit, 0);
    *mark = 0;
    f->erases++;
    return reach(f, &w, FERRY_FLASH_FILE_AFTER);
}

static int do_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    struct ferry_flash_file *f = ctx;

    if (!inside(f, addr, len)) {
        return refuse(f, addr, "read past the end");
    }
    memcpy(buf, f->bytes + addr, len);
    return 0;
}

static int do_lock(void *ctx, uint32_t addr, uint32_t len)
{
    struct ferry_flash_file *f = ctx;
    uint32_t unit = f->geometry.erase_unit;

    if (addr % unit != 0 || len % unit != 0) {
        return refuse(f, addr, "lock not aligned to the erase unit");
    }
    if (!inside(f, addr, len)) {
        return refuse(f, addr, "lock past the end");
    }
    memset(f->locked + addr / unit, 1, len / unit);
    return 0;
}

static bool power_ok(void *ctx)
{
    const struct ferry_flash_file *f = ctx;
    return !f->power_low;
}

struct ferry_flash ferry_flash_file_hal(struct ferry_flash_file *f)
{
    return (struct ferry_flash){
        .ctx = f,
        .erase_unit = f->geometry.erase_unit,
        .write_unit = f->geometry.write_unit,
        .erased = f->geometry.erased,
        .erase = do_erase,
        .write = do_write,
        .read = do_read,
        .lock = do_lock,
        .power_ok = power_ok,
    };
}

bool ferry_flash_file_blank(const struct ferry_flash_file *f, uint32_t addr)
{
    return inside(f, addr, 1) && !f->erasing[addr / f->geometry.erase_unit] &&
           !f->touched[addr / f->geometry.write_unit];
}
