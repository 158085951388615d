/* Not Nordic's: this project's own declarations, for builds without Nordic's headers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The little of the SoftDevice's BLE interface that softdevice_ble.c uses, members it
 * does not touch left out. It is enough to compile, and for tests, which bring functions
 * of these names; a firmware is compiled with ../sdk in the include path instead, because
 * there the calls are supervisor calls and the structs are longer. tests/port/headers
 * holds the numbers to Nordic's. */
#ifndef FERRY_SOFTDEVICE_BLE_API_H
#define FERRY_SOFTDEVICE_BLE_API_H

#include <stdint.h>

#define NRF_SUCCESS 0U
#define NRF_ERROR_RESOURCES 19U

#define BLE_GAP_EVT_CONNECTED 0x10U
#define BLE_GAP_EVT_DISCONNECTED 0x11U
#define BLE_GATTC_EVT_EXCHANGE_MTU_RSP 0x3AU
#define BLE_GATTS_EVT_WRITE 0x50U
#define BLE_GATTS_EVT_EXCHANGE_MTU_REQUEST 0x55U
#define BLE_GATTS_EVT_HVN_TX_COMPLETE 0x57U /* version 4 and later */

#define BLE_GATT_HVX_NOTIFICATION 0x01
#define BLE_GATTS_SRVC_TYPE_PRIMARY 0x01
#define BLE_GATTS_OP_WRITE_CMD 0x02
#define BLE_GATTS_VLOC_STACK 0x01

/* ---- the attribute table --------------------------------------------------------- */

typedef struct {
    uint8_t uuid128[16];
} ble_uuid128_t;

typedef struct {
    uint16_t uuid;
    uint8_t type;
} ble_uuid_t;

typedef struct {
    uint8_t sm : 4, lv : 4; /* security mode and level; 0, 0: nobody */
} ble_gap_conn_sec_mode_t;

typedef struct {
    ble_gap_conn_sec_mode_t read_perm, write_perm;
    uint8_t vlen : 1, vloc : 2;
} ble_gatts_attr_md_t;

typedef struct {
    ble_uuid_t const *p_uuid;
    ble_gatts_attr_md_t const *p_attr_md;
    uint16_t max_len;
} ble_gatts_attr_t;

typedef struct {
    uint8_t write_wo_resp : 1, notify : 1;
} ble_gatt_char_props_t;

typedef struct {
    ble_gatt_char_props_t char_props;
    ble_gatts_attr_md_t const *p_cccd_md;
} ble_gatts_char_md_t;

typedef struct {
    uint16_t value_handle;
} ble_gatts_char_handles_t;

uint32_t sd_ble_uuid_vs_add(ble_uuid128_t const *base, uint8_t *type);
uint32_t sd_ble_gatts_service_add(uint8_t type, ble_uuid_t const *uuid,
                                  uint16_t *handle);
uint32_t sd_ble_gatts_characteristic_add(uint16_t service,
                                         ble_gatts_char_md_t const *md,
                                         ble_gatts_attr_t const *value,
                                         ble_gatts_char_handles_t *handles);

/* ---- values and events ----------------------------------------------------------- */

typedef struct {
    uint16_t handle;
    uint8_t type;
    uint16_t *p_len;
    uint8_t const *p_data;
} ble_gatts_hvx_params_t;

uint32_t sd_ble_gatts_hvx(uint16_t conn, ble_gatts_hvx_params_t const *value);
uint32_t sd_ble_gatts_exchange_mtu_reply(uint16_t conn, uint16_t mtu);

typedef struct {
    uint16_t handle;
    uint8_t op;
    uint16_t len;
    uint8_t data[1]; /* as many as `len` */
} ble_gatts_evt_write_t;

typedef struct {
    uint16_t conn_handle;
    union {
        ble_gatts_evt_write_t write;
        struct {
            uint16_t client_rx_mtu;
        } exchange_mtu_request;
        struct {
            uint8_t count;
        } hvn_tx_complete;
    } params;
} ble_gatts_evt_t;

typedef struct {
    uint16_t conn_handle;
    union {
        struct {
            uint16_t server_rx_mtu;
        } exchange_mtu_rsp;
    } params;
} ble_gattc_evt_t;

typedef struct {
    struct {
        uint16_t evt_id;
    } header;
    union {
        struct {
            uint16_t conn_handle;
        } gap_evt;
        ble_gattc_evt_t gattc_evt;
        ble_gatts_evt_t gatts_evt;
    } evt;
} ble_evt_t;

static inline uint8_t ferry_softdevice_sent(const ble_evt_t *e)
{
    return e->evt.gatts_evt.params.hvn_tx_complete.count;
}

static inline uint16_t ferry_softdevice_sent_on(const ble_evt_t *e)
{
    return e->evt.gatts_evt.conn_handle;
}

#endif
