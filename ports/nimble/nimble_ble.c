/* Ran on no hardware; compiled against its own seam only: no package carries NimBLE.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Knows NimBLE's calls and events. Does not know when to speak; but NimBLE does not tell
 * when a notification has left, so here a slot is free again one connection interval
 * after it was used. */
#include "nimble_ble.h"

#include <string.h>

#define UNIT_US 1250U /* of a connection interval */
#define LONGEST_MS 60000U

/* ---- what goes out --------------------------------------------------------------- */

static void look_at_interval(struct ferry_nimble *n, uint16_t conn)
{
    struct ble_gap_conn_desc desc;

    n->interval_ms = 30;
    if (ble_gap_conn_find(conn, &desc) == 0) {
        n->interval_ms = (desc.conn_itvl * UNIT_US + 999U) / 1000U;
    }
}

static enum ferry_ble_taken notify(void *ctx, uint16_t conn, const uint8_t *bytes,
                                   uint16_t len)
{
    struct ferry_nimble *n = ctx;
    struct os_mbuf *value = ble_hs_mbuf_from_flat(bytes, len);

    if (value == NULL) {
        return FERRY_BLE_FULL;
    }
    switch (ble_gatts_notify_custom(conn, n->to_courier, value)) {
    case 0:
        break;
    case BLE_HS_ENOMEM:
        return FERRY_BLE_FULL;
    default:
        return FERRY_BLE_LOST;
    }
    if (n->queued++ == 0) {
        n->conn = conn;
        n->queued_at = n->cfg->now_ms();
        look_at_interval(n, conn);
    }
    return FERRY_BLE_TAKEN;
}

static uint16_t mtu(void *ctx, uint16_t conn)
{
    (void)ctx;
    return ble_att_mtu(conn);
}

/* ---- the session ----------------------------------------------------------------- */

/* Milliseconds until the slots are free again; UINT32_MAX: all are. */
static uint32_t slots_wait(struct ferry_nimble *n, uint32_t now)
{
    uint32_t waited = now - n->queued_at;

    if (n->queued == 0) {
        return UINT32_MAX;
    }
    return waited < n->interval_ms ? n->interval_ms - waited : 0;
}

static void run(struct ble_npl_event *event)
{
    struct ferry_nimble *n = ble_npl_event_get_arg(event);
    uint32_t now = n->cfg->now_ms();

    if (slots_wait(n, now) == 0) {
        ferry_ble_sent(&n->ble, n->conn, n->queued);
        n->queued = 0;
    }
    uint32_t wait = ferry_ble_run(&n->ble, now);
    uint32_t slots = slots_wait(n, now);
    wait = wait < slots ? wait : slots;
    wait = wait < LONGEST_MS ? wait : LONGEST_MS;
    (void)ble_npl_callout_reset(&n->callout, ble_npl_time_ms_to_ticks32(wait));
}

void ferry_nimble_wake(struct ferry_nimble *n)
{
    (void)ble_npl_callout_reset(&n->callout, 0);
}

/* ---- the service ----------------------------------------------------------------- */

static int access(uint16_t conn, uint16_t handle, struct ble_gatt_access_ctxt *ctxt,
                  void *arg)
{
    struct ferry_nimble *n = arg;
    uint16_t len = 0;

    (void)handle;
    if (ctxt->op != BLE_GATT_ACCESS_OP_WRITE_CHR) {
        return BLE_ATT_ERR_UNLIKELY;
    }
    if (ble_hs_mbuf_to_flat(ctxt->om, n->value, sizeof n->value, &len) != 0) {
        return BLE_ATT_ERR_INVALID_ATTR_VALUE_LEN;
    }
    ferry_ble_heard(&n->ble, conn, n->value, len);
    ferry_nimble_wake(n);
    return 0;
}

static void name(ble_uuid128_t *uuid, uint16_t short_id)
{
    static const uint8_t base[FERRY_BLE_UUID_LEN] = {FERRY_BLE_UUID(0)};

    uuid->u.type = BLE_UUID_TYPE_128;
    memcpy(uuid->value, base, sizeof base);
    uuid->value[FERRY_BLE_UUID_AT] = (uint8_t)short_id;
}

static void fill_tables(struct ferry_nimble *n)
{
    bool encrypted = n->cfg->security == FERRY_BLE_ENCRYPTED;

    name(&n->uuid[0], FERRY_BLE_SERVICE);
    name(&n->uuid[1], FERRY_BLE_TO_DEVICE);
    name(&n->uuid[2], FERRY_BLE_TO_COURIER);
    n->chr[0] = (struct ble_gatt_chr_def){
        .uuid = &n->uuid[1].u,
        .access_cb = access,
        .arg = n,
        .flags = (ble_gatt_chr_flags)(BLE_GATT_CHR_F_WRITE_NO_RSP |
                                      (encrypted ? BLE_GATT_CHR_F_WRITE_ENC : 0)),
        .val_handle = &n->to_device,
    };
    n->chr[1] = (struct ble_gatt_chr_def){
        .uuid = &n->uuid[2].u,
        .access_cb = access,
        .arg = n,
        .flags = BLE_GATT_CHR_F_NOTIFY,
        .val_handle = &n->to_courier,
    };
    n->svc[0] = (struct ble_gatt_svc_def){
        .type = BLE_GATT_SVC_TYPE_PRIMARY,
        .uuid = &n->uuid[0].u,
        .characteristics = n->chr,
    };
}

int ferry_nimble_init(struct ferry_nimble *n, struct ferry_device *device,
                      const struct ferry_nimble_config *cfg)
{
    memset(n, 0, sizeof *n); /* both tables end with zeros */
    n->cfg = cfg;
    n->stack = (struct ferry_ble_stack){n, notify, mtu};
    ferry_ble_init(&n->ble, device, &n->stack, cfg->room, cfg->room_len, cfg->slots);
    ble_npl_callout_init(&n->callout, cfg->queue, run, n);
    fill_tables(n);

    int code = ble_gatts_count_cfg(n->svc);
    return code != 0 ? code : ble_gatts_add_svcs(n->svc);
}

/* NimBLE lets anybody subscribe, and a write without response has no answer that would
 * make a phone pair: so whoever subscribes is asked to. */
static void subscribed(const struct ferry_nimble *n, const struct ble_gap_event *event)
{
    if (event->subscribe.attr_handle == n->to_courier && event->subscribe.cur_notify &&
        n->cfg->security == FERRY_BLE_ENCRYPTED) {
        (void)ble_gap_security_initiate(event->subscribe.conn_handle);
    }
}

void ferry_nimble_gap_event(struct ferry_nimble *n, const struct ble_gap_event *event)
{
    if (event->type == BLE_GAP_EVENT_DISCONNECT) {
        ferry_ble_gone(&n->ble, event->disconnect.conn.conn_handle);
        ferry_nimble_wake(n);
    } else if (event->type == BLE_GAP_EVENT_SUBSCRIBE) {
        subscribed(n, event);
    }
}
