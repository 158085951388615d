/* SPDX-License-Identifier: Apache-2.0
 *
 * The BLE interface of S132 3.0, as the npm package pc-ble-driver-js carries it, in the
 * words of version 4 and later that ports/nrf52/ble is written in. Three things differ:
 * the package's calls go over a wire, to an adapter that comes first; version 3 tells
 * the end of a notification by an event of its own; and some pointers are not const. */
#ifndef FERRY_SOFTDEVICE_BLE_API_H
#define FERRY_SOFTDEVICE_BLE_API_H

#include "ble.h"
#include "nrf_error.h"

#define BLE_GATTS_EVT_HVN_TX_COMPLETE BLE_EVT_TX_COMPLETE

#define sd_ble_uuid_vs_add(base, type) sd_ble_uuid_vs_add(NULL, base, type)
#define sd_ble_gatts_service_add(type, uuid, handle)                                   \
    sd_ble_gatts_service_add(NULL, type, uuid, handle)
#define sd_ble_gatts_characteristic_add(service, md, value, handles)                   \
    sd_ble_gatts_characteristic_add(NULL, service, md, value, handles)
#define sd_ble_gatts_hvx(conn, value) sd_ble_gatts_hvx(NULL, conn, value)
#define sd_ble_gatts_exchange_mtu_reply(conn, mtu)                                     \
    sd_ble_gatts_exchange_mtu_reply(NULL, conn, mtu)

static inline uint8_t ferry_softdevice_sent(const ble_evt_t *e)
{
    return e->evt.common_evt.params.tx_complete.count;
}

static inline uint16_t ferry_softdevice_sent_on(const ble_evt_t *e)
{
    return e->evt.common_evt.conn_handle;
}

#endif
