/* Ran on no hardware; in tests/port/ble, and behind a host stack in examples/ble.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What every Bluetooth stack needs to carry a device's session over GATT: the service,
 * a buffer for what comes in, the pace of what goes out, and one function that calls the
 * session's verbs. It knows no stack: ports/nrf52/ble, ports/nimble and ports/zephyr are
 * thin pieces between it and theirs. docs/BLE.md tells the phone's side. */
#ifndef FERRY_BLE_H
#define FERRY_BLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ferry/device.h"

/* ---- the service ----------------------------------------------------------------- */

/* 128-bit UUIDs as they go over the air and as every stack wants them: last byte of the
 * text first. They differ in one 16-bit field only, FERRY_BLE_UUID_AT bytes in. */
#define FERRY_BLE_UUID(short_id)                                                       \
    0x9e, 0x6c, 0x8c, 0x2f, 0x86, 0x9c, 0x2d, 0x99, 0x52, 0x40, 0xe4, 0x50,            \
        (short_id)&0xFF, (short_id) >> 8, 0xfb, 0x05
#define FERRY_BLE_UUID_LEN 16U
#define FERRY_BLE_UUID_AT 12U

#define FERRY_BLE_SERVICE 0x0001    /* primary service */
#define FERRY_BLE_TO_DEVICE 0x0002  /* write without response */
#define FERRY_BLE_TO_COURIER 0x0003 /* notify, and its CCCD */

/* Who may use them. Ferry trusts no link: this is for privacy, and against nuisance. */
enum ferry_ble_security {
    FERRY_BLE_ENCRYPTED, /* the default: paired, and the link encrypted */
    FERRY_BLE_OPEN       /* anybody in range may offer, and ask what runs */
};

/* An ATT value is at most this long: one radio packet of 251 bytes less two headers.
 * A longer one would save nothing. */
#define FERRY_BLE_VALUE_MAX 244U
#define FERRY_BLE_MTU (FERRY_BLE_VALUE_MAX + 3U)
#define FERRY_BLE_MTU_LEAST 23U

/* The service data of a scan response (docs/BLE.md). */
#define FERRY_BLE_HINT_LOOKS 0x01U    /* would like to be offered an update */
#define FERRY_BLE_HINT_RECOVERY 0x02U /* nothing boots: its bootloader is speaking */
#define FERRY_BLE_ADVERT_LEN 18U
#define FERRY_BLE_RESPONSE_LEN 19U

/* The AD structures for the advertisement and for the scan response. */
void ferry_ble_advert(uint8_t out[FERRY_BLE_ADVERT_LEN]);
void ferry_ble_response(uint8_t out[FERRY_BLE_RESPONSE_LEN], uint8_t hints);

/* ---- what a stack provides ------------------------------------------------------- */

enum ferry_ble_taken {
    FERRY_BLE_TAKEN, /* it will go out; ferry_ble_sent() follows */
    FERRY_BLE_FULL,  /* not now: the same value is offered again */
    FERRY_BLE_LOST   /* never: not subscribed, no such connection */
};

/* Called by ferry_ble_run(), in its context. */
struct ferry_ble_stack {
    void *ctx;
    /* Send a notification; the bytes are copied. It never blocks. */
    enum ferry_ble_taken (*notify)(void *ctx, uint16_t conn, const uint8_t *bytes,
                                   uint16_t len);
    /* The connection's ATT MTU as it is now. */
    uint16_t (*mtu)(void *ctx, uint16_t conn);
};

/* ---- the link -------------------------------------------------------------------- */

#define FERRY_BLE_ROOM_LEAST 512U

struct ferry_ble {
    /* Borrowed; they outlive the link. */
    struct ferry_device *device;
    const struct ferry_ble_stack *stack;
    /* To read. */
    uint32_t dropped; /* values for which there was no room */
    uint32_t foreign; /* values of a connection that is not the session's */
    uint32_t lost;    /* values that the stack would not send */
    /* Internals below. The stack's context writes: */
    atomic_ushort head;  /* bytes ever heard */
    atomic_ushort from;  /* the present connection's first */
    atomic_uchar change; /* odd: there is a connection */
    atomic_ushort conn;
    atomic_uchar gone; /* notifications that left */
    /* and ferry_ble_run(): */
    atomic_ushort tail; /* bytes the session has heard */
    atomic_bool silent; /* the owner has said nothing for long */
    uint8_t *room;
    uint16_t room_len;
    uint8_t slots;
    uint8_t told; /* `change` as the session knows it */
    uint8_t sent;
    uint8_t held_len; /* a value that the stack did not take yet */
    uint8_t held[FERRY_BLE_VALUE_MAX];
    uint32_t heard_at; /* ms */
};

/* `room` holds what was heard and not yet handed over: at least FERRY_BLE_ROOM_LEAST
 * bytes, of which a power of two is used; more where much can come between two runs (what one connection
 * event can carry, and that twice). `slots`: notifications the stack queues, 1 or more. */
void ferry_ble_init(struct ferry_ble *b, struct ferry_device *device,
                    const struct ferry_ble_stack *stack, uint8_t *room,
                    uint16_t room_len, uint8_t slots);

/* What happened, told from one context: the one of ferry_ble_run(), or one other that
 * may interrupt it at any place. The first value of a connection brings the session's
 * link up; a second connection is not listened to while the first one is there and has
 * said something in the last 30 s. */
void ferry_ble_heard(struct ferry_ble *b, uint16_t conn, const uint8_t *bytes,
                     uint16_t len);
void ferry_ble_gone(struct ferry_ble *b, uint16_t conn);
void ferry_ble_sent(struct ferry_ble *b, uint16_t conn, uint8_t notifications);

/* One bounded step in the session's context: hand over what came, tick at most once for
 * each burst, say one value for each free slot. Returns after how many milliseconds it
 * wants to be called again, 0: at once; whatever happens before that (one of the three
 * above, a flash call that ended) calls for it, too. */
uint32_t ferry_ble_run(struct ferry_ble *b, uint32_t now_ms);

#endif
