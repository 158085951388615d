/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the shared half of a Bluetooth link event by event: when the session's link is
 * up, whose values are heard, and that a value is composed only when it can leave. */
#include "gatt.h"

/* HELLO of docs/PROTOCOL.md's vectors; the device answers with INFO. */
static const uint8_t hello[] = {0x00, 0x04, 0x01, 0x01, 0xF4, 0x07, 0xA1,
                                0xB2, 0xC3, 0xD4, 0x32, 0x9D, 0x00};
#define INFO_LEN 69U /* on the wire */
#define SILENCE 30000U

static void say_hello(struct gatt *g, uint16_t conn)
{
    gatt_write(g, conn, hello, sizeof hello);
}

static struct gatt *connected(uint16_t mtu, uint8_t slots)
{
    struct gatt *g = gatt_new(mtu, slots);

    g->conn = 7;
    g->subscribed = true;
    return g;
}

static void later(struct gatt *g, uint32_t ms)
{
    g->w->now += ms;
    gatt_run(g);
}

/* ---- the link -------------------------------------------------------------------- */

static void a_first_value_brings_the_link_up_and_is_answered(void **state)
{
    (void)state;
    struct gatt *g = connected(247, 4);
    gatt_run(g);
    assert_false(g->w->device.same_link);
    say_hello(g, 7);
    gatt_run(g);
    assert_true(g->w->device.same_link);
    assert_int_equal(g->taken, 1);
    assert_int_equal(g->last_len, INFO_LEN);

    ferry_ble_gone(&g->ble, 6); /* another one's end is nothing to us */
    gatt_run(g);
    assert_true(g->w->device.same_link);
    ferry_ble_gone(&g->ble, 7);
    gatt_run(g);
    assert_false(g->w->device.same_link);
}

static void nothing_of_an_old_connection_is_heard_on_the_new_one(void **state)
{
    (void)state;
    struct gatt *g = connected(247, 4);
    say_hello(g, 7);
    gatt_run(g);
    gatt_write(g, 7, hello, 8); /* and is gone */
    ferry_ble_gone(&g->ble, 7);
    g->queued = 0;
    g->conn = 8;
    say_hello(g, 8);
    gatt_run(g);
    gatt_run(g);
    assert_int_equal(g->w->device.counts.frames_bad, 0);
    assert_int_equal(g->taken, 2);
}

static void a_second_connection_is_not_heard_while_the_first_one_speaks(void **state)
{
    (void)state;
    struct gatt *g = connected(247, 4);
    say_hello(g, 7);
    gatt_run(g);
    later(g, SILENCE - 1);
    say_hello(g, 9);
    gatt_run(g);
    assert_int_equal(g->ble.foreign, 1);
    assert_int_equal(g->taken, 1);

    later(g, 1);
    gatt_send_one(g);
    g->conn = 9;
    say_hello(g, 9);
    say_hello(g, 7); /* too late: it is the other's now */
    assert_int_equal(g->ble.foreign, 2);
    gatt_run(g);
    assert_int_equal(g->taken, 2);
}

static void when_the_first_one_is_gone_another_is_heard_at_once(void **state)
{
    (void)state;
    struct gatt *g = connected(247, 4);
    say_hello(g, 7);
    gatt_run(g);
    ferry_ble_gone(&g->ble, 7);
    g->conn = 9;
    say_hello(g, 9);
    gatt_run(g);
    assert_int_equal(g->taken, 2);
    assert_int_equal(g->ble.foreign, 0);
}

/* ---- what comes in --------------------------------------------------------------- */

static void a_value_without_room_is_dropped_whole_and_counted(void **state)
{
    (void)state;
    struct gatt *g = connected(247, 4);
    unsigned n = 0;

    for (; g->ble.dropped == 0; n++) {
        say_hello(g, 7);
    }
    assert_int_equal(n, GATT_ROOM / sizeof hello + 1);
    while (gatt_run(g) == 0) {
    }
    assert_int_equal(g->w->device.counts.frames_bad, 0);
    say_hello(g, 7);
    assert_int_equal(g->ble.dropped, 1);
}

