/* SPDX-License-Identifier: Apache-2.0
 *
 * Flash locks that last until the next reset, for struct nrf52_part. `ctx` is not used.
 * Areas are whole pages of 4096 bytes. 0, or FERRY_E_FLASH: nothing more can be locked,
 * or the area is none. Compiled only. */
#ifndef FERRY_NRF52_LOCKS_H
#define FERRY_NRF52_LOCKS_H

#include <stdint.h>

int nrf52_lock_acl(void *ctx, uint32_t addr, uint32_t len);   /* nRF52833, nRF52840 */
int nrf52_lock_bprot(void *ctx, uint32_t addr, uint32_t len); /* nRF52832, nRF52810 */

#endif
