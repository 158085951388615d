/* Ran on no hardware; never compiled: no package carries headers of version 4 or later.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The SoftDevice's BLE interface, from Nordic's headers (versions 4 to 7): put the SDK's
 * components/softdevice/.../headers and this folder into the include path. Version 3
 * said a notification's end by an event of its own: tests/port/headers/s132_v3 shows what
 * differs. */
#ifndef FERRY_SOFTDEVICE_BLE_API_H
#define FERRY_SOFTDEVICE_BLE_API_H

#include "ble.h"
#include "nrf_error.h"

/* How many notifications of this BLE_GATTS_EVT_HVN_TX_COMPLETE left, and on which
 * connection. */
static inline uint8_t ferry_softdevice_sent(const ble_evt_t *e)
{
    return e->evt.gatts_evt.params.hvn_tx_complete.count;
}

static inline uint16_t ferry_softdevice_sent_on(const ble_evt_t *e)
{
    return e->evt.gatts_evt.conn_handle;
}

#endif
