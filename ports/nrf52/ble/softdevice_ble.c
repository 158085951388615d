/* Ran on no hardware; on the host in tests/port/softdevice, and compiled against the
 * headers of S132 3.0 that the npm package pc-ble-driver-js 2.5.1 carries.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Knows the SoftDevice's calls and events. Does not know when to speak. */
#include "softdevice_ble.h"

#include <string.h>

/* ---- what goes out --------------------------------------------------------------- */

static enum ferry_ble_taken notify(void *ctx, uint16_t conn, const uint8_t *bytes,
                                   uint16_t len)
{
    const struct ferry_softdevice_ble *s = ctx;
    ble_gatts_hvx_params_t value = {
        .handle = s->to_courier,
        .type = BLE_GATT_HVX_NOTIFICATION,
        .p_len = &len,
        .p_data = bytes,
    };

    switch (sd_ble_gatts_hvx(conn, &value)) {
    case NRF_SUCCESS:
        return FERRY_BLE_TAKEN;
    case NRF_ERROR_RESOURCES:
        return FERRY_BLE_FULL;
    default:
        return FERRY_BLE_LOST;
    }
}

static uint16_t mtu(void *ctx, uint16_t conn)
{
    const struct ferry_softdevice_ble *s = ctx;
    return conn < FERRY_SOFTDEVICE_LINKS ? s->mtu[conn] : FERRY_BLE_MTU_LEAST;
}

/* ---- the service ----------------------------------------------------------------- */

static ble_gap_conn_sec_mode_t permission(enum ferry_ble_security security)
{
    ble_gap_conn_sec_mode_t mode = {.sm = 1,
                                    .lv = 1}; /* mode 1, level 1: no security */

    if (security == FERRY_BLE_ENCRYPTED) {
        mode.lv = 2; /* encrypted; whoever paired, by whatever way */
    }
    return mode;
}

/* The bytes lie in the SoftDevice's attribute table. */
static ble_gatts_attr_md_t in_stack(void)
{
    ble_gatts_attr_md_t md;

    memset(&md, 0, sizeof md); /* read and write: nobody */
    md.vloc = BLE_GATTS_VLOC_STACK;
    return md;
}

static uint32_t add(uint16_t service, uint8_t uuid_type, uint16_t short_id,
                    const ble_gatts_char_md_t *md, const ble_gatts_attr_md_t *attr_md,
                    uint16_t *value_handle)
{
    ble_uuid_t uuid = {.uuid = short_id, .type = uuid_type};
    ble_gatts_attr_t attr;
    ble_gatts_char_handles_t handles;

    memset(&attr, 0, sizeof attr);
    attr.p_uuid = &uuid;
    attr.p_attr_md = attr_md;
    attr.max_len = FERRY_BLE_VALUE_MAX;
    uint32_t code = sd_ble_gatts_characteristic_add(service, md, &attr, &handles);
    *value_handle = handles.value_handle;
    return code;
}

static uint32_t add_to_device(struct ferry_softdevice_ble *s, uint16_t service,
                              uint8_t uuid_type)
{
    ble_gatts_attr_md_t value = in_stack();
    ble_gatts_char_md_t md;

    value.write_perm = permission(s->cfg->security);
    value.vlen = 1;
    memset(&md, 0, sizeof md);
    md.char_props.write_wo_resp = 1;
    return add(service, uuid_type, FERRY_BLE_TO_DEVICE, &md, &value, &s->to_device);
}

static uint32_t add_to_courier(struct ferry_softdevice_ble *s, uint16_t service,
                               uint8_t uuid_type)
{
    ble_gatts_attr_md_t value = in_stack(), cccd = in_stack();
    ble_gatts_char_md_t md;

    value.vlen = 1;
    cccd.read_perm = permission(FERRY_BLE_OPEN); /* the SoftDevice wants it so */
    cccd.write_perm = permission(s->cfg->security);
    memset(&md, 0, sizeof md);
    md.char_props.notify = 1;
    md.p_cccd_md = &cccd;
    return add(service, uuid_type, FERRY_BLE_TO_COURIER, &md, &value, &s->to_courier);
}

