/* SPDX-License-Identifier: Apache-2.0
 *
 * A device and somebody who says anything to it. The input is a script: words with
 * right and wrong CRCs, genuine offers and chunks, time, flash that fails or is late, a
 * link that takes nothing, resets, other phones. After every step the invariants of
 * docs/FAULTS.md are asked (storm_watch.c); in the end the device is still of use. */
#include "ear.h"
#include "frame.h"
#include "mouth.h"
#include "storm_watch.h"

#define STEPS_MAX 600U
#define TICKS_MAX 4000U /* a whole bank looked at, block by block, and then some */
#define HOURS_MAX 8U

static struct cargo cargo, other;
static struct cargo broken; /* signed, and contradicts itself: the hash is another's */

/* All that one input is about. */
static struct run {
    struct fuzz_input in;
    struct storm storm;
    struct storm_watch seen;
    struct world *w;
    struct peer p;
    struct mouth mouth;
    uint16_t value; /* longest that the link takes from the device; 0: nothing */
    bool honest;    /* there is an honest phone in the end */
    unsigned hours;
    /* what the application says */
    bool busy, keeps_running, secretive;
    struct ferry_later later;
} run;

/* ---- the application ------------------------------------------------------------- */

static bool may_begin(void *ctx, const struct ferry_manifest *m,
                      struct ferry_later *later)
{
    (void)ctx;
    (void)m;
    *later = run.later;
    return !run.busy;
}

static bool may_reboot(void *ctx)
{
    (void)ctx;
    return !run.keeps_running;
}

static bool may_report(void *ctx)
{
    (void)ctx;
    return !run.secretive;
}

/* ---- what the device hears ------------------------------------------------------ */

static void work(void)
{
    struct world *w = run.w;

    for (unsigned n = 0; ferry_device_deadline(&w->device, w->now) == 0; n++) {
        expect(n < TICKS_MAX, "work that is due has an end");
        ferry_device_tick(&w->device, w->now);
    }
}

static void say_hello(void)
{
    mouth_hello(&run.mouth);
}

static void offer(void)
{
    const struct cargo *all[] = {&cargo, &cargo, &other, &broken};

    mouth_offer(&run.mouth, all[fuzz_below(&run.in, COUNT(all))]);
}

static void chunks(void)
{
    mouth_chunks(&run.mouth, &cargo);
}

static void forged_chunk(void)
{
    mouth_forged_chunk(&run.mouth);
}

static void report(void)
{
    mouth_report(&run.mouth);
}

static void say_anything(void)
{
    mouth_anything(&run.mouth);
}

static void say_sealed(void)
{
    mouth_sealed(&run.mouth);
}

static void say_raw(void)
{
    mouth_raw(&run.mouth);
}

static void damage_the_next(void)
{
    run.mouth.damaged = true;
}

/* ---- what happens ---------------------------------------------------------------- */

static void pass(uint32_t ms)
{
    world_run(run.w, ms);
    run.seen.ops = flash_ops(run.w); /* time brings work; budgets bound that */
}

static void moments(void)
{
    pass(fuzz_byte(&run.in));
}

static void seconds(void)
{
    pass(1000U * fuzz_below(&run.in, 70));
}

static void an_hour(void)
{
    if (run.hours++ < HOURS_MAX) {
        pass(HOUR);
    }
}

static void flash_fails(void)
{
    static const enum sim_fault writes[] = {SIM_FAULT_ERROR,   SIM_FAULT_NO_OP,
                                            SIM_FAULT_WRONG,   SIM_FAULT_LATE,
                                            SIM_FAULT_RETRIED, SIM_FAULT_NEVER};
    /* A silent one, on a page that a cut erase left looking blank, nobody can tell from
     * a good one. */
    static const enum sim_fault erases[] = {SIM_FAULT_ERROR, SIM_FAULT_LATE,
                                            SIM_FAULT_RETRIED, SIM_FAULT_NEVER};
    struct sim_flash *f = &run.w->flash;
    bool waits = f->mode == SIM_FLASH_ASYNC;

    f->write_fault = writes[fuzz_below(&run.in, waits ? COUNT(writes) : 3)];
    run.seen.silent = run.seen.silent || f->write_fault == SIM_FAULT_NO_OP;
    f->erase_fault = erases[fuzz_below(&run.in, waits ? COUNT(erases) : 1)];
    f->faults = fuzz_below(&run.in, 5);
    f->late_ms = fuzz_below(&run.in, 2) == 0 ? 300 : 6000; /* within the 5 s, or not */
}

static void supply_or_journal_fails(void)
{
    unsigned what = fuzz_below(&run.in, 8);

    run.w->flash.power_low = (what & 1) != 0;
    run.w->boot.unknown = (what & 2) != 0;
    run.w->boot.result = (what & 4) != 0 ? FERRY_E_FLASH : 0;
}

static void application_says(void)
{
    unsigned what = fuzz_below(&run.in, 8);

    run.busy = (what & 1) != 0;
    run.keeps_running = (what & 2) != 0;
    run.secretive = (what & 4) != 0;
    run.later.seconds = 1 + fuzz_number(&run.in, 2);
    run.later.why = fuzz_byte(&run.in);
}

