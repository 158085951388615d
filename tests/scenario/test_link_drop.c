/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what one lost thing costs: the link at every event, each chunk, each ack. What
 * was acked is never sent again, and never written again. */
#include "scene.h"

#include "frames.h"
#include "window.h"

static struct cargo cargo;
static struct frames between;

/* ---- the link -------------------------------------------------------------------- */

/* After `drops` drops the journey ends well, and only what was on its way when the link
 * went is sent again: at most what the pool can hold. */
static void expect_nothing_acked_again(const struct world_options *o, struct world *w,
                                       unsigned n, unsigned drops)
{
    expect_true(round_name("drop", n), travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    uint32_t lost = w->courier.counts.image_bytes_sent - cargo.len;
    expect_true(round_name("drop", n),
                lost <= drops * o->pool_chunks * (uint32_t)o->chunk);
    assert_int_equal(between.sent_though_acked, 0);
    assert_int_equal(w->device.counts.chunks_ignored, 0);
    assert_int_equal(w->courier.counts.epochs, 0);
    assert_int_equal(w->flash.erases, 1 + (cargo.len + BLOCK - 1) / BLOCK);
}

/* Drop the link after `n` events, `times` times. Half of the drops are short; at the
 * others the device's session ends, too. False: the journey was over before. */
static bool drop_after(const struct world_options *o, unsigned n, unsigned times)
{
    struct world *w = scene(o);
    unsigned drops = 0;

    frames_between(w, &between, NULL, NULL);
    send_courier(w, &cargo);
    while (drops < times) {
        run_events(w, n);
        if (w->courier.state == FERRY_COURIER_DONE) {
            break;
        }
        world_disconnect(w);
        frames_cut(&between);
        drops++;
        world_run(w, drops % 2 == 0 ? 100 : 40000);
        world_connect(w);
    }
    expect_nothing_acked_again(o, w, n, drops);
    return drops == times;
}

static void a_link_dropped_at_any_event_repeats_nothing_that_was_acked(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    cargo_make(&cargo, NULL, BLOCK + 1000, 5);
    for (unsigned times = 1; times <= 5; times++) {
        unsigned n = 1;
        while (drop_after(&o, n, times)) {
            n++;
        }
        assert_true(n > 2);
    }
}

/* Let `left` frames pass, in either direction, and not one byte more. */
struct boundary {
    uint32_t left;
    bool reached;
};

static void stop_behind(struct frames *f, struct world *w, struct frame *frame)
{
    struct boundary *b = f->ctx;

    (void)w;
    frame->drop = b->reached;
    b->reached = b->reached || --b->left == 0;
}

/* Drop the link exactly behind every n-th frame, `times` times. */
static bool drop_behind(const struct world_options *o, unsigned n, unsigned times)
{
    struct world *w = scene(o);
    struct boundary b = {n, false};
    unsigned drops = 0;

    frames_between(w, &between, stop_behind, &b);
    send_courier(w, &cargo);
    while (drops < times) {
        uint32_t until = w->now + HOUR;
        while (!b.reached && w->now != until &&
               w->courier.state != FERRY_COURIER_DONE) {
            world_step(w, until);
        }
        if (!b.reached) {
            break;
        }
        world_disconnect(w);
        frames_cut(&between);
        drops++;
        b = (struct boundary){drops < times ? n : UINT32_MAX, false};
        world_run(w, 100);
        world_connect(w);
    }
    if (drops < times) {
        return false;
    }
    expect_nothing_acked_again(o, w, n, drops);
    return true;
}

static void
a_link_dropped_at_any_frame_boundary_repeats_nothing_that_was_acked(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    o.mtu = 23;
    o.pool_chunks = 3;
    cargo_make(&cargo, NULL, BLOCK + 1000, 5);
    for (unsigned times = 1; times <= 5; times++) {
        unsigned n = 1;
        while (n < 150 && drop_behind(&o, n, times)) {
            n++;
        }
        assert_true(n > 20);
    }
}

static void the_same_holds_where_a_chunk_needs_many_values(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    o.mtu = 23;
    o.pool_chunks = 3;
    o.mode = SIM_FLASH_ASYNC;
    cargo_make(&cargo, NULL, 1000, 6);
    for (unsigned times = 1; times <= 5; times++) {
        unsigned n = 1;
        while (drop_after(&o, n, times)) {
            n++;
        }
        assert_true(n > 2);
    }
}

/* ---- a frame --------------------------------------------------------------------- */

struct loss {
    uint32_t which; /* the n-th of its kind */
    uint32_t seen;
    bool spoil; /* damage it instead: the device can tell at once */
    uint8_t type;
    unsigned direction;
    bool done;
    uint32_t index;         /* of the chunk that was lost */
    bool named;             /* and an ack showed it as the first one missing */
    uint32_t writes_before; /* flash writes when it was lost */
};

static void lose_one(struct frames *f, struct world *w, struct frame *frame)
{
    struct loss *l = f->ctx;

    if (frame->good && frame->direction == l->direction && frame->msg.type == l->type &&
        !l->done && l->seen++ == l->which) {
        l->done = true;
        l->index = is_chunk(frame) ? frame->msg.u.chunk.index : 0;
        l->writes_before = w->flash.writes;
        frame->drop = !l->spoil;
        frame->spoil = l->spoil;
    }
    if (l->done && is_ack(frame)) {
        struct ferry_window seen = {.shape = w->device.window.shape};
        unsigned row = 0;
        seen.base = (uint16_t)frame->msg.u.ack.base;
        seen.bits[0] = frame->msg.u.ack.bits[0];
        seen.bits[1] = frame->msg.u.ack.bits[1];
        while (row < FERRY_WINDOW_CHUNKS - 1 && ferry_window_has(&seen, row)) {
            row++;
        }
        l->named |= ferry_window_index(&seen, row) == l->index;
    }
}

/* Lose the n-th frame of that type. False: there was none. */
static bool lose(const struct world_options *o, struct loss *l)
{
    struct world *w = scene(o);

    frames_between(w, &between, lose_one, l);
    send_courier(w, &cargo);
    expect_true(round_name("frame", l->which), travel(w, &cargo, 10 * MINUTE));
    expect_arrived(w, &cargo);
    assert_int_equal(w->courier.counts.parks, 0);
    assert_int_equal(w->courier.counts.epochs, 0);
    return l->done;
}

static uint32_t lose_each(const struct world_options *o, bool spoil, unsigned direction,
                          uint8_t type, uint32_t most_repeated)
{
    uint32_t chunks = 1 + (cargo.len + o->chunk - 1U) / o->chunk;

    for (uint32_t which = 0;; which++) {
        struct loss l = {
            .which = which, .spoil = spoil, .type = type, .direction = direction};
        if (!lose(o, &l)) {
            return which;
        }
        const struct world *w = scene_now();
        expect_true(round_name("repeated, frame", which),
                    w->courier.counts.bytes_repeated <= most_repeated);
        /* Envelope, and each chunk once: what is repeated is not written again. */
        assert_int_equal(w->flash.writes, 1 + chunks);
        if (type == FERRY_MSG_CHUNK) {
            expect_true(round_name("frame", which), l.named);
        }
    }
}

static void each_chunk_may_be_lost_once_and_the_next_ack_names_it(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    cargo_make(&cargo, NULL, BLOCK + 1000, 8);
    assert_int_equal(lose_each(&o, false, TO_DEVICE, FERRY_MSG_CHUNK, 1024), 41);
    o.mtu = 23;
    assert_int_equal(lose_each(&o, false, TO_DEVICE, FERRY_MSG_CHUNK, 1024), 41);
}

/* The device knows that a frame was damaged, not which: the courier takes the oldest in
 * flight for it, and may be wrong. */
static void each_chunk_may_be_damaged_once(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    cargo_make(&cargo, NULL, BLOCK + 1000, 9);
    assert_int_equal(lose_each(&o, true, TO_DEVICE, FERRY_MSG_CHUNK, 2048), 41);
}

/* It goes twice, in separate values, and nothing else is taken for lost. */
static void a_lost_chunk_costs_two_chunks_and_no_more(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    cargo_make(&cargo, NULL, BLOCK + 1000, 8);
    assert_int_equal(lose_each(&o, false, TO_DEVICE, FERRY_MSG_CHUNK, 2U * o.chunk),
                     41);
}

static void a_damaged_chunk_costs_two_chunks_and_no_more(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    cargo_make(&cargo, NULL, BLOCK + 1000, 9);
    assert_int_equal(lose_each(&o, true, TO_DEVICE, FERRY_MSG_CHUNK, 2U * o.chunk), 41);
}

static void each_ack_may_be_lost_once_and_flash_sees_no_chunk_again(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    o.ack_every = 1;
    cargo_make(&cargo, NULL, BLOCK + 1000, 10);
    assert_true(lose_each(&o, false, TO_COURIER, FERRY_MSG_ACK, 0) > 40);
    assert_true(lose_each(&o, true, TO_COURIER, FERRY_MSG_ACK, 0) > 40);
}

static void any_message_of_the_greeting_may_be_lost_once(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    cargo_make(&cargo, NULL, 1000, 11);
    size_t pieces = (cargo.env_len + FERRY_PIECE_MAX - 1) / FERRY_PIECE_MAX;
    assert_int_equal(lose_each(&o, false, TO_DEVICE, FERRY_MSG_HELLO, 0), 1);
    assert_int_equal(lose_each(&o, true, TO_DEVICE, FERRY_MSG_HELLO, 0), 1);
    assert_int_equal(lose_each(&o, false, TO_COURIER, FERRY_MSG_INFO, 0), 1);
    assert_int_equal(lose_each(&o, false, TO_DEVICE, FERRY_MSG_OFFER, 0), pieces);
    assert_int_equal(lose_each(&o, true, TO_DEVICE, FERRY_MSG_OFFER, 0), pieces);
    assert_int_equal(lose_each(&o, false, TO_COURIER, FERRY_MSG_VERDICT, 0), 1);
}

/* DONE and all acks beside it are lost: STATUS? brings it back. */
static void lose_the_end(struct frames *f, struct world *w, struct frame *frame)
{
    struct loss *l = f->ctx;

    (void)w;
    l->done |= frame->good && frame->msg.type == FERRY_MSG_DONE;
    if (l->done && l->seen < 2 && frame->direction == TO_COURIER) {
        l->seen++;
        frame->drop = true;
    }
}

static void a_lost_done_is_said_again_when_asked_for(void **state)
{
    struct loss l = {0};

    (void)state;
    struct world *w = plain_scene();
    cargo_make(&cargo, NULL, 1000, 12);
    frames_between(w, &between, lose_the_end, &l);
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
    assert_int_equal(ferry_courier_error(&w->courier), 0);
    assert_int_equal(w->courier.counts.statuses, 1);
}

/* The ack beside it says that nothing is being received, so the courier offers again: it
 * is told to come back after the reboot, and then that this very image runs. */
static void a_lost_done_is_made_good_by_the_next_offer_at_the_latest(void **state)
{
    struct world_options o;

    (void)state;
    scene_options(&o);
    cargo_make(&cargo, NULL, 1000, 12);
    struct loss l = {.type = FERRY_MSG_DONE, .direction = TO_COURIER};
    assert_true(lose(&o, &l));
    assert_int_equal(ferry_courier_error(&scene_now()->courier), FERRY_E_SAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_dropped_at_any_event_repeats_nothing_that_was_acked),
        cmocka_unit_test(
            a_link_dropped_at_any_frame_boundary_repeats_nothing_that_was_acked),
        cmocka_unit_test(the_same_holds_where_a_chunk_needs_many_values),
        cmocka_unit_test(each_chunk_may_be_lost_once_and_the_next_ack_names_it),
        cmocka_unit_test(each_chunk_may_be_damaged_once),
        cmocka_unit_test(a_lost_chunk_costs_two_chunks_and_no_more),
        cmocka_unit_test(a_damaged_chunk_costs_two_chunks_and_no_more),
        cmocka_unit_test(each_ack_may_be_lost_once_and_flash_sees_no_chunk_again),
        cmocka_unit_test(any_message_of_the_greeting_may_be_lost_once),
        cmocka_unit_test(a_lost_done_is_said_again_when_asked_for),
        cmocka_unit_test(a_lost_done_is_made_good_by_the_next_offer_at_the_latest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
