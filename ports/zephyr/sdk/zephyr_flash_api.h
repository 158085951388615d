/* Ran on no hardware; never compiled: no package carries Zephyr's headers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Zephyr's own header. Put this folder into the include path instead of ../seam. */
#ifndef FERRY_ZEPHYR_FLASH_API_H
#define FERRY_ZEPHYR_FLASH_API_H

#include <zephyr/storage/flash_map.h>

#endif
