/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests a courier in long random sequences of what a device could say, should say and
 * never would, of time, lost links and unreadable disks. After every step: it read nothing
 * but its artifacts, it says nothing without an end, it waits for nothing for ever, and
 * what it tells its user can be. */
#include "peer.h"
#include "phone_watch.h"
#include "window.h"

#define STEPS 600000U
#define LIFE 400U
#define VALUE 244U

static struct storm storm;
static struct phone_watch seen;
static struct cargo cargo[2];
static uint32_t
    heard[FERRY_COURIER_STATES]; /* messages, by the state that heard them */
static const uint8_t nonce[FERRY_NONCE_LEN] = {7};

/* ---- what a device says ---------------------------------------------------------- */

static struct ferry_ack random_ack(void)
{
    struct ferry_ack a = {
        .epoch = (uint8_t)(storm_once_in(&storm, 3) ? storm_any(&storm, 256)
                                                    : storm_any(&storm, 2)),
        .base = (uint16_t)(storm_once_in(&storm, 8) ? storm_any(&storm, 65536)
                                                    : storm_any(&storm, 5)),
        .credit = (uint8_t)storm_any(&storm, 256),
        .reason = (uint8_t)storm_any(&storm, 9),
        .echo = (uint8_t)storm_any(&storm, 8),
        .wait = (uint8_t)storm_any(&storm, 256),
        .bits = {(uint32_t)rng_next(&storm.rng),
                 storm_once_in(&storm, 2) ? 0 : (uint32_t)rng_next(&storm.rng)},
    };
    return a;
}

/* What it could mean: something of the window arrived, or a whole block did. */
static struct ferry_ack likely_ack(const struct ferry_courier *c)
{
    struct ferry_window w = c->sender.window;
    struct ferry_ack a = phone_ack(c);

    if (w.shape.chunk == 0) {
        return a;
    }
    if (storm_once_in(&storm, 6) && !ferry_window_complete(&w)) {
        ferry_window_advance(&w);
        a.base = w.base;
    }
    for (unsigned k = 0; k < 2; k++) {
        a.bits[k] =
            w.bits[k] | ((uint32_t)rng_next(&storm.rng) &
                         (uint32_t)rng_next(&storm.rng) & ferry_window_mask(&w, k));
    }
    a.echo = storm_once_in(&storm, 2) ? c->token : 0;
    a.reason = (uint8_t)(storm_once_in(&storm, 4) ? storm_any(&storm, 6) : 0);
    a.credit = (uint8_t)(storm_once_in(&storm, 5) ? 0 : 1 + storm_any(&storm, 64));
    return a;
}

static void say_info(const struct ferry_courier *c, struct ferry_msg *m, bool likely)
{
    static uint8_t other_id[16];

    *m = phone_info(c);
    m->u.info.tag = (uint16_t)(storm_once_in(&storm, 6) ? 77 : 0x2468);
    if (likely) {
        return;
    }
    memcpy(other_id, m->bytes[0], sizeof other_id);
    other_id[0] = (uint8_t)storm_any(&storm, 256);
    m->bytes[0] = other_id;
    m->u.info.wire = (uint8_t)(storm_once_in(&storm, 9) ? storm_any(&storm, 256) : 1);
    m->u.info.flags = (uint8_t)(storm_once_in(&storm, 3) ? storm_any(&storm, 256) : 0);
    m->u.info.window = (uint8_t)storm_any(&storm, 256);
    m->u.info.nonce ^= storm_once_in(&storm, 4);
    m->u.info.tag = (uint16_t)storm_any(&storm, 65536);
    m->u.info.chunk =
        (uint16_t)(storm_once_in(&storm, 6) ? storm_any(&storm, 65536) : 256);
}

static void say_verdict(struct ferry_msg *m, bool likely)
{
    m->type = FERRY_MSG_VERDICT;
    if (likely) {
        m->u.verdict.ack.credit = 3;
        m->u.verdict.ack.base = (uint16_t)storm_any(&storm, 3);
        return;
    }
    m->u.verdict.kind = (uint8_t)storm_any(&storm, 7);
    m->u.verdict.code = (uint8_t)storm_any(&storm, 256);
    m->u.verdict.detail = (uint8_t)storm_any(&storm, 256);
    m->u.verdict.number = (uint32_t)rng_next(&storm.rng) >> storm_any(&storm, 32);
    m->u.verdict.ack = random_ack();
}

static void say_piece(const struct ferry_courier *c, struct ferry_msg *m, bool likely)
{
    static uint8_t bytes[FERRY_PIECE_MAX];

    storm_fill(&storm, bytes, sizeof bytes);
    /* 333 at most is a statement */
    *m = phone_piece(c, bytes, storm.seed % 2 == 0 ? 200 : 350);
    if (!likely) {
        m->u.piece.total = (uint16_t)storm_any(&storm, 400);
        m->u.piece.off = (uint16_t)storm_any(&storm, 400);
        m->rest_len = (uint16_t)storm_any(&storm, FERRY_PIECE_MAX + 1);
    }
}

