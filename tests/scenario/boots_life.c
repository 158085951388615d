/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how a life is prepared, cut, judged and led to its end. Does not know how many
 * of them there are. */
#include "boots_life.h"

#define LATER_STARTS 10U

static struct life life;
static struct life_cut now;
static enum ferry_reset start_as;
static uint64_t cuts, reused;

uint64_t life_cuts(void)
{
    return cuts;
}

uint64_t life_reused(void)
{
    return reused;
}

/* The plan of this life, to live it again. */
static const char *plan(void)
{
    static char words[160];

    snprintf(words, sizeof words, "%s (%u, %u), cut %d at %u, then %d at %d, seed %llu",
             life.kind.journey->name, life.kind.boot_age, life.kind.app_age,
             (int)now.how, (unsigned)now.at, (int)now.again_how, now.again,
             (unsigned long long)now.seed);
    return words;
}

/* What runs is one of the two images, whole. */
static unsigned runs(const struct world *w)
{
    int bank = w->board.booted;
    bool trial = (w->board.handoff.flags & FERRY_HANDOFF_TRIAL) != 0;

    expect_true(plan(), bank >= 0);
    if (board_holds(w, (unsigned)bank, &life.kind.to->artifact)) {
        return trial ? MAY_TRIAL : MAY_NEW;
    }
    expect_true(plan(), board_holds(w, (unsigned)bank, &life.kind.from->artifact));
    return trial ? MAY_TRIAL : MAY_OLD;
}

/* ---- starts ---------------------------------------------------------------------- */

static void start(struct life *l, enum ferry_reset kind)
{
    l->boot = true;
    board_boot(l->w, kind);
    l->boot = false;
    if (l->w->board.booted >= 0) {
        board_start_app(l->w);
        world_run(l->w, 100);
    }
}

static void planned(struct life *l)
{
    ferry_handoff_planned(&l->w->board.handoff);
    start(l, FERRY_RESET_SOFT);
}

/* ---- the update ------------------------------------------------------------------ */

/* The courier brings it, as far as the device wants it. */
static void carry(struct life *l)
{
    const struct cargo *c = l->kind.to;
    struct peer p;

    world_run(l->w, 2000); /* signatures are checked once a second */
    peer_init(&p, l->w, 3);
    peer_hello(&p);
    peer_offer(&p, c->env, c->env_len);
    if (p.verdicts == 0 || p.verdict.u.verdict.kind != FERRY_VERDICT_ACCEPT) {
        return;
    }
    uint32_t last = peer_last_block(&p);
    peer_blocks(&p, c, 0, last - 1);
    l->may = MAY_OLD | MAY_TRIAL; /* its last chunk brings the commit, too */
    peer_blocks(&p, c, last, last);
}

static void go_update(struct life *l)
{
    unsigned what = runs(l->w);

    if (what == MAY_OLD) {
        l->may = MAY_OLD;
        carry(l);
        l->may = l->w->board.app.state.committed ? MAY_TRIAL : MAY_OLD | MAY_TRIAL;
        planned(l);
    } else if (what == MAY_TRIAL) {
        l->may = MAY_TRIAL | MAY_NEW;
        meet(l->w);
        l->may = l->w->board.app.state.settled ? MAY_NEW : MAY_TRIAL | MAY_NEW;
        planned(l);
    }
}

static bool updated(struct life *l)
{
    return runs(l->w) == MAY_NEW;
}

static void prepare_nothing(struct world *w)
{
    (void)w;
}

/* ---- the ways back --------------------------------------------------------------- */

static void prepare_trial(struct world *w)
{
    try_out(w, life.kind.to);
    assert_int_equal(runs(w), MAY_TRIAL);
}

static void prepare_updated(struct world *w)
{
    prepare_trial(w);
    confirm(w);
    assert_int_equal(runs(w), MAY_NEW);
}

static void go_fault(struct life *l)
{
    unsigned what = runs(l->w);

    l->may = what == MAY_OLD ? MAY_OLD : what | MAY_OLD;
    start(l, FERRY_RESET_FAULT);
}

static bool reverted(struct life *l)
{
    return runs(l->w) == MAY_OLD;
}

/* ---- the first start ------------------------------------------------------------- */

/* As it leaves the factory: nothing has ever run. */
static void prepare_blank(struct world *w)
{
    const uint32_t at = w->map.boot_journal[0];

    memset(w->flash.bytes + at, w->opt.erased, 4 * w->opt.erase_unit);
    memset(w->flash.programmed + at, 0, 4 * w->opt.erase_unit);
}

/* Cut in the middle it may be tried like any other: there is nothing to fall back on. */
static void go_start(struct life *l)
{
    l->may = MAY_OLD | MAY_TRIAL;
    start(l, FERRY_RESET_POWER);
    if (runs(l->w) == MAY_TRIAL) {
        meet(l->w);
        planned(l);
    }
}

