/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's own key, with which it signs statements: a file beside the flash, made at
 * the factory. A product keeps it where its application cannot read it. */
#ifndef FERRY_BOARD_SECRET_H
#define FERRY_BOARD_SECRET_H

#include <sodium.h>

#include "crypto_sodium.h"

struct secret {
    struct ferry_sodium sodium;
    unsigned char key[crypto_sign_SECRETKEYBYTES];
};

/* Read the seed, 32 bytes, from `path`. 0; or -1: standard error says why. */
FERRY_MUST_USE int secret_load(struct secret *s, const char *path);

/* libsodium's callbacks, and `sign`; `s` must outlive them. */
struct ferry_crypto secret_crypto(struct secret *s);

#endif
