/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how a device's statement is asked for and handed over: the counter that only
 * goes up, the nonce, one signature for one question, and when there is none. What it
 * counts stands in test_boot_counts.c. */
#include "boots.h"

static const uint8_t nonce[FERRY_NONCE_LEN] = {0x77, 1};
static const uint8_t other_nonce[FERRY_NONCE_LEN] = {0x77, 2};

/* Ask as a peer; all pieces. False: there is none, for p->none_for seconds. */
static bool ask(struct peer *p, const uint8_t *about)
{
    peer_hello(p);
    peer_report(p, about, 0);
    for (unsigned i = 0; i < 20 && p->pieces == 0; i++) { /* its counter comes first */
        world_run(p->w, 10);
        peer_listen(p);
    }
    return p->said_total > 0 && p->said_len == p->said_total;
}

static bool read_said(const struct peer *p, struct ferry_statement *s)
{
    static uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    uint8_t *env = room + FERRY_TBS_SPARE;
    struct ferry_envelope e;

    memcpy(env, p->said, p->said_len);
    if (ferry_envelope_open(&e, env, p->said_len) != 0 ||
        e.kid != FERRY_KID_STATEMENT || e.alg != FERRY_ALG_ED25519) {
        return false;
    }
    size_t len = ferry_tbs_make(env);
    bool holds =
        crypto_sign_verify_detached(e.sig, room, len, p->w->board.public_key) == 0;
    ferry_tbs_undo(env);
    return holds && ferry_statement_parse(s, e.payload, e.payload_len) == 0;
}

/* ---- the counter --------------------------------------------------------------------- */

static void the_counter_goes_up_in_every_statement_of_every_start(void **state)
{
    const enum ferry_reset kinds[] = {FERRY_RESET_POWER, FERRY_RESET_WAKE,
                                      FERRY_RESET_FAULT};
    struct ferry_statement s;
    uint32_t counter = 0;

    (void)state;
    struct world *w = updated_device();
    for (unsigned i = 0; i < 30; i++) {
        assert_true(board_statement(w, i % 2 == 0 ? nonce : other_nonce, &s));
        assert_true(s.counter > counter);
        counter = s.counter;
        world_run(w, 3000);
        if (i % 3 == 2) {
            reset(w, kinds[i / 3 % COUNT(kinds)]);
        }
    }
}

/* One record for 1,024 of them, and none for a start that makes none. */
static void one_record_reserves_1024_counters(void **state)
{
    struct ferry_statement s;
    struct peer p;

    (void)state;
    struct world *w = new_device();
    reset_times(w, FERRY_RESET_WAKE, 5);
    assert_int_equal(board_app_record(w).lease, 0);
    peer_init(&p, w, 1);
    uint32_t writes = w->flash.writes;
    for (uint32_t n = 1; n <= 1024; n++) {
        uint8_t about[FERRY_NONCE_LEN] = {(uint8_t)n, (uint8_t)(n >> 8)};
        assert_true(ask(&p, about));
        w->now += 2000;
    }
    assert_true(read_said(&p, &s));
    assert_int_equal(s.counter, 1024);
    assert_int_equal(w->flash.writes, writes + 4); /* a page's mark, a record */
    assert_true(ask(&p, nonce));
    assert_true(read_said(&p, &s));
    assert_int_equal(s.counter, 1025);
    assert_int_equal(w->flash.writes, writes + 7);
    assert_int_equal(board_app_record(w).lease, 2048);
    reset(w, FERRY_RESET_POWER);
    assert_true(board_statement(w, nonce, &s));
    assert_int_equal(s.counter, 2049);
}

static uint32_t last_counter;

static void make_statements(void *ctx)
{
    struct world *w = ctx;
    struct ferry_statement s;

    for (unsigned i = 0; i < 3; i++) {
        board_start(w, FERRY_RESET_WAKE);
        if (board_statement(w, nonce, &s)) {
            expect_true(round_name("cut", w->flash.ops), s.counter > last_counter);
            last_counter = s.counter;
        }
    }
}

static void no_cut_makes_a_counter_appear_twice(void **state)
{
    (void)state;
    struct world *w = updated_device();
    sim_flash_heal(&w->flash);
    scene_keep();
    assert_true(sim_flash_hold(&w->flash, make_statements, w));
    uint32_t ops = w->flash.ops;
    for (uint32_t n = 0; n < 8 * ops * SIM_CUTS; n++) {
        scene_bring_back();
        sim_flash_seed(&w->flash, n);
        last_counter = 0;
        sim_flash_cut(&w->flash, n / SIM_CUTS % ops, (enum sim_cut)(n % SIM_CUTS));
        assert_false(sim_flash_hold(&w->flash, make_statements, w));
        assert_true(sim_flash_hold(&w->flash, make_statements, w));
        assert_true(last_counter > 0);
    }
}

/* ---- one question, one signature ------------------------------------------------------ */

