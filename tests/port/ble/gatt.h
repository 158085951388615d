/* SPDX-License-Identifier: Apache-2.0
 *
 * A GATT stack and a phone as ports/ble feels them, in virtual time: connection events
 * that carry so many values each way, a queue of notifications whose slots come free when
 * they left, other services that use the queue, too. The device is a world's; its link is
 * this one instead of the world's. */
#ifndef FERRY_TEST_GATT_H
#define FERRY_TEST_GATT_H

#include "ferry_ble.h"
#include "scene.h"

#define GATT_QUEUE 8U
#define GATT_ROOM 2048U

struct gatt {
    struct world *w;
    struct ferry_ble ble;
    struct ferry_ble_stack stack;
    uint8_t room[GATT_ROOM];
    /* the stack */
    uint16_t conn, mtu, least; /* ATT MTU; and its least */
    bool subscribed;
    uint8_t slots;       /* that the stack has */
    uint32_t full_ppm;   /* chance that somebody else has them all */
    uint32_t others_ppm; /* chance, an event, that others' notifications are counted */
    uint64_t dice;
    struct {
        uint8_t len;
        uint8_t bytes[FERRY_BLE_VALUE_MAX];
    } queue[GATT_QUEUE];
    unsigned queued;
    const void *interrupts; /* a value that comes while notify() runs; once */
    size_t interrupts_len;
    /* the radio */
    uint32_t interval_ms, next_event;
    uint8_t per_event;
    /* what was seen */
    uint32_t offered, taken; /* calls of notify, and values */
    uint8_t longest;         /* value */
    uint8_t last[FERRY_BLE_VALUE_MAX];
    uint8_t last_len;
};

/* A device of scene_options() behind ports/ble with that many slots; not connected. */
struct gatt *gatt_new(uint16_t mtu, uint8_t slots);
/* The phone connects, and subscribes; and goes. */
void gatt_connect(struct gatt *g, uint16_t conn);
void gatt_drop(struct gatt *g);
/* A value from the phone, past any courier. */
void gatt_write(struct gatt *g, uint16_t conn, const void *bytes, size_t len);
/* The oldest queued notification leaves, unseen by any courier. */
void gatt_send_one(struct gatt *g);
uint32_t gatt_run(struct gatt *g);
/* A millisecond, with the courier at the other end. */
void gatt_step(struct gatt *g);
/* Until the courier is done; false: not within that time. */
bool gatt_finish(struct gatt *g, uint32_t within_ms);

#endif