static void of_a_room_of_any_length_a_power_of_two_is_used(void **state)
{
    (void)state;
    struct gatt *g = connected(247, 4);
    unsigned n = 0;

    ferry_ble_init(&g->ble, &g->w->device, &g->stack, g->room, 1023, 4);
    for (; g->ble.dropped == 0; n++) {
        say_hello(g, 7);
    }
    assert_int_equal(n, 512 / sizeof hello + 1);
    while (gatt_run(g) == 0) {
    }
    for (unsigned i = 0; i < 100; i++) {
        say_hello(g, 7);
        gatt_run(g);
    }
    assert_int_equal(g->w->device.counts.frames_bad, 0);
}

/* 13 bytes at a time past the end of 2048, again and again. */
static void values_may_lie_around_the_end_of_the_room(void **state)
{
    (void)state;
    struct gatt *g = connected(247, 1);
    for (unsigned i = 0; i < 20000; i++) {
        say_hello(g, 7);
        gatt_run(g);
    }
    assert_int_equal(g->ble.dropped, 0);
    assert_int_equal(g->w->device.counts.frames_bad, 0);
}

/* ---- what goes out --------------------------------------------------------------- */

static void one_value_is_composed_for_each_free_slot_and_no_more(void **state)
{
    (void)state;
    struct gatt *g = connected(23, 2);
    say_hello(g, 7);
    gatt_run(g);
    assert_int_equal(g->taken, 2);
    gatt_run(g);
    assert_int_equal(g->offered, 2);
    gatt_send_one(g);
    gatt_run(g);
    assert_int_equal(g->taken, 3);
    gatt_send_one(g);
    gatt_send_one(g);
    gatt_run(g);
    assert_int_equal(g->taken, 4);
    assert_int_equal(g->longest, 20);
    gatt_run(g);
    assert_int_equal(g->offered, 4); /* INFO is said */
}

static void a_full_stack_is_offered_the_same_value_again(void **state)
{
    (void)state;
    struct gatt *g = connected(247, 4);
    g->full_ppm = 1000000;
    say_hello(g, 7);
    assert_in_range(gatt_run(g), 1, 10);
    assert_in_range(gatt_run(g), 1, 10);
    assert_int_equal(g->offered, 2);
    assert_int_equal(g->taken, 0);
    g->full_ppm = 0;
    gatt_run(g);
    assert_int_equal(g->taken, 1);
    assert_int_equal(g->last_len, INFO_LEN);
}

static void a_value_held_for_an_old_connection_is_not_said_on_the_new_one(void **state)
{
    (void)state;
    struct gatt *g = connected(23, 4);
    g->full_ppm = 1000000;
    say_hello(g, 7);
    gatt_run(g);
    ferry_ble_gone(&g->ble, 7);
    g->conn = 8;
    g->mtu = 247;
    g->full_ppm = 0;
    say_hello(g, 8);
    gatt_run(g);
    assert_int_equal(g->taken, 1);
    assert_int_equal(g->last_len, INFO_LEN);
}

static void what_comes_while_a_value_is_said_is_heard_at_once(void **state)
{
    (void)state;
    struct gatt *g = connected(247, 4);
    say_hello(g, 7);
    g->interrupts = hello;
    g->interrupts_len = sizeof hello;
    assert_int_equal(gatt_run(g), 0);
    assert_true(gatt_run(g) > 0);
    assert_int_equal(g->taken, 2);
}

static void a_value_that_can_never_leave_is_forgotten(void **state)
{
    (void)state;
    struct gatt *g = connected(247, 4);
    g->subscribed = false;
    say_hello(g, 7);
    gatt_run(g);
    assert_int_equal(g->ble.lost, 1);
    assert_int_equal(g->offered, 1);
    g->subscribed = true;
    say_hello(g, 7);
    gatt_run(g);
    assert_int_equal(g->taken, 1);
}

static void values_are_as_long_as_the_mtu_allows(void **state)
{
    static const uint16_t mtus[] = {23, 24, 48, 60};

    (void)state;
    for (size_t i = 0; i < COUNT(mtus); i++) {
        struct gatt *g = connected(mtus[i], 8);
        say_hello(g, 7);
        gatt_run(g);
        assert_int_equal(g->longest, mtus[i] - 3);
    }
}

/* Some stacks say 0 before the exchange. */
static void no_mtu_is_less_than_the_least_there_is(void **state)
{
    (void)state;
    struct gatt *g = connected(0, 8);
    say_hello(g, 7);
    gatt_run(g);
    assert_int_equal(g->longest, 20);
}

