/* Ran on no hardware; compiled against its own seam only: no package carries Zephyr.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Ferry's GATT service on Zephyr's Bluetooth host (written for 3.4 and later, with
 * CONFIG_BT_PERIPHERAL=y and CONFIG_BT_GATT_DYNAMIC_DB=y): registers it and runs the
 * session in the system work queue, where notifying never blocks. Values come in another
 * thread. All else is ports/ble. There is one such link in a program. */
#ifndef FERRY_ZEPHYR_BLE_H
#define FERRY_ZEPHYR_BLE_H

#include "ferry_ble.h"

struct ferry_zephyr_config {
    uint8_t slots; /* at most CONFIG_BT_CONN_TX_MAX less what other services use */
    enum ferry_ble_security security;
    uint8_t *room; /* for ferry_ble_init() */
    uint16_t room_len;
};

/* Once, after bt_enable(). 0, or a negative errno. */
int ferry_zephyr_init(struct ferry_device *device,
                      const struct ferry_zephyr_config *cfg);

/* Something else happened to the session: look at it soon. From any thread; any verb of
 * the session is called from the system work queue only. */
void ferry_zephyr_wake(void);

#endif
