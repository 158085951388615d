/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what an operation that is cut leaves in each bit, and how bits without a side
 * read. Does not know who writes, or why. */
#include <string.h>

#include "rng.h"
#include "sim_in.h"

#define FEW_BITS 3U

void sim_flash_seed(struct sim_flash *f, uint64_t seed)
{
    f->rng = seed * 0x9E3779B97F4A7C15ULL + 1;
}

void sim_flash_heal(struct sim_flash *f)
{
    if (f->to > 0) {
        memset(f->weak + f->weak_at, 0, f->to - f->weak_at);
    }
    f->weak_at = UINT32_MAX;
    f->to = 0;
    f->armed = false;
    f->seems = false;
    f->ops = 0;
    f->cuts = 0;
    f->reused = 0;
}

void sim_flash_cut(struct sim_flash *f, uint32_t in, enum sim_cut how)
{
    f->armed = true;
    f->in = in;
    f->cut = how;
}

bool sim_flash_hold(struct sim_flash *f, void (*part)(void *), void *ctx)
{
    if (setjmp(f->dark) != 0) {
        return false;
    }
    part(ctx);
    f->armed = false;
    return true;
}

/* ---- what a cut leaves ----------------------------------------------------------- */

/* The bits of a byte that the operation would change. Those without a side have yet to
 * get anywhere. */
static uint8_t change(const struct sim_flash *f, uint32_t at, const uint8_t *to)
{
    uint8_t want = to != NULL ? *to : f->erased;
    uint8_t moves = (uint8_t)((f->bytes[at] ^ want) | f->weak[at]);

    if (to == NULL) { /* an erase */
        return moves;
    }
    return (uint8_t)(moves & (uint8_t)(want ^ f->erased));
}

static unsigned ones(uint8_t byte)
{
    unsigned n = 0;

    for (; byte != 0; byte &= (uint8_t)(byte - 1)) {
        n++;
    }
    return n;
}

static void weaken(struct sim_flash *f, uint32_t at, uint8_t bit)
{
    f->weak[at] |= bit;
    f->weak_at = at < f->weak_at ? at : f->weak_at;
    f->to = at + 1 > f->to ? at + 1 : f->to;
}

enum fate { UNDONE, DONE, WEAK };

/* What becomes of one of `bits` bits, `few` of which lose their side where a cut leaves
 * but a few. */
static enum fate fate_of(struct sim_flash *f, enum sim_cut how, uint32_t few,
                         uint32_t bits)
{
    switch (how) {
    case SIM_CUT_EARLY:
        return rng_below(&f->rng, bits) < few ? WEAK : UNDONE;
    case SIM_CUT_LATE:
        return rng_below(&f->rng, bits) < few ? WEAK : DONE;
    case SIM_CUT_SUBSET:
        return rng_below(&f->rng, 2) == 0 ? DONE : UNDONE;
    case SIM_CUT_MIDDLE: {
        uint32_t quarter = rng_below(&f->rng, 4);
        return quarter == 0 ? WEAK : quarter < 3 ? DONE : UNDONE;
    }
    case SIM_CUT_SEEMS_DONE:
    case SIM_CUT_SEEMS_UNDONE:
        return WEAK;
    case SIM_CUT_AFTER:
    case SIM_CUT_WORDS: /* a word of it: tear_words() */
    case SIM_CUTS:
        return DONE;
    case SIM_CUT_BEFORE:
        break;
    }
    return UNDONE;
}

/* A bit that had no side, and is not done, has none yet. */
static void tear_byte(struct sim_flash *f, uint32_t at, const uint8_t *to,
                      enum sim_cut how, uint32_t few, uint32_t bits)
{
    uint8_t todo = change(f, at, to);
    uint8_t want = to != NULL ? *to : f->erased;

    for (unsigned b = 0; b < 8; b++) {
        uint8_t bit = (uint8_t)(1U << b);
        if ((todo & bit) == 0) {
            continue;
        }
        enum fate fate = fate_of(f, how, few, bits);
        if (fate == DONE) {
            f->weak[at] &= (uint8_t)~bit;
        } else if (fate == WEAK) {
            weaken(f, at, bit);
        }
        if (fate == DONE || how == SIM_CUT_SEEMS_DONE) {
            f->bytes[at] = (uint8_t)((f->bytes[at] & ~bit) | (want & bit));
        }
    }
}

static uint32_t changes(const struct sim_flash *f, const struct sim_op *op)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < op->len; i++) {
        bits += ones(change(f, op->addr + i, op->buf != NULL ? op->buf + i : NULL));
    }
    return bits;
}

static void mark_byte(struct sim_flash *f, uint32_t at, bool erase, enum sim_cut how)
{
    uint8_t *times = &f->programmed[at];

    if (how != SIM_CUT_AFTER) {
        *times = erase ? SIM_TORN_ERASE : SIM_TORN_WRITE;
    } else if (erase) {
        *times = 0;
    } else { /* what was torn before, and is programmed again, is full */
        *times = *times >= SIM_TORN_WRITE ? f->writes_per_word : (uint8_t)(*times + 1);
    }
}

