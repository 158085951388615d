/* Ran on no hardware; compiled against its own seam only: no package carries NimBLE.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Ferry's GATT service on Apache NimBLE (written for mynewt-nimble 1.7): registers it
 * and runs the session in the host's own task, from its event queue, so that nothing
 * runs beside anything. All else is ports/ble. */
#ifndef FERRY_NIMBLE_BLE_H
#define FERRY_NIMBLE_BLE_H

#include "ferry_ble.h"
#include "nimble_api.h"

struct ferry_nimble_config {
    struct ble_npl_eventq *queue; /* the host's: nimble_port_get_dflt_eventq() */
    uint32_t (*now_ms)(void);     /* any millisecond clock that wraps at 2^32 */
    uint8_t slots;                /* values said in one connection interval; 4 */
    enum ferry_ble_security security;
    uint8_t *room; /* for ferry_ble_init() */
    uint16_t room_len;
};

struct ferry_nimble {
    struct ferry_ble ble;
    /* Internals below. */
    const struct ferry_nimble_config *cfg;
    struct ferry_ble_stack stack;
    struct ble_npl_callout callout;
    uint16_t to_device, to_courier; /* value handles */
    uint16_t conn;
    uint8_t queued;        /* said since `queued_at` */
    uint32_t queued_at;    /* ms */
    uint32_t interval_ms;  /* of the connection, rounded up */
    ble_uuid128_t uuid[3]; /* service, to device, to courier */
    struct ble_gatt_chr_def chr[3];
    struct ble_gatt_svc_def svc[2];
    uint8_t value[FERRY_BLE_VALUE_MAX];
};

/* Once, after ble_hs_cfg is set and before the host starts. `n` and `cfg` outlive the
 * host, which keeps the tables. 0, or NimBLE's error. */
int ferry_nimble_init(struct ferry_nimble *n, struct ferry_device *device,
                      const struct ferry_nimble_config *cfg);

/* Every event of the product's GAP callback. */
void ferry_nimble_gap_event(struct ferry_nimble *n, const struct ble_gap_event *event);

/* Something else happened to the session, such as the end of a flash call: look at it
 * soon. From any task. */
void ferry_nimble_wake(struct ferry_nimble *n);

#endif
