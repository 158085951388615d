/* Ran on no hardware; never compiled: no package carries Zephyr's headers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Zephyr's own headers. Put this folder into the include path instead of ../seam. */
#ifndef FERRY_ZEPHYR_BLE_API_H
#define FERRY_ZEPHYR_BLE_API_H

#include <zephyr/bluetooth/conn.h>
#include <zephyr/bluetooth/gatt.h>
#include <zephyr/bluetooth/uuid.h>
#include <zephyr/kernel.h>

#endif
