/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows where the device's key lies and how it signs. Does not know what. */
#include "secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "file.h"

int secret_load(struct secret *s, const char *path)
{
    unsigned char seed[crypto_sign_SEEDBYTES], public_key[crypto_sign_PUBLICKEYBYTES];
    size_t len = 0;

    if (ferry_file_load(path, seed, sizeof seed, &len) != 0) {
        fprintf(stderr, "image: %s: %s\n", path, strerror(errno));
        return -1;
    }
    if (len != sizeof seed) {
        fprintf(stderr, "image: %s: a device's key has %zu bytes\n", path, sizeof seed);
        return -1;
    }
    crypto_sign_seed_keypair(public_key, s->key, seed);
    sodium_memzero(seed, sizeof seed);
    return 0;
}

static int sign(void *ctx, const uint8_t *msg, size_t msg_len, uint8_t sig[64])
{
    const struct secret *s = ctx;

    return crypto_sign_detached(sig, NULL, msg, msg_len, s->key) == 0 ? FERRY_VALID
                                                                      : FERRY_E_CRYPTO;
}

struct ferry_crypto secret_crypto(struct secret *s)
{
    struct ferry_crypto c = ferry_sodium_crypto(&s->sodium);

    c.ctx = s;
    c.sign = sign;
    return c;
}
