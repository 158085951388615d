/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows SHA-256 (FIPS 180-4) and a toy signature. Written to be short, not fast. */
#include <sodium.h>

#include <string.h>

static const uint32_t first[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                  0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

/* The fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_of[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4,
    0xAB1C5ED5, 0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE,
    0x9BDC06A7, 0xC19BF174, 0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F,
    0x4A7484AA, 0x5CB0A9DC, 0x76F988DA, 0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7,
    0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967, 0x27B70A85, 0x2E1B2138, 0x4D2C6DFC,
    0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85, 0xA2BFE8A1, 0xA81A664B,
    0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070, 0x19A4C116,
    0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7,
    0xC67178F2};

int sodium_init(void)
{
    return 0;
}

/* ---- SHA-256 --------------------------------------------------------------------- */

static uint32_t turned(uint32_t x, unsigned bits)
{
    return x >> bits | x << (32U - bits);
}

/* The next word of the schedule takes the place of the oldest. */
static uint32_t word(uint32_t w[16], unsigned i)
{
    uint32_t a = w[(i + 1U) % 16U], b = w[(i + 14U) % 16U];

    if (i >= 16U) {
        w[i % 16U] += (turned(a, 7) ^ turned(a, 18) ^ a >> 3) + w[(i + 9U) % 16U] +
                      (turned(b, 17) ^ turned(b, 19) ^ b >> 10);
    }
    return w[i % 16U];
}

static void compress(crypto_hash_sha256_state *s)
{
    uint32_t w[16], v[8];

    for (unsigned i = 0; i < 16; i++) {
        const uint8_t *p = s->block + 4 * i;
        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    }
    memcpy(v, s->h, sizeof v);
    for (unsigned i = 0; i < 64; i++) {
        uint32_t e = v[4], a = v[0];
        uint32_t one = v[7] + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) +
                       ((e & v[5]) ^ (~e & v[6])) + round_of[i] + word(w, i);
        uint32_t two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) +
                       ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (unsigned i = 0; i < 8; i++) {
        s->h[i] += v[i];
    }
}

int crypto_hash_sha256_init(crypto_hash_sha256_state *s)
{
    memcpy(s->h, first, sizeof s->h);
    s->len = 0;
    return 0;
}

int crypto_hash_sha256_update(crypto_hash_sha256_state *s, const uint8_t *p,
                              unsigned long long len)
{
    for (; len > 0; len--) {
        s->block[s->len++ % 64U] = *p++;
        if (s->len % 64U == 0) {
            compress(s);
        }
    }
    return 0;
}

int crypto_hash_sha256_final(crypto_hash_sha256_state *s, uint8_t *out)
{
    static const uint8_t end = 0x80, zero = 0;
    uint64_t bits = (uint64_t)s->len * 8U;

    crypto_hash_sha256_update(s, &end, 1);
    while (s->len % 64U != 56U) {
        crypto_hash_sha256_update(s, &zero, 1);
    }
    for (unsigned i = 0; i < 8; i++) {
        uint8_t byte = (uint8_t)(bits >> (56U - 8U * i));
        crypto_hash_sha256_update(s, &byte, 1);
    }
    for (unsigned i = 0; i < 32; i++) {
        out[i] = (uint8_t)(s->h[i / 4] >> (24U - 8U * (i % 4)));
    }
    return 0;
}

int crypto_hash_sha256(uint8_t *out, const uint8_t *p, unsigned long long len)
{
    crypto_hash_sha256_state s;

    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, p, len);
    return crypto_hash_sha256_final(&s, out);
}

/* ---- the toy --------------------------------------------------------------------- */

int crypto_sign_seed_keypair(uint8_t *pk, uint8_t *sk, const uint8_t *seed)
{
    crypto_hash_sha256(pk, seed, crypto_sign_SEEDBYTES);
    memcpy(sk, seed, crypto_sign_SEEDBYTES);
    memcpy(sk + crypto_sign_SEEDBYTES, pk, crypto_sign_PUBLICKEYBYTES);
    return 0;
}

/* Two hashes, the second one over the first; small as an Ed25519 scalar is. */
static void toy(uint8_t *sig, const uint8_t *m, unsigned long long len,
                const uint8_t *pk)
{
    crypto_hash_sha256_state s;

    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, pk, crypto_sign_PUBLICKEYBYTES);
    crypto_hash_sha256_update(&s, m, len);
    crypto_hash_sha256_final(&s, sig);
    crypto_hash_sha256(sig + 32, sig, 32);
    sig[crypto_sign_BYTES - 1] &= 0x0F;
}

int crypto_sign_detached(uint8_t *sig, unsigned long long *sig_len, const uint8_t *m,
                         unsigned long long len, const uint8_t *sk)
{
    toy(sig, m, len, sk + crypto_sign_SEEDBYTES);
    if (sig_len != NULL) {
        *sig_len = crypto_sign_BYTES;
    }
    return 0;
}

int crypto_sign_verify_detached(const uint8_t *sig, const uint8_t *m,
                                unsigned long long len, const uint8_t *pk)
{
    uint8_t right[crypto_sign_BYTES];

    toy(right, m, len, pk);
    return memcmp(sig, right, sizeof right) == 0 ? 0 : -1;
}
