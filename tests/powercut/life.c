/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the order of a device's life and how to go on with it. Does not know what a power
 * cut is. */
#include "life.h"

#include <string.h>

#define PATIENCE_MS (30U * 60U * 1000U) /* of a phone */
#define STEPS 24U                       /* that the end of a stage may take */

const char *phase_name(enum phase p)
{
    static const char *const names[PHASES] = {
        "first start", "offer",   "table",    "image",      "commit",
        "trial",       "confirm", "rollback", "crash loop", "page turn"};
    return names[p];
}

/* ---- beginning and continuing ---------------------------------------------------- */

static void forget(struct life *l)
{
    l->loaded = -1;
    l->told = -1;
    l->resumed = -1;
    l->resumed_of = -1;
}

void life_new(struct life *l, const struct plan *p)
{
    struct world_options o;

    world_defaults(&o);
    o.chunk = p->chunk;
    o.pool_chunks = p->pool_chunks;
    o.bank_len = p->bank_len;
    o.erase_unit = p->erase_unit;
    o.header_len = p->erase_unit > 1024 ? p->erase_unit : 1024;
    o.write_unit = p->write_unit;
    o.erased = p->erased;
    o.mode = p->mode;
    o.mtu = 247;
    o.interval_ms = 15;
    o.toy = p->toy;
    o.factory = *goods_artifact(0);
    world_init(&l->w, &o);
    sim_flash_heal(&l->w.flash);
    board_install(&l->w);
    world_courier(&l->w, NULL, 0);
    l->plan = p;
    l->stage = STAGE_FACTORY;
    l->doing = PHASE_FIRST_START;
    forget(l);
}

void life_continue(struct life *l, const struct life *from)
{
    sim_flash_copy(&l->w.flash, &from->w.flash);
    sim_flash_clock(&l->w.flash, &l->w.now);
    l->w.flash.before = NULL;
    l->w.now = from->w.now;
    l->w.boots = from->w.boots;
    l->w.nonces = from->w.nonces;
    l->stage = from->stage;
    l->doing = from->doing;
    life_dark(l);
}

void life_dark(struct life *l)
{
    l->w.flash.mode = l->plan->mode; /* not the bootloader's */
    l->w.flash.op = SIM_IDLE;
    l->w.link.up = false;
    forget(l);
}

/* ---- starts ---------------------------------------------------------------------- */

struct answer life_answer(const struct life *l)
{
    struct answer a = {l->w.board.booted, -1, false};

    for (int i = 0; i < GOODS && a.bank >= 0 && a.release < 0; i++) {
        if (goods_bank(i) == a.bank &&
            board_holds(&l->w, (unsigned)a.bank, goods_artifact(i))) {
            a.release = i;
        }
    }
    a.trial = a.bank >= 0 && (l->w.board.handoff.flags & FERRY_HANDOFF_TRIAL) != 0;
    return a;
}

bool life_same(const struct answer *a, const struct answer *b)
{
    return a->bank == b->bank && a->release == b->release && a->trial == b->trial;
}

struct answer life_boot(struct life *l, enum ferry_reset kind)
{
    world_disconnect(&l->w);
    l->told = -1;
    board_boot(&l->w, kind);
    return life_answer(l);
}

struct answer life_start(struct life *l, enum ferry_reset kind)
{
    struct answer a = life_boot(l, kind);

    if (a.bank >= 0) {
        board_start_app(&l->w);
        world_run(&l->w, 200);
    }
    return a;
}

void life_age(struct life *l)
{
    struct ferry_boot_record boot = board_record(&l->w);
    struct ferry_app_record app = board_app_record(&l->w);

    for (unsigned i = 0; i < l->plan->boot_age; i++) {
        (void)board_forge_boot(&l->w, &boot);
    }
    for (unsigned i = 0; i < l->plan->app_age; i++) {
        (void)board_forge(&l->w, &app);
    }
    (void)life_start(l, FERRY_RESET_WAKE);
}

