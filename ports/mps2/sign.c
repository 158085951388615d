/* SPDX-License-Identifier: Apache-2.0
 *
 * The device's own key, made from a seed that everybody can read here: good for an
 * emulator, and for nothing else. Ran on QEMU only. */
#include <sodium.h>

#include "port.h"

static uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
static uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
static bool made;

const uint8_t *port_public_key(void)
{
    static const uint8_t seed[crypto_sign_SEEDBYTES] = {0x4D, 0x50, 0x53, 0x32};

    if (!made) {
        crypto_sign_seed_keypair(public_key, secret_key, seed);
        made = true;
    }
    return public_key;
}

int port_sign(void *ctx, const uint8_t *msg, size_t msg_len, uint8_t sig[64])
{
    (void)ctx;
    (void)port_public_key();
    return crypto_sign_detached(sig, NULL, msg, msg_len, secret_key) == 0
               ? FERRY_VALID
               : FERRY_E_CRYPTO;
}
