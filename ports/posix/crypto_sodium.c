/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how libsodium spells SHA-256 and Ed25519. */
#include "crypto_sodium.h"

static void sha256_init(void *ctx)
{
    struct ferry_sodium *s = ctx;
    crypto_hash_sha256_init(&s->sha256);
}

static void sha256_update(void *ctx, const void *p, size_t len)
{
    struct ferry_sodium *s = ctx;
    crypto_hash_sha256_update(&s->sha256, p, len);
}

static void sha256_final(void *ctx, uint8_t out[32])
{
    struct ferry_sodium *s = ctx;
    crypto_hash_sha256_final(&s->sha256, out);
}

static int verify(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    struct ferry_sodium *s = ctx;

    (void)slot;
    s->verifies++;
    if (key->alg != FERRY_ALG_ED25519) {
        return FERRY_E_CRYPTO;
    }
    return crypto_sign_verify_detached(sig, msg, msg_len, key->key) == 0 ? FERRY_VALID
                                                                         : FERRY_E_SIG;
}

int ferry_sodium_sign(void *ctx, const uint8_t *msg, size_t msg_len, uint8_t sig[64])
{
    struct ferry_sodium *s = ctx;

    s->signs++;
    return crypto_sign_detached(sig, NULL, msg, msg_len, s->secret) == 0
               ? FERRY_VALID
               : FERRY_E_CRYPTO;
}

struct ferry_crypto ferry_sodium_crypto(struct ferry_sodium *state)
{
    struct ferry_crypto c = {
        .ctx = state,
        .sha256_init = sha256_init,
        .sha256_update = sha256_update,
        .sha256_final = sha256_final,
        .verify = verify,
    };
    return c;
}
