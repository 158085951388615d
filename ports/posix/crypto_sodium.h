/* SPDX-License-Identifier: Apache-2.0
 *
 * struct ferry_crypto on libsodium. */
#ifndef FERRY_POSIX_CRYPTO_SODIUM_H
#define FERRY_POSIX_CRYPTO_SODIUM_H

#include <sodium.h>

#include "ferry/hal.h"

/* The state behind one session's callbacks; a plain struct, copying it is safe. */
struct ferry_sodium {
    crypto_hash_sha256_state sha256;
    uint32_t verifies; /* signature checks so far */
    uint32_t signs;    /* statements signed so far */
    /* This device's own key, crypto_sign_SECRETKEYBYTES; NULL: it makes no statements.
     * To be set before ferry_sodium_crypto(). */
    const uint8_t *secret;
};

/* Callbacks over `state`, which must outlive them. Call sodium_init() first. */
struct ferry_crypto ferry_sodium_crypto(struct ferry_sodium *state);

#endif
