/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what the standards say SHA-256 and Ed25519 give: FIPS 180-4's examples, and RFC
 * 8032, 7.1, "SHA(abc)". Does not know which backend computes it. */
#include <string.h>

#include "selftest_in.h"

/* ---- SHA-256 --------------------------------------------------------------------- */

static const uint8_t of_nothing[32] = {0xE3, 0xB0, 0xC4, 0x42, 0x98, 0xFC, 0x1C, 0x14,
                                       0x9A, 0xFB, 0xF4, 0xC8, 0x99, 0x6F, 0xB9, 0x24,
                                       0x27, 0xAE, 0x41, 0xE4, 0x64, 0x9B, 0x93, 0x4C,
                                       0xA4, 0x95, 0x99, 0x1B, 0x78, 0x52, 0xB8, 0x55};
static const uint8_t of_abc[32] = {0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA,
                                   0x41, 0x41, 0x40, 0xDE, 0x5D, 0xAE, 0x22, 0x23,
                                   0xB0, 0x03, 0x61, 0xA3, 0x96, 0x17, 0x7A, 0x9C,
                                   0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD};
static const char two_blocks[] =
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
static const uint8_t of_two_blocks[32] = {
    0x24, 0x8D, 0x6A, 0x61, 0xD2, 0x06, 0x38, 0xB8, 0xE5, 0xC0, 0x26,
    0x93, 0x0C, 0x3E, 0x60, 0x39, 0xA3, 0x3C, 0xE4, 0x59, 0x64, 0xFF,
    0x21, 0x67, 0xF6, 0xEC, 0xED, 0xD4, 0x19, 0xDB, 0x06, 0xC1};

/* In pieces of `step` bytes; 0: in one. */
static bool hashes_to(const struct ferry_crypto *c, const void *p, size_t len,
                      size_t step, const uint8_t want[32])
{
    const uint8_t *bytes = p;
    uint8_t got[32];
    size_t n;

    c->sha256_init(c->ctx);
    for (size_t at = 0; at < len; at += n) {
        n = step == 0 || step > len - at ? len - at : step;
        c->sha256_update(c->ctx, bytes + at, n);
    }
    c->sha256_final(c->ctx, got);
    return memcmp(got, want, sizeof got) == 0;
}

/* 500 bytes in pieces of 1 to 130: they end on both sides of every boundary of SHA-256,
 * and begin at every alignment. All must hash as they do at once. */
static bool pieces_agree(struct selftest *s)
{
    const struct ferry_crypto *c = s->t->crypto;
    uint8_t *bytes = (uint8_t *)s->buf, want[32];

    for (unsigned i = 0; i < sizeof s->buf; i++) {
        bytes[i] = (uint8_t)(i * 7U + (i >> 8));
    }
    c->sha256_init(c->ctx);
    c->sha256_update(c->ctx, bytes, 500);
    c->sha256_final(c->ctx, want);
    for (size_t step = 1; step <= 130; step++) {
        if (!hashes_to(c, bytes, 500, step, want)) {
            return false;
        }
    }
    memmove(bytes + 3, bytes, 500);
    return hashes_to(c, bytes + 3, 500, 0, want);
}

static void check_sha256(struct selftest *s)
{
    const struct ferry_crypto *c = s->t->crypto;

    selftest_check(s, "SHA-256: the standard's examples",
                   hashes_to(c, two_blocks, 0, 0, of_nothing) &&
                       hashes_to(c, "abc", 3, 0, of_abc) &&
                       hashes_to(c, two_blocks, 56, 0, of_two_blocks));
    c->sha256_init(c->ctx);
    c->sha256_update(c->ctx, "given up", 8);
    selftest_check(s, "SHA-256: init starts over after a hash that was given up",
                   hashes_to(c, "abc", 3, 0, of_abc));
    selftest_check(s, "SHA-256: pieces of any length and alignment hash as the whole",
                   pieces_agree(s));
}

/* ---- Ed25519 --------------------------------------------------------------------- */

static const struct ferry_key good_key = {
    .alg = FERRY_ALG_ED25519,
    .key = {0xEC, 0x17, 0x2B, 0x93, 0xAD, 0x5E, 0x56, 0x3B, 0xF4, 0x93, 0x2C,
            0x70, 0xE1, 0x24, 0x50, 0x34, 0xC3, 0x54, 0x67, 0xEF, 0x2E, 0xFD,
            0x4D, 0x64, 0xEB, 0xF8, 0x19, 0x68, 0x34, 0x67, 0xE2, 0xBF}};
static const uint8_t message[64] = {
    0xDD, 0xAF, 0x35, 0xA1, 0x93, 0x61, 0x7A, 0xBA, 0xCC, 0x41, 0x73, 0x49, 0xAE,
    0x20, 0x41, 0x31, 0x12, 0xE6, 0xFA, 0x4E, 0x89, 0xA9, 0x7E, 0xA2, 0x0A, 0x9E,
    0xEE, 0xE6, 0x4B, 0x55, 0xD3, 0x9A, 0x21, 0x92, 0x99, 0x2A, 0x27, 0x4F, 0xC1,
    0xA8, 0x36, 0xBA, 0x3C, 0x23, 0xA3, 0xFE, 0xEB, 0xBD, 0x45, 0x4D, 0x44, 0x23,
    0x64, 0x3C, 0xE8, 0x0E, 0x2A, 0x9A, 0xC9, 0x4F, 0xA5, 0x4C, 0xA4, 0x9F};
