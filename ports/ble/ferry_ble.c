/* Ran on no hardware; in tests/port/ble, and behind a host stack in examples/ble.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Knows when a session is to be spoken to over GATT. Does not know a stack, nor what
 * the session says: a session is a stream of bytes, so what came waits as bytes, and
 * where one value ended is forgotten. */
#include "ferry_ble.h"

#include <string.h>

#define ATT_HEAD 3U      /* opcode and handle of a notification or write */
#define FULL_MS 10U      /* a stack that was full is asked again */
#define SILENT_MS 30000U /* a session ends by itself then, too */
#define AD_UUIDS 0x07U   /* complete list of 128-bit service UUIDs */
#define AD_SERVICE 0x21U /* service data with a 128-bit UUID */

static const uint8_t service[FERRY_BLE_UUID_LEN] = {FERRY_BLE_UUID(FERRY_BLE_SERVICE)};

/* ---- how a device is found ------------------------------------------------------- */

void ferry_ble_advert(uint8_t out[FERRY_BLE_ADVERT_LEN])
{
    out[0] = FERRY_BLE_ADVERT_LEN - 1U;
    out[1] = AD_UUIDS;
    memcpy(out + 2, service, sizeof service);
}

void ferry_ble_response(uint8_t out[FERRY_BLE_RESPONSE_LEN], uint8_t hints)
{
    out[0] = FERRY_BLE_RESPONSE_LEN - 1U;
    out[1] = AD_SERVICE;
    memcpy(out + 2, service, sizeof service);
    out[2 + sizeof service] = hints;
}

/* ---- the stack's context --------------------------------------------------------- */

static bool connected(uint8_t change)
{
    return (change & 1U) != 0;
}

/* The next bytes are another connection's. `from` is set first: who sees the change
 * sees where it begins. */
static void turn(struct ferry_ble *b, uint8_t steps)
{
    b->from = b->head;
    b->change = (uint8_t)(b->change + steps);
}

static void copy_in(struct ferry_ble *b, uint16_t at, const uint8_t *bytes,
                    uint16_t len)
{
    uint16_t first = (uint16_t)(b->room_len - at);

    if (first > len) {
        first = len;
    }
    memcpy(b->room + at, bytes, first);
    memcpy(b->room, bytes + first, (size_t)(len - first));
}

void ferry_ble_heard(struct ferry_ble *b, uint16_t conn, const uint8_t *bytes,
                     uint16_t len)
{
    uint16_t head = b->head;

    if (!connected(b->change) || (conn != b->conn && b->silent)) {
        b->conn = conn;
        b->silent = false;
        turn(b, connected(b->change) ? 2 : 1);
    }
    if (conn != b->conn) {
        b->foreign++;
    } else if (len > b->room_len - (uint16_t)(head - b->tail)) {
        b->dropped++; /* all of it: half a value would be half a frame */
    } else {
        copy_in(b, head & (uint16_t)(b->room_len - 1U), bytes, len);
        b->head = (uint16_t)(head + len);
    }
}

void ferry_ble_gone(struct ferry_ble *b, uint16_t conn)
{
    if (connected(b->change) && conn == b->conn) {
        turn(b, 1);
    }
}

void ferry_ble_sent(struct ferry_ble *b, uint16_t conn, uint8_t notifications)
{
    if (connected(b->change) && conn == b->conn) {
        b->gone = (uint8_t)(b->gone + notifications);
    }
}

/* ---- the session's context ------------------------------------------------------- */

/* The largest one not above it. */
static uint16_t power_of_two(uint16_t n)
{
    while ((n & (n - 1U)) != 0) {
        n = (uint16_t)(n & (n - 1U));
    }
    return n;
}

void ferry_ble_init(struct ferry_ble *b, struct ferry_device *device,
                    const struct ferry_ble_stack *stack, uint8_t *room,
                    uint16_t room_len, uint8_t slots)
{
    memset(b, 0, sizeof *b);
    b->device = device;
    b->stack = stack;
    b->room = room;
    b->room_len = power_of_two(room_len);
    b->slots = slots;
}

