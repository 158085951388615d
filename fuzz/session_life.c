/* SPDX-License-Identifier: Apache-2.0
 *
 * A device's life with its bootloader and its journals. The input is a script: what
 * phones say, resets of every kind, applications that are well or not, flash that
 * fails, a supply that goes in the middle of anything. Something always boots, twice
 * the same, whole and signed; what runs, and what it could fall back on, is not
 * touched; floor and counter never fall. */
#include "boots.h"
#include "ear.h"
#include "frame.h"
#include "mouth.h"

#define STEPS_MAX 300U
#define RELEASES 4U

/* For the banks 0, 1, 0, 1; the first is the factory's. */
static struct cargo releases[RELEASES];

/* All that one input is about. */
static struct run {
    struct fuzz_input in;
    struct world *w;
    struct peer p;
    struct mouth mouth;
    const struct cargo *in_bank[2]; /* at the last start; NULL: nothing whole */
    uint32_t floor, counter;
    unsigned asked;     /* for statements: the same question may get the same answer */
    void (*part)(void); /* that the supply may not survive */
} run;

/* ---- what must be so ------------------------------------------------------------- */

static const struct cargo *held_by(unsigned bank)
{
    const struct cargo *held = NULL;

    for (unsigned i = bank; i < RELEASES; i += 2) {
        if (board_holds(run.w, bank, &releases[i].artifact)) {
            held = &releases[i];
        }
    }
    return held;
}

static bool on_trial(void)
{
    return (run.w->board.handoff.flags & FERRY_HANDOFF_TRIAL) != 0;
}

/* G1, G7; G3 and G4 are the simulated flash's. */
static void banks_are_left_alone(void)
{
    int bank = run.w->board.booted;

    expect(held_by((unsigned)bank) == run.in_bank[bank], "what runs is not touched");
    if (on_trial()) {
        expect(held_by((unsigned)bank ^ 1U) == run.in_bank[bank ^ 1],
               "nor what a trial can fall back on");
    }
}

/* After a start: what boots, and what is known of it. */
static void start_is_sound(void)
{
    struct world *w = run.w;
    int bank = w->board.booted;

    expect(bank == 0 || bank == 1, "something boots");
    run.in_bank[0] = held_by(0);
    run.in_bank[1] = held_by(1);
    expect(run.in_bank[bank] != NULL, "what boots is whole, and was signed");
    expect(w->board.handoff.bank == bank, "the application learns which bank it is");
    uint32_t floor = board_record(w).floor;
    expect(floor >= run.floor, "the floor never falls");
    run.floor = floor;
}

/* ---- resets ---------------------------------------------------------------------- */

static void start(enum ferry_reset kind)
{
    ferry_frame_in_reset(&run.p.in);
    world_disconnect(run.w);
    board_start(run.w, kind);
    start_is_sound();
}

/* A wake out of sleep is no start that counts: it finds what the last one found, and
 * what that one wrote, if it could. */
static void start_twice(enum ferry_reset kind)
{
    const struct ferry_handoff *h = &run.w->board.handoff;

    start(kind);
    bool written = (h->flags & FERRY_HANDOFF_UNWRITTEN) == 0;
    uint8_t bank = h->bank;
    start(FERRY_RESET_WAKE);
    expect(h->bank == bank || !written, "the next start finds the same");
}

static void reset_somehow(void)
{
    static const enum ferry_reset kinds[] = {FERRY_RESET_POWER, FERRY_RESET_FAULT,
                                             FERRY_RESET_SOFT, FERRY_RESET_WAKE};

    start_twice(kinds[fuzz_below(&run.in, COUNT(kinds))]);
}

static void reset_planned(void)
{
    ferry_handoff_planned(&run.w->board.handoff);
    start_twice(FERRY_RESET_SOFT);
}

static void trial_expires(void)
{
    ferry_handoff_expired(&run.w->board.handoff);
    start_twice(FERRY_RESET_SOFT);
}

/* ---- the application, and time --------------------------------------------------- */

static void pass(uint32_t ms)
{
    world_run(run.w, ms);
}

static void moments(void)
{
    pass(10U * fuzz_byte(&run.in));
}

static void seconds(void)
{
    pass(1000U * fuzz_below(&run.in, 70));
}

/* Asleep: a week's ticks, one a second, would take too long here. */
static void hours(void)
{
    pass(1000);
    run.w->now += HOUR * fuzz_below(&run.in, 200);
    pass(100);
}

static void application_is_well(void)
{
    unsigned what = fuzz_below(&run.in, 8);

    run.w->board.selftest_fails = (what & 1) != 0;
    run.w->board.watchdog_fails = (what & 2) != 0;
    if ((what & 4) != 0) {
        ferry_app_journal_healthy(&run.w->board.app, run.w->now);
    }
}

