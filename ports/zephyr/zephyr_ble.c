/* Ran on no hardware; compiled against its own seam only: no package carries Zephyr.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Knows Zephyr's calls and threads. Does not know when to speak. */
#include "zephyr_ble.h"

#include <errno.h>

#include "zephyr_ble_api.h"

static struct {
    struct ferry_ble ble;
    struct ferry_ble_stack stack;
    struct k_work_delayable work;
    /* Values and disconnections come in different threads: one at a time. */
    struct k_spinlock lock;
    struct bt_conn *conn[CONFIG_BT_MAX_CONN]; /* that said something, each with a ref */
} port;

/* ---- connections ----------------------------------------------------------------- */

/* The shared half knows a connection by its index; it is held here until it is gone. */
static void keep(struct bt_conn *conn)
{
    struct bt_conn **at = &port.conn[bt_conn_index(conn)];

    if (*at == NULL) {
        *at = bt_conn_ref(conn);
    }
}

/* With a ref of its own, which the caller gives back; NULL: it is gone. */
static struct bt_conn *take(uint16_t index)
{
    k_spinlock_key_t key = k_spin_lock(&port.lock);
    struct bt_conn *conn = port.conn[index];

    if (conn != NULL) {
        conn = bt_conn_ref(conn);
    }
    k_spin_unlock(&port.lock, key);
    return conn;
}

static void disconnected(struct bt_conn *conn, uint8_t reason)
{
    uint8_t index = bt_conn_index(conn);
    k_spinlock_key_t key = k_spin_lock(&port.lock);
    struct bt_conn *kept = port.conn[index];

    (void)reason;
    port.conn[index] = NULL;
    ferry_ble_gone(&port.ble, index);
    k_spin_unlock(&port.lock, key);
    if (kept != NULL) {
        bt_conn_unref(kept);
        ferry_zephyr_wake();
    }
}

static struct bt_conn_cb callbacks = {.disconnected = disconnected};

/* ---- the service ----------------------------------------------------------------- */

static ssize_t written(struct bt_conn *conn, const struct bt_gatt_attr *attr,
                       const void *buf, uint16_t len, uint16_t offset, uint8_t flags)
{
    (void)attr;
    (void)offset; /* only long writes have one, and they are not offered */
    (void)flags;
    k_spinlock_key_t key = k_spin_lock(&port.lock);
    keep(conn);
    ferry_ble_heard(&port.ble, bt_conn_index(conn), buf, len);
    k_spin_unlock(&port.lock, key);
    ferry_zephyr_wake();
    return len;
}

static const struct bt_uuid_128 service =
    BT_UUID_INIT_128(FERRY_BLE_UUID(FERRY_BLE_SERVICE));
static const struct bt_uuid_128 to_device =
    BT_UUID_INIT_128(FERRY_BLE_UUID(FERRY_BLE_TO_DEVICE));
static const struct bt_uuid_128 to_courier =
    BT_UUID_INIT_128(FERRY_BLE_UUID(FERRY_BLE_TO_COURIER));

enum { AT_SERVICE, AT_IN_DECL, AT_IN, AT_OUT_DECL, AT_OUT, AT_CCC };

static struct bt_gatt_attr attrs[] = {
    BT_GATT_PRIMARY_SERVICE(&service),
    BT_GATT_CHARACTERISTIC(&to_device.uuid, BT_GATT_CHRC_WRITE_WITHOUT_RESP,
                           BT_GATT_PERM_WRITE_ENCRYPT, NULL, written, NULL),
    BT_GATT_CHARACTERISTIC(&to_courier.uuid, BT_GATT_CHRC_NOTIFY, BT_GATT_PERM_NONE,
                           NULL, NULL, NULL),
    BT_GATT_CCC(NULL, BT_GATT_PERM_READ | BT_GATT_PERM_WRITE_ENCRYPT),
};

static struct bt_gatt_service gatt = BT_GATT_SERVICE(attrs);

static void secure(enum ferry_ble_security security)
{
    if (security == FERRY_BLE_OPEN) {
        attrs[AT_IN].perm = BT_GATT_PERM_WRITE;
        attrs[AT_CCC].perm = BT_GATT_PERM_READ | BT_GATT_PERM_WRITE;
    }
}

/* ---- what goes out --------------------------------------------------------------- */

static void sent(struct bt_conn *conn, void *user_data)
{
    (void)user_data;
    ferry_ble_sent(&port.ble, bt_conn_index(conn), 1);
    ferry_zephyr_wake();
}

static enum ferry_ble_taken taken(int code)
{
    switch (code) {
    case 0:
        return FERRY_BLE_TAKEN;
    case -ENOMEM:
    case -ENOBUFS:
        return FERRY_BLE_FULL;
    default:
        return FERRY_BLE_LOST;
    }
}

static enum ferry_ble_taken notify(void *ctx, uint16_t index, const uint8_t *bytes,
                                   uint16_t len)
{
    struct bt_gatt_notify_params params = {
        .attr = &attrs[AT_OUT], .data = bytes, .len = len, .func = sent};
    struct bt_conn *conn = take(index);

    (void)ctx;
    if (conn == NULL) {
        return FERRY_BLE_LOST;
    }
    int code = bt_gatt_notify_cb(conn, &params);
    bt_conn_unref(conn);
    return taken(code);
}

static uint16_t mtu(void *ctx, uint16_t index)
{
    struct bt_conn *conn = take(index);
    uint16_t now = 0;

    (void)ctx;
    if (conn != NULL) {
        now = bt_gatt_get_mtu(conn);
        bt_conn_unref(conn);
    }
    return now;
}

/* ---- the session ----------------------------------------------------------------- */

static void run(struct k_work *work)
{
    uint32_t wait = ferry_ble_run(&port.ble, k_uptime_get_32());

    (void)work;
    if (wait != UINT32_MAX) {
        (void)k_work_schedule(&port.work, K_MSEC(wait));
    }
}

void ferry_zephyr_wake(void)
{
    (void)k_work_reschedule(&port.work, K_NO_WAIT);
}

int ferry_zephyr_init(struct ferry_device *device,
                      const struct ferry_zephyr_config *cfg)
{
    port.stack = (struct ferry_ble_stack){NULL, notify, mtu};
    ferry_ble_init(&port.ble, device, &port.stack, cfg->room, cfg->room_len,
                   cfg->slots);
    k_work_init_delayable(&port.work, run);
    bt_conn_cb_register(&callbacks);
    secure(cfg->security);
    return bt_gatt_service_register(&gatt);
}
