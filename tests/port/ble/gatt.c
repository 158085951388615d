/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows when a value leaves and arrives. Does not know what is in it. */
#include "gatt.h"

static struct gatt gatt;

/* ---- the stack ------------------------------------------------------------------- */

static enum ferry_ble_taken notify(void *ctx, uint16_t conn, const uint8_t *bytes,
                                   uint16_t len)
{
    struct gatt *g = ctx;

    g->offered++;
    if (g->interrupts != NULL) {
        ferry_ble_heard(&g->ble, conn, g->interrupts, (uint16_t)g->interrupts_len);
        g->interrupts = NULL;
    }
    assert_in_range(len, 1, (g->mtu < g->least ? g->least : g->mtu) - 3);
    if (conn != g->conn || !g->subscribed) {
        return FERRY_BLE_LOST;
    }
    if (g->queued == g->slots || rng_chance(&g->dice, g->full_ppm)) {
        return FERRY_BLE_FULL;
    }
    memcpy(g->queue[g->queued].bytes, bytes, len);
    g->queue[g->queued++].len = (uint8_t)len;
    memcpy(g->last, bytes, len);
    g->last_len = (uint8_t)len;
    g->longest = len > g->longest ? (uint8_t)len : g->longest;
    g->taken++;
    return FERRY_BLE_TAKEN;
}

static uint16_t mtu(void *ctx, uint16_t conn)
{
    const struct gatt *g = ctx;

    (void)conn;
    return g->mtu;
}

struct gatt *gatt_new(uint16_t att_mtu, uint8_t slots)
{
    struct gatt *g = &gatt;

    memset(g, 0, sizeof *g);
    g->w = plain_scene();
    g->stack = (struct ferry_ble_stack){g, notify, mtu};
    g->mtu = att_mtu;
    g->least = 23;
    g->slots = slots;
    g->dice = 5;
    g->interval_ms = 15;
    g->per_event = 4;
    ferry_ble_init(&g->ble, &g->w->device, &g->stack, g->room, GATT_ROOM, slots);
    return g;
}

void gatt_connect(struct gatt *g, uint16_t conn)
{
    g->conn = conn;
    g->subscribed = true;
    g->next_event = g->w->now + g->interval_ms;
    ferry_courier_link(&g->w->courier, true, g->w->now);
}

void gatt_drop(struct gatt *g)
{
    g->subscribed = false;
    g->queued = 0;
    ferry_ble_gone(&g->ble, g->conn);
    ferry_courier_link(&g->w->courier, false, g->w->now);
}

void gatt_write(struct gatt *g, uint16_t conn, const void *bytes, size_t len)
{
    ferry_ble_heard(&g->ble, conn, bytes, (uint16_t)len);
}

static void leave(struct gatt *g)
{
    g->queued--;
    memmove(g->queue, g->queue + 1, g->queued * sizeof g->queue[0]);
}

void gatt_send_one(struct gatt *g)
{
    assert_true(g->queued > 0);
    leave(g);
    ferry_ble_sent(&g->ble, g->conn, 1);
}

uint32_t gatt_run(struct gatt *g)
{
    return ferry_ble_run(&g->ble, g->w->now);
}

/* ---- the radio ------------------------------------------------------------------- */

static void phone_writes(struct gatt *g)
{
    uint8_t value[512];
    size_t cap = g->mtu - 3U;

    for (unsigned i = 0; i < g->per_event; i++) {
        size_t len = ferry_courier_output(&g->w->courier, value, cap, g->w->now);
        if (len == 0) {
            return;
        }
        gatt_write(g, g->conn, value, len);
    }
}

static void phone_hears(struct gatt *g)
{
    uint8_t n = 0;

    while (n < g->per_event && g->queued > 0) {
        ferry_courier_input(&g->w->courier, g->queue[0].bytes, g->queue[0].len,
                            g->w->now);
        leave(g);
        n++;
    }
    if (rng_chance(&g->dice, g->others_ppm)) {
        n++;
    }
    ferry_ble_sent(&g->ble, g->conn, n);
}

void gatt_step(struct gatt *g)
{
    struct world *w = g->w;

    w->now++;
    if (ferry_courier_deadline(&w->courier, w->now) == 0) {
        ferry_courier_tick(&w->courier, w->now);
    }
    if (g->subscribed && w->now == g->next_event) {
        g->next_event += g->interval_ms;
        phone_writes(g);
        phone_hears(g);
    }
    for (unsigned i = 0; i < 1000 && gatt_run(g) == 0; i++) {
    }
}

bool gatt_finish(struct gatt *g, uint32_t within_ms)
{
    while (within_ms-- > 0) {
        gatt_step(g);
        if (ferry_courier_state(&g->w->courier) == FERRY_COURIER_DONE) {
            return true;
        }
    }
    return false;
}
