/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests a supply that is too low to write: nothing is erased, nothing committed, the
 * courier knows why, and it goes on when power is back. */
#include "scene.h"

static struct cargo cargo;

static enum ferry_wait waiting_for(const struct world *w)
{
    struct ferry_courier_progress p;

    ferry_courier_progress(&w->courier, &p);
    return p.wait;
}

/* Low for a minute from now on: the reason is seen, and no erase happens. */
static void low_for_a_minute(struct world *w, const char *name, uint32_t n)
{
    bool seen = false;
    uint32_t erases = w->flash.erases;
    uint32_t until = w->now + MINUTE;

    w->flash.power_low = true;
    while (w->now != until) {
        world_step(w, until);
        seen |= waiting_for(w) == FERRY_WAIT_POWER;
    }
    w->flash.power_low = false;
    expect_true(round_name(name, n), seen);
    /* One that was under way may have ended. */
    expect_true(round_name(name, n), w->flash.erases <= erases);
    expect_true(round_name(name, n), w->courier.counts.parks == 0);
    uint32_t back = w->now;
    expect_true(round_name(name, n), travel(w, &cargo, MINUTE));
    expect_true(round_name(name, n), w->now - back < 20000);
    expect_arrived(w, &cargo);
    assert_int_equal(w->courier.counts.image_bytes_sent, cargo.len);
}

static void a_low_supply_before_the_header_erase_is_waited_out(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 5 * BLOCK, 131);
    for (unsigned mode = SIM_FLASH_SYNC; mode <= SIM_FLASH_SLICED; mode++) {
        struct world *w = plain_scene();
        w->flash.mode = (enum sim_flash_mode)mode;
        send_courier(w, &cargo);
        low_for_a_minute(w, "mode", mode);
    }
}

static void a_low_supply_in_the_middle_is_waited_out(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK, 132);
    for (uint16_t base = 1; base <= 4; base++) {
        for (unsigned mode = SIM_FLASH_SYNC; mode <= SIM_FLASH_SLICED; mode++) {
            struct world *w = plain_scene();
            w->flash.mode = (enum sim_flash_mode)mode;
            send_courier(w, &cargo);
            while (w->device.window.base < base) {
                world_step(w, w->now + MINUTE);
            }
            low_for_a_minute(w, "base", base);
        }
    }
}

/* Everything is verified; the commit waits. */
static void a_low_supply_holds_the_commit_back(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 133);
    struct world *w = plain_scene();
    send_courier(w, &cargo);
    while (w->device.window.bits[0] == 0 || w->device.window.base < 2) {
        world_step(w, w->now + MINUTE);
    }
    w->flash.power_low = true;
    world_run(w, MINUTE);
    assert_int_equal(w->device.state, FERRY_DEVICE_COMMITTING);
    assert_int_equal(w->boot.requests, 0);
    assert_int_equal(waiting_for(w), FERRY_WAIT_VERIFYING);
    assert_int_equal(w->courier.counts.parks, 0);
    w->flash.power_low = false;
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
}

/* Ten minutes: the courier parks now and then, and is back by itself each time. */
static void a_long_wait_for_power_goes_on_by_itself(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK, 134);
    struct world *w = plain_scene();
    send_courier(w, &cargo);
    while (w->device.window.base < 3) {
        world_step(w, w->now + MINUTE);
    }
    w->flash.power_low = true;
    uint32_t erases = w->flash.erases;
    world_run(w, 10 * MINUTE);
    assert_int_equal(w->flash.erases, erases);
    w->flash.power_low = false;
    assert_true(travel(w, &cargo, 5 * MINUTE));
    expect_arrived(w, &cargo);
    assert_int_equal(w->courier.counts.epochs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_low_supply_before_the_header_erase_is_waited_out),
        cmocka_unit_test(a_low_supply_in_the_middle_is_waited_out),
        cmocka_unit_test(a_low_supply_holds_the_commit_back),
        cmocka_unit_test(a_long_wait_for_power_goes_on_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
