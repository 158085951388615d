/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole transfers over the shared half of a Bluetooth link: short values and long ones,
 * few slots and many, a queue that others fill, connections that come and go, a room too
 * small for what comes; and the two contexts as two threads. */
#include <pthread.h>
#include <sched.h>

#include "gatt.h"

static struct cargo cargo;

static const struct {
    const char *name;
    uint16_t mtu;
    uint8_t slots;
    uint32_t full_ppm, others_ppm;
} links[] = {
    {"MTU 23, one slot", 23, 1, 0, 0},
    {"MTU 23, four slots", 23, 4, 0, 0},
    {"MTU 185", 185, 2, 0, 0},
    {"MTU 247, one slot", 247, 1, 0, 0},
    {"MTU 515", 515, 3, 0, 0},
    {"a queue that others fill", 247, 2, 500000, 300000},
};

static void a_transfer_arrives_over_any_link_without_a_damaged_frame(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 5 * BLOCK + 100, 221);
    for (size_t i = 0; i < COUNT(links); i++) {
        struct gatt *g = gatt_new(links[i].mtu, links[i].slots);
        g->full_ppm = links[i].full_ppm;
        g->others_ppm = links[i].others_ppm;
        world_courier(g->w, &cargo.artifact, 1);
        gatt_connect(g, (uint16_t)i);
        expect_true(links[i].name, gatt_finish(g, 2 * MINUTE));
        expect_arrived(g->w, &cargo);
        expect_true(links[i].name, g->w->device.counts.frames_bad == 0);
        expect_true(links[i].name, g->w->courier.counts.frames_bad == 0);
        expect_true(links[i].name, g->ble.dropped + g->ble.lost + g->ble.foreign == 0);
    }
}

static void a_transfer_arrives_over_connections_that_come_and_go(void **state)
{
    (void)state;
    struct gatt *g = gatt_new(247, 2);
    world_courier(g->w, &cargo.artifact, 1);
    for (uint16_t i = 0; i < 8; i++) {
        gatt_connect(g, i);
        for (unsigned ms = 0; ms < 150; ms++) {
            gatt_step(g);
        }
        gatt_drop(g);
        gatt_step(g);
    }
    gatt_connect(g, 8);
    assert_true(gatt_finish(g, MINUTE));
    expect_arrived(g->w, &cargo);
    assert_int_equal(g->w->events.begin, 1);
}

/* Eight values of 244 bytes at an event, and room for two. */
static void what_a_small_room_drops_is_sent_again(void **state)
{
    (void)state;
    struct gatt *g = gatt_new(247, 2);
    ferry_ble_init(&g->ble, &g->w->device, &g->stack, g->room, FERRY_BLE_ROOM_LEAST, 2);
    g->w->device_cfg.pool_len = 24 * FERRY_DEVICE_SLOT(128);
    world_start_device(g->w);
    g->per_event = 8;
    world_courier(g->w, &cargo.artifact, 1);
    gatt_connect(g, 1);
    assert_true(gatt_finish(g, 5 * MINUTE));
    expect_arrived(g->w, &cargo);
    assert_true(g->ble.dropped > 0);
}

/* An ack for each chunk, and a slot for few: what is owed would fill the MTU. */
static void a_value_fills_a_radio_packet_and_no_more(void **state)
{
    (void)state;
    struct gatt *g = gatt_new(515, 1);
    g->w->device_cfg.pool_len = 24 * FERRY_DEVICE_SLOT(128);
    g->w->device_cfg.ack_every = 1;
    world_start_device(g->w);
    g->full_ppm = 900000;
    world_courier(g->w, &cargo.artifact, 1);
    gatt_connect(g, 1);
    assert_true(gatt_finish(g, 5 * MINUTE));
    expect_arrived(g->w, &cargo);
    assert_int_equal(g->longest, FERRY_BLE_VALUE_MAX);
}

/* ---- two contexts ---------------------------------------------------------------- */

#define HELLOS 30000U
#define CUT 7U /* bytes: HELLOs in values that end anywhere */

/* The stack's: writes as fast as there is room. */
static void *stack_context(void *arg)
{
    static const uint8_t hello[] = {0x00, 0x04, 0x01, 0x01, 0xF4, 0x07, 0xA1,
                                    0xB2, 0xC3, 0xD4, 0x32, 0x9D, 0x00};
    struct gatt *g = arg;
    uint8_t value[CUT];

    for (uint32_t i = 0; i < HELLOS; i++) {
        for (unsigned k = 0; k < CUT; k++) {
            value[k] = hello[(i * CUT + k) % sizeof hello];
        }
        while ((uint16_t)(g->ble.head - g->ble.tail) > GATT_ROOM - CUT) {
            sched_yield();
        }
        ferry_ble_heard(&g->ble, 3, value, CUT);
        ferry_ble_sent(&g->ble, 3, 1);
    }
    return NULL;
}

static enum ferry_ble_taken swallow(void *ctx, uint16_t conn, const uint8_t *bytes,
                                    uint16_t len)
{
    (void)ctx;
    (void)conn;
    (void)bytes;
    (void)len;
    return FERRY_BLE_TAKEN;
}

static void the_stack_may_interrupt_the_session_anywhere(void **state)
{
    pthread_t stack;

    (void)state;
    struct gatt *g = gatt_new(247, 4);
    g->stack.notify = swallow;
    assert_int_equal(pthread_create(&stack, NULL, stack_context, g), 0);
    uint32_t heard = 0;
    while (heard < HELLOS * CUT) {
        uint16_t before = g->ble.tail;
        gatt_run(g);
        heard += (uint16_t)(g->ble.tail - before);
    }
    assert_int_equal(pthread_join(stack, NULL), 0);
    assert_int_equal(heard, HELLOS * CUT);
    assert_int_equal(g->ble.dropped, 0);
    assert_int_equal(g->w->device.counts.frames_bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfer_arrives_over_any_link_without_a_damaged_frame),
        cmocka_unit_test(a_transfer_arrives_over_connections_that_come_and_go),
        cmocka_unit_test(what_a_small_room_drops_is_sent_again),
        cmocka_unit_test(a_value_fills_a_radio_packet_and_no_more),
        cmocka_unit_test(the_stack_may_interrupt_the_session_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
