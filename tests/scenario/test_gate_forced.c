/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that no gate lets an image through because a backend answers nonsense: signature,
 * hash, ticket and commit, each of them forced. */
#include "scene.h"

#include "peer.h"

#include <limits.h>

#include "device_in.h"

static struct cargo cargo;

/* The real backend, but for one answer. */
static struct {
    struct world *w;
    struct ferry_crypto real;
    unsigned verifies;
    unsigned lie_at; /* the n-th signature check: 1 = offer, 2 = gate */
    int answer;
    bool later; /* the answer comes by done() */
    enum ferry_device_state hash_in;
    int hash_lie; /* 0 none, 1 a wrong bit, 2 all zero */
} forced;

static int forced_verify(void *ctx, unsigned slot, const struct ferry_key *key,
                         const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    if (++forced.verifies != forced.lie_at) {
        return forced.real.verify(ctx, slot, key, msg, msg_len, sig);
    }
    return forced.later ? FERRY_PENDING : forced.answer;
}

static void forced_final(void *ctx, uint8_t out[32])
{
    uint8_t hash[32];

    forced.real.sha256_final(ctx, hash);
    if (forced.w->device.state == forced.hash_in && forced.hash_lie != 0) {
        hash[31] ^= 1;
        if (forced.hash_lie == 2) {
            memset(hash, 0, sizeof hash);
        }
    }
    memcpy(out, hash, sizeof hash);
}

static struct world *forced_world(void)
{
    struct world *w = plain_scene();

    memset(&forced, 0, sizeof forced);
    forced.w = w;
    forced.real = w->crypto;
    w->crypto.verify = forced_verify;
    w->crypto.sha256_final = forced_final;
    return w;
}

static bool at_rest(const struct world *w)
{
    enum ferry_courier_state s = w->courier.state;

    return s == FERRY_COURIER_REFUSED || s == FERRY_COURIER_PARKED ||
           s == FERRY_COURIER_DONE;
}

static int run_to_rest(struct world *w)
{
    uint32_t until = w->now + 10 * MINUTE;

    while (w->now != until && !at_rest(w)) {
        world_step(w, until);
        if (forced.later && w->device.call == FERRY_CALL_CRYPTO) {
            ferry_device_done(&w->device, forced.answer, w->now);
        }
    }
    return ferry_courier_error(&w->courier);
}

/* ---- the signature --------------------------------------------------------------- */

/* All but FERRY_VALID; 1 is FERRY_PENDING, and that has its own test. */
static const int garbage[] = {0,
                              -1,
                              2,
                              INT_MAX,
                              INT_MIN,
                              0x5AC2,
                              0x5AC3 ^ 0x100,
                              0xC35A,
                              0x5AC3 << 8,
                              0x10000 + 0x5AC3,
                              -0x5AC3,
                              0xFF,
                              ~0x5AC3};

static void no_answer_but_valid_gets_an_offer_accepted(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 81);
    for (size_t i = 0; i < COUNT(garbage); i++) {
        struct world *w = forced_world();
        forced.lie_at = 1;
        forced.answer = garbage[i];
        send_courier(w, &cargo);
        expect_err(round_name("answer", (uint32_t)garbage[i]), run_to_rest(w),
                   FERRY_E_SIG);
        assert_int_equal(w->courier.state, FERRY_COURIER_REFUSED);
        assert_int_equal(flash_ops(w), 0);
        assert_int_equal(w->device.counts.security_events, 1);
        assert_int_equal(w->events.security, 1);
    }
}

static void no_answer_but_valid_gets_an_image_through_the_last_gate(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 82);
    for (size_t i = 0; i < COUNT(garbage); i++) {
        for (unsigned later = 0; later <= 1; later++) {
            struct world *w = forced_world();
            forced.lie_at = 2;
            forced.answer = garbage[i];
            forced.later = later == 1;
            send_courier(w, &cargo);
            expect_err(round_name("answer", (uint32_t)garbage[i]), run_to_rest(w),
                       FERRY_E_SIG_FINAL);
            assert_int_equal(w->courier.state, FERRY_COURIER_REFUSED);
            assert_int_equal(w->device.counts.security_events, 1);
            assert_int_equal(w->device.counts.transfer_errors, 0);
            expect_no_commit(w);
        }
    }
}

