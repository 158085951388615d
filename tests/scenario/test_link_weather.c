/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that the image arrives whatever the link does to values: cut to any size, lost,
 * doubled, overtaken, all of it at once, and dropped at any moment. */
#include "scene.h"

#include "frames.h"

static struct cargo cargo;

static void expect_journey(struct world *w, const char *name, uint32_t n)
{
    bool came = travel(w, &cargo, 2 * HOUR);

    expect_true(round_name(name, n), came);
    expect_arrived(w, &cargo);
}

/* ---- values of any size ---------------------------------------------------------- */

/* 247 -> 23 -> 185 -> 247 ...: once after `n` events each. */
static void the_mtu_may_change_at_any_moment_of_a_session(void **state)
{
    static const uint16_t mtus[] = {247, 23, 185};
    uint16_t unlike = 0;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK + 12, 2);
    for (unsigned n = 1; n < 40; n++) {
        struct world *w = plain_scene();
        send_courier(w, &cargo);
        for (unsigned i = 0; i < 60; i++) {
            w->link.mtu = mtus[i % 3];
            run_events(w, n);
        }
        expect_journey(w, "events", n);
        assert_int_equal(w->courier.counts.image_bytes_sent, cargo.len);
        unlike = (uint16_t)(unlike + (w->device.counts.frames_bad > 0));
    }
    assert_int_equal(unlike, 0); /* not one frame was damaged by it */
}

static void the_mtu_may_change_from_session_to_session(void **state)
{
    static const uint16_t mtus[] = {247, 23, 185, 24, 100};

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK + 12, 3);
    for (unsigned n = 10; n < 50; n++) {
        struct world *w = plain_scene();
        w->link.mtu = mtus[n % 5];
        send_courier(w, &cargo);
        for (unsigned i = 1; i < 6; i++) {
            run_events(w, n);
            world_disconnect(w);
            w->link.mtu = mtus[(n + i) % 5];
            world_run(w, 500);
            world_connect(w);
        }
        expect_journey(w, "events", n);
        assert_int_equal(w->device.counts.chunks_ignored, 0);
    }
}

/* A courier can be told a size of its own (L2CAP, UART): even one byte a value. */
static void values_of_one_byte_carry_an_image_too(void **state)
{
    (void)state;
    struct world *w = plain_scene();
    cargo_make(&cargo, NULL, 256, 4);
    w->link.mtu = 4;
    send_courier(w, &cargo);
    expect_journey(w, "one byte", 1);
    assert_int_equal(w->courier.counts.image_bytes_sent, cargo.len);
}

/* ---- bad weather ----------------------------------------------------------------- */

static void weather(const char *name, uint32_t loss, uint32_t twice, uint32_t swap,
                    uint64_t seeds)
{
    static const uint16_t mtus[] = {23, 247, 100};
    static const uint16_t pools[] = {3, 8, 20};

    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct world_options o;
        scene_options(&o);
        o.seed = seed;
        o.mtu = mtus[seed % 3];
        o.pool_chunks = pools[seed / 3 % 3];
        o.chunk = seed % 2 == 0 ? 128 : 256;
        o.mode = (enum sim_flash_mode)(seed % 3);
        struct world *w = scene(&o);
        w->link.loss_ppm = loss;
        w->link.double_ppm = twice;
        w->link.swap_ppm = swap;
        cargo_make(&cargo, NULL, 2 * BLOCK + 4 * (uint32_t)seed, seed);
        send_courier(w, &cargo);
        expect_journey(w, name, (uint32_t)seed);
        /* No chunk was programmed twice, and none refilled. */
        assert_int_equal(w->courier.counts.epochs, 0);
        assert_int_equal(w->flash.erases, 1 + 3);
    }
}

static void lost_values_cost_time_and_nothing_else(void **state)
{
    (void)state;
    weather("1 %, seed", 10000, 0, 0, 60);
    weather("10 %, seed", 100000, 0, 0, 60);
}

static void doubled_values_are_written_once(void **state)
{
    (void)state;
    weather("doubled, seed", 0, 50000, 0, 60);
}

static void
values_that_overtake_each_other_damage_frames_but_not_the_image(void **state)
{
    (void)state;
    weather("swapped, seed", 0, 0, 100000, 60);
}

static void loss_doubling_and_overtaking_together_leave_the_image_whole(void **state)
{
    (void)state;
    weather("mixed, seed", 30000, 30000, 30000, 200);
}

/* Three values in ten are lost, and a chunk needs seven: the courier parks for good now
 * and then, and goes on from there with every new link. */
static void a_hopeless_link_makes_progress_with_every_new_try(void **state)
{
    unsigned parked = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct world *w = plain_scene();
        w->link.rng += seed << 32;
        w->link.mtu = 23;
        w->link.loss_ppm = 300000;
        cargo_make(&cargo, NULL, 2 * BLOCK, seed);
        send_courier(w, &cargo);
        for (unsigned i = 0; i < 50 && !travel(w, &cargo, 2 * HOUR); i++) {
            assert_int_equal(w->courier.state, FERRY_COURIER_PARKED);
            assert_true(w->courier.error == FERRY_E_RETRY ||
                        w->courier.error == FERRY_E_STALL ||
                        w->courier.error == FERRY_E_SILENCE);
            parked++;
            world_disconnect(w);
            world_run(w, MINUTE);
            world_connect(w);
        }
        expect_arrived(w, &cargo);
        assert_int_equal(w->courier.counts.epochs, 0);
    }
    assert_true(parked > 0);
}

/* Everything at once: weather, MTU, disconnects, and power cuts in between. */
static void a_stormy_crossing_ends_in_the_same_image(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct world *w = plain_scene();
        uint64_t rng = seed * 77;
        w->link.rng += seed << 32;
        w->link.loss_ppm = rng_below(&rng, 100000);
        w->link.double_ppm = rng_below(&rng, 100000);
        w->link.swap_ppm = rng_below(&rng, 50000);
        w->flash.mode = (enum sim_flash_mode)rng_below(&rng, 3);
        cargo_make(&cargo, NULL, 3 * BLOCK + 4 * rng_below(&rng, 1024), seed);
        send_courier(w, &cargo);
        for (unsigned i = 0; i < 6; i++) {
            w->link.mtu = (uint16_t)(23 + rng_below(&rng, 225));
            world_run(w, rng_below(&rng, 1500));
            if (w->courier.state == FERRY_COURIER_DONE ||
                w->device.state >= FERRY_DEVICE_COMMITTING) {
                break;
            }
            if (rng_below(&rng, 3) == 0) {
                world_power_cut(w);
            } else {
                world_disconnect(w);
            }
            world_run(w, rng_below(&rng, 5000));
            world_connect(w);
        }
        expect_journey(w, "storm, seed", (uint32_t)seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mtu_may_change_at_any_moment_of_a_session),
        cmocka_unit_test(the_mtu_may_change_from_session_to_session),
        cmocka_unit_test(values_of_one_byte_carry_an_image_too),
        cmocka_unit_test(lost_values_cost_time_and_nothing_else),
        cmocka_unit_test(doubled_values_are_written_once),
        cmocka_unit_test(
            values_that_overtake_each_other_damage_frames_but_not_the_image),
        cmocka_unit_test(loss_doubling_and_overtaking_together_leave_the_image_whole),
        cmocka_unit_test(a_hopeless_link_makes_progress_with_every_new_try),
        cmocka_unit_test(a_stormy_crossing_ends_in_the_same_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
