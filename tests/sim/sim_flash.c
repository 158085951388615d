/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what NOR flash allows. Does not know who writes, or why. */
#include "sim_flash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"

static void broken(const char *rule, uint32_t addr)
{
    fprintf(stderr, "flash rule broken at 0x%x: %s\n", (unsigned)addr, rule);
    abort();
}

static void demand(bool holds, const char *rule, uint32_t addr)
{
    if (!holds) {
        broken(rule, addr);
    }
}

void sim_flash_init(struct sim_flash *f, uint32_t size, uint32_t erase_unit,
                    uint8_t write_unit, uint8_t erased)
{
    demand(size <= SIM_FLASH_MAX && size % erase_unit == 0, "size", size);
    memset(f, 0, sizeof *f);
    f->size = size;
    f->erase_unit = erase_unit;
    f->write_unit = write_unit;
    f->erased = erased;
    f->erase_ms = 85;
    f->write_ms = 2;
    f->slices = 9;
    memset(f->bytes, (uint8_t)~erased, size); /* nothing is blank by luck */
    memset(f->programmed, 1, size);
}

void sim_flash_grant(struct sim_flash *f, unsigned i, struct ferry_area area)
{
    f->granted[i] = area;
}

static bool touches(const struct ferry_area *a, uint32_t addr, uint32_t len)
{
    return a->len > 0 && addr < a->addr + a->len && a->addr < addr + len;
}

/* Locked bytes refuse. Nobody of ours ever tries. */
static bool refuses(struct sim_flash *f, uint32_t addr, uint32_t len)
{
    for (unsigned i = 0; i < f->locked_n; i++) {
        if (touches(&f->locked[i], addr, len)) {
            demand(f->hostile, "erase or write of what is locked", addr);
            f->refused++;
            return true;
        }
    }
    return false;
}

/* Inside an area that may be written. */
static bool granted(const struct sim_flash *f, uint32_t addr, uint32_t len)
{
    for (unsigned i = 0; i < SIM_FLASH_GRANTS; i++) {
        const struct ferry_area *g = &f->granted[i];
        if (addr >= g->addr && addr + len <= g->addr + g->len) {
            return true;
        }
    }
    return false;
}

static enum sim_fault fault(struct sim_flash *f, enum sim_fault armed, uint32_t addr)
{
    if (armed == SIM_FAULT_NONE || f->faults == 0 ||
        (f->faulty.len > 0 && !touches(&f->faulty, addr, 1))) {
        return SIM_FAULT_NONE;
    }
    f->faults--;
    return armed;
}

static void erase_now(struct sim_flash *f, uint32_t addr)
{
    memset(f->bytes + addr, f->erased, f->erase_unit);
    memset(f->programmed + addr, 0, f->erase_unit);
    if (f->cells != NULL) {
        cells_firm(f->cells, addr, NULL, f->erase_unit);
    }
}

static void write_now(struct sim_flash *f, uint32_t addr, const uint8_t *buf,
                      uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        uint8_t *b = &f->bytes[addr + i];
        demand(f->programmed[addr + i] == 0 ||
                   (f->cells != NULL && cells_blank(f->cells, addr + i)),
               "programmed twice, or not erased", addr + i);
        f->programmed[addr + i] = 1;
        *b = f->erased == 0xFF ? *b & buf[i] : *b | buf[i];
    }
    if (f->cells != NULL) {
        cells_firm(f->cells, addr, buf, len);
    }
}

static int later(struct sim_flash *f, enum sim_fault hit, uint32_t ms)
{
    f->never = hit == SIM_FAULT_NEVER;
    f->op_status = hit == SIM_FAULT_ERROR ? -1 : 0;
    f->due = *f->now + ms;
    return FERRY_PENDING;
}

static int do_erase(void *ctx, uint32_t addr)
{
    struct sim_flash *f = ctx;

    demand(f->op == SIM_IDLE, "erase while a call is outstanding", addr);
    demand(addr % f->erase_unit == 0, "erase not aligned", addr);
    if (refuses(f, addr, f->erase_unit)) {
        return -1;
    }
    demand(granted(f, addr, f->erase_unit), "erase outside the granted areas", addr);
    if (f->cells != NULL) {
        cells_begin(f->cells, addr, NULL, f->erase_unit);
    }
    if (f->mode == SIM_FLASH_SLICED) {
        f->slices_done = (uint8_t)(f->slice_addr == addr ? f->slices_done + 1 : 1);
        f->slice_addr = addr;
        memset(f->programmed + addr, 1, f->erase_unit); /* undefined until finished */
        if (f->slices_done < f->slices) {
            return FERRY_MORE;
        }
        f->slice_addr = UINT32_MAX;
        f->slices_done = 0;
    }
    f->erases++;
    enum sim_fault hit = fault(f, f->erase_fault, addr);
    if (f->mode == SIM_FLASH_ASYNC) {
        f->op = SIM_ERASING;
        f->op_addr = addr;
        f->op_len = hit == SIM_FAULT_NONE ? f->erase_unit : 0;
        return later(f, hit, f->erase_ms);
    }
    if (hit == SIM_FAULT_NONE) {
        erase_now(f, addr);
    }
    return hit == SIM_FAULT_ERROR ? -1 : 0;
}