static void a_grown_mtu_is_used_from_the_next_value_on(void **state)
{
    (void)state;
    struct gatt *g = connected(23, 1);
    say_hello(g, 7);
    gatt_run(g);
    assert_int_equal(g->last_len, 20);
    g->mtu = 247;
    gatt_send_one(g);
    gatt_run(g);
    assert_int_equal(g->last_len, INFO_LEN - 20);
}

/* A SoftDevice counts every notification of the connection that left. */
static void other_services_notifications_do_not_upset_the_count(void **state)
{
    (void)state;
    struct gatt *g = connected(23, 1);
    say_hello(g, 7);
    gatt_run(g);
    ferry_ble_sent(&g->ble, 7, 5);
    g->queued = 0;
    gatt_run(g);
    assert_int_equal(g->taken, 2);
    gatt_run(g);
    assert_int_equal(g->offered, 2); /* one slot, though five have left */
    gatt_send_one(g);
    gatt_run(g);
    assert_int_equal(g->taken, 3);
}

static void what_an_old_connection_had_queued_takes_no_slot_of_the_new_one(void **state)
{
    (void)state;
    struct gatt *g = connected(23, 2);
    say_hello(g, 7);
    gatt_run(g);
    assert_int_equal(g->taken, 2);
    ferry_ble_gone(&g->ble, 7);
    ferry_ble_sent(&g->ble, 7, 2); /* late */
    g->queued = 0;
    g->conn = 8;
    say_hello(g, 8);
    gatt_run(g);
    assert_int_equal(g->taken, 4);
    ferry_ble_sent(&g->ble, 7, 2);
    gatt_run(g);
    assert_int_equal(g->offered, 4);
}

/* ---- how it is found ------------------------------------------------------------- */

static void the_advertisement_names_the_service_and_the_response_the_hints(void **state)
{
    static const uint8_t uuid[] = {0x05, 0xfb, 0x00, 0x01, 0x50, 0xe4, 0x40, 0x52,
                                   0x99, 0x2d, 0x9c, 0x86, 0x2f, 0x8c, 0x6c, 0x9e};
    uint8_t advert[FERRY_BLE_ADVERT_LEN], response[FERRY_BLE_RESPONSE_LEN];

    (void)state;
    ferry_ble_advert(advert);
    ferry_ble_response(response, FERRY_BLE_HINT_LOOKS);
    assert_int_equal(advert[0], sizeof advert - 1);
    assert_int_equal(advert[1], 0x07);
    assert_int_equal(response[0], sizeof response - 1);
    assert_int_equal(response[1], 0x21);
    for (unsigned i = 0; i < sizeof uuid; i++) {
        assert_int_equal(advert[2 + i], uuid[15 - i]);
        assert_int_equal(response[2 + i], uuid[15 - i]);
    }
    assert_int_equal(response[18], 0x01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_value_brings_the_link_up_and_is_answered),
        cmocka_unit_test(nothing_of_an_old_connection_is_heard_on_the_new_one),
        cmocka_unit_test(a_second_connection_is_not_heard_while_the_first_one_speaks),
        cmocka_unit_test(when_the_first_one_is_gone_another_is_heard_at_once),
        cmocka_unit_test(a_value_without_room_is_dropped_whole_and_counted),
        cmocka_unit_test(of_a_room_of_any_length_a_power_of_two_is_used),
        cmocka_unit_test(values_may_lie_around_the_end_of_the_room),
        cmocka_unit_test(one_value_is_composed_for_each_free_slot_and_no_more),
        cmocka_unit_test(a_full_stack_is_offered_the_same_value_again),
        cmocka_unit_test(a_value_held_for_an_old_connection_is_not_said_on_the_new_one),
        cmocka_unit_test(what_comes_while_a_value_is_said_is_heard_at_once),
        cmocka_unit_test(a_value_that_can_never_leave_is_forgotten),
        cmocka_unit_test(values_are_as_long_as_the_mtu_allows),
        cmocka_unit_test(no_mtu_is_less_than_the_least_there_is),
        cmocka_unit_test(a_grown_mtu_is_used_from_the_next_value_on),
        cmocka_unit_test(other_services_notifications_do_not_upset_the_count),
        cmocka_unit_test(
            what_an_old_connection_had_queued_takes_no_slot_of_the_new_one),
        cmocka_unit_test(
            the_advertisement_names_the_service_and_the_response_the_hints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