static uint32_t add_service(struct ferry_softdevice_ble *s)
{
    const ble_uuid128_t base = {{FERRY_BLE_UUID(0)}};
    ble_uuid_t uuid = {.uuid = FERRY_BLE_SERVICE};
    uint16_t service = 0;

    uint32_t code = sd_ble_uuid_vs_add(&base, &uuid.type);
    if (code == NRF_SUCCESS) {
        code = sd_ble_gatts_service_add(BLE_GATTS_SRVC_TYPE_PRIMARY, &uuid, &service);
    }
    if (code == NRF_SUCCESS) {
        code = add_to_device(s, service, uuid.type);
    }
    if (code == NRF_SUCCESS) {
        code = add_to_courier(s, service, uuid.type);
    }
    return code;
}

uint32_t ferry_softdevice_ble_init(struct ferry_softdevice_ble *s,
                                   struct ferry_device *device,
                                   const struct ferry_softdevice_ble_config *cfg)
{
    s->cfg = cfg;
    s->stack = (struct ferry_ble_stack){s, notify, mtu};
    s->to_device = s->to_courier = 0;
    memset(s->mtu, 0, sizeof s->mtu); /* less than the least: the least */
    ferry_ble_init(&s->ble, device, &s->stack, cfg->room, cfg->room_len, cfg->slots);
    return add_service(s);
}

/* ---- events ---------------------------------------------------------------------- */

static void set_mtu(struct ferry_softdevice_ble *s, uint16_t conn, uint16_t theirs)
{
    if (conn < FERRY_SOFTDEVICE_LINKS) {
        s->mtu[conn] = theirs < s->cfg->att_mtu ? theirs : s->cfg->att_mtu;
    }
}

static void asked_for_mtu(struct ferry_softdevice_ble *s, const ble_gatts_evt_t *e)
{
    if (s->cfg->answer_mtu) {
        (void)sd_ble_gatts_exchange_mtu_reply(e->conn_handle, s->cfg->att_mtu);
    }
    set_mtu(s, e->conn_handle, e->params.exchange_mtu_request.client_rx_mtu);
}

static void written(struct ferry_softdevice_ble *s, const ble_gatts_evt_t *e)
{
    const ble_gatts_evt_write_t *w = &e->params.write;

    if (w->handle == s->to_device && w->op == BLE_GATTS_OP_WRITE_CMD) {
        ferry_ble_heard(&s->ble, e->conn_handle, w->data, w->len);
    }
}

void ferry_softdevice_ble_event(struct ferry_softdevice_ble *s, const ble_evt_t *e)
{
    switch (e->header.evt_id) {
    case BLE_GAP_EVT_CONNECTED:
        set_mtu(s, e->evt.gap_evt.conn_handle, FERRY_BLE_MTU_LEAST);
        break;
    case BLE_GAP_EVT_DISCONNECTED:
        ferry_ble_gone(&s->ble, e->evt.gap_evt.conn_handle);
        break;
    case BLE_GATTS_EVT_WRITE:
        written(s, &e->evt.gatts_evt);
        break;
    case BLE_GATTS_EVT_EXCHANGE_MTU_REQUEST:
        asked_for_mtu(s, &e->evt.gatts_evt);
        break;
    case BLE_GATTC_EVT_EXCHANGE_MTU_RSP: /* the product asked */
        set_mtu(s, e->evt.gattc_evt.conn_handle,
                e->evt.gattc_evt.params.exchange_mtu_rsp.server_rx_mtu);
        break;
    case BLE_GATTS_EVT_HVN_TX_COMPLETE:
        ferry_ble_sent(&s->ble, ferry_softdevice_sent_on(e), ferry_softdevice_sent(e));
        break;
    default:
        break;
    }
}
