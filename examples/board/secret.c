/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows where the device's key lies. Does not know what it signs. */
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

struct ferry_crypto secret_crypto(struct secret *s)
{
    s->sodium.secret = s->key;
    struct ferry_crypto c = ferry_sodium_crypto(&s->sodium);
    c.sign = ferry_sodium_sign;
    return c;
}
