/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests transfers over links as phones make them: slow to pass on what they hear, careless
 * with what they are given, in bursts of interference, and walking away without a word;
 * and over flash that takes its time. */
#include "scene.h"

#include "frames.h"

static struct cargo cargo;
static struct frames seen;

/* MTU 23, 30 ms, 4 values an event, pool of 3 chunks. */
static struct world *plain(uint64_t seed)
{
    struct world_options o;

    world_defaults(&o);
    o.bank_len = 64U * 1024U;
    o.seed = seed;
    return scene(&o);
}

static void expect_journey(struct world *w, const char *name, uint32_t n)
{
    bool came = travel(w, &cargo, 2 * HOUR);

    expect_true(round_name(name, n), came);
    expect_arrived(w, &cargo);
    assert_int_equal(w->courier.counts.epochs, 0);
}

/* ---- slow phones ----------------------------------------------------------------- */

/* Deadlines come from round trips: a slow phone is not asked whether it is there. */
static void a_phone_that_passes_on_late_is_waited_for(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 1);
    for (uint8_t round = 2; round <= 6; round++) {
        struct world *w = plain(1);
        w->link.reply_events = round;
        send_courier(w, &cargo);
        expect_journey(w, "events a round trip", round);
        assert_int_equal(w->courier.counts.image_bytes_sent, cargo.len);
        assert_int_equal(w->courier.counts.statuses, 0);
    }
}

/* ---- careless phones ------------------------------------------------------------- */

/* A pool of three chunks never makes a courier write more than 21 values at once. */
static void a_careless_phone_holds_what_three_chunks_of_credit_allow(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 2);
    struct world *w = plain(1);
    w->link.phone_queue = 22;
    send_courier(w, &cargo);
    expect_journey(w, "queue", 22);
    assert_int_equal(w->link.dropped, 0);
    assert_int_equal(w->courier.counts.bytes_repeated, 0);
}

static void what_a_careless_phone_drops_is_sent_again(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 3);
    for (uint8_t queue = 8; queue <= 20; queue = (uint8_t)(queue + 4)) {
        struct world *w = plain(queue);
        w->link.phone_queue = queue;
        send_courier(w, &cargo);
        expect_journey(w, "queue", queue);
        assert_true(w->link.dropped > 0);
        /* Half a chunk that it kept spoils no other, so there is little to ask. */
        assert_in_range(w->courier.counts.statuses, 0, 6);
    }
}

/* A chunk needs seven values, and this phone keeps four: the device answers on and on,
 * and nothing moves. It must not look as if it did. */
static void a_phone_that_can_carry_no_chunk_is_told_from_one_that_can(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 4);
    struct world *w = plain(1);
    send_courier(w, &cargo);
    world_run(w, 3000);
    uint32_t cursor = w->courier.farthest;
    assert_true(cursor > 0);
    w->link.phone_queue = 4;
    assert_false(travel(w, &cargo, 30 * MINUTE));
    assert_int_equal(w->courier.state, FERRY_COURIER_PARKED);
    assert_int_equal(w->courier.error, FERRY_E_STALL);
    assert_true(w->now < 25 * MINUTE); /* six tries of two minutes at most */

    world_disconnect(w);
    w->link.phone_queue = 0;
    world_connect(w);
    expect_journey(w, "better phone", 1);
    assert_true(w->courier.farthest > cursor);
}

/* ---- interference ---------------------------------------------------------------- */

static void bursts_of_interference_cost_time_and_nothing_else(void **state)
{
    static const uint32_t lengths[] = {3, 20, 200}; /* events, in the mean */

    (void)state;
    cargo_make(&cargo, NULL, 4 * BLOCK, 5);
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct world *w = plain(seed);
        w->link.mtu = seed % 2 == 0 ? 23 : 247;
        w->link.burst.begin_ppm = 20000;
        w->link.burst.end_ppm = 1000000U / lengths[seed % 3];
        w->link.burst.loss_ppm = seed % 5 == 0 ? 500000 : 1000000;
        send_courier(w, &cargo);
        expect_journey(w, "bursts, seed", (uint32_t)seed);
    }
}

/* One value in twenty lost, and a chunk of 7 or 13 of them: three or five in ten arrive
 * whole. That is a poor link, and no dead one. */