/* Cut or not, it wears its page, or counts in its block. */
static void count_run(struct sim_flash *f, const struct sim_op *op, enum sim_cut how)
{
    bool anew = op->buf == NULL && how == SIM_CUT_AFTER;

    for (uint32_t i = 0; i < op->len; i += f->write_unit) {
        uint16_t *writes = &f->block_writes[(op->addr + i) / f->block_len];
        *writes = (uint16_t)(anew ? 0 : *writes + (op->buf != NULL));
    }
}

static void tear_run(struct sim_flash *f, const struct sim_op *op, enum sim_cut how)
{
    uint32_t few = 1 + rng_below(&f->rng, FEW_BITS);
    uint32_t bits = changes(f, op);

    for (uint32_t i = 0; i < op->len; i++) {
        uint32_t at = op->addr + i;
        tear_byte(f, at, op->buf != NULL ? op->buf + i : NULL, how, few, bits);
        mark_byte(f, at, op->buf == NULL, how);
    }
    count_run(f, op, how);
    f->seems = how == SIM_CUT_SEEMS_DONE || how == SIM_CUT_SEEMS_UNDONE;
}

/* The words before some word are done, that one is torn, those behind it untouched; or, in
 * an erase, all those behind it are torn. */
static void tear_words(struct sim_flash *f, const struct sim_op *op)
{
    uint32_t unit = f->write_unit;
    uint32_t whole = rng_below(&f->rng, op->len / unit) * unit;
    uint32_t torn = op->buf != NULL ? unit : op->len - whole;
    enum sim_cut how = (enum sim_cut)(SIM_CUT_EARLY + rng_below(&f->rng, 3));
    struct sim_op first = {op->addr, whole, op->buf};
    struct sim_op next = {op->addr + whole, torn,
                          op->buf != NULL ? op->buf + whole : NULL};

    if (whole > 0) {
        tear_run(f, &first, SIM_CUT_AFTER);
    }
    tear_run(f, &next, how);
    if (op->buf == NULL) { /* an erase counts only when all of it is done */
        memset(f->programmed + op->addr, (int)SIM_TORN_ERASE, op->len);
    }
}

void sim_flash_tear(struct sim_flash *f, const struct sim_op *op, enum sim_cut how)
{
    f->seems = false;
    if (how == SIM_CUT_WORDS) {
        tear_words(f, op);
    } else if (how != SIM_CUT_BEFORE) {
        tear_run(f, op, how);
    }
    if (op->buf == NULL && how != SIM_CUT_BEFORE) {
        f->page_erases[op->addr / f->erase_unit]++;
    }
    f->cuts++;
}

void sim_begins(struct sim_flash *f, const struct sim_op *op)
{
    f->ops++;
    if (f->before != NULL) {
        f->before(f->before_ctx, op);
    }
    if (f->armed && f->in-- == 0) {
        f->armed = false;
        sim_flash_tear(f, op, f->cut);
        longjmp(f->dark, 1);
    }
}

/* ---- how bits without a side read ------------------------------------------------ */

void sim_firm(struct sim_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
    for (uint32_t i = 0; i < len && addr + i < f->to; i++) {
        f->weak[addr + i] &= buf != NULL ? (uint8_t) ~(buf[i] ^ f->erased) : 0;
    }
}

/* All that was changed for good is nothing: whoever looks sees a word that is erased, or
 * one that cannot make up its mind. */
bool sim_unseen(const struct sim_flash *f, uint32_t addr)
{
    return ((f->bytes[addr] ^ f->erased) & ~f->weak[addr]) == 0;
}

static uint8_t coin(struct sim_flash *f)
{
    uint32_t r = (uint32_t)(rng_next(&f->rng) >> 32);
    uint32_t mostly0 = r & r >> 8 & r >> 16 & r >> 24;
    uint32_t mostly1 = r | r >> 8 | r >> 16 | r >> 24;

    switch (f->lean) {
    case SIM_LEAN_0:
        return (uint8_t)mostly0;
    case SIM_LEAN_1:
        return (uint8_t)mostly1;
    case SIM_LEAN_EITHER:
        break;
    }
    return (uint8_t)r;
}

static uint8_t toss(struct sim_flash *f, uint8_t byte, uint8_t weak)
{
    return (uint8_t)((byte & ~weak) | (coin(f) & weak));
}

void sim_waver(struct sim_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
    if (!f->restless || addr >= f->to || addr + len <= f->weak_at) {
        return;
    }
    for (uint32_t i = 0; i < len; i++) {
        if (f->weak[addr + i] != 0) {
            buf[i] = toss(f, buf[i], f->weak[addr + i]);
        }
    }
}

void sim_wake(struct sim_flash *f)
{
    f->restless = !f->seems && rng_below(&f->rng, 2) != 0;
    f->lean = (enum sim_lean)rng_below(&f->rng, 3);
    for (uint32_t at = f->weak_at; !f->seems && at < f->to; at++) {
        if (f->weak[at] != 0) {
            f->bytes[at] = toss(f, f->bytes[at], f->weak[at]);
        }
    }
    f->seems = false;
}