/* "Later" as the late answer is no answer either. */
static void
a_backend_that_says_later_for_ever_ends_broken_and_not_committed(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 83);
    for (unsigned at = 1; at <= 2; at++) {
        struct world *w = forced_world();
        forced.lie_at = at;
        forced.answer = FERRY_PENDING;
        send_courier(w, &cargo);
        while (forced.verifies < at) {
            world_step(w, w->now + MINUTE);
        }
        uint32_t began = w->now;
        assert_true(run_until(w, FERRY_DEVICE_BROKEN, MINUTE));
        assert_in_range(w->now - began, 4900, 5100);
        world_run(w, 10 * MINUTE);
        assert_int_equal(ferry_device_error(&w->device), FERRY_E_CRYPTO);
        expect_err("courier", ferry_courier_error(&w->courier), FERRY_E_CRYPTO);
        ferry_device_done(&w->device, FERRY_VALID, w->now); /* too late */
        assert_int_equal(w->device.state, FERRY_DEVICE_BROKEN);
        expect_no_commit(w);
        if (at == 1) {
            assert_int_equal(flash_ops(w), 0);
        }
        /* A reset heals it. */
        w->crypto.verify = forced.real.verify;
        world_power_cut(w);
        send_courier(w, &cargo);
        assert_true(travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
    }
}

/* An answer nobody asked for is no answer to the next question. */
static void a_done_out_of_turn_is_ignored_in_every_state(void **state)
{
    bool seen[FERRY_DEVICE_STATES] = {false};

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 84);
    struct world *w = plain_scene();
    w->flash.mode = SIM_FLASH_SYNC;
    send_courier(w, &cargo);
    while (w->courier.state != FERRY_COURIER_DONE) {
        ferry_device_done(&w->device, FERRY_VALID, w->now);
        ferry_device_done(&w->device, 0, w->now);
        ferry_device_done(&w->device, -1, w->now);
        seen[w->device.state] = true;
        world_step(w, w->now + MINUTE);
    }
    expect_arrived(w, &cargo);
    assert_true(seen[FERRY_DEVICE_IDLE] && seen[FERRY_DEVICE_RECEIVING]);
}

/* ---- the hash -------------------------------------------------------------------- */

static void a_hash_that_lies_at_the_end_commits_nothing(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 85);
    for (int lie = 1; lie <= 2; lie++) {
        struct world *w = forced_world();
        forced.hash_in = FERRY_DEVICE_HASHING;
        forced.hash_lie = lie;
        send_courier(w, &cargo);
        expect_err(round_name("lie", (uint32_t)lie), run_to_rest(w), FERRY_E_HASH);
        assert_int_equal(w->device.counts.transfer_errors, 1);
        assert_int_equal(w->device.counts.security_events, 0);
        expect_no_commit(w);
    }
}

static void a_hash_that_lies_about_blocks_verifies_no_block(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 86);
    for (int lie = 1; lie <= 2; lie++) {
        struct world *w = forced_world();
        forced.hash_in = FERRY_DEVICE_RECEIVING;
        forced.hash_lie = lie;
        send_courier(w, &cargo);
        expect_err(round_name("lie", (uint32_t)lie), run_to_rest(w), FERRY_E_BLOCKS);
        assert_int_equal(w->events.block, 0);
        assert_int_equal(w->courier.counts.image_bytes_sent, 0);
        expect_no_commit(w);
    }
}

/* The digest of the stored envelope is not the judged one's. */
static void a_hash_that_lies_at_the_signature_gate_commits_nothing(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 87);
    for (int lie = 1; lie <= 2; lie++) {
        struct world *w = forced_world();
        forced.hash_in = FERRY_DEVICE_GATING;
        forced.hash_lie = lie;
        send_courier(w, &cargo);
        expect_err(round_name("lie", (uint32_t)lie), run_to_rest(w), FERRY_E_SIG_FINAL);
        expect_no_commit(w);
    }
}

/* ---- ticket and commit ----------------------------------------------------------- */

static void no_ticket_holds_that_lacks_a_gate_or_has_a_bit_wrong(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 88);
    struct world *w = plain_scene();
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, MINUTE));
    struct ferry_ticket good = w->boot.ticket;
    assert_true(ferry_ticket_holds(&good));
    for (unsigned bit = 0; bit < 32; bit++) {
        struct ferry_ticket t = good;
        t.hash_gate ^= 1U << bit;
        assert_false(ferry_ticket_holds(&t));
        t = good;
        t.sig_gate ^= 1U << bit;
        assert_false(ferry_ticket_holds(&t));
    }
    struct ferry_ticket swapped = good;
    swapped.hash_gate = good.sig_gate;
    swapped.sig_gate = good.hash_gate;
    assert_false(ferry_ticket_holds(&swapped));
    memset(&swapped, 0, sizeof swapped);
    assert_false(ferry_ticket_holds(&swapped));
    memset(&swapped, 0xFF, sizeof swapped);
    assert_false(ferry_ticket_holds(&swapped));
}