static void a_link_that_loses_five_percent_is_not_given_up(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, CARGO_MAX - BLOCK, 6);
    for (uint16_t chunk = 128; chunk <= 256; chunk = (uint16_t)(chunk * 2)) {
        unsigned parks = 0;
        for (uint64_t seed = 1; seed <= 10; seed++) {
            struct world_options o;
            world_defaults(&o);
            o.chunk = chunk;
            o.loss_ppm = 50000;
            o.seed = seed;
            struct world *w = scene(&o);
            send_courier(w, &cargo);
            expect_journey(w, "seed", (uint32_t)seed);
            parks += w->courier.counts.parks;
        }
        assert_in_range(parks, 0, 5);
    }
}

/* ---- out of range ---------------------------------------------------------------- */

/* The phone walks away in the middle of anything, and nobody knows for two seconds. */
static void a_phone_that_leaves_without_notice_costs_nothing_acked(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK, 7);
    for (uint32_t near = 1000; near < 4000; near += 370) {
        struct world *w = plain(near);
        frames_between(w, &seen, NULL, NULL);
        send_courier(w, &cargo);
        sim_range_start(&w->range, near, 20000, 2000, w->now);
        uint32_t windows = 0;
        while (w->courier.state != FERRY_COURIER_DONE && windows < 50) {
            windows++;
            (void)travel(w, &cargo, near + 20000);
        }
        expect_arrived(w, &cargo);
        assert_true(windows > 2);
        assert_int_equal(seen.sent_though_acked, 0);
        assert_int_equal(w->device.counts.chunks_ignored, 0);
        assert_int_equal(w->flash.erases, 1 + 6);
    }
}

/* Out of range for less than the supervision timeout: Bluetooth itself sends again. */
static void a_phone_that_is_back_at_once_costs_only_that_time(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 8);
    struct world *w = plain(1);
    send_courier(w, &cargo);
    sim_range_start(&w->range, 900, 800, 4000, w->now);
    expect_journey(w, "range", 1);
    assert_int_equal(w->courier.counts.hellos, 1);
    assert_int_equal(w->courier.counts.bytes_repeated, 0);
    assert_int_equal(w->courier.counts.parks, 0);
}

/* ---- flash that takes its time --------------------------------------------------- */

/* Chunks arrive during an erase of 85 ms, or the radio hears nothing then: what is acked
 * is in flash, and nothing is sent in vain. */
static void nothing_is_lost_while_the_device_erases(void **state)
{
    static const enum flash_time_model models[] = {FLASH_ALIVE, FLASH_SLICED,
                                                   FLASH_SILENT};

    (void)state;
    cargo_make(&cargo, NULL, 5 * BLOCK + 700, 9);
    for (uint32_t i = 0; i < 2 * COUNT(models); i++) {
        struct world_options o;
        scene_options(&o);
        o.flash_time = models[i % 3];
        o.pool_chunks = i < COUNT(models) ? 3 : 24;
        struct world *w = scene(&o);
        send_courier(w, &cargo);
        expect_journey(w, "model", i);
        assert_int_equal(w->courier.counts.image_bytes_sent, cargo.len);
        assert_int_equal(w->device.counts.chunks_ignored, 0);
        assert_int_equal(w->device.counts.frames_bad, 0);
    }
}

static void a_battery_that_goes_during_an_erase_costs_two_blocks(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 8 * BLOCK, 10);
    for (uint32_t ms = 300; ms < 1500; ms += 55) {
        struct world_options o;
        scene_options(&o);
        o.flash_time = FLASH_ALIVE;
        struct world *w = scene(&o);
        send_courier(w, &cargo);
        world_run(w, ms);
        world_power_cut(w);
        world_connect(w);
        expect_journey(w, "cut after ms", ms);
        uint32_t again = w->courier.counts.image_bytes_sent - cargo.len;
        /* and what was in flight */
        expect_true(round_name("cut after ms", ms),
                    again <= 2 * BLOCK + w->opt.pool_chunks * w->opt.chunk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phone_that_passes_on_late_is_waited_for),
        cmocka_unit_test(a_careless_phone_holds_what_three_chunks_of_credit_allow),
        cmocka_unit_test(what_a_careless_phone_drops_is_sent_again),
        cmocka_unit_test(a_phone_that_can_carry_no_chunk_is_told_from_one_that_can),
        cmocka_unit_test(bursts_of_interference_cost_time_and_nothing_else),
        cmocka_unit_test(a_link_that_loses_five_percent_is_not_given_up),
        cmocka_unit_test(a_phone_that_leaves_without_notice_costs_nothing_acked),
        cmocka_unit_test(a_phone_that_is_back_at_once_costs_only_that_time),
        cmocka_unit_test(nothing_is_lost_while_the_device_erases),
        cmocka_unit_test(a_battery_that_goes_during_an_erase_costs_two_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
