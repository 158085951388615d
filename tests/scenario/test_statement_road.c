/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests a statement on its way through hands nobody trusts: lost, doubled, overtaken,
 * delayed, replayed. It arrives whole or not at all, and an old one cannot pass for an
 * answer. */
#include "boots.h"

#include "frames.h"

static const uint8_t old_nonce[FERRY_NONCE_LEN] = {0x61, 1};
static const uint8_t new_nonce[FERRY_NONCE_LEN] = {0x61, 2};
static struct frames between;

static struct world *device_with_mtu(uint16_t mtu)
{
    struct world *w = new_device();

    w->link.mtu = mtu;
    return w;
}

/* ---- lost, doubled, overtaken ---------------------------------------------------- */

/* Where a frame needs many values, hardly one comes through undamaged. */
static void it_arrives_whole_or_not_at_all(void **state)
{
    static const uint16_t mtus[] = {23, 40, 67, 100, 247};
    struct ferry_statement s;
    unsigned arrived = 0;

    (void)state;
    for (uint32_t seed = 1; seed <= 100; seed++) {
        struct world *w = device_with_mtu(mtus[seed % COUNT(mtus)]);
        w->link.rng = seed * 7919ULL + 1;
        w->link.loss_ppm = seed % 3 == 0 ? 50000 : 0;
        w->link.double_ppm = 200000;
        w->link.swap_ppm = seed % 2 == 0 ? 150000 : 0;
        bool came = board_statement(w, new_nonce, &s);
        expect_true(round_name("seed", seed), came == (w->statement_len > 0));
        expect_true(round_name("seed", seed),
                    !came || memcmp(s.nonce, new_nonce, sizeof new_nonce) == 0);
        expect_true(round_name("seed", seed), w->sodium.signs == 1);
        arrived += came;
    }
    assert_in_range(arrived, 80, 100);
}

static void double_all(struct frames *f, struct world *w, struct frame *frame)
{
    (void)f;
    (void)w;
    frame->twice = true;
}

static void every_frame_twice_costs_one_signature_and_one_statement(void **state)
{
    struct ferry_statement s;

    (void)state;
    struct world *w = device_with_mtu(100);
    frames_between(w, &between, double_all, NULL);
    assert_true(board_statement(w, new_nonce, &s));
    assert_int_equal(w->sodium.signs, 1);
    assert_int_equal(s.counter, 1);
}

static void drop_statements(struct frames *f, struct world *w, struct frame *frame)
{
    (void)f;
    (void)w;
    frame->drop = frame->good && frame->msg.type == FERRY_MSG_STATEMENT;
}

/* Withheld for ever, it holds up nothing: the offer goes on after half a minute. */
static void a_withheld_statement_does_not_hold_up_the_update(void **state)
{
    (void)state;
    struct world *w = device_with_mtu(100);
    frames_between(w, &between, drop_statements, NULL);
    world_courier(w, &second.artifact, 1);
    w->courier_cfg.report_nonce = new_nonce;
    world_connect(w);
    assert_true(travel(w, &second, 2 * MINUTE));
    assert_true(board_holds(w, 1, &second.artifact));
    assert_int_equal(w->statement_len, 0);
}

/* ---- delayed --------------------------------------------------------------------- */

/* The question of a phone that has gone arrives in the next one's session. */
static void a_delayed_question_is_nobodys(void **state)
{
    struct ferry_msg m = {.type = FERRY_MSG_REPORT};
    struct peer gone, here;
    uint8_t wire[80];

    (void)state;
    struct world *w = new_device();
    peer_init(&gone, w, 1);
    peer_hello(&gone);
    m.bytes[0] = old_nonce;
    size_t len = peer_wire(&gone, &m, wire);
    peer_init(&here, w, 2);
    peer_hello(&here);
    peer_bytes(&here, wire, len);
    assert_int_equal(here.pieces, 0);
    assert_int_equal(w->sodium.signs, 0);
    peer_report(&here, new_nonce, 0);
    assert_true(here.said_len > 100);
    assert_int_equal(w->sodium.signs, 1);
}

/* ---- replayed -------------------------------------------------------------------- */

static struct {
    uint8_t bytes[4096];
    size_t len;
} tape;

static void record(struct world *w, unsigned direction, struct sim_value *v)
{
    bool asked = w->courier.state == FERRY_COURIER_REPORT;

    if (asked && direction == 1 && tape.len + v->len <= sizeof tape.bytes) {
        memcpy(tape.bytes + tape.len, v->bytes, v->len);
        tape.len += v->len;
    }
}

