/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what NOR flash allows, and when a call ends. Does not know who writes, or why, nor
 * what a power loss leaves. */
#include "sim_flash.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_in.h"

static void demand(bool holds, const char *rule, uint32_t addr)
{
    if (!holds) {
        fprintf(stderr, "flash rule broken at 0x%x: %s\n", (unsigned)addr, rule);
        abort();
    }
}

/* ---- the chip -------------------------------------------------------------------- */

void sim_flash_init(struct sim_flash *f, uint32_t size, uint32_t erase_unit,
                    uint8_t write_unit, uint8_t erased)
{
    demand(size <= SIM_FLASH_MAX && size % erase_unit == 0, "size", size);
    demand(erase_unit >= SIM_FLASH_UNIT_MIN, "erase unit", erase_unit);
    /* Of the cells only those that there are: whoever makes many chips is done sooner. */
    memset(f, 0, offsetof(struct sim_flash, page_erases));
    memset(f->page_erases, 0, size / SIM_FLASH_UNIT_MIN * sizeof f->page_erases[0]);
    memset(f->block_writes, 0, size / SIM_FLASH_UNIT_MIN * sizeof f->block_writes[0]);
    memset(f->weak, 0, size);
    f->size = size;
    f->erase_unit = erase_unit;
    f->write_unit = write_unit;
    f->erased = erased;
    f->writes_per_word = 1;
    f->block_len = 512;
    f->erase_ms = 85;
    f->write_ms = 2;
    f->slices = 9;
    f->slice_addr = UINT32_MAX;
    memset(f->bytes, (uint8_t)~erased, size);
    memset(f->programmed, 1, size);
    sim_flash_seed(f, 1);
    sim_flash_heal(f);
}

void sim_flash_clock(struct sim_flash *f, const uint32_t *now)
{
    f->now = now;
}

void sim_flash_grant(struct sim_flash *f, unsigned i, uint32_t addr, uint32_t len)
{
    f->granted[i] = (struct sim_area){addr, len};
}

void sim_flash_copy(struct sim_flash *to, const struct sim_flash *from)
{
    const uint32_t pages = from->size / from->erase_unit;
    const uint32_t blocks = from->size / from->block_len;

    memcpy(to, from, offsetof(struct sim_flash, page_erases));
    memcpy(to->page_erases, from->page_erases, pages * sizeof to->page_erases[0]);
    memcpy(to->block_writes, from->block_writes, blocks * sizeof to->block_writes[0]);
    memcpy(to->bytes, from->bytes, from->size);
    memcpy(to->programmed, from->programmed, from->size);
    memcpy(to->weak, from->weak, from->size);
}

/* ---- permissions and faults ------------------------------------------------------ */

static bool touches(const struct sim_area *a, uint32_t addr, uint32_t len)
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
        const struct sim_area *g = &f->granted[i];
        if (addr >= g->addr && addr + len <= g->addr + g->len) {
            return true;
        }
    }
    return false;
}

static enum sim_fault fault(struct sim_flash *f, enum sim_fault planned, uint32_t addr)
{
    if (planned == SIM_FAULT_NONE || f->faults == 0 ||
        (f->faulty.len > 0 && !touches(&f->faulty, addr, 1))) {
        return SIM_FAULT_NONE;
    }
    f->faults--;
    return planned;
}

static bool happens(enum sim_fault hit)
{
    return hit != SIM_FAULT_ERROR && hit != SIM_FAULT_NO_OP && hit != SIM_FAULT_NEVER;
}

/* ---- what an operation does ------------------------------------------------------ */

static void erase_now(struct sim_flash *f, uint32_t addr)
{
    memset(f->bytes + addr, f->erased, f->erase_unit);
    memset(f->programmed + addr, 0, f->erase_unit);
    for (uint32_t at = addr; at < addr + f->erase_unit; at += f->block_len) {
        f->block_writes[at / f->block_len] = 0;
    }
    sim_firm(f, addr, NULL, f->erase_unit);
}

static void write_byte(struct sim_flash *f, uint32_t at, uint8_t byte)
{
    uint8_t *times = &f->programmed[at];

    demand(*times != SIM_TORN_ERASE, "programmed where an erase was cut short", at);
    if (*times == SIM_TORN_WRITE) {
        demand(sim_unseen(f, at), "programmed where a program was cut short", at);
        demand((f->weak[at] & ~(byte ^ f->erased)) == 0,
               "other bits programmed where a program was cut short", at);
        f->reused++;
        *times = f->writes_per_word;
    } else {
        demand(*times < f->writes_per_word,
               f->writes_per_word == 1 ? "programmed twice, or not erased"
                                       : "programmed too often",
               at);
        (*times)++;
    }
    f->bytes[at] =
        (uint8_t)(f->erased == 0xFF ? f->bytes[at] & byte : f->bytes[at] | byte);
}

static void write_now(struct sim_flash *f, uint32_t addr, const uint8_t *buf,
                      uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        write_byte(f, addr + i, buf[i]);
        if (i % f->write_unit == 0) {
            uint16_t *writes = &f->block_writes[(addr + i) / f->block_len];
            ++*writes;
            demand(f->writes_per_block == 0 || *writes <= f->writes_per_block,
                   "too many programs of one block", addr + i);
        }
    }
    sim_firm(f, addr, buf, len);
}