static void follow(struct ferry_ble *b, uint32_t now)
{
    uint8_t change = b->change;

    if (change == b->told) {
        return;
    }
    if (connected(b->told)) {
        ferry_device_link(b->device, false, now);
    }
    if (connected(change)) {
        ferry_device_link(b->device, true, now);
    }
    b->told = change;
    b->tail = b->from;
    b->sent = b->gone; /* what the old connection still had queued is gone with it */
    b->held_len = 0;
    b->heard_at = now;
    b->silent = false;
}

static void tick(struct ferry_ble *b, uint32_t now)
{
    if (ferry_device_deadline(b->device, now) == 0) {
        ferry_device_tick(b->device, now);
    }
}

/* The longest run of bytes up to `head` that lies in one piece, of at most a value. */
static uint16_t piece(const struct ferry_ble *b, uint16_t head)
{
    uint16_t at = b->tail & (uint16_t)(b->room_len - 1U);
    uint16_t len = (uint16_t)(head - b->tail);

    if (len > b->room_len - at) {
        len = (uint16_t)(b->room_len - at);
    }
    return len < FERRY_BLE_VALUE_MAX ? len : FERRY_BLE_VALUE_MAX;
}

/* `head` is older than the look at the link: so up to there nothing is of a connection
 * that the session has not been told of. It may lie before `from`. */
static void hear(struct ferry_ble *b, uint16_t head, uint32_t now)
{
    while ((int16_t)(uint16_t)(head - b->tail) > 0) {
        uint16_t len = piece(b, head);
        ferry_device_input(b->device, b->room + (b->tail & (b->room_len - 1U)), len,
                           now);
        b->tail = (uint16_t)(b->tail + len);
        b->heard_at = now;
        tick(b, now);
    }
    if (now - b->heard_at >= SILENT_MS) {
        b->silent = true;
    }
}

/* Other services' notifications may be counted among those that left. */
static bool slot_free(struct ferry_ble *b)
{
    uint8_t gone = b->gone;
    uint8_t queued = (uint8_t)(b->sent - gone);

    if (queued > b->slots) {
        b->sent = gone;
        queued = 0;
    }
    return queued < b->slots;
}

static size_t value_max(const struct ferry_ble *b)
{
    uint16_t mtu = b->stack->mtu(b->stack->ctx, b->conn);

    if (mtu < FERRY_BLE_MTU_LEAST) {
        mtu = FERRY_BLE_MTU_LEAST;
    }
    return (mtu < FERRY_BLE_MTU ? mtu : FERRY_BLE_MTU) - ATT_HEAD;
}

/* False: nothing to say, or the stack is full. */
static bool say_one(struct ferry_ble *b, uint32_t now)
{
    if (b->held_len == 0) {
        b->held_len =
            (uint8_t)ferry_device_output(b->device, b->held, value_max(b), now);
    }
    if (b->held_len == 0) {
        return false;
    }
    switch (b->stack->notify(b->stack->ctx, b->conn, b->held, b->held_len)) {
    case FERRY_BLE_FULL:
        return false;
    case FERRY_BLE_TAKEN:
        b->sent++;
        break;
    case FERRY_BLE_LOST:
        b->lost++;
        break;
    }
    b->held_len = 0;
    return true;
}

static void say(struct ferry_ble *b, uint32_t now)
{
    while (connected(b->told) && slot_free(b) && say_one(b, now)) {
    }
}

uint32_t ferry_ble_run(struct ferry_ble *b, uint32_t now_ms)
{
    uint16_t head = b->head;

    follow(b, now_ms);
    hear(b, head, now_ms);
    tick(b, now_ms);
    say(b, now_ms);
    if (b->head != b->tail || b->change != b->told) {
        return 0;
    }
    uint32_t wait = ferry_device_deadline(b->device, now_ms);
    return b->held_len > 0 && wait > FULL_MS ? FULL_MS : wait;
}
