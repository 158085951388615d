/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what real NOR can look like after an operation, or in the middle of one. Does
 * not know how a flash file keeps it. */
#include "bench.h"

#include <stdio.h>
#include <unistd.h>

static void note(void *ctx, uint32_t addr, const char *rule)
{
    struct bench *b = ctx;

    b->refusals++;
    b->addr = addr;
    b->rule = rule;
}

void bench_open(struct bench *b, const char *path,
                const struct ferry_flash_geometry *geometry)
{
    memset(b, 0, sizeof *b);
    if (ferry_flash_file_open(&b->file, path, geometry, geometry != NULL) != 0) {
        fail_msg("%s", b->file.why);
    }
    b->file.ctx = b;
    b->file.refused = note;
    b->hal = ferry_flash_file_hal(&b->file);
}

void bench_fresh(struct bench *b, const struct ferry_flash_geometry *geometry)
{
    const char *path = port_path("flash");

    unlink(path);
    bench_open(b, path, geometry);
}

void bench_close(struct bench *b)
{
    ferry_flash_file_close(&b->file);
}

int bench_write(struct bench *b, uint32_t addr, const void *bytes, uint32_t len)
{
    uint32_t aligned[128];

    assert_true(len <= sizeof aligned);
    memcpy(aligned, bytes, len);
    return b->hal.write(b->hal.ctx, addr, aligned, len);
}

int bench_erase(struct bench *b, uint32_t addr)
{
    return b->hal.erase(b->hal.ctx, addr);
}

/* ---- the model ------------------------------------------------------------------- */

void model_blank(struct model *m, const struct ferry_flash_geometry *geometry)
{
    assert_true(geometry->size <= MODEL_MAX);
    m->geometry = *geometry;
    memset(m->bytes, geometry->erased, sizeof m->bytes);
    memset(m->blank, 1, sizeof m->blank);
}

void model_payload(const struct model_op *op, uint8_t *bytes)
{
    struct dice d = {op->number * 2654435761U + 1};

    roll_bytes(&d, bytes, op->len);
}

void model_apply(struct model *m, const struct model_op *op)
{
    const struct ferry_flash_geometry *g = &m->geometry;
    uint8_t bytes[512];

    if (op->erase) {
        memset(m->bytes + op->addr, g->erased, g->erase_unit);
        memset(m->blank + op->addr / g->write_unit, 1, g->erase_unit / g->write_unit);
        return;
    }
    model_payload(op, bytes);
    for (uint32_t i = 0; i < op->len; i++) {
        uint8_t *to = &m->bytes[op->addr + i];
        *to = (uint8_t)(g->erased == 0xFF ? *to & bytes[i] : *to | bytes[i]);
    }
    memset(m->blank + op->addr / g->write_unit, 0, op->len / g->write_unit);
}

/* Has each bit of `now` stayed as it was in `old`, or become what it is in `end`? */
static bool between(uint8_t now, uint8_t old, uint8_t end)
{
    return ((now ^ old) & ~(old ^ end) & 0xFF) == 0;
}

static void demand(bool holds, const char *rule, uint32_t addr)
{
    if (!holds) {
        fail_msg("at 0x%x: %s", (unsigned)addr, rule);
    }
}

static void check_cut_write(const struct model *m, const struct ferry_flash_file *f,
                            const struct model_op *cut)
{
    const struct ferry_flash_geometry *g = &m->geometry;
    uint8_t bytes[512];

    model_payload(cut, bytes);
    for (uint32_t i = 0; i < cut->len; i++) {
        uint32_t at = cut->addr + i;
        uint8_t old = m->bytes[at];
        uint8_t end = (uint8_t)(g->erased == 0xFF ? old & bytes[i] : old | bytes[i]);
        demand(between(f->bytes[at], old, end), "neither old nor new", at);
        demand(!ferry_flash_file_blank(f, at) ||
                   (f->bytes[at] == g->erased && m->blank[at / g->write_unit]),
               "touched, but counts as blank", at);
    }
}

static bool unit_as_before(const struct model *m, const struct ferry_flash_file *f,
                           uint32_t addr)
{
    const struct ferry_flash_geometry *g = &m->geometry;

    for (uint32_t at = addr; at < addr + g->erase_unit; at += g->write_unit) {
        if (ferry_flash_file_blank(f, at) != m->blank[at / g->write_unit]) {
            return false;
        }
    }
    return memcmp(f->bytes + addr, m->bytes + addr, g->erase_unit) == 0;
}

/* Blank again only as a whole, and only when all of it is. */
static void check_cut_erase(const struct model *m, const struct ferry_flash_file *f,
                            const struct model_op *cut)
{
    const struct ferry_flash_geometry *g = &m->geometry;
    bool untouched = unit_as_before(m, f, cut->addr);
    bool any_blank = false, all_blank = true, all_erased = true;

    for (uint32_t at = cut->addr; at < cut->addr + g->erase_unit; at++) {
        demand(between(f->bytes[at], m->bytes[at], g->erased), "neither old nor erased",
               at);
        any_blank |= ferry_flash_file_blank(f, at);
        all_blank &= ferry_flash_file_blank(f, at);
        all_erased &= f->bytes[at] == g->erased;
    }
    demand(untouched || !any_blank || (all_blank && all_erased),
           "being erased, but counts as blank", cut->addr);
}

void model_check(const struct model *m, const struct ferry_flash_file *f,
                 const struct model_op *cut)
{
    const struct ferry_flash_geometry *g = &m->geometry;
    uint32_t from = cut != NULL ? cut->addr : g->size;
    uint32_t to = from + (cut != NULL ? cut->len : 0);

    for (uint32_t at = 0; at < g->size; at += g->write_unit) {
        if (at >= from && at < to) {
            continue;
        }
        demand(memcmp(f->bytes + at, m->bytes + at, g->write_unit) == 0,
               "changed, though nothing was done here", at);
        demand(ferry_flash_file_blank(f, at) == m->blank[at / g->write_unit],
               "blank or not, against what was acknowledged", at);
    }
    if (cut != NULL && cut->erase) {
        check_cut_erase(m, f, cut);
    } else if (cut != NULL) {
        check_cut_write(m, f, cut);
    }
}

void model_adopt(struct model *m, const struct ferry_flash_file *f,
                 const struct model_op *cut)
{
    for (uint32_t at = cut->addr; at < cut->addr + cut->len; at++) {
        m->bytes[at] = f->bytes[at];
        m->blank[at / m->geometry.write_unit] = ferry_flash_file_blank(f, at);
    }
}
