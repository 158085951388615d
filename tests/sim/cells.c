/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a cut operation leaves in each bit, and how weak bits read. Does not know
 * who writes, or why. */
#include "cells.h"

#include <string.h>

#include "rng.h"

#define FEW_BITS 3U
#define TORN 2U /* in sim_flash.programmed: by an operation that was cut */

void cells_init(struct sim_cells *c, struct sim_flash *flash, uint64_t seed)
{
    memset(c, 0, sizeof *c);
    c->flash = flash;
    flash->cells = c;
    cells_heal(c, seed);
}

void cells_heal(struct sim_cells *c, uint64_t seed)
{
    if (c->to > 0) {
        memset(c->weak + c->weak_at, 0, c->to - c->weak_at);
    }
    c->rng = seed * 0x9E3779B97F4A7C15ULL + 1;
    c->weak_at = UINT32_MAX;
    c->to = 0;
    c->armed = false;
    c->ops = 0;
    c->cuts = 0;
    c->reused = 0;
}

void cells_cut(struct sim_cells *c, uint32_t in, enum sim_cut cut)
{
    c->armed = true;
    c->in = in;
    c->cut = cut;
}

bool cells_hold(struct sim_cells *c, void (*part)(void *), void *ctx)
{
    if (setjmp(c->dark) != 0) {
        return false;
    }
    part(ctx);
    c->armed = false;
    return true;
}

/* ---- what a cut leaves ----------------------------------------------------------- */

/* The bits that this operation would change. Weak ones have yet to get anywhere. */
static uint8_t change(const struct sim_cells *c, uint32_t at, const uint8_t *to)
{
    const struct sim_flash *f = c->flash;
    uint8_t want = to != NULL ? *to : f->erased;

    if (to == NULL) { /* an erase */
        return (uint8_t)((f->bytes[at] ^ want) | c->weak[at]);
    }
    uint8_t programs = f->erased == 0xFF ? (uint8_t)~want : want;
    return (uint8_t)(programs & (uint8_t)((f->bytes[at] ^ want) | c->weak[at]));
}

static unsigned ones(uint8_t byte)
{
    unsigned n = 0;

    for (; byte != 0; byte &= (uint8_t)(byte - 1)) {
        n++;
    }
    return n;
}

static void weaken(struct sim_cells *c, uint32_t at, uint8_t bit)
{
    c->weak[at] |= bit;
    c->weak_at = at < c->weak_at ? at : c->weak_at;
    c->to = at + 1 > c->to ? at + 1 : c->to;
}

/* One bit's fate. `few` of `bits` become weak where a cut leaves few. */
static void tear(struct sim_cells *c, uint32_t at, uint8_t bit, enum sim_cut how,
                 uint32_t few, uint32_t bits)
{
    bool chosen = rng_below(&c->rng, bits) < few;
    bool done = how == SIM_CUT_MOST || how == SIM_CUT_AFTER;

    c->weak[at] &= (uint8_t)~bit;
    if (how == SIM_CUT_HALF) {
        uint32_t fate = rng_below(&c->rng, 4);
        chosen = fate == 0;
        done = fate < 3;
    }
    if (chosen && how != SIM_CUT_AFTER) {
        weaken(c, at, bit);
    } else if (done) {
        c->flash->bytes[at] ^= bit;
    }
}

static uint32_t changes(const struct sim_cells *c, uint32_t addr, const uint8_t *buf,
                        uint32_t len)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < len; i++) {
        bits += ones(change(c, addr + i, buf != NULL ? buf + i : NULL));
    }
    return bits;
}

