/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the toy's rule: the hash over key and message, and the hash over that. */
#include "toy.h"

#include <string.h>

static void hash(const struct ferry_crypto *c, const void *a, size_t a_len,
                 const void *b, size_t b_len, uint8_t out[32])
{
    c->sha256_init(c->ctx);
    c->sha256_update(c->ctx, a, a_len);
    c->sha256_update(c->ctx, b, b_len);
    c->sha256_final(c->ctx, out);
}

static void make(const struct ferry_crypto *c, const uint8_t key[32],
                 const uint8_t *msg, size_t len, uint8_t sig[64])
{
    hash(c, key, 32, msg, len, sig);
    hash(c, sig, 32, NULL, 0, sig + 32);
    sig[63] &= 0x0F; /* S is small */
}

static int verify(void *ctx, unsigned slot, const struct ferry_key *key,
                  const uint8_t *msg, size_t len, const uint8_t sig[64])
{
    uint8_t want[64];

    (void)slot;
    make(ctx, key->key, msg, len, want);
    return memcmp(sig, want, sizeof want) == 0 ? FERRY_VALID : FERRY_E_SIG;
}

static int sign(void *ctx, const uint8_t *msg, size_t len, uint8_t sig[64])
{
    static const uint8_t own_key[32] = {0x5D};

    make(ctx, own_key, msg, len, sig);
    return FERRY_VALID;
}

static void init(void *ctx)
{
    const struct ferry_crypto *sha = ctx;
    sha->sha256_init(sha->ctx);
}

static void update(void *ctx, const void *p, size_t len)
{
    const struct ferry_crypto *sha = ctx;
    sha->sha256_update(sha->ctx, p, len);
}

static void final(void *ctx, uint8_t out[32])
{
    const struct ferry_crypto *sha = ctx;
    sha->sha256_final(sha->ctx, out);
}

struct ferry_crypto toy_crypto(struct ferry_crypto *sha)
{
    struct ferry_crypto toy = {sha, init, update, final, verify, sign};
    return toy;
}
