/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests a transfer with the supply going in each of its flash operations, in every way:
 * also so that a page seems to be erased, or a program to be done. And that nothing of a
 * stream that began before a reset is ever written after it. */
#include "peer.h"

static struct cargo cargo, other;

static void carry(void *ctx)
{
    struct world *w = ctx;

    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, HOUR));
}

static struct sim_op last; /* that began */

static void note(void *ctx, const struct sim_op *op)
{
    (void)ctx;
    last = *op;
}

/* Cut there, and so. False: there are not so many operations. */
static bool cut_at(struct world *w, uint32_t at, enum sim_cut how)
{
    sim_flash_seed(&w->flash, at * SIM_CUTS + how + 1);
    w->flash.before = note;
    sim_flash_cut(&w->flash, at, how);
    bool cut = !sim_flash_hold(&w->flash, carry, w);
    w->flash.before = NULL;
    if (cut) {
        world_power_cut(w);
        world_run(w, 2000);
    }
    return cut;
}

/* Programming what reads blank and is not would end this test. */
static void a_cut_of_any_kind_in_any_operation_ends_in_the_same_image(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK + 100, 151);
    for (unsigned how = 0; how < SIM_CUTS; how++) {
        uint32_t at = 0;
        struct world *w = plain_scene();
        while (cut_at(w, at, (enum sim_cut)how)) {
            send_courier(w, &cargo);
            expect_true(round_name("operation", at), travel(w, &cargo, HOUR));
            expect_arrived(w, &cargo);
            w = plain_scene();
            at++;
        }
        assert_int_equal(at, 4 + 2 + 65); /* erases, envelope and table, chunks */
    }
}

static void a_page_that_seems_erased_after_a_cut_is_erased_again(void **state)
{
    unsigned erases = 0;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK + 100, 152);
    for (uint32_t at = 0; at < 4 + 2 + 65; at++) {
        struct world *w = plain_scene();
        assert_true(cut_at(w, at, SIM_CUT_SEEMS_DONE));
        if (last.buf != NULL) {
            continue;
        }
        uint32_t page = last.addr / w->opt.erase_unit;
        for (uint32_t i = 0; i < w->opt.erase_unit; i++) {
            assert_int_equal(w->flash.bytes[last.addr + i], w->opt.erased);
        }
        uint32_t before = w->flash.page_erases[page];
        send_courier(w, &cargo);
        assert_true(travel(w, &cargo, HOUR));
        assert_true(w->flash.page_erases[page] > before);
        erases++;
    }
    assert_int_equal(erases, 4);
}

/* As soon as the courier has heard an ack, whatever that says. */
static void a_cut_right_after_an_ack_loses_no_block_and_skips_none(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 4 * BLOCK, 153);
    for (unsigned stop = 1;; stop++) {
        struct world *w = plain_scene();
        uint64_t heard = 0;
        unsigned acks = 0;
        send_courier(w, &cargo);
        while (acks < stop && w->courier.state != FERRY_COURIER_DONE) {
            world_step(w, w->now + MINUTE);
            const struct ferry_window *told = &w->courier.sender.window;
            uint64_t now = (uint64_t)told->base << 40 ^ (uint64_t)told->bits[0] << 8 ^
                           told->bits[1];
            acks += now != heard;
            heard = now;
        }
        if (w->courier.state == FERRY_COURIER_DONE) {
            assert_true(stop > 4);
            return;
        }
        uint16_t acked = w->courier.sender.window.base;
        world_power_cut(w);
        send_courier(w, &cargo);
        while (w->courier.state != FERRY_COURIER_SEND && !w->boot.state.committed) {
            world_step(w, w->now + MINUTE);
        }
        uint16_t base = w->courier.sender.window.base;
        expect_true(round_name("ack", stop),
                    w->boot.state.committed ||
                        (base + 1 >= acked && base <= acked + 1));
        expect_true(round_name("ack", stop), travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
    }
}

/* ---- a stream from before a reset ------------------------------------------------- */

static void offer_every_chunk(struct peer *p)
{
    for (uint32_t i = 0; i < 4 * 32; i++) {
        struct ferry_msg m = {.type = FERRY_MSG_CHUNK};
        m.u.chunk.index = i;
        m.rest = cargo.image;
        m.rest_len = 128;
        peer_say(p, &m);
    }
}

/* The radio lives on, and knows nothing of the reset: nor of whom the device talks to
 * now. */
static void a_stream_from_before_a_reset_is_never_written(void **state)
{
    struct peer stale, fresh;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 154);
    cargo_make(&other, NULL, 3 * BLOCK, 155);
    for (uint32_t chunks = 0; chunks < 3 * 32; chunks += 7) {
        struct world *w = plain_scene();
        peer_init(&stale, w, 1);
        peer_begin(&stale, &cargo);
        for (uint32_t i = 0; i < chunks; i++) {
            peer_chunk(&stale, &cargo, i);
        }
        world_power_cut(w);
        uint32_t ops = flash_ops(w);
        offer_every_chunk(&stale);
        world_run(w, 2000);
        assert_int_equal(flash_ops(w), ops);
        /* A session begins, and another image: where the old stream was is no place. */
        peer_init(&fresh, w, 2);
        peer_begin(&fresh, &other);
        ops = flash_ops(w);
        offer_every_chunk(&stale);
        assert_int_equal(flash_ops(w), ops);
        peer_blocks(&fresh, &other, 0, peer_last_block(&fresh));
        world_run(w, 5000);
        expect_true(round_name("chunks", chunks),
                    world_bank_holds(w, 1, other.image, other.len));
        assert_int_equal(w->events.committed, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_of_any_kind_in_any_operation_ends_in_the_same_image),
        cmocka_unit_test(a_page_that_seems_erased_after_a_cut_is_erased_again),
        cmocka_unit_test(a_cut_right_after_an_ack_loses_no_block_and_skips_none),
        cmocka_unit_test(a_stream_from_before_a_reset_is_never_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
