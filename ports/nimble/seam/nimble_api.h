/* Not NimBLE's: this project's own declarations, for builds without NimBLE's headers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The little of NimBLE's host interface that nimble_ble.c uses, members it does not touch
 * left out. It is enough to compile, and for tests, which bring functions of these
 * names; a firmware is compiled with ../sdk in the include path instead, because there
 * the structs are longer. Nothing but reading holds this file to NimBLE. */
#ifndef FERRY_NIMBLE_API_H
#define FERRY_NIMBLE_API_H

#include <stdint.h>

#define BLE_HS_ENOMEM 6
#define BLE_ATT_ERR_INVALID_ATTR_VALUE_LEN 0x0d
#define BLE_ATT_ERR_UNLIKELY 0x0e

/* ---- porting layer --------------------------------------------------------------- */

struct ble_npl_eventq;

struct ble_npl_event {
    void *arg;
};

typedef void ble_npl_event_fn(struct ble_npl_event *event);

struct ble_npl_callout {
    struct ble_npl_event event;
    ble_npl_event_fn *fn;
};

void ble_npl_callout_init(struct ble_npl_callout *callout, struct ble_npl_eventq *queue,
                          ble_npl_event_fn *fn, void *arg);
int ble_npl_callout_reset(struct ble_npl_callout *callout, uint32_t ticks);
void *ble_npl_event_get_arg(struct ble_npl_event *event);
uint32_t ble_npl_time_ms_to_ticks32(uint32_t ms);

/* ---- attributes ------------------------------------------------------------------ */

#define BLE_UUID_TYPE_128 128

typedef struct {
    uint8_t type;
} ble_uuid_t;

typedef struct {
    ble_uuid_t u;
    uint8_t value[16];
} ble_uuid128_t;

#define BLE_GATT_SVC_TYPE_PRIMARY 1
#define BLE_GATT_ACCESS_OP_WRITE_CHR 1
#define BLE_GATT_CHR_F_WRITE_NO_RSP 0x0004
#define BLE_GATT_CHR_F_NOTIFY 0x0010
#define BLE_GATT_CHR_F_WRITE_ENC 0x1000

struct os_mbuf;

struct ble_gatt_access_ctxt {
    uint8_t op;
    struct os_mbuf *om;
};

typedef int ble_gatt_access_fn(uint16_t conn_handle, uint16_t attr_handle,
                               struct ble_gatt_access_ctxt *ctxt, void *arg);
typedef uint16_t ble_gatt_chr_flags;

struct ble_gatt_chr_def {
    const ble_uuid_t *uuid;
    ble_gatt_access_fn *access_cb;
    void *arg;
    ble_gatt_chr_flags flags;
    uint16_t *val_handle;
};

struct ble_gatt_svc_def {
    uint8_t type;
    const ble_uuid_t *uuid;
    const struct ble_gatt_chr_def *characteristics;
};

int ble_gatts_count_cfg(const struct ble_gatt_svc_def *svcs);
int ble_gatts_add_svcs(const struct ble_gatt_svc_def *svcs);

/* ---- values and events ----------------------------------------------------------- */

/* Consumes the mbuf, whatever comes of it. */
int ble_gatts_notify_custom(uint16_t conn_handle, uint16_t chr_val_handle,
                            struct os_mbuf *value);
struct os_mbuf *ble_hs_mbuf_from_flat(const void *bytes, uint16_t len);
int ble_hs_mbuf_to_flat(const struct os_mbuf *om, void *flat, uint16_t max_len,
                        uint16_t *len);
uint16_t ble_att_mtu(uint16_t conn_handle);

#define BLE_GAP_EVENT_DISCONNECT 1
#define BLE_GAP_EVENT_SUBSCRIBE 14

struct ble_gap_conn_desc {
    uint16_t conn_handle;
    uint16_t conn_itvl;
};

struct ble_gap_event {
    uint8_t type;
    union {
        struct {
            struct ble_gap_conn_desc conn;
        } disconnect;
        struct {
            uint16_t conn_handle;
            uint16_t attr_handle;
            uint8_t cur_notify : 1;
        } subscribe;
    };
};

int ble_gap_conn_find(uint16_t conn_handle, struct ble_gap_conn_desc *desc);
int ble_gap_security_initiate(uint16_t conn_handle);

#endif