static void the_same_question_gets_the_same_bytes_and_no_second_signature(void **state)
{
    uint8_t bytes[FERRY_ENVELOPE_MAX];
    struct ferry_statement s;
    struct peer p, q;

    (void)state;
    struct world *w = new_device();
    peer_init(&p, w, 1);
    assert_true(ask(&p, nonce));
    size_t len = p.said_len;
    memcpy(bytes, p.said, len);
    assert_true(read_said(&p, &s));
    assert_memory_equal(s.nonce, nonce, sizeof nonce);
    for (unsigned i = 0; i < 5; i++) { /* also another courier's, and much later */
        peer_init(&q, w, (uint8_t)(2 + i));
        assert_true(ask(&q, nonce));
        assert_int_equal(q.said_len, len);
        assert_memory_equal(q.said, bytes, len);
        w->now += 20000;
    }
    assert_int_equal(w->sodium.signs, 1);
    assert_true(ask(&q, other_nonce));
    assert_true(read_said(&q, &s));
    assert_memory_equal(s.nonce, other_nonce, sizeof nonce);
    assert_int_equal(w->sodium.signs, 2);
}

static void another_question_within_two_seconds_is_put_off(void **state)
{
    struct ferry_statement s;
    struct peer p;

    (void)state;
    struct world *w = new_device();
    peer_init(&p, w, 1);
    assert_true(ask(&p, nonce));
    assert_false(ask(&p, other_nonce));
    assert_int_equal(p.none_for, 2);
    assert_int_equal(w->sodium.signs, 1);
    w->now += 1700;
    assert_false(ask(&p, other_nonce));
    assert_true(ask(&p, nonce)); /* which is still at hand */
    w->now += 300;
    assert_true(ask(&p, other_nonce));
    assert_true(read_said(&p, &s));
    assert_memory_equal(s.nonce, other_nonce, sizeof nonce);
}

/* ---- pieces ----------------------------------------------------------------------------- */

static unsigned lose_piece, pieces_seen;

static void lose_one_piece(struct world *w, unsigned direction, struct sim_value *v)
{
    (void)w;
    /* A statement's pieces are the longest frames of all. */
    if (direction == 1 && v->len > 40 && pieces_seen++ == lose_piece) {
        v->len = 0;
    }
}

static void each_piece_may_be_lost_once(void **state)
{
    struct ferry_statement s;

    (void)state;
    for (lose_piece = 0; lose_piece < 12; lose_piece++) {
        struct world *w = new_device();
        pieces_seen = 0;
        w->middle = lose_one_piece;
        assert_true(board_statement(w, nonce, &s));
        assert_memory_equal(s.nonce, nonce, sizeof nonce);
        assert_int_equal(w->sodium.signs, 1);
        assert_int_equal(s.counter, 1);
    }
}

static void a_statement_crosses_a_lossy_link_of_small_values(void **state)
{
    struct world_options o;
    struct ferry_statement s;

    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        boots_options(&o);
        o.mtu = 23;
        o.loss_ppm = 50000;
        o.seed = seed;
        struct world *w = device_of(&o);
        assert_true(board_statement(w, nonce, &s));
        assert_int_equal(w->sodium.signs, 1);
    }
}

/* Asked from the middle on, it goes on from there: what the courier has, it keeps. */
static void it_can_be_fetched_from_any_byte_on(void **state)
{
    uint8_t whole[FERRY_ENVELOPE_MAX];
    struct peer p;

    (void)state;
    struct world *w = new_device();
    peer_init(&p, w, 1);
    assert_true(ask(&p, nonce));
    size_t len = p.said_len;
    memcpy(whole, p.said, len);
    for (uint16_t off = 0; off < len; off++) {
        memset(p.said, 0, sizeof p.said);
        peer_report(&p, nonce, off);
        assert_int_equal(p.said_len, len);
        assert_memory_equal(p.said + off, whole + off, len - off);
    }
    peer_report(&p, nonce, (uint16_t)len); /* past its end: another question */
    assert_int_equal(p.said_total, 0);
    assert_int_equal(w->sodium.signs, 1);
}

/* The first one leaves in the middle; the second one has a question of its own. */
static void another_courier_gets_the_answer_to_its_own_question(void **state)
{
    struct world_options o;
    struct ferry_statement s;

    (void)state;
    boots_options(&o);
    o.mtu = 23;
    o.per_event = 1;
    struct world *w = device_of(&o);
    world_courier(w, NULL, 0);
    w->courier_cfg.report_nonce = nonce;
    assert_int_equal(ferry_courier_init(&w->courier, &w->courier_cfg, w->now), 0);
    world_connect(w);
    while (w->device.report_at == 0) {
        world_step(w, w->now + 1000);
    }
    world_disconnect(w);
    assert_int_equal(w->statement_len, 0);
    assert_true(board_statement(w, other_nonce, &s));
    assert_memory_equal(s.nonce, other_nonce, sizeof nonce);
    assert_int_equal(s.counter, 2);
    assert_true(board_statement(w, nonce, &s)); /* anew: the other one took its place */
    assert_int_equal(s.counter, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_goes_up_in_every_statement_of_every_start),
        cmocka_unit_test(one_record_reserves_1024_counters),
        cmocka_unit_test(no_cut_makes_a_counter_appear_twice),
        cmocka_unit_test(the_same_question_gets_the_same_bytes_and_no_second_signature),
        cmocka_unit_test(another_question_within_two_seconds_is_put_off),
        cmocka_unit_test(each_piece_may_be_lost_once),
        cmocka_unit_test(a_statement_crosses_a_lossy_link_of_small_values),
        cmocka_unit_test(it_can_be_fetched_from_any_byte_on),
        cmocka_unit_test(another_courier_gets_the_answer_to_its_own_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
