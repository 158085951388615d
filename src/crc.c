/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the checksums that frames and journals carry. They guard against accidents,
 * never against people. Knows nothing of frames or journals. */
#include "crc.h"

/* The eight shifts of one byte folded into four: for this polynomial the feedback of
 * the high byte x is x ^ x>>4 at bits 0, 5 and 12. No table, and faster than one
 * where flash has wait states. */
uint16_t ferry_crc16(uint16_t init, const void *run, size_t len)
{
    const uint8_t *p = (const uint8_t *)run;
    uint32_t crc = init;

    /*@ loop invariant 0 <= i <= len;
      @ loop assigns i, crc;
      @ loop variant len - i; */
    for (size_t i = 0; i < len; i++) {
        uint32_t x = ((crc >> 8) ^ p[i]) & 0xFFU;
        x ^= x >> 4;
        crc = (crc << 8) ^ (x << 12) ^ (x << 5) ^ x;
    }
    return (uint16_t)crc;
}

uint32_t ferry_crc32(const void *run, size_t len)
{
    const uint8_t *p = (const uint8_t *)run;
    uint32_t crc = UINT32_MAX;

    /*@ loop invariant 0 <= i <= len;
      @ loop assigns i, crc;
      @ loop variant len - i; */
    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        /*@ loop invariant 0 <= b <= 8;
          @ loop assigns b, crc;
          @ loop variant 8 - b; */
        for (unsigned b = 0; b < 8; b++) {
            crc = crc >> 1 ^ (0xEDB88320U & (0U - (crc & 1U)));
        }
    }
    return ~crc;
}
