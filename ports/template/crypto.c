/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 2 of docs/PORTING.md: SHA-256 and Ed25519 by whatever this product has: a library,
 * a peripheral, a secure element. Knows no keys. As it stands it verifies nothing. */
#include "port.h"

/* Of all three. Blocks? For 4096 bytes at most.
 * Memory: the input is read only, at any alignment; the state is this file's.
 * Sizes: any, 0 too, in any pieces.
 * Repeats: init starts over, whether or not final was called; one hash at a time.
 * There is no result: a hash that is wrong matches nothing, and so refuses. */
static void sha256_init(void *ctx)
{
    (void)ctx; /* FIXME */
}

static void sha256_update(void *ctx, const void *p, size_t len)
{
    (void)ctx; /* FIXME */
    (void)p;
    (void)len;
}

static void sha256_final(void *ctx, uint8_t out[32])
{
    (void)ctx; /* FIXME */
    for (unsigned i = 0; i < 32; i++) {
        out[i] = 0;
    }
}

/* Blocks? It may (the bootloader feeds the watchdog around it); or it returns
 *   FERRY_PENDING, and ferry_device_done() brings the result.
 * Memory: all of it is borrowed until the result is known.
 * Sizes: `msg` is 46 to 277 bytes, `sig` 64.
 * Repeats: once a second at most.
 * FERRY_VALID: it holds. 0 does not mean that: 0 and everything else refuse. */
static int verify(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    (void)ctx;
    (void)slot; /* FIXME: a secure element may know keys by their slot alone */
    (void)msg;
    (void)msg_len;
    (void)sig;
    if (key->alg != FERRY_ALG_ED25519) {
        return FERRY_E_CRYPTO;
    }
    return FERRY_E_CRYPTO; /* FIXME: FERRY_VALID if and only if the signature holds */
}

static const struct ferry_crypto crypto = {
    .sha256_init = sha256_init,
    .sha256_update = sha256_update,
    .sha256_final = sha256_final,
    .verify = verify,
    .sign = NULL, /* the application puts port_sign there; the bootloader never signs */
};

const struct ferry_crypto *port_crypto(void)
{
    return &crypto;
}
