/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a device comes from the factory and how it is treated. Does not know what a
 * test wants to see. */
#include "boots.h"

struct cargo first, second, third;

/* ---- releases -------------------------------------------------------------------- */

void boots_release(struct release *r, unsigned bank, uint32_t version, uint32_t sec_ctr)
{
    release_default(r);
    r->version = version;
    r->sec_ctr = sec_ctr;
    r->link = bank * 0x80000U + 0x1000U;
}

void boots_cargo(struct cargo *c, unsigned bank, uint32_t version, uint32_t sec_ctr,
                 uint8_t slot)
{
    struct release r;

    boots_release(&r, bank, version, sec_ctr);
    r.slot = slot;
    r.signer = slot;
    cargo_make(c, &r, 1024, version + slot);
}

void boots_releases(void)
{
    struct release r;

    assert_true(sodium_init() >= 0);
    boots_cargo(&first, 0, 0x01000000, 5, 0);
    boots_release(&r, 1, 0x01010000, 7);
    cargo_make(&second, &r, 1536, 2);
    boots_release(&r, 0, 0x01020000, 9);
    cargo_make(&third, &r, 1280, 3);
}

void boots_options(struct world_options *o)
{
    scene_options(o);
    o->bank_len = 8U * 1024U;
    o->erase_unit = 512;
    o->header_len = 1024;
    boots_releases();
    o->factory = first.artifact;
}

/* ---- devices --------------------------------------------------------------------- */

struct world *device_of(const struct world_options *o)
{
    struct world *w = scene(o);

    world_courier(w, &first.artifact, 1); /* somewhere, and not connected */
    return w;
}

struct world *new_device(void)
{
    struct world_options o;

    boots_options(&o);
    return device_of(&o);
}

struct world *trial_device(void)
{
    struct world *w = new_device();

    try_out(w, &second);
    expect_runs(w, &second, true);
    return w;
}

struct world *updated_device(void)
{
    struct world *w = trial_device();

    confirm(w);
    expect_runs(w, &second, false);
    return w;
}

/* ---- what may happen ------------------------------------------------------------- */

void commit(struct world *w, const struct cargo *c)
{
    board_place(w, world_staging(w), &c->artifact);
    assert_int_equal(board_commit(w), 0);
}

void try_out(struct world *w, const struct cargo *c)
{
    commit(w, c);
    board_planned_reset(w);
}

void demand(struct world *w, unsigned bank, const struct cargo *c)
{
    struct ferry_app_record rec = board_app_record(w);
    uint32_t seen = board_record(w).seen;

    board_place(w, bank, &c->artifact);
    rec.commit = rec.commit > seen ? rec.commit + 1 : seen + 1;
    rec.bank = (uint8_t)bank;
    memcpy(rec.digest, c->digest, sizeof rec.digest);
    assert_true(board_forge(w, &rec));
    board_planned_reset(w);
}

void meet(struct world *w)
{
    struct peer p;

    peer_init(&p, w, 7);
    peer_hello(&p);
    peer_status(&p);
    ferry_device_link(&w->device, false, w->now);
    world_run(w, 100);
}

void confirm(struct world *w)
{
    meet(w);
    board_planned_reset(w);
}

void reset(struct world *w, enum ferry_reset reset)
{
    world_disconnect(w);
    board_start(w, reset);
    world_run(w, 100);
}

void reset_times(struct world *w, enum ferry_reset kind, unsigned times)
{
    while (times-- > 0) {
        reset(w, kind);
    }
}

void expire(struct world *w)
{
    ferry_handoff_expired(&w->board.handoff);
    reset(w, FERRY_RESET_SOFT);
}

void rot(struct world *w, unsigned bank)
{
    w->flash.bytes[w->map.bank[bank].addr + w->map.header_len + 100] ^= 0x10;
}

void rot_signature(struct world *w, unsigned bank)
{
    const uint8_t *env = w->flash.bytes + w->map.bank[bank].addr;

    w->flash.bytes[w->map.bank[bank].addr + ferry_envelope_len(env) - 40] ^= 4;
}

void rot_request(struct world *w)
{
    uint32_t at = w->map.app_journal[0] + w->opt.erase_unit - 1;

    while (w->flash.programmed[at] == 0) {
        at--;
    }
    w->flash.bytes[at] ^= 0x10;
}

static void lose(struct world *w, const uint32_t *page)
{
    for (unsigned i = 0; i < 2; i++) {
        memset(w->flash.bytes + page[i], 0x5A, w->opt.erase_unit);
        memset(w->flash.programmed + page[i], 1, w->opt.erase_unit);
    }
}

void lose_boot_journal(struct world *w)
{
    lose(w, w->map.boot_journal);
}

void lose_app_journal(struct world *w)
{
    lose(w, w->map.app_journal);
}

/* ---- questions ------------------------------------------------------------------- */

void boots_expect(struct world *w, const struct cargo *c, bool trial, const char *file,
                  int line)
{
    const struct ferry_handoff *h = &w->board.handoff;
    int bank = w->board.booted;
    bool right = bank >= 0 && board_holds(w, (unsigned)bank, &c->artifact);

    scene_expect_true("what runs", right, "it is the one", file, line);
    right = h->magic == FERRY_HANDOFF_MAGIC && h->version == 1 && h->bank == bank &&
            h->halt == 0 && h->wish == 0 &&
            ((h->flags & FERRY_HANDOFF_TRIAL) != 0) == trial &&
            (h->attempts > 0) == trial;
    scene_expect_true("hand-off block", right, "it says so", file, line);
}

int offer_of(struct world *w, const struct cargo *c)
{
    struct peer p;

    world_run(w, 2000); /* signatures are checked once a second */
    peer_init(&p, w, 9);
    peer_hello(&p);
    peer_offer(&p, c->env, c->env_len);
    assert_int_equal(p.verdicts, 1);
    peer_abort(&p);
    ferry_device_link(&w->device, false, w->now);
    switch (p.verdict.u.verdict.kind) {
    case FERRY_VERDICT_ACCEPT:
        return 0;
    case FERRY_VERDICT_RUNNING:
        return FERRY_E_SAME;
    case FERRY_VERDICT_LATER:
        return (int)p.verdict.u.verdict.code;
    default:
        return -(int)p.verdict.u.verdict.code;
    }
}

bool boot_wrote_nothing(const struct world *w)
{
    return w->board.boot_writes == 0 && w->board.boot_erases == 0;
}

bool buried(struct world *w)
{
    return (board_record(w).flags & FERRY_BOOT_TOMBSTONE) != 0;
}

bool without_net(const struct world *w)
{
    return (w->board.handoff.flags & FERRY_HANDOFF_NO_FALLBACK) != 0;
}