/* ---- the phone ------------------------------------------------------------------- */

static bool over(const struct world *w)
{
    enum ferry_courier_state s = ferry_courier_state(&w->courier);

    return s == FERRY_COURIER_DONE || s == FERRY_COURIER_REFUSED ||
           s == FERRY_COURIER_LATER ||
           (s == FERRY_COURIER_PARKED && !w->courier.will_resume);
}

/* What the phone has heard of the release that it carries. */
static void hear(struct life *l)
{
    const struct world *w = &l->w;
    int err = ferry_courier_error(&w->courier);

    if (ferry_courier_state(&w->courier) == FERRY_COURIER_DONE &&
        (err == 0 || err == FERRY_E_SAME)) { /* committed, or running already */
        l->told = l->loaded;
        l->told_confirmed = w->board.app.state.trial && w->board.app.state.settled;
    }
}

/* A phone wants to know how the device is: one more record behind what was said. */
static void ask(struct life *l)
{
    static const uint8_t nonce[FERRY_NONCE_LEN] = {0x5C};
    struct ferry_statement s;

    (void)board_statement(&l->w, nonce, &s);
}

/* A phone comes with this release, and stays until it is done or told to go. */
static void bring(struct life *l, int release)
{
    struct world *w = &l->w;
    uint32_t until = w->now + PATIENCE_MS;

    world_run(w, 2000); /* signatures are checked once a second */
    l->loaded = (int8_t)release;
    l->doing = PHASE_OFFER;
    world_courier(w, goods_artifact(release), 1);
    world_connect(w);
    while (w->now != until && !over(w)) {
        world_step(w, until);
        hear(l);
        if (w->device.live && l->resumed < 0) {
            l->resumed = w->device.window.base;
            l->resumed_of = (int8_t)release;
        }
    }
    bool worn = ferry_courier_state(&w->courier) == FERRY_COURIER_LATER &&
                w->courier.later.why == FERRY_LATER_WEAR;
    world_disconnect(w);
    world_run(w, 200);
    l->loaded = -1;
    /* So many beginnings wear flash out: one a day, and a life has time. */
    if (worn) {
        world_run(w, w->courier.later.seconds * 1000U);
    }
}

/* ---- steps ----------------------------------------------------------------------- */

static void planned_reset(struct life *l)
{
    ferry_handoff_planned(&l->w.board.handoff);
    (void)life_start(l, FERRY_RESET_SOFT);
}

/* One step on the way to `release` running, confirmed or (`trial`) for the first time. */
static void update_to(struct life *l, int release)
{
    struct ferry_app_journal *app = &l->w.board.app;
    bool trial = app->state.trial;

    bring(l, release);
    if (trial && app->state.settled) {
        l->doing = PHASE_CONFIRM;
        ask(l);
        planned_reset(l);
    } else if (trial) { /* not the one that was meant, or not met yet */
        planned_reset(l);
    } else if (app->state.committed) {
        l->doing = PHASE_TRIAL;
        planned_reset(l);
    }
}

static void crash(struct life *l, enum phase doing)
{
    l->doing = doing;
    (void)life_start(l, FERRY_RESET_FAULT);
}

static bool buried(struct life *l, int release)
{
    struct ferry_boot_record rec = board_record(&l->w);

    return (rec.flags & FERRY_BOOT_TOMBSTONE) != 0 &&
           rec.tomb_version >= goods_version(release);
}

bool life_barred(struct life *l)
{
    return (l->stage == STAGE_FIRST && buried(l, 1)) ||
           (l->stage == STAGE_SECOND && buried(l, 2));
}

static bool runs(const struct answer *a, int release)
{
    return a->release == release && !a->trial;
}

/* A trial of the third, cut short of its confirm, would not be what the others return to:
 * it is confirmed first, wherever it turns up. */
