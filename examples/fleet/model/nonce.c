/* SPDX-License-Identifier: Apache-2.0
 *
 * Nonces that need no table: the hour is in them, and a MAC says that it is ours. All of
 * an hour are the same, so that phones may keep one for devices they meet offline. */
#include <sodium.h>
#include <string.h>

#include "checkin.h"

#define HOUR_LEN 4U
#define MAC_LEN (FERRY_NONCE_LEN - HOUR_LEN)

_Static_assert(NONCE_SECRET_LEN == crypto_generichash_KEYBYTES, "the MAC's key");

void nonce_make(uint8_t nonce[FERRY_NONCE_LEN], const uint8_t secret[NONCE_SECRET_LEN],
                int32_t hour)
{
    uint8_t mac[crypto_generichash_BYTES];
    uint32_t h = (uint32_t)hour;

    for (unsigned i = 0; i < HOUR_LEN; i++) {
        nonce[i] = (uint8_t)(h >> 8 * (HOUR_LEN - 1 - i));
    }
    crypto_generichash(mac, sizeof mac, nonce, HOUR_LEN, secret, NONCE_SECRET_LEN);
    memcpy(nonce + HOUR_LEN, mac, MAC_LEN);
}

int32_t nonce_claims(const uint8_t nonce[FERRY_NONCE_LEN])
{
    uint32_t h = 0;

    for (unsigned i = 0; i < HOUR_LEN; i++) {
        h = h << 8 | nonce[i];
    }
    return h <= INT32_MAX ? (int32_t)h : -1;
}

int32_t nonce_hour(const uint8_t nonce[FERRY_NONCE_LEN],
                   const uint8_t secret[NONCE_SECRET_LEN], int32_t now_h)
{
    uint8_t ours[FERRY_NONCE_LEN];
    int32_t hour = nonce_claims(nonce);

    if (hour < 0 || hour > now_h) {
        return -1;
    }
    nonce_make(ours, secret, hour);
    return sodium_memcmp(ours, nonce, sizeof ours) == 0 ? hour : -1;
}