static const uint8_t signature[64] = {
    0xDC, 0x2A, 0x44, 0x59, 0xE7, 0x36, 0x96, 0x33, 0xA5, 0x2B, 0x1B, 0xF2, 0x77,
    0x83, 0x9A, 0x00, 0x20, 0x10, 0x09, 0xA3, 0xEF, 0xBF, 0x3E, 0xCB, 0x69, 0xBE,
    0xA2, 0x18, 0x6C, 0x26, 0xB5, 0x89, 0x09, 0x35, 0x1F, 0xC9, 0xAC, 0x90, 0xB3,
    0xEC, 0xFD, 0xFB, 0xC7, 0xC6, 0x64, 0x31, 0xE0, 0x30, 0x3D, 0xCA, 0x17, 0x9C,
    0x13, 0x8A, 0xC1, 0x7A, 0xD9, 0xBE, 0xF1, 0x17, 0x73, 0x31, 0xA7, 0x04};
/* The group's order L, little-endian. */
static const uint8_t order[32] = {0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58,
                                  0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
                                  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10};

static int verify(struct selftest *s, const struct ferry_key *key, const uint8_t *msg,
                  const uint8_t *sig)
{
    const struct ferry_crypto *c = s->t->crypto;
    return selftest_ended(s, c->verify(c->ctx, 0, key, msg, sizeof message, sig));
}

/* Every 37th bit, so that each byte's neighbourhood and both halves get their turn. */
static bool changed_bits_are_refused(struct selftest *s)
{
    uint8_t sig[64], msg[64];
    struct ferry_key key = good_key;
    bool refused = true;

    for (unsigned bit = 0; bit < 512; bit += 37) {
        uint8_t mask = (uint8_t)(1U << (bit % 8));
        memcpy(sig, signature, sizeof sig);
        memcpy(msg, message, sizeof msg);
        sig[bit / 8] ^= mask;
        msg[bit / 8] ^= mask;
        refused = refused && verify(s, &good_key, message, sig) != FERRY_VALID &&
                  verify(s, &good_key, msg, signature) != FERRY_VALID;
    }
    key.key[7] ^= 0x10;
    return refused && verify(s, &key, message, signature) != FERRY_VALID;
}

static bool garbage_is_refused(struct selftest *s)
{
    uint8_t sig[64];
    bool refused = true;

    for (unsigned fill = 0; fill < 256; fill += 85) {
        memset(sig, (int)fill, sizeof sig);
        refused = refused && verify(s, &good_key, message, sig) != FERRY_VALID;
    }
    return refused;
}

/* A slot that is empty, or holds a key for something else. */
static bool other_slots_are_refused(struct selftest *s)
{
    struct ferry_key other = good_key, empty;

    memset(&empty, 0, sizeof empty);
    other.alg = FERRY_ALG_NONE;
    return verify(s, &empty, message, signature) != FERRY_VALID &&
           verify(s, &other, message, signature) != FERRY_VALID;
}

/* S + L is S, as far as the curve goes: a second signature for the same bytes. Ferry never
 * asks about it (it refuses every S of 2^252 or more), so a backend may take it. */
static void check_s_plus_l(struct selftest *s)
{
    static const char what[] = "Ed25519: S + L is refused by the backend, too";
    uint8_t sig[64];
    unsigned carry = 0;

    memcpy(sig, signature, sizeof sig);
    for (unsigned i = 0; i < 32; i++) {
        carry += (unsigned)sig[32 + i] + order[i];
        sig[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    if (verify(s, &good_key, message, sig) == FERRY_VALID) {
        selftest_skip(s, what);
    } else {
        selftest_check(s, what, true);
    }
}

static void check_verify(struct selftest *s)
{
    selftest_check(s, "Ed25519: the standard's signature is FERRY_VALID",
                   verify(s, &good_key, message, signature) == FERRY_VALID);
    selftest_check(s, "Ed25519: signature, message or key with a bit changed is not",
                   changed_bits_are_refused(s));
    selftest_check(s, "Ed25519: garbage is not", garbage_is_refused(s));
    selftest_check(s, "Ed25519: a slot without an Ed25519 key refuses",
                   other_slots_are_refused(s));
    check_s_plus_l(s);
}

static void check_sign(struct selftest *s)
{
    static const char what[] = "Ed25519: what sign made holds under the device's key";
    const struct ferry_crypto *c = s->t->crypto;
    struct ferry_key own = {.alg = FERRY_ALG_ED25519};
    uint8_t sig[64] = {0};

    if (c->sign == NULL || s->t->public_key == NULL) {
        selftest_skip(s, what);
        return;
    }
    memcpy(own.key, s->t->public_key, 32);
    int status = selftest_ended(s, c->sign(c->ctx, message, sizeof message, sig));
    selftest_check(
        s, what, status == FERRY_VALID && verify(s, &own, message, sig) == FERRY_VALID);
}

void selftest_crypto(struct selftest *s)
{
    check_sha256(s);
    check_verify(s);
    check_sign(s);
}