/* The operation comes to its end, as the fault that hit it wills. */
static void carry_out(struct sim_flash *f, const struct sim_op *op, enum sim_fault hit)
{
    if (!happens(hit)) {
        return;
    }
    if (op->buf == NULL) {
        erase_now(f, op->addr);
    } else {
        write_now(f, op->addr, op->buf, op->len);
    }
    if (hit == SIM_FAULT_WRONG) {
        f->bytes[op->addr + op->len / 2] ^= 0x10;
    }
}

/* It answers later: what ended() will do and say. */
static int later(struct sim_flash *f, const struct sim_op *op, enum sim_fault hit)
{
    uint32_t ms = op->buf == NULL ? f->erase_ms : f->write_ms;

    f->op = op->buf == NULL ? SIM_ERASING : SIM_WRITING;
    f->op_addr = op->addr;
    f->op_len = op->len;
    f->op_buf = op->buf;
    f->op_fault = hit;
    f->never = hit == SIM_FAULT_NEVER;
    ms = hit == SIM_FAULT_RETRIED ? 3 * ms : ms;
    f->due = *f->now + ms + (hit == SIM_FAULT_LATE ? f->late_ms : 0);
    return SIM_FLASH_PENDING;
}

/* A slice of an erase: is it the last one? Until then the page is in no state at all. */
static bool last_slice(struct sim_flash *f, uint32_t addr)
{
    f->slices_done = (uint8_t)(f->slice_addr == addr ? f->slices_done + 1 : 1);
    f->slice_addr = addr;
    memset(f->programmed + addr, (int)SIM_TORN_ERASE, f->erase_unit);
    if (f->slices_done < f->slices) {
        return false;
    }
    f->slice_addr = UINT32_MAX;
    f->slices_done = 0;
    return true;
}

/* ---- calls ----------------------------------------------------------------------- */

int sim_flash_erase(struct sim_flash *f, uint32_t addr)
{
    struct sim_op op = {addr, f->erase_unit, NULL};

    demand(f->op == SIM_IDLE, "erase while a call is outstanding", addr);
    demand(addr % f->erase_unit == 0, "erase not aligned", addr);
    if (refuses(f, addr, op.len)) {
        return -1;
    }
    demand(granted(f, addr, op.len), "erase outside the granted areas", addr);
    sim_begins(f, &op);
    if (f->mode == SIM_FLASH_SLICED && !last_slice(f, addr)) {
        return SIM_FLASH_MORE;
    }
    f->erases++;
    f->page_erases[addr / f->erase_unit]++;
    enum sim_fault hit = fault(f, f->erase_fault, addr);
    if (f->mode == SIM_FLASH_ASYNC) {
        return later(f, &op, hit);
    }
    carry_out(f, &op, hit);
    return hit == SIM_FAULT_ERROR ? -1 : SIM_FLASH_DONE;
}

int sim_flash_write(struct sim_flash *f, uint32_t addr, const void *buf, uint32_t len)
{
    struct sim_op op = {addr, len, buf};

    demand(f->op == SIM_IDLE, "write while a call is outstanding", addr);
    demand(addr % f->write_unit == 0 && len % f->write_unit == 0, "write not aligned",
           addr);
    demand((uintptr_t)buf % 4 == 0, "buffer not 4-aligned", addr);
    demand(len > 0 && len <= 512, "write length", addr);
    if (refuses(f, addr, len)) {
        return -1;
    }
    demand(granted(f, addr, len), "write outside the granted areas", addr);
    sim_begins(f, &op);
    f->writes++;
    f->words += len / f->write_unit;
    enum sim_fault hit = fault(f, f->write_fault, addr);
    if (f->mode == SIM_FLASH_ASYNC) {
        return later(f, &op, hit);
    }
    carry_out(f, &op, hit);
    return hit == SIM_FAULT_ERROR ? -1 : SIM_FLASH_DONE;
}

int sim_flash_read(struct sim_flash *f, uint32_t addr, void *buf, uint32_t len)
{
    demand(addr <= f->size && len <= f->size - addr, "read past the end", addr);
    if (touches(&f->unreadable, addr, len)) {
        return -1;
    }
    memcpy(buf, f->bytes + addr, len);
    sim_waver(f, addr, buf, len);
    return 0;
}

int sim_flash_lock(struct sim_flash *f, uint32_t addr, uint32_t len)
{
    demand(addr % f->erase_unit == 0 && len % f->erase_unit == 0, "lock not aligned",
           addr);
    demand(f->locked_n < SIM_FLASH_LOCKS, "more locks than there are", addr);
    f->locked[f->locked_n++] = (struct sim_area){addr, len};
    return 0;
}

static struct sim_op outstanding(const struct sim_flash *f)
{
    return (struct sim_op){f->op_addr, f->op_len,
                           f->op == SIM_WRITING ? f->op_buf : NULL};
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
    struct sim_op op = outstanding(f);

    if (sim_flash_wait(f, now) != 0) {
        return false;
    }
    carry_out(f, &op, f->op_fault);
    f->op = SIM_IDLE;
    *status = f->op_fault == SIM_FAULT_ERROR ? -1 : 0;
    return true;
}

void sim_flash_reset(struct sim_flash *f)
{
    struct sim_op op = outstanding(f);

    if (f->op != SIM_IDLE && happens(f->op_fault)) {
        sim_flash_tear(f, &op, SIM_CUT_MIDDLE);
    }
    f->op = SIM_IDLE;
    f->never = false;
    f->slice_addr = UINT32_MAX;
    f->slices_done = 0;
    f->locked_n = 0;
    sim_wake(f);
}
