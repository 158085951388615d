/* SPDX-License-Identifier: Apache-2.0
 *
 * A journal in any flash, for Frama-C's EVA: every value that comes from `any` stands for
 * all values. The code under it is the engine's, byte for byte, without its contracts.
 * Knows what a port may rely on (places, units, buffers); not what records say. */
#include <string.h>

#include "journal.h"

#define FIRST_PAGE 0x20000U /* a multiple of every erase unit */

volatile uint32_t any;

static uint32_t up_to(uint32_t most)
{
    uint32_t got = any;

    return got <= most ? got : most;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *p = a, *q = b;

    /*@ assert there: \valid_read(p + (0 .. n - 1)) && \valid_read(q + (0 .. n - 1)); */
    /*@ assert said: \initialized(p + (0 .. n - 1)) && \initialized(q + (0 .. n - 1)); */
    return (int)any;
}

/* ---- flash that says anything ---------------------------------------------------- */

static uint32_t erase_unit;

static int flash_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    uint8_t *to = buf;

    (void)ctx;
    (void)addr; /* WP's part */
    /*@ loop unroll 128; */
    for (uint32_t i = 0; i < len; i++) {
        to[i] = (uint8_t)any; /* where a read fails, too: what it leaves is nobody's */
    }
    return (int)any;
}

/* ---- what is asked of a port ----------------------------------------------------- */

static void carry_out(const struct ferry_flash *flash, const struct ferry_flash_op *op)
{
    uint32_t unit = flash->write_unit;

    if (op->erase) {
        /*@ assert whole_page: op->addr % erase_unit == 0 && op->len == erase_unit; */
        return;
    }
    /*@ assert aligned: op->addr % unit == 0 && op->len % unit == 0; */
    /*@ assert there: \valid_read(op->buf + (0 .. op->len - 1)); */
    /*@ assert said: \initialized(op->buf + (0 .. op->len - 1)); */
}

/* ---- any journal that the proofs of places allow --------------------------------- */

struct place {
    struct ferry_flash flash;
    struct ferry_journal j;
    uint32_t room[FERRY_JOURNAL_ROOM / 4];
    uint32_t payload[FERRY_JOURNAL_PAYLOAD_MAX / 4];
};

static void open_any(struct place *p, uint8_t write_unit, uint8_t payload_len)
{
    uint32_t page[2] = {FIRST_PAGE, FIRST_PAGE + erase_unit};

    memset(p, 0, sizeof *p);
    p->flash.erase_unit = erase_unit;
    p->flash.write_unit = write_unit;
    p->flash.erased = any != 0 ? 0xFF : 0x00;
    p->flash.read = flash_read;
    ferry_journal_init(&p->j, &p->flash, page, 0x42, payload_len);
    /*@ assert words: p->j.word_len % write_unit == 0 && 4 <= p->j.word_len <= 32; */
    /*@ assert bodies: p->j.body_len % write_unit == 0 && p->j.body_len <= 96 &&
      @   8 + payload_len <= p->j.body_len; */
    /*@ assert fits: 3 <= p->j.slots &&
      @   p->j.word_len + p->j.slots * p->j.slot_len <= erase_unit; */
    p->j.sound_only = any != 0;
}

static void append_any(struct place *p)
{
    p->j.doubt = any != 0;
    p->j.holder = any != 0;
    p->j.tail = (uint16_t)up_to(p->j.slots);
    p->j.sequence = any;
    ferry_journal_append(&p->j, p->payload, (uint8_t *)p->room);
}

/* One operation of an append, from any state that it can be in. */
static void go_on_any(struct place *p, uint8_t step)
{
    struct ferry_journal *j = &p->j;
    struct ferry_flash_op op;

    memset(p->room, p->flash.erased, sizeof p->room);
    j->room = (uint8_t *)p->room;
    j->target = any != 0;
    j->holder = step < 3 ? j->target ^ 1 : any != 0;
    j->slot = step < 3 ? 0 : (uint16_t)up_to(j->slots - 1U);
    j->step = step;
    j->at = FIRST_PAGE + (j->target != 0 ? erase_unit : 0);
    if (step >= 3) {
        j->at += j->word_len + (uint32_t)j->slot * j->slot_len;
        j->at += step > 3 ? j->word_len : 0U;
        j->at += step > 4 ? j->body_len : 0U;
    }
    if (ferry_journal_next(j, &op)) {
        carry_out(&p->flash, &op);
    }
    (void)!ferry_journal_did(j, (int)any);
}

static void all_of(uint8_t write_unit, uint8_t payload_len)
{
    struct place p;

    open_any(&p, write_unit, payload_len);
    (void)!ferry_journal_scan(&p.j, p.payload);
    append_any(&p);
    /*@ loop unroll 5; */
    for (uint8_t step = 1; step <= 5; step++) {
        go_on_any(&p, step);
    }
}

int main(void)
{
    static const uint32_t erase_units[] = {512, 1024};

    /*@ loop unroll 2; */
    for (unsigned i = 0; i < 2; i++) {
        erase_unit = erase_units[i];
        /*@ loop unroll 6; */
        for (uint8_t unit = 1; unit <= 32; unit = (uint8_t)(2 * unit)) {
            all_of(unit, 76);
            all_of(unit, 64);
        }
    }
    return 0;
}