static void step(struct life *l, const struct answer *now)
{
    switch (l->stage) {
    case STAGE_FACTORY:
        if (now->trial) { /* cut in its first start, it is confirmed like any other */
            update_to(l, 0);
        } else {
            (void)life_start(l, FERRY_RESET_POWER);
        }
        return;
    case STAGE_FIRST:
        update_to(l, 1);
        return;
    case STAGE_SECOND:
        update_to(l, 2);
        return;
    case STAGE_ROLLBACK:
        if (now->release == 3) {
            crash(l, PHASE_ROLLBACK);
        } else {
            update_to(l, 3);
        }
        return;
    case STAGE_LOOP:
        if (now->release == 4 && !now->trial) {
            crash(l, PHASE_CRASH_LOOP);
        } else {
            update_to(l, 4);
        }
        return;
    case STAGES:
        break;
    }
}

static bool there(struct life *l, const struct answer *now)
{
    switch (l->stage) {
    case STAGE_FACTORY:
        return runs(now, 0) && board_record(&l->w).floor != 0;
    case STAGE_FIRST:
        return runs(now, 1);
    case STAGE_SECOND:
        return runs(now, 2);
    case STAGE_ROLLBACK:
        return runs(now, 2) && buried(l, 3);
    case STAGE_LOOP:
        return runs(now, 2) && buried(l, 4);
    case STAGES:
        break;
    }
    return true;
}

bool life_finish_stage(struct life *l)
{
    for (unsigned i = 0; i < STEPS; i++) {
        struct answer now = life_answer(l);
        if (now.release < 0) {
            return false;
        }
        if (there(l, &now)) {
            return true;
        }
        step(l, &now);
    }
    return false;
}

bool life_live(struct life *l)
{
    (void)life_start(l, FERRY_RESET_POWER);
    for (unsigned s = STAGE_FACTORY; s < STAGES; s++) {
        l->stage = (enum stage)s;
        if (!life_finish_stage(l)) {
            return false;
        }
        if (s == STAGE_FACTORY) {
            life_age(l);
        }
    }
    return true;
}

/* ---- what was promised ----------------------------------------------------------- */

struct promise life_promise(const struct life *l)
{
    const struct world *w = &l->w;
    struct promise p = {-1, false, -1, 0};

    p.release = l->told;
    p.confirmed = l->told >= 0 && l->told_confirmed;
    if (l->loaded >= 0 && w->device.live &&
        memcmp(w->device.digest, goods_digest(l->loaded), FERRY_HASH_LEN) == 0) {
        p.transfer = l->loaded;
        p.blocks = w->courier.state == FERRY_COURIER_SEND
                       ? w->courier.sender.window.base
                       : w->device.window.base;
    }
    return p;
}

static bool in(const uint32_t page[2], uint32_t unit, uint32_t addr)
{
    return (addr >= page[0] && addr < page[0] + unit) ||
           (addr >= page[1] && addr < page[1] + unit);
}

enum phase life_phase(const struct life *l, const struct sim_op *op)
{
    const struct world *w = &l->w;
    uint32_t unit = w->opt.erase_unit;
    bool journal = in(w->map.boot_journal, unit, op->addr) ||
                   in(w->map.app_journal, unit, op->addr);
    uint32_t off = op->addr % w->opt.bank_len; /* banks come first, side by side */

    if (journal) {
        bool turn = op->buf == NULL || op->addr % unit < 128;
        if (turn && l->doing != PHASE_FIRST_START) {
            return PHASE_PAGE_TURN;
        }
        return w->device.state == FERRY_DEVICE_COMMITTING && l->doing == PHASE_OFFER
                   ? PHASE_COMMIT
               : w->board.app.state.trial && l->doing == PHASE_OFFER ? PHASE_CONFIRM
                                                                     : l->doing;
    }
    if (off >= w->map.header_len) {
        return PHASE_IMAGE;
    }
    return op->buf != NULL && off >= FERRY_TABLE_OFF ? PHASE_TABLE : PHASE_OFFER;
}
