/* Ran on no hardware; on the host in tests/port/softdevice, and compiled against the
 * headers of S132 3.0 that the npm package pc-ble-driver-js 2.5.1 carries.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Ferry's GATT service on a SoftDevice (S112, S113, S132, S140; written for versions 4 to
 * 7): registers it, passes events on, sends notifications. All else is ports/ble. */
#ifndef FERRY_SOFTDEVICE_BLE_H
#define FERRY_SOFTDEVICE_BLE_H

#include "ferry_ble.h"
#include "softdevice_ble_api.h"

#define FERRY_SOFTDEVICE_LINKS 8U /* connection handles below it know their MTU */

struct ferry_softdevice_ble_config {
    uint16_t att_mtu; /* as given to BLE_CONN_CFG_GATT; FERRY_BLE_MTU is best */
    uint8_t slots;    /* as given to BLE_CONN_CFG_GATTS: hvn_tx_queue_size */
    bool answer_mtu;  /* nobody else replies to the MTU exchange */
    enum ferry_ble_security security;
    uint8_t *room; /* for ferry_ble_init() */
    uint16_t room_len;
};

struct ferry_softdevice_ble {
    struct ferry_ble ble; /* run it: ferry_ble_run(&s->ble, now_ms) */
    /* Internals below. */
    const struct ferry_softdevice_ble_config *cfg;
    struct ferry_ble_stack stack;
    uint16_t to_device, to_courier; /* value handles */
    uint16_t mtu[FERRY_SOFTDEVICE_LINKS];
};

/* Once, after sd_ble_enable() and before advertising: needs one vendor-specific UUID,
 * and an attribute table with room for two values of FERRY_BLE_VALUE_MAX bytes. Returns
 * NRF_SUCCESS, or the SoftDevice's error. */
uint32_t ferry_softdevice_ble_init(struct ferry_softdevice_ble *s,
                                   struct ferry_device *device,
                                   const struct ferry_softdevice_ble_config *cfg);

/* Every event of sd_ble_evt_get(). In the context of ferry_ble_run(), as with
 * NRF_SDH_DISPATCH_MODEL_POLLING or _APPSH; or from the event interrupt. Pairing, bonds,
 * system attributes and connection parameters stay the product's. */
void ferry_softdevice_ble_event(struct ferry_softdevice_ble *s, const ble_evt_t *e);

#endif
