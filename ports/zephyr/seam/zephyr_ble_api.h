/* Not Zephyr's: this project's own declarations, for builds without Zephyr's headers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The little of Zephyr's Bluetooth host and kernel that zephyr_ble.c uses, members it
 * does not touch left out, macros in a plain form. It is enough to compile, and for
 * tests, which bring functions of these names; a firmware is compiled with ../sdk in the
 * include path instead. Nothing but reading holds this file to Zephyr. */
#ifndef FERRY_ZEPHYR_BLE_API_H
#define FERRY_ZEPHYR_BLE_API_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h> /* ssize_t, as Zephyr's */

/* ---- kernel ---------------------------------------------------------------------- */

typedef struct {
    int64_t ms;
} k_timeout_t;

#define K_NO_WAIT ((k_timeout_t){0})
#define K_MSEC(time) ((k_timeout_t){(int64_t)(time)})

struct k_work;
typedef void (*k_work_handler_t)(struct k_work *work);

struct k_work_delayable {
    k_work_handler_t handler;
};

void k_work_init_delayable(struct k_work_delayable *work, k_work_handler_t handler);
/* The one leaves a time that is set already, the other does not. */
int k_work_schedule(struct k_work_delayable *work, k_timeout_t delay);
int k_work_reschedule(struct k_work_delayable *work, k_timeout_t delay);
uint32_t k_uptime_get_32(void);

struct k_spinlock {
    int held;
};

typedef struct {
    int key;
} k_spinlock_key_t;

k_spinlock_key_t k_spin_lock(struct k_spinlock *lock);
void k_spin_unlock(struct k_spinlock *lock, k_spinlock_key_t key);

/* ---- connections ----------------------------------------------------------------- */

#define CONFIG_BT_MAX_CONN 2

struct bt_conn;

struct bt_conn_cb {
    void (*disconnected)(struct bt_conn *conn, uint8_t reason);
};

int bt_conn_cb_register(struct bt_conn_cb *callbacks);
uint8_t bt_conn_index(const struct bt_conn *conn);
struct bt_conn *bt_conn_ref(struct bt_conn *conn);
void bt_conn_unref(struct bt_conn *conn);

/* ---- attributes ------------------------------------------------------------------ */

struct bt_uuid {
    uint8_t type;
};

struct bt_uuid_128 {
    struct bt_uuid uuid;
    uint8_t val[16];
};

#define BT_UUID_INIT_128(...)                                                          \
    {                                                                                  \
        .uuid = {2}, .val = { __VA_ARGS__ }                                            \
    }

#define BT_GATT_PERM_NONE 0x00
#define BT_GATT_PERM_READ 0x01
#define BT_GATT_PERM_WRITE 0x02
#define BT_GATT_PERM_WRITE_ENCRYPT 0x08
#define BT_GATT_CHRC_WRITE_WITHOUT_RESP 0x04
#define BT_GATT_CHRC_NOTIFY 0x10

struct bt_gatt_attr;
typedef ssize_t (*bt_gatt_attr_write_func_t)(struct bt_conn *conn,
                                             const struct bt_gatt_attr *attr,
                                             const void *buf, uint16_t len,
                                             uint16_t offset, uint8_t flags);

struct bt_gatt_attr {
    const struct bt_uuid *uuid;
    bt_gatt_attr_write_func_t write;
    uint16_t perm;
    uint8_t properties; /* Zephyr keeps them elsewhere */
};

/* As in Zephyr a characteristic is two attributes, its declaration and its value. */
#define BT_GATT_PRIMARY_SERVICE(id)                                                    \
    {                                                                                  \
        (const struct bt_uuid *)(id), NULL, 0, 0                                       \
    }
#define BT_GATT_CHARACTERISTIC(id, props, perms, read, write, data)                    \
    {NULL, NULL, BT_GATT_PERM_READ, props},                                            \
    {                                                                                  \
        id, write, perms, 0                                                            \
    }
#define BT_GATT_CCC(changed, perms)                                                    \
    {                                                                                  \
        NULL, NULL, perms, 0                                                           \
    }

struct bt_gatt_service {
    struct bt_gatt_attr *attrs;
    size_t attr_count;
};

#define BT_GATT_SERVICE(array)                                                         \
    {                                                                                  \
        array, sizeof(array) / sizeof((array)[0])                                      \
    }

int bt_gatt_service_register(struct bt_gatt_service *service);

/* ---- values ---------------------------------------------------------------------- */

struct bt_gatt_notify_params {
    const struct bt_gatt_attr *attr;
    const void *data;
    uint16_t len;
    void (*func)(struct bt_conn *conn, void *user_data);
};

/* `func` follows when the notification has left. */
int bt_gatt_notify_cb(struct bt_conn *conn, struct bt_gatt_notify_params *params);
uint16_t bt_gatt_get_mtu(struct bt_conn *conn);

#endif
