/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what every port must do, and tries it on two erase units. Does not know which
 * chip this is. Vectors: FIPS 180-4 ("abc"), RFC 8032, 7.1, tests 1 to 3. */
#include "selftest.h"

#include <string.h>

#define PIECE 512U /* the longest write Ferry makes */

struct run {
    const struct ferry_port_selftest *t;
    int failed;
};

static void check(struct run *r, const char *what, bool passed)
{
    r->failed += !passed;
    if (r->t->say != NULL) {
        r->t->say(r->t->ctx, what, passed);
    }
}

/* ---- flash ----------------------------------------------------------------------- */

static int ended(const struct run *r, int status)
{
    return status == FERRY_PENDING && r->t->wait != NULL ? r->t->wait(r->t->ctx)
                                                         : status;
}

static bool erase(const struct run *r, uint32_t addr)
{
    const struct ferry_flash *f = r->t->flash;
    int status;

    do {
        status = ended(r, f->erase(f->ctx, addr));
    } while (status == FERRY_MORE);
    return status == 0;
}

static bool write(const struct run *r, uint32_t addr, const void *buf, uint32_t len)
{
    const struct ferry_flash *f = r->t->flash;
    return ended(r, f->write(f->ctx, addr, buf, len)) == 0;
}

static uint8_t pattern(uint32_t addr)
{
    return (uint8_t)(addr * 37U + (addr >> 8) * 11U + 5U);
}

/* Is every byte of the run as erased, or as the pattern? */
static bool reads(const struct run *r, uint32_t addr, uint32_t len, bool erased)
{
    const struct ferry_flash *f = r->t->flash;
    uint8_t got[33];

    for (uint32_t at = addr; at < addr + len;) {
        uint32_t n = addr + len - at < sizeof got ? addr + len - at : sizeof got;
        if (f->read(f->ctx, at, got, n) != 0) {
            return false;
        }
        for (uint32_t i = 0; i < n; i++, at++) { /* 33 is odd: every alignment comes */
            if (got[i] != (erased ? f->erased : pattern(at))) {
                return false;
            }
        }
    }
    return true;
}

static bool program(const struct run *r, uint32_t addr, uint32_t len)
{
    uint32_t words[PIECE / 4];
    uint8_t *bytes = (uint8_t *)words;

    for (uint32_t i = 0; i < len; i++) {
        bytes[i] = pattern(addr + i);
    }
    return write(r, addr, bytes, len);
}

static bool geometry_is_right(const struct ferry_flash *f)
{
    uint32_t e = f->erase_unit, w = f->write_unit;

    return e >= 512 && e <= 131072 && (e & (e - 1)) == 0 && w >= 1 && w <= 32 &&
           (w & (w - 1)) == 0 && (f->erased == 0xFF || f->erased == 0x00);
}

static void check_flash(struct run *r)
{
    const struct ferry_flash *f = r->t->flash;
    uint32_t a = r->t->scratch, b = a + f->erase_unit, w = f->write_unit;

    check(r, "flash: geometry", geometry_is_right(f) && a % f->erase_unit == 0);
    check(r, "flash: an erased unit reads erased",
          erase(r, a) && erase(r, b) && reads(r, a, 2 * f->erase_unit, true));
    check(r, "flash: an erased unit can be erased again", erase(r, a));
    check(r, "flash: one write unit is programmed, and no other",
          program(r, a + w, w) && reads(r, a + w, w, false) && reads(r, a, w, true) &&
              reads(r, a + 2 * w, f->erase_unit - 2 * w, true));
    check(r, "flash: its neighbour can be programmed later",
          program(r, a, w) && reads(r, a, 2 * w, false));
    bool all = erase(r, a);
    for (uint32_t at = a; at < b; at += PIECE) {
        all = all && program(r, at, PIECE);
    }
    check(r, "flash: a whole unit in pieces of 512 bytes",
          all && reads(r, a, f->erase_unit, false));
    check(r, "flash: erasing one unit leaves the next alone",
          program(r, b, PIECE) && erase(r, a) && reads(r, b, PIECE, false) &&
              reads(r, a, f->erase_unit, true));
}