/* All the device said in its last session, the greeting apart, once more before each of its words now. */
static void play_back(struct world *w, unsigned direction, struct sim_value *v)
{
    (void)v;
    if (direction == 1) {
        ferry_courier_input(&w->courier, tape.bytes, tape.len, w->now);
    }
}

static void a_recorded_session_played_back_is_dropped(void **state)
{
    struct ferry_statement s;

    (void)state;
    struct world *w = device_with_mtu(100);
    tape.len = 0;
    w->middle = record;
    assert_true(board_statement(w, old_nonce, &s));
    assert_true(tape.len > 200);
    world_run(w, 5000);
    w->middle = play_back;
    assert_true(board_statement(w, new_nonce, &s));
    assert_memory_equal(s.nonce, new_nonce, sizeof new_nonce);
    assert_int_equal(s.counter, 2);
    assert_true(w->courier.counts.frames_bad > 3);
}

static struct {
    uint8_t bytes[FERRY_ENVELOPE_MAX];
    size_t len;
} old;

/* A middle that knows the session's tag, for it is no secret: each piece of the answer
 * is replaced by that piece of the old one. */
static void put_old_one(struct frames *f, struct world *w, struct frame *frame)
{
    (void)f;
    if (!frame->good || frame->msg.type != FERRY_MSG_STATEMENT) {
        return;
    }
    struct ferry_msg m = {.type = FERRY_MSG_STATEMENT};
    m.u.piece = frame->msg.u.piece;
    m.rest_len = frame->msg.rest_len;
    assert_int_equal(m.u.piece.total, old.len);
    m.rest = old.bytes + m.u.piece.off;
    frame->len = ferry_msg_encode(&m, frame->body, sizeof frame->body, w->courier.tag);
    frame->fresh = true;
}

/* It is genuine, and so the courier hands it on; it holds no key, and need not. Whoever
 * asked sees that it answers another question, and that its counter is not news. */
static void a_replayed_statement_is_told_by_its_nonce_and_its_counter(void **state)
{
    struct ferry_statement s;

    (void)state;
    struct world *w = device_with_mtu(100);
    assert_true(board_statement(w, old_nonce, &s));
    uint32_t counter = s.counter;
    memcpy(old.bytes, w->statement, w->statement_len);
    old.len = w->statement_len;
    world_run(w, 5000);
    frames_between(w, &between, put_old_one, NULL);
    assert_true(board_statement(w, new_nonce, &s));
    assert_memory_equal(s.nonce, old_nonce, sizeof old_nonce);
    assert_int_equal(s.counter, counter);
    w->middle = NULL;
    world_run(w, 5000);
    assert_true(board_statement(w, new_nonce, &s));
    assert_memory_equal(s.nonce, new_nonce, sizeof new_nonce);
    assert_true(s.counter > counter);
}

/* And with any bit of it changed it is nobody's word at all. */
static void bend_one_bit(struct frames *f, struct world *w, struct frame *frame)
{
    const unsigned *bit = f->ctx;
    unsigned at = *bit / 8;

    if (frame->good && frame->msg.type == FERRY_MSG_STATEMENT &&
        at >= frame->msg.u.piece.off &&
        at < frame->msg.u.piece.off + frame->msg.rest_len) {
        frame->body[5 + at - frame->msg.u.piece.off] ^= (uint8_t)(1U << *bit % 8);
        frame_forge(frame, w->courier.tag);
    }
}

static void no_bit_of_a_statement_can_be_changed_on_its_way(void **state)
{
    struct ferry_statement s;
    unsigned bit = 0;

    (void)state;
    struct world *w = device_with_mtu(247);
    assert_true(board_statement(w, new_nonce, &s));
    unsigned bits = (unsigned)(8 * w->statement_len);
    frames_between(w, &between, bend_one_bit, &bit);
    scene_keep();
    for (bit = 0; bit < bits; bit += 1 + bit % 3) {
        scene_bring_back();
        expect_true(round_name("bit", bit), !board_statement(w, new_nonce, &s));
        expect_true(round_name("bit", bit), w->statement_len > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_arrives_whole_or_not_at_all),
        cmocka_unit_test(every_frame_twice_costs_one_signature_and_one_statement),
        cmocka_unit_test(a_withheld_statement_does_not_hold_up_the_update),
        cmocka_unit_test(a_delayed_question_is_nobodys),
        cmocka_unit_test(a_recorded_session_played_back_is_dropped),
        cmocka_unit_test(a_replayed_statement_is_told_by_its_nonce_and_its_counter),
        cmocka_unit_test(no_bit_of_a_statement_can_be_changed_on_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
