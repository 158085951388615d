/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what an update takes, from offer to confirm, and whose page is worn by it. All
 * that it knows of the simulated flash is in the first few lines. */
#include "lifetime.h"

/* ---- counting -------------------------------------------------------------------- */

static uint32_t erased[LIFETIME_PAGES];
static int (*erase)(void *ctx, uint32_t addr);

static int counting_erase(void *ctx, uint32_t addr)
{
    assert_true(addr / LIFETIME_UNIT < LIFETIME_PAGES);
    erased[addr / LIFETIME_UNIT]++;
    return erase(ctx, addr);
}

static void count_erases(struct world *w)
{
    memset(erased, 0, sizeof erased);
    erase = w->flash_hal.erase;
    w->flash_hal.erase = counting_erase;
    w->boot_hal.erase = counting_erase;
}

uint32_t lifetime_words(const struct world *w)
{
    return w->flash.words;
}

uint32_t lifetime_erases(const struct world *w)
{
    uint32_t all = 0;

    for (enum lifetime_area area = 0; area < LIFETIME_AREAS; area++) {
        all += lifetime_wear(w, area).total;
    }
    return all;
}

/* ---- pages ----------------------------------------------------------------------- */

static enum lifetime_area area_of(const struct world *w, uint32_t addr)
{
    for (unsigned i = 0; i < 2; i++) {
        if (addr == w->map.boot_journal[i]) {
            return LIFETIME_BOOT_JOURNAL;
        }
        if (addr == w->map.app_journal[i]) {
            return LIFETIME_APP_JOURNAL;
        }
        if (addr == w->map.bank[i].addr) {
            return LIFETIME_HEADERS;
        }
    }
    return LIFETIME_IMAGES;
}

const char *lifetime_area_name(enum lifetime_area area)
{
    static const char *const names[] = {"bank headers", "images", "boot journal",
                                        "application journal"};
    return names[area];
}

struct lifetime_wear lifetime_wear(const struct world *w, enum lifetime_area area)
{
    struct lifetime_wear all = {0, 0, 0};

    for (uint32_t i = 0; i < LIFETIME_PAGES; i++) {
        if (area_of(w, i * LIFETIME_UNIT) == area) {
            all.pages++;
            all.total += erased[i];
            all.most = erased[i] > all.most ? erased[i] : all.most;
        }
    }
    return all;
}

/* ---- updates --------------------------------------------------------------------- */

static void make(struct cargo *c, unsigned bank, uint32_t n)
{
    struct release r;

    boots_release(&r, bank, 0x01000000U + n, 5);
    cargo_make(c, &r, LIFETIME_BLOCKS * BLOCK, n);
}

struct world *lifetime_device(void)
{
    static struct cargo factory;
    struct world_options o;

    assert_true(sodium_init() >= 0);
    scene_options(&o);
    o.erase_unit = LIFETIME_UNIT;
    o.header_len = LIFETIME_UNIT;
    o.bank_len = LIFETIME_BANK * LIFETIME_UNIT;
    make(&factory, 0, 0);
    o.factory = factory.artifact;
    struct world *w = device_of(&o);
    assert_int_equal(w->board.booted, 0);
    count_erases(w);
    return w;
}

void lifetime_release(struct world *w, struct cargo *c, uint32_t n)
{
    make(c, world_staging(w), n);
}

void lifetime_update(struct world *w, const struct cargo *c)
{
    struct peer p;

    world_run(w, 1000); /* a signature a second */
    peer_init(&p, w, 1);
    peer_begin(&p, c);
    peer_blocks(&p, c, 0, peer_last_block(&p));
    world_run(w, 3000);
    assert_true(w->reboot_wanted);
    w->reboot_wanted = false;
    board_planned_reset(w);
    expect_runs(w, c, true);
    confirm(w);
    expect_runs(w, c, false);
}