static bool started(struct life *l)
{
    return runs(l->w) == MAY_OLD && board_record(l->w).floor != 0;
}

/* Updated, and then the boot journal is gone: the newest is tried anew. */
static void prepare_lost(struct world *w)
{
    prepare_updated(w);
    lose_boot_journal(w);
}

static void go_anew(struct life *l)
{
    l->may = MAY_TRIAL;
    start(l, FERRY_RESET_WAKE);
}

static bool anew(struct life *l)
{
    return runs(l->w) == MAY_TRIAL && board_record(l->w).floor != 0;
}

const struct journey journey_lost = {"journal lost", prepare_lost, go_anew, anew, 1};
const struct journey journey_first_start = {"first start", prepare_blank, go_start,
                                            started, 1};
const struct journey journey_update = {"update", prepare_nothing, go_update, updated,
                                       2};
const struct journey journey_revert = {"revert", prepare_trial, go_fault, reverted,
                                       FERRY_TRIAL_FAULTS};
const struct journey journey_crash_loop = {"crash loop", prepare_updated, go_fault,
                                           reverted, FERRY_CRASH_LOOP};

/* ---- before the cut -------------------------------------------------------------- */

/* Append what stands there already, as its writer would. */
static void age(struct world *w, const struct life_kind *kind)
{
    struct ferry_boot_record boot = board_record(w);
    struct ferry_app_record app = board_app_record(w);

    for (unsigned i = 0; i < kind->boot_age; i++) {
        assert_true(board_forge_boot(w, &boot));
    }
    for (unsigned i = 0; i < kind->app_age; i++) {
        assert_true(board_forge(w, &app));
    }
}

static void go_there(void *ctx)
{
    struct life *l = ctx;

    for (unsigned i = 0; i < l->kind.journey->goes; i++) {
        l->kind.journey->go(l);
    }
    assert_true(l->kind.journey->there(l));
}

uint32_t life_prepare(const struct life_kind *kind)
{
    struct world *w = device_of(kind->options);

    life = (struct life){.kind = *kind, .w = w};
    age(w, kind);
    board_start(w, FERRY_RESET_WAKE);
    kind->journey->prepare(w);
    sim_flash_heal(&w->flash);
    scene_keep();
    now = (struct life_cut){UINT32_MAX, SIM_CUT_BEFORE, -1, SIM_CUT_BEFORE, 0};
    assert_true(sim_flash_hold(&w->flash, go_there, &life));
    return w->flash.ops;
}

/* ---- after it -------------------------------------------------------------------- */

static void restart(void *ctx)
{
    start(ctx, start_as);
}

/* The first whole start, with another cut in it if there is to be one. */
static void come_back(void)
{
    start_as = FERRY_RESET_POWER;
    if (now.again >= 0) {
        sim_flash_cut(&life.w->flash, (uint32_t)now.again, now.again_how);
        if (sim_flash_hold(&life.w->flash, restart, &life)) {
            return;
        }
    }
    expect_true(plan(), sim_flash_hold(&life.w->flash, restart, &life));
}

/* Ten more starts. A request that was torn may be heard at any of them, so old may become
 * new, once; nothing else ever changes. */
static void decide_once_and_for_all(unsigned answer, bool torn_request)
{
    for (unsigned i = 0; i < LATER_STARTS; i++) {
        start_as = FERRY_RESET_WAKE;
        expect_true(plan(), sim_flash_hold(&life.w->flash, restart, &life));
        unsigned again = runs(life.w);
        if (torn_request && again > answer) {
            answer = again;
            torn_request = false;
        }
        expect_true(plan(), again == answer);
    }
}

static void finish(void *ctx)
{
    const struct journey *j = life.kind.journey;

    for (unsigned i = 0; i < j->goes + 2 && !j->there(ctx); i++) {
        j->go(ctx);
    }
    expect_true(plan(), j->there(ctx));
}

void life_live(const struct life_cut *cut)
{
    now = *cut;
    scene_bring_back();
    sim_flash_seed(&life.w->flash, cut->seed);
    sim_flash_cut(&life.w->flash, cut->at, cut->how);
    if (!sim_flash_hold(&life.w->flash, go_there, &life)) {
        bool torn_request = !life.boot;
        unsigned may = life.may;
        come_back();
        unsigned answer = runs(life.w);
        expect_true(plan(), (answer & may) != 0);
        decide_once_and_for_all(answer, torn_request);
        expect_true(plan(), sim_flash_hold(&life.w->flash, finish, &life));
        decide_once_and_for_all(runs(life.w), false);
    }
    cuts += life.w->flash.cuts;
    reused += life.w->flash.reused;
}
