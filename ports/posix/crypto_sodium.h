/* SPDX-License-Identifier: Apache-2.0
 *
 * struct ferry_crypto on libsodium; on a host, or compiled for a target. */
#ifndef FERRY_POSIX_CRYPTO_SODIUM_H
#define FERRY_POSIX_CRYPTO_SODIUM_H

#include <sodium.h>

#include "ferry/hal.h"

/* The state behind one session's callbacks; a plain struct, copying it is safe. */
struct ferry_sodium {
    crypto_hash_sha256_state sha256;
    uint32_t verifies; /* signature checks so far */
    uint32_t signs;    /* statements signed so far */
    /* This device's own key, crypto_sign_SECRETKEYBYTES, for ferry_sodium_sign(). */
    const uint8_t *secret;
};

/* Callbacks over `state`, which must outlive them. Call sodium_init() first where there
 * is an operating system. `sign` is NULL: a bootloader is not to carry what it never
 * does. */
struct ferry_crypto ferry_sodium_crypto(struct ferry_sodium *state);

/* To be put into ferry_crypto.sign, by who has put a key into `secret`. */
int ferry_sodium_sign(void *ctx, const uint8_t *msg, size_t msg_len, uint8_t sig[64]);

#endif