/* Greater than any before, and signed by this device. */
static void statement(void)
{
    const uint8_t nonce[FERRY_NONCE_LEN] = {(uint8_t)++run.asked, 9};
    struct ferry_statement s;

    ferry_frame_in_reset(&run.p.in);
    if (board_statement(run.w, nonce, &s)) {
        expect(s.counter > run.counter, "no counter is used twice");
        run.counter = s.counter;
    }
    peer_init(&run.p, run.w, 1);
}

/* ---- flash ----------------------------------------------------------------------- */

/* It says so when it fails: what lies cannot be told from a torn page. */
static void flash_fails(void)
{
    run.w->flash.write_fault = run.w->flash.erase_fault = SIM_FAULT_ERROR;
    run.w->flash.faults = fuzz_below(&run.in, 4);
}

static void phone_says(void);

static void part_of_a_step(void *ctx)
{
    (void)ctx;
    run.part();
}

/* The supply goes in one of the next operations of a step, and perhaps in the start
 * that follows. */
static void cut(void)
{
    static void (*const parts[])(void) = {phone_says, seconds, reset_planned,
                                          statement};
    struct sim_flash *f = &run.w->flash;

    run.part = parts[fuzz_below(&run.in, COUNT(parts))];
    uint32_t operations = fuzz_below(&run.in, 40);
    sim_flash_cut(f, operations, (enum sim_cut)fuzz_below(&run.in, SIM_CUTS));
    if (!sim_flash_hold(f, part_of_a_step, NULL)) {
        run.mouth.in = &run.in;
        start_twice(FERRY_RESET_POWER);
    }
}

/* ---- phones ---------------------------------------------------------------------- */

static void work(void)
{
    struct world *w = run.w;

    while (ferry_device_deadline(&w->device, w->now) == 0) {
        ferry_device_tick(&w->device, w->now);
    }
    pass(w->flash.mode == SIM_FLASH_ASYNC ? 100 : 0);
}

static const struct cargo *any_release(void)
{
    return &releases[fuzz_below(&run.in, RELEASES)];
}

/* All of it, to whoever wants it. */
static void whole_update(void)
{
    const struct cargo *c = any_release();
    static struct fuzz_input none; /* never more: a cut does not come back here */

    run.mouth.in = &none; /* no accidents on the way */
    mouth_hello(&run.mouth);
    work();
    ear_hear(&run.p, 244);
    mouth_offer(&run.mouth, c);
    for (unsigned block = 0; block < 3; block++) { /* the table, and at most two */
        work();
        mouth_run(&run.mouth, c, 0, FERRY_WINDOW_CHUNKS);
    }
    work();
    pass(3000);
    run.mouth.in = &run.in;
}

static void phone_says(void)
{
    switch (fuzz_below(&run.in, 8)) {
    case 0:
        mouth_hello(&run.mouth);
        break;
    case 1:
        mouth_offer(&run.mouth, any_release());
        break;
    case 2:
        mouth_chunks(&run.mouth, any_release());
        break;
    case 3:
        mouth_forged_chunk(&run.mouth);
        break;
    case 4:
        mouth_report(&run.mouth);
        break;
    case 5:
        mouth_anything(&run.mouth);
        break;
    default:
        whole_update();
    }
    work();
    ear_hear(&run.p, 244);
}

static void (*const steps[])(void) = {
    phone_says,    phone_says,  phone_says, reset_somehow, reset_planned,
    trial_expires, moments,     seconds,    hours,         application_is_well,
    statement,     flash_fails, cut,
};

/* ---- the whole ------------------------------------------------------------------- */

static void make_releases(void)
{
    struct release r;

    for (unsigned i = 0; i < RELEASES; i++) {
        boots_release(&r, i % 2, (0x100U + i) << 16, 5 + i);
        r.toy = true;
        cargo_make(&releases[i], &r, 1024 + 256 * i, 90 + i);
    }
}

static struct world *make_world(void)
{
    struct world_options o;

    make_releases();
    scene_options(&o);
    o.bank_len = 4U * 1024U;
    o.erase_unit = 512;
    o.header_len = 1024;
    o.toy = true;
    o.factory = releases[0].artifact;
    struct world *w = scene(&o);
    scene_keep();
    return w;
}

static void begin(void)
{
    struct world *w = run.w;
    unsigned what = fuzz_byte(&run.in);

    scene_bring_back();
    w->flash.mode = (enum sim_flash_mode)(what % 3);
    w->board.app_cfg.confirm = (enum ferry_confirm)(what / 4 % 3);
    run.mouth = (struct mouth){.in = &run.in, .p = &run.p, .piece = 244, .after = work};
    peer_init(&run.p, w, 1);
    start(FERRY_RESET_POWER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = run.w != NULL ? run.w : make_world();

    run = (struct run){.w = w, .in = {data, size}};
    begin();
    for (unsigned n = 0; run.in.left > 0 && n < STEPS_MAX; n++) {
        steps[fuzz_below(&run.in, COUNT(steps))]();
        banks_are_left_alone();
    }
    w->flash.faults = 0;
    start_twice(FERRY_RESET_POWER);
    return 0;
}