static void tear_run(struct sim_cells *c, uint32_t addr, const uint8_t *buf,
                     uint32_t len, enum sim_cut how)
{
    struct sim_flash *f = c->flash;
    uint32_t few = 1 + rng_below(&c->rng, FEW_BITS);
    uint32_t bits = changes(c, addr, buf, len);

    for (uint32_t i = 0; i < len; i++) {
        uint8_t todo = change(c, addr + i, buf != NULL ? buf + i : NULL);
        /* A weak bit has no side: put it where it comes from. */
        uint8_t from = (uint8_t)(buf != NULL ? f->erased : ~f->erased);
        uint8_t unsure = todo & c->weak[addr + i];
        f->bytes[addr + i] =
            (uint8_t)((f->bytes[addr + i] & ~unsure) | (from & unsure));
        for (unsigned b = 0; b < 8; b++) {
            if ((todo >> b & 1U) != 0) {
                tear(c, addr + i, (uint8_t)(1U << b), how, few, bits);
            }
        }
        f->programmed[addr + i] = (uint8_t)(how != SIM_CUT_AFTER ? TORN : buf != NULL);
    }
}

static void cut(struct sim_cells *c, uint32_t addr, const uint8_t *buf, uint32_t len)
{
    uint32_t unit = buf != NULL ? c->flash->write_unit : c->flash->erase_unit;
    uint32_t word = rng_below(&c->rng, len / unit) * unit;

    if (c->cut == SIM_CUT_WORD) {
        enum sim_cut how = (enum sim_cut)(SIM_CUT_FEW + rng_below(&c->rng, 3));
        if (word > 0) {
            tear_run(c, addr, buf, word, SIM_CUT_AFTER);
        }
        tear_run(c, addr + word, buf != NULL ? buf + word : NULL, unit, how);
    } else if (c->cut != SIM_CUT_BEFORE) {
        tear_run(c, addr, buf, len, c->cut);
    }
    c->armed = false;
    c->cuts++;
    longjmp(c->dark, 1);
}

void cells_begin(struct sim_cells *c, uint32_t addr, const uint8_t *buf, uint32_t len)
{
    c->ops++;
    if (c->armed && c->in-- == 0) {
        cut(c, addr, buf, len);
    }
}

void cells_firm(struct sim_cells *c, uint32_t addr, const uint8_t *buf, uint32_t len)
{
    uint8_t erased = c->flash->erased;

    for (uint32_t i = 0; i < len && addr + i < c->to; i++) {
        c->weak[addr + i] &= buf != NULL ? (uint8_t) ~(buf[i] ^ erased) : 0;
    }
}

bool cells_blank(struct sim_cells *c, uint32_t addr)
{
    const struct sim_flash *f = c->flash;
    bool blank = f->programmed[addr] == TORN &&
                 ((f->bytes[addr] ^ f->erased) & ~c->weak[addr]) == 0;

    c->reused += blank;
    return blank;
}

/* ---- how weak bits read ---------------------------------------------------------- */

static uint8_t coin(struct sim_cells *c)
{
    uint32_t r = (uint32_t)(rng_next(&c->rng) >> 32);
    uint32_t mostly0 = r & r >> 8 & r >> 16 & r >> 24;
    uint32_t mostly1 = r | r >> 8 | r >> 16 | r >> 24;

    return (uint8_t)(c->lean == 0 ? mostly0 : c->lean == 1 ? r : mostly1);
}

void cells_read(struct sim_cells *c, uint32_t addr, uint8_t *buf, uint32_t len)
{
    if (!c->restless || addr >= c->to || addr + len <= c->weak_at) {
        return;
    }
    for (uint32_t i = 0; i < len; i++) {
        uint8_t weak = c->weak[addr + i];
        if (weak != 0) {
            buf[i] = (uint8_t)((buf[i] & ~weak) | (coin(c) & weak));
        }
    }
}

void cells_wake(struct sim_cells *c)
{
    struct sim_flash *f = c->flash;

    c->restless = rng_below(&c->rng, 2) != 0;
    c->lean = (uint8_t)rng_below(&c->rng, 3);
    for (uint32_t at = c->weak_at; at < c->to; at++) {
        uint8_t weak = c->weak[at];
        f->bytes[at] = (uint8_t)((f->bytes[at] & ~weak) | (coin(c) & weak));
    }
}