static int do_write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    struct sim_flash *f = ctx;

    demand(f->op == SIM_IDLE, "write while a call is outstanding", addr);
    demand(addr % f->write_unit == 0 && len % f->write_unit == 0, "write not aligned",
           addr);
    demand((uintptr_t)buf % 4 == 0, "buffer not 4-aligned", addr);
    demand(len > 0 && len <= 512, "write length", addr);
    if (refuses(f, addr, len)) {
        return -1;
    }
    demand(granted(f, addr, len), "write outside the granted areas", addr);
    if (f->cells != NULL) {
        cells_begin(f->cells, addr, buf, len);
    }
    f->writes++;
    f->words += len / f->write_unit;
    enum sim_fault hit = fault(f, f->write_fault, addr);
    if (f->mode == SIM_FLASH_ASYNC) {
        f->op = SIM_WRITING;
        f->op_addr = addr;
        f->op_len = hit == SIM_FAULT_NONE ? len : 0;
        f->op_buf = buf;
        return later(f, hit, f->write_ms);
    }
    if (hit == SIM_FAULT_NONE) {
        write_now(f, addr, buf, len);
    }
    return hit == SIM_FAULT_ERROR ? -1 : 0;
}

static int do_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    struct sim_flash *f = ctx;

    demand(addr <= f->size && len <= f->size - addr, "read past the end", addr);
    if (touches(&f->unreadable, addr, len)) {
        return -1;
    }
    memcpy(buf, f->bytes + addr, len);
    if (f->cells != NULL) {
        cells_read(f->cells, addr, buf, len);
    }
    return 0;
}

static int do_lock(void *ctx, uint32_t addr, uint32_t len)
{
    struct sim_flash *f = ctx;

    demand(addr % f->erase_unit == 0 && len % f->erase_unit == 0, "lock not aligned",
           addr);
    demand(f->locked_n < SIM_FLASH_LOCKS, "more locks than there are", addr);
    f->locked[f->locked_n++] = (struct ferry_area){addr, len};
    return 0;
}

static bool power_ok(void *ctx)
{
    struct sim_flash *f = ctx;
    return !f->power_low;
}

struct ferry_flash sim_flash_hal(struct sim_flash *f, const uint32_t *now)
{
    f->now = now;
    struct ferry_flash hal = {
        .ctx = f,
        .erase_unit = f->erase_unit,
        .write_unit = f->write_unit,
        .erased = f->erased,
        .erase = do_erase,
        .write = do_write,
        .read = do_read,
        .lock = do_lock,
        .power_ok = power_ok,
    };
    return hal;
}

uint32_t sim_flash_wait(const struct sim_flash *f, uint32_t now)
{
    if (f->op == SIM_IDLE || f->never) {
        return UINT32_MAX;
    }
    return f->due - now > 0x7FFFFFFFU ? 0 : f->due - now;
}

bool sim_flash_ended(struct sim_flash *f, uint32_t now, int *status)
{
    if (sim_flash_wait(f, now) != 0) {
        return false;
    }
    if (f->op == SIM_ERASING && f->op_len > 0) {
        erase_now(f, f->op_addr);
    } else if (f->op == SIM_WRITING) {
        write_now(f, f->op_addr, f->op_buf, f->op_len);
    }
    f->op = SIM_IDLE;
    *status = f->op_status;
    return true;
}

/* Half of what was under way has happened; nothing there counts as erased. */
void sim_flash_reset(struct sim_flash *f)
{
    uint32_t half = f->op_len / 2;

    if (f->op == SIM_ERASING && half > 0) {
        memset(f->bytes + f->op_addr, f->erased, half);
        memset(f->programmed + f->op_addr, 1, f->op_len);
    } else if (f->op == SIM_WRITING && half > 0) {
        half -= half % f->write_unit;
        write_now(f, f->op_addr, f->op_buf, half);
    }
    f->op = SIM_IDLE;
    f->never = false;
    f->slice_addr = UINT32_MAX;
    f->slices_done = 0;
    f->locked_n = 0;
    if (f->cells != NULL) {
        cells_wake(f->cells);
    }
}