static void crypto_answers(void)
{
    storm_watch_answer(&run.seen, run.w);
}

/* One that ends what never began changes nothing. */
static void spurious_done(void)
{
    struct ferry_device *d = &run.w->device, was = *d;
    int status = (int)fuzz_number(&run.in, 2) - 0x4000;

    if (d->call == 0) {
        ferry_device_done(d, status, run.w->now);
        expect(memcmp(&was, d, sizeof was) == 0, "nobody waited for that");
    }
}

static void link_changes(void)
{
    unsigned what = fuzz_below(&run.in, 4);

    if (what < 2) {
        ferry_frame_in_reset(&run.p.in);
        ferry_device_link(&run.w->device, what == 1, run.w->now);
    } else {
        run.value = (uint16_t)(what == 2 ? 244 : fuzz_below(&run.in, 24));
    }
}

static void other_phone(void)
{
    peer_init(&run.p, run.w, 1);
    say_hello();
}

static void user_aborts(void)
{
    ferry_device_abort(&run.w->device, run.w->now);
}

static void restart(void)
{
    ferry_frame_in_reset(&run.p.in);
    if (run.w->boot.state
            .committed) { /* and another image runs: that is another story */
        return;
    }
    world_power_cut(run.w);
    storm_watch_started(&run.seen, run.w);
}

static void slow_or_fast(void)
{
    run.p.slow = !run.p.slow;
}

static void one_tick(void)
{
    ferry_device_tick(&run.w->device, run.w->now);
}

static void (*const steps[])(void) = {
    say_hello,     offer,        chunks,         say_anything,
    say_sealed,    say_raw,      forged_chunk,   damage_the_next,
    moments,       seconds,      an_hour,        flash_fails,
    restart,       link_changes, crypto_answers, supply_or_journal_fails,
    spurious_done, other_phone,  user_aborts,    application_says,
    slow_or_fast,  one_tick,     report,
};

/* ---- the whole ------------------------------------------------------------------- */

static void make_cargo(void)
{
    struct release r;

    release_default(&r);
    r.toy = true;
    cargo_make(&cargo, &r, 2 * BLOCK + 60, 81);
    r.untrue = true;
    cargo_make(&broken, &r, 2 * BLOCK + 60, 81);
    r.untrue = false;
    r.version++;
    cargo_make(&other, &r, BLOCK + 300, 82);
}

static struct world *make_world(void)
{
    struct world_options o;

    make_cargo();
    scene_options(&o);
    o.bank_len = 16U * 1024U;
    o.toy = true;
    struct world *w = scene(&o);
    scene_keep();
    return w;
}

/* The input's first bytes say what device it is. */
static void begin(void)
{
    struct world *w = run.w;
    unsigned what = fuzz_byte(&run.in), size = fuzz_byte(&run.in);
    uint16_t chunk = (what & 1) != 0 ? 256 : 128;
    uint16_t slots = (uint16_t)(3 + size % 8);

    scene_bring_back();
    w->flash.mode = (enum sim_flash_mode)(size / 8 % 3);
    w->opt.chunk = w->device_cfg.chunk = chunk;
    w->device_cfg.pool_len = (uint16_t)(slots * FERRY_DEVICE_SLOT(chunk));
    w->device_cfg.ack_every = (what & 2) != 0;
    w->boot.pending = (what & 4) != 0;
    w->app.may_begin = may_begin;
    w->app.may_reboot = may_reboot;
    w->app.may_report = may_report;
    run.storm.what = "device";
    run.seen.storm = &run.storm;
    run.seen.cargo[0] = &cargo;
    run.seen.cargo[1] = &other;
    run.seen.cargo[2] = &broken;
    run.seen.slow = (what & 8) != 0;
    run.honest = (what & 48) == 48; /* takes longer than all the rest */
    run.mouth = (struct mouth){
        .in = &run.in, .p = &run.p, .piece = (size_t)1 << size % 9, .after = work};
    run.value = 244;
    storm_watch(&run.seen, w);
    world_start_device(w);
    expect(ferry_device_config_check(&w->device_cfg) == 0, "this device can work");
    peer_init(&run.p, w, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = run.w != NULL ? run.w : make_world();

    run = (struct run){.w = w, .in = {data, size}};
    begin();
    while (run.in.left > 0 && run.storm.done++ < STEPS_MAX) {
        steps[fuzz_below(&run.in, COUNT(steps))]();
        if (!run.p.slow) {
            work();
        }
        ear_hear(&run.p, run.value);
        run.seen.bytes = run.mouth.bytes;
        run.mouth.bytes = 0;
        storm_watch_step(&run.seen, w, !run.p.slow);
    }
    if (w->boot.state.committed) {
        storm_watch_genuine(&run.seen, w);
    } else if (run.honest) {
        run.busy = false;
        storm_watch_honest(&run.seen, w);
    }
    return 0;
}
