/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FERRY_CRC_H
#define FERRY_CRC_H

#include <stddef.h>
#include <stdint.h>

#define FERRY_CRC16_INIT 0xFFFFU

/* CRC-16/CCITT-FALSE over a run: polynomial 0x1021, not reflected, no final xor
 * ("123456789" from FERRY_CRC16_INIT gives 0x29B1). The result is the `init` of the
 * next run. */
/*@ requires \valid_read((uint8_t *)run + (0 .. len - 1));
  @ terminates \true;
  @ assigns \nothing; */
uint16_t ferry_crc16(uint16_t init, const void *run, size_t len);

/* CRC-32 of IEEE 802.3, reflected, over one run ("123456789" gives 0xCBF43926). */
/*@ requires \valid_read((uint8_t *)run + (0 .. len - 1));
  @ terminates \true;
  @ assigns \nothing; */
uint32_t ferry_crc32(const void *run, size_t len);

#endif
