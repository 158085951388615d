/* SPDX-License-Identifier: Apache-2.0
 *
 * What this project's tests use of libsodium, for processors that libsodium does not
 * reach. SHA-256 is real. Signatures are a toy that anyone can forge: a hash over public
 * key and message. So tests of the engine run, and tests of Ed25519 cannot. */
#ifndef FERRY_TEST_TOY_SODIUM_H
#define FERRY_TEST_TOY_SODIUM_H

#include <stddef.h>
#include <stdint.h>

#define crypto_sign_SEEDBYTES 32U
#define crypto_sign_PUBLICKEYBYTES 32U
#define crypto_sign_SECRETKEYBYTES 64U
#define crypto_sign_BYTES 64U
#define crypto_hash_sha256_BYTES 32U

typedef struct crypto_hash_sha256_state {
    uint32_t h[8];
    uint32_t len; /* bytes so far */
    uint8_t block[64];
} crypto_hash_sha256_state;

int sodium_init(void);
int crypto_hash_sha256_init(crypto_hash_sha256_state *s);
int crypto_hash_sha256_update(crypto_hash_sha256_state *s, const uint8_t *p,
                              unsigned long long len);
int crypto_hash_sha256_final(crypto_hash_sha256_state *s, uint8_t *out);
int crypto_hash_sha256(uint8_t *out, const uint8_t *p, unsigned long long len);

int crypto_sign_seed_keypair(uint8_t *pk, uint8_t *sk, const uint8_t *seed);
int crypto_sign_detached(uint8_t *sig, unsigned long long *sig_len, const uint8_t *m,
                         unsigned long long len, const uint8_t *sk);
int crypto_sign_verify_detached(const uint8_t *sig, const uint8_t *m,
                                unsigned long long len, const uint8_t *pk);

#endif