static void a_refused_commit_is_told_and_may_succeed_the_next_time(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 89);
    struct world *w = plain_scene();
    w->boot.result = -1;
    send_courier(w, &cargo);
    expect_err("commit", run_to_rest(w), FERRY_E_COMMIT);
    assert_int_equal(w->courier.state, FERRY_COURIER_PARKED);
    assert_int_equal(w->events.committed, 0);
    assert_int_equal(w->boot.requests, 1);
    assert_int_equal(ferry_device_error(&w->device), FERRY_E_COMMIT);
    w->boot.result = 0;
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
    assert_int_equal(w->boot.requests, 2);
    /* Only the last block was refilled. */
    assert_int_equal(w->courier.counts.image_bytes_sent, cargo.len + BLOCK);
}

/* ---- the pool changes hands ------------------------------------------------------ */

static unsigned asked;

/* Good at the offer; at the gate the answer comes later. */
static int good_then_later(void *ctx, unsigned slot, const struct ferry_key *key,
                           const uint8_t *msg, size_t len, const uint8_t sig[64])
{
    (void)ctx;
    (void)slot;
    (void)key;
    (void)msg;
    (void)len;
    (void)sig;
    return asked++ == 0 ? FERRY_VALID : FERRY_PENDING;
}

/* The last chunk, half of it once more, the gate's question, the other half: the
 * envelope under examination stands where that half was meant to go. */
static void half_a_chunk_on_its_way_does_not_disturb_the_last_gate(void **state)
{
    (void)state;
    for (uint32_t chunks = 1; chunks <= 24; chunks++) {
        uint8_t wire[4 * FERRY_CHUNK_MAX];
        struct world *w = plain_scene();
        struct peer p;

        asked = 0;
        w->crypto.verify = good_then_later;
        cargo_make(&cargo, NULL, chunks * 128, 91);
        peer_init(&p, w, 1);
        peer_begin(&p, &cargo);
        peer_blocks(&p, &cargo, 0, 0);
        size_t len = peer_to_the_last(&p, &cargo, wire);
        memcpy(wire + len, wire, len);
        peer_bytes(&p, wire, len + len / 2);
        assert_int_equal(ferry_device_state(&w->device), FERRY_DEVICE_GATING);
        ferry_device_input(&w->device, wire + len + len / 2, len - len / 2, w->now);
        ferry_device_done(&w->device, FERRY_VALID, w->now);
        peer_listen(&p);
        expect_true(round_name("chunks", chunks), w->boot.state.committed);
        assert_true(world_bank_holds(w, 1, cargo.image, cargo.len));
    }
}

static void an_unknown_boot_state_refuses_offers_until_it_is_known(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 90);
    struct world *w = plain_scene();
    w->boot.unknown = true;
    send_courier(w, &cargo);
    expect_err("unknown", run_to_rest(w), FERRY_E_COMMIT);
    assert_int_equal(flash_ops(w), 0);
    w->boot.unknown = false;
    world_disconnect(w);
    world_run(w, 2000);
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_answer_but_valid_gets_an_offer_accepted),
        cmocka_unit_test(no_answer_but_valid_gets_an_image_through_the_last_gate),
        cmocka_unit_test(
            a_backend_that_says_later_for_ever_ends_broken_and_not_committed),
        cmocka_unit_test(a_done_out_of_turn_is_ignored_in_every_state),
        cmocka_unit_test(a_hash_that_lies_at_the_end_commits_nothing),
        cmocka_unit_test(a_hash_that_lies_about_blocks_verifies_no_block),
        cmocka_unit_test(a_hash_that_lies_at_the_signature_gate_commits_nothing),
        cmocka_unit_test(no_ticket_holds_that_lacks_a_gate_or_has_a_bit_wrong),
        cmocka_unit_test(a_refused_commit_is_told_and_may_succeed_the_next_time),
        cmocka_unit_test(half_a_chunk_on_its_way_does_not_disturb_the_last_gate),
        cmocka_unit_test(an_unknown_boot_state_refuses_offers_until_it_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
