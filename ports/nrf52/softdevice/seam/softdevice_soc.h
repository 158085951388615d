/* Not Nordic's: this project's own declarations, for builds without Nordic's headers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The little of the SoftDevice's SoC interface that softdevice_flash.c uses. It is enough
 * to compile, and for tests, which bring functions of these names; a firmware is linked
 * with ../sdk in the include path instead, because there the calls are supervisor calls.
 * tests/port/headers holds the numbers to Nordic's. */
#ifndef FERRY_SOFTDEVICE_SOC_H
#define FERRY_SOFTDEVICE_SOC_H

#include <stdint.h>

#define NRF_SUCCESS 0U
#define NRF_ERROR_BUSY 17U

#define NRF_EVT_FLASH_OPERATION_SUCCESS 2U
#define NRF_EVT_FLASH_OPERATION_ERROR 3U

uint32_t sd_flash_write(uint32_t *to, const uint32_t *from, uint32_t words);
uint32_t sd_flash_page_erase(uint32_t page);

#endif
