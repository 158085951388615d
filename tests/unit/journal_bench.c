/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what a writer of a journal does. Does not know what should come of it. */
#include "journal_bench.h"

struct sim_flash flash;
struct ferry_flash hal;

static const uint32_t pages[2] = {0, PAGE};
static uint32_t now;

static void payload_of(uint32_t says, uint8_t *payload)
{
    for (unsigned i = 0; i < PAYLOAD; i++) {
        payload[i] = (uint8_t)(says >> (8 * (i % 4)) ^ i * 37U);
    }
}

uint32_t bench_slot(unsigned page, unsigned slot)
{
    return pages[page] + MARK_LEN + slot * SLOT;
}

bool bench_scan(struct writer *w)
{
    uint8_t got[PAYLOAD], want[PAYLOAD];

    ferry_journal_init(&w->j, &hal, pages, 0x42, PAYLOAD);
    w->said = 0;
    if (ferry_journal_scan(&w->j, got) != 0) {
        return false;
    }
    for (unsigned i = 0; i < 4; i++) {
        w->said |= (uint32_t)(uint8_t)(got[i] ^ i * 37U) << (8 * i);
    }
    payload_of(w->said, want);
    assert_memory_equal(got, want, PAYLOAD);
    return true;
}

bool bench_append(struct writer *w, uint32_t says)
{
    static uint32_t room[FERRY_JOURNAL_ROOM / 4];
    uint8_t payload[PAYLOAD];
    struct ferry_flash_op op;

    payload_of(says, payload);
    ferry_journal_append(&w->j, payload, (uint8_t *)room);
    while (ferry_journal_next(&w->j, &op)) {
        int status = op.erase ? hal.erase(hal.ctx, op.addr)
                              : hal.write(hal.ctx, op.addr, op.buf, op.len);
        if (ferry_journal_did(&w->j, status) != 0) {
            return false;
        }
    }
    return true;
}

void bench_start(struct writer *w)
{
    sim_flash_reset(&flash);
    if (!bench_scan(w) || w->j.doubt) {
        assert_true(bench_append(w, w->said));
    }
}

void bench_journal(struct writer *w, uint32_t n)
{
    sim_flash_init(&flash, 2 * PAGE, PAGE, 4, 0xFF);
    sim_flash_grant(&flash, 0, 0, 2 * PAGE);
    (void)!sim_flash_erase(&flash, 0);
    (void)!sim_flash_erase(&flash, PAGE);
    hal = sim_flash_hal(&flash, &now);
    (void)bench_scan(w);
    assert_int_equal(ferry_journal_slots(&w->j), SLOTS);
    for (uint32_t i = 1; i <= n; i++) {
        assert_true(bench_append(w, i));
    }
    sim_flash_heal(&flash);
}

uint32_t bench_full(void)
{
    struct writer w;
    uint32_t n = 0;

    bench_journal(&w, 1);
    while (w.j.holder == 0) {
        n++;
        assert_true(bench_append(&w, n + 1));
    }
    return n;
}

/* ---- cuts ------------------------------------------------------------------------ */

struct part {
    struct writer *w;
    uint32_t says;
};

static void append_part(void *ctx)
{
    struct part *p = ctx;

    assert_true(bench_append(p->w, p->says));
}

static void start_part(void *ctx)
{
    bench_start(ctx);
}

bool bench_append_cut(struct writer *w, uint32_t says, uint32_t at, enum sim_cut how)
{
    struct part p = {w, says};

    sim_flash_cut(&flash, at, how);
    return sim_flash_hold(&flash, append_part, &p);
}

bool bench_start_cut(struct writer *w, uint32_t at, enum sim_cut how)
{
    sim_flash_cut(&flash, at, how);
    return sim_flash_hold(&flash, start_part, w);
}