/* Half of it fits what the courier waits for. */
static struct ferry_msg random_reply(const struct ferry_courier *c)
{
    bool likely = storm_once_in(&storm, 2);
    unsigned which = storm_any(&storm, 10);
    struct ferry_msg m = {0};

    if (likely && storm_any(&storm, 8) > 0) {
        which = c->state == FERRY_COURIER_HELLO    ? 0
                : c->state == FERRY_COURIER_OFFER  ? 1
                : c->state == FERRY_COURIER_REPORT ? 2
                                                   : 4;
    }
    if (which == 0) {
        say_info(c, &m, likely);
    } else if (which == 1) {
        say_verdict(&m, likely);
    } else if (which == 2) {
        say_piece(c, &m, likely);
    } else if (which == 3) {
        m.type = FERRY_MSG_DONE;
        m.u.done.code = (uint8_t)storm_any(&storm, 256);
    } else {
        m.type = FERRY_MSG_ACK;
        m.u.ack = likely ? likely_ack(c) : random_ack();
    }
    return m;
}

static void tell(struct world *w)
{
    uint8_t wire[FRAME_WIRE_MAX];
    struct ferry_msg m = random_reply(&w->courier);
    size_t len = frame_wire(&m, w->courier.tag, storm_once_in(&storm, 2), wire);

    heard[w->courier.state]++;
    if (storm_once_in(&storm, 10)) {
        wire[storm_any(&storm, (uint32_t)len)] ^= (uint8_t)(1U << storm_any(&storm, 8));
    }
    ferry_courier_input(&w->courier, wire, len, w->now);
}

/* Time to the deadline or not so far; a tick that was due must move it. */
static void pass(struct world *w)
{
    uint32_t left = ferry_courier_deadline(&w->courier, w->now);

    if (storm_once_in(&storm, 8) && left != UINT32_MAX) {
        w->now += left;
    } else {
        w->now += storm_once_in(&storm, 12) ? storm_any(&storm, 40000)
                                            : storm_any(&storm, 50);
    }
    phone_watch_work(&seen, w);
}

/* ---- lives ----------------------------------------------------------------------- */

static void one_step(struct world *w)
{
    switch (storm_any(&storm, 60)) {
    case 0:
        phone_watch_link(&seen);
        ferry_courier_link(&w->courier, storm_any(&storm, 4) > 0, w->now);
        break;
    case 1:
        w->unreadable = storm_once_in(&storm, 6);
        break;
    case 2:
        if (storm_once_in(&storm, 6)) {
            ferry_courier_abort(&w->courier, w->now);
        }
        break;
    default:
        tell(w);
    }
    phone_watch_hear(&seen, w, VALUE);
    pass(w);
    phone_watch_hear(&seen, w, VALUE);
}

static struct world *new_phone(void)
{
    const struct artifact_bytes both[2] = {cargo[0].artifact, cargo[1].artifact};
    struct world *w = scene_now();

    w->unreadable = false;
    world_courier(w, both, storm.seed % 3);
    w->courier_cfg.report_nonce =
        storm.seed % 3 == 0 || storm.seed % 4 == 1 ? nonce : NULL;
    w->courier_cfg.stay_parked = storm.seed % 7 == 0;
    w->courier_cfg.retry_budget = (uint8_t)(storm.seed % 5);
    assert_int_equal(ferry_courier_init(&w->courier, &w->courier_cfg, w->now), 0);
    ferry_courier_link(&w->courier, true, w->now);
    phone_watch(&seen, &storm);
    return w;
}

static void a_phone_before_a_lying_device_keeps_every_promise(void **state)
{
    struct release r;

    (void)state;
    release_default(&r);
    cargo_make(&cargo[1], &r, 2 * BLOCK + 60, 83);
    r.link = 0x00001000;
    cargo_make(&cargo[0], &r, BLOCK + 60, 84);
    plain_scene();
    storm_begin(&storm, "phone", STEPS);
    while (storm_lives(&storm)) {
        struct world *w = new_phone();
        for (unsigned i = 0; i < LIFE; i++) {
            one_step(w);
            phone_watch_step(&seen, w);
            if (!storm_step(&storm)) {
                break;
            }
        }
    }
    for (unsigned s = 0; s < FERRY_COURIER_STATES; s++) {
        expect_true(round_name("state", s), storm.done < STEPS || heard[s] > 0);
    }
    storm_end(&storm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phone_before_a_lying_device_keeps_every_promise),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
