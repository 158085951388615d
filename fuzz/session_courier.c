/* SPDX-License-Identifier: Apache-2.0
 *
 * A courier before a device that lies. The input is a script: replies that fit what the
 * courier waits for, with some of their fields altered; any others; damage, time,
 * links, an artifact that cannot be read, or makes no sense. After every step it has
 * said nothing but its artifact's bytes, and waits for nothing without an end. */
#include "phone_watch.h"
#include "window.h"
#include "words.h"

#define STEPS_MAX 600U
#define VALUE 244U

static struct cargo cargo[2];
static struct cargo odd; /* the second one, with a byte that is another */
static const uint8_t nonce[FERRY_NONCE_LEN] = {7};

/* All that one input is about. */
static struct run {
    struct fuzz_input in;
    struct storm storm;
    struct phone_watch seen;
    struct world *w;
    size_t value; /* longest that the link takes; 0: nothing */
    size_t piece; /* longest that it brings */
    bool damaged; /* the next word is */
    bool odd;     /* the artifact may promise what it does not hold */
} run;

/* ---- what the device says -------------------------------------------------------- */

static void bring(const uint8_t *wire, size_t len)
{
    while (len > 0) {
        size_t n = len < run.piece ? len : run.piece;
        ferry_courier_input(&run.w->courier, wire, n, run.w->now);
        wire += n;
        len -= n;
    }
}

static void say(const struct ferry_msg *m)
{
    uint8_t wire[FRAME_WIRE_MAX];
    size_t len = frame_wire(m, run.w->courier.tag, false, wire);

    if (run.damaged) {
        len = words_damage(&run.in, wire, len);
    }
    run.damaged = false;
    bring(wire, len);
}

static void say_nearly(struct ferry_msg m)
{
    words_change(&run.in, &m);
    say(&m);
}

static void say_info(void)
{
    struct ferry_msg m = phone_info(&run.w->courier);

    m.u.info.chunk = fuzz_below(&run.in, 2) == 0 ? 128 : 256;
    say_nearly(m);
}

static void say_verdict(void)
{
    struct ferry_msg m = {.type = FERRY_MSG_VERDICT};

    m.u.verdict.kind = fuzz_below(&run.in, 6);
    m.u.verdict.code = fuzz_byte(&run.in);
    m.u.verdict.number = fuzz_number(&run.in, 2);
    m.u.verdict.ack = phone_ack(&run.w->courier);
    say(&m);
}

static void say_accept(void)
{
    struct ferry_msg m = {.type = FERRY_MSG_VERDICT};

    m.u.verdict.ack = (struct ferry_ack){.credit = 3};
    say_nearly(m);
}

/* The block that is being sent has arrived, or chunks of the window. */
static void say_ack(void)
{
    const struct ferry_courier *c = &run.w->courier;
    struct ferry_window w = c->sender.window;
    struct ferry_msg m = {.type = FERRY_MSG_ACK};

    m.u.ack = phone_ack(c);
    m.u.ack.echo = c->token;
    m.u.ack.credit = fuzz_byte(&run.in);
    if (w.shape.chunk != 0 && fuzz_below(&run.in, 2) == 0) {
        ferry_window_advance(&w);
        m.u.ack.base = w.base;
        m.u.ack.bits[0] = w.bits[0];
        m.u.ack.bits[1] = 0;
    } else {
        m.u.ack.bits[0] |= fuzz_number(&run.in, 4);
        m.u.ack.bits[1] |= fuzz_number(&run.in, 1);
    }
    say_nearly(m);
}

static void say_piece(void)
{
    static const uint16_t totals[] = {200, FERRY_ENVELOPE_MAX, FERRY_ENVELOPE_MAX + 1,
                                      48};
    uint32_t total = totals[fuzz_below(&run.in, COUNT(totals))];

    say_nearly(phone_piece(&run.w->courier, words_junk(&run.in), total));
}

static void say_done(void)
{
    struct ferry_msg m = {.type = FERRY_MSG_DONE};

    m.u.done.code = fuzz_byte(&run.in);
    say(&m);
}

static void say_anything(void)
{
    struct ferry_msg m = words_any(&run.in, true);

    say(&m);
}

static void say_sealed(void)
{
    uint8_t wire[FRAME_WIRE_MAX];

    bring(wire, words_sealed(&run.in, run.w->courier.tag, wire));
}