static void check_lock(struct run *r)
{
    const struct ferry_flash *f = r->t->flash;
    uint32_t a = r->t->scratch;

    if (!r->t->with_lock || f->lock == NULL) {
        return;
    }
    bool ready = program(r, a, PIECE);
    check(r, "flash: a lock can be set", f->lock(f->ctx, a, f->erase_unit) == 0);
    (void)erase(r, a);
    check(r, "flash: a locked unit is not erased", ready && reads(r, a, PIECE, false));
    (void)program(r, a + PIECE, PIECE % f->erase_unit);
    check(r, "flash: a locked unit is not programmed",
          f->erase_unit == PIECE || reads(r, a + PIECE, PIECE, true));
    check(r, "flash: the unit beside it is not locked",
          erase(r, a + f->erase_unit) && program(r, a + f->erase_unit, PIECE));
}

/* ---- crypto ---------------------------------------------------------------------- */

static void check_sha256(struct run *r)
{
    static const uint8_t want[32] = {0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA,
                                     0x41, 0x41, 0x40, 0xDE, 0x5D, 0xAE, 0x22, 0x23,
                                     0xB0, 0x03, 0x61, 0xA3, 0x96, 0x17, 0x7A, 0x9C,
                                     0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD};
    const struct ferry_crypto *c = r->t->crypto;
    uint8_t whole[32], cut[32];

    c->sha256_init(c->ctx);
    c->sha256_update(c->ctx, "abc", 3);
    c->sha256_final(c->ctx, whole);
    check(r, "SHA-256 of \"abc\"", memcmp(whole, want, sizeof want) == 0);
    c->sha256_init(c->ctx);
    c->sha256_update(c->ctx, "given up", 8);
    c->sha256_init(c->ctx);
    c->sha256_update(c->ctx, "a", 1);
    c->sha256_update(c->ctx, "bc", 2);
    c->sha256_final(c->ctx, cut);
    check(r, "SHA-256 in pieces, after one that was given up",
          memcmp(cut, want, sizeof want) == 0);
}

/* RFC 8032, 7.1, test 2. */
static const struct ferry_key key = {
    .alg = FERRY_ALG_ED25519,
    .key = {0x3D, 0x40, 0x17, 0xC3, 0xE8, 0x43, 0x89, 0x5A, 0x92, 0xB7, 0x0A,
            0xA7, 0x4D, 0x1B, 0x7E, 0xBC, 0x9C, 0x98, 0x2C, 0xCF, 0x2E, 0xC4,
            0x96, 0x8C, 0xC0, 0xCD, 0x55, 0xF1, 0x2A, 0xF4, 0x66, 0x0C}};
static const uint8_t signature[64] = {
    0x92, 0xA0, 0x09, 0xA9, 0xF0, 0xD4, 0xCA, 0xB8, 0x72, 0x0E, 0x82, 0x0B, 0x5F,
    0x64, 0x25, 0x40, 0xA2, 0xB2, 0x7B, 0x54, 0x16, 0x50, 0x3F, 0x8F, 0xB3, 0x76,
    0x22, 0x23, 0xEB, 0xDB, 0x69, 0xDA, 0x08, 0x5A, 0xC1, 0xE4, 0x3E, 0x15, 0x99,
    0x6E, 0x45, 0x8F, 0x36, 0x13, 0xD0, 0xF1, 0x1D, 0x8C, 0x38, 0x7B, 0x2E, 0xAE,
    0xB4, 0x30, 0x2A, 0xEE, 0xB0, 0x0D, 0x29, 0x16, 0x12, 0xBB, 0x0C, 0x00};

static int verify(const struct run *r, const uint8_t *msg, const uint8_t *sig)
{
    const struct ferry_crypto *c = r->t->crypto;
    return ended(r, c->verify(c->ctx, 0, &key, msg, 1, sig));
}

static void check_ed25519(struct run *r)
{
    static const uint8_t right = 0x72, wrong = 0x73;
    uint8_t sig[64];

    check(r, "Ed25519: a good signature is FERRY_VALID",
          verify(r, &right, signature) == FERRY_VALID);
    check(r, "Ed25519: another message is not",
          verify(r, &wrong, signature) != FERRY_VALID);
    bool refused = true;
    for (unsigned bit = 0; bit < 512; bit += 37) {
        memcpy(sig, signature, sizeof sig);
        sig[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        refused = refused && verify(r, &right, sig) != FERRY_VALID;
    }
    check(r, "Ed25519: a signature with a bit changed is not", refused);
}

int ferry_port_selftest(const struct ferry_port_selftest *t)
{
    struct run r = {t, 0};

    check_flash(&r);
    check_sha256(&r);
    check_ed25519(&r);
    check_lock(&r);
    return r.failed;
}
