/* SPDX-License-Identifier: Apache-2.0
 *
 * A signature that costs two hashes and that anybody can make: the hash over key and
 * message, and the hash over that. For tests of everything else; on a host, and on chips
 * that have libsodium's SHA-256. */
#ifndef FERRY_SIM_TOY_H
#define FERRY_SIM_TOY_H

#include <sodium.h>

static inline void toy_sign(const uint8_t pk[32], const uint8_t *msg, size_t len,
                            uint8_t sig[64])
{
    crypto_hash_sha256_state s;

    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, pk, 32);
    crypto_hash_sha256_update(&s, msg, len);
    crypto_hash_sha256_final(&s, sig);
    crypto_hash_sha256(sig + 32, sig, 32);
    sig[63] &= 0x0F; /* S is small */
}

#endif