static void say_raw(void)
{
    uint8_t wire[FRAME_WIRE_MAX];

    bring(wire, words_raw(&run.in, wire));
}

static void damage_the_next(void)
{
    run.damaged = true;
}

/* ---- what happens ---------------------------------------------------------------- */

static void moments(void)
{
    run.w->now += fuzz_byte(&run.in);
}

static void seconds(void)
{
    run.w->now += 1000U * fuzz_below(&run.in, 200);
}

static void until_the_deadline(void)
{
    uint32_t left = ferry_courier_deadline(&run.w->courier, run.w->now);

    run.w->now += left != UINT32_MAX ? left : DAY;
}

static void link_changes(void)
{
    phone_watch_link(&run.seen);
    ferry_courier_link(&run.w->courier, fuzz_below(&run.in, 4) > 0, run.w->now);
}

static void link_takes(void)
{
    unsigned what = fuzz_byte(&run.in);

    run.value = what < VALUE ? what : VALUE;
}

static void disk(void)
{
    run.w->unreadable = fuzz_below(&run.in, 2) == 0;
}

static void user_aborts(void)
{
    ferry_courier_abort(&run.w->courier, run.w->now);
}

static void (*const steps[])(void) = {
    say_info,
    say_accept,
    say_ack,
    say_verdict,
    say_piece,
    say_done,
    say_anything,
    say_sealed,
    say_raw,
    damage_the_next,
    moments,
    seconds,
    until_the_deadline,
    link_changes,
    link_takes,
    disk,
    user_aborts,
};

/* ---- the whole ------------------------------------------------------------------- */

static struct world *make_world(void)
{
    struct release r;

    release_default(&r);
    r.toy = true;
    cargo_make(&cargo[1], &r, 2 * BLOCK + 60, 83);
    r.link = 0x00001000;
    cargo_make(&cargo[0], &r, BLOCK + 60, 84);
    return plain_scene();
}

/* The artifacts: none, a good one, two, or one that is a little odd. */
static unsigned give_artifacts(unsigned what, struct artifact_bytes given[2])
{
    given[0] = cargo[what == 2 ? 0 : 1].artifact;
    given[1] = cargo[1].artifact;
    run.odd = what == 3;
    if (run.odd) {
        uint8_t byte = fuzz_byte(&run.in);
        odd = cargo[1];
        odd.bytes[fuzz_below(&run.in, (uint32_t)odd.env_len)] = byte;
        given[0] = (struct artifact_bytes){odd.bytes, odd.artifact.len};
    }
    return what == 3 ? 1 : what;
}

/* The input's first bytes say what courier it is, and when. */
static void begin(void)
{
    struct artifact_bytes given[2];
    struct world *w = run.w;
    unsigned what = fuzz_byte(&run.in), size = fuzz_byte(&run.in);
    unsigned n = give_artifacts(what % 4, given);

    w->now = (size & 0x80) != 0 ? UINT32_MAX - 5000U : 0; /* its clock wraps */
    w->unreadable = false;
    w->nonces = 0;
    w->reads_past_end = 0;
    world_courier(w, given, n);
    w->courier_cfg.report_nonce = (what & 4) != 0 || n == 0 ? nonce : NULL;
    w->courier_cfg.stay_parked = (what & 8) != 0;
    w->courier_cfg.retry_budget = (uint8_t)(what >> 4 & 7);
    run.storm.what = "courier";
    run.value = VALUE;
    run.piece = (size_t)1 << size % 9;
    phone_watch(&run.seen, &run.storm);
    expect(ferry_courier_init(&w->courier, &w->courier_cfg, w->now) == 0,
           "this courier can work");
    ferry_courier_link(&w->courier, true, w->now);
}

static void hear(void)
{
    if (run.value > 0) {
        phone_watch_hear(&run.seen, run.w, run.value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = run.w != NULL ? run.w : make_world();

    run = (struct run){.w = w, .in = {data, size}};
    begin();
    while (run.in.left > 0 && run.storm.done++ < STEPS_MAX) {
        steps[fuzz_below(&run.in, COUNT(steps))]();
        hear();
        phone_watch_work(&run.seen, w);
        hear();
        w->reads_past_end = run.odd ? 0 : w->reads_past_end;
        phone_watch_step(&run.seen, w);
    }
    return 0;
}
