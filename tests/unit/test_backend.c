/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what the engine expects of every crypto backend, on libsodium: signatures as in
 * RFC 8032, SHA-256 as in FIPS 180, and that no altered signature, none in another
 * spelling and no key of small order is ever valid. Fixed vectors: test_hostile.c. */
#include "check.h"
#include "crypto_sodium.h"
#include "hostile.h"

#define MSG_LEN 100U /* a manifest's to-be-signed bytes are 46 to 277 */

static struct ferry_sodium sodium;
static struct ferry_crypto crypto;
static struct ferry_key key;
static uint8_t secret[64], msg[MSG_LEN], sig[64];

/* The message of this number, signed by a key of ours. */
static void begin(uint32_t number)
{
    uint8_t seed[32];

    assert_true(sodium_init() >= 0);
    memset(seed, 0x6B, sizeof seed);
    memset(&key, 0, sizeof key);
    key.alg = FERRY_ALG_ED25519;
    crypto_sign_seed_keypair(key.key, secret, seed);
    memset(&sodium, 0, sizeof sodium);
    sodium.secret = secret;
    crypto = ferry_sodium_crypto(&sodium);
    crypto.sign = ferry_sodium_sign;
    memset(msg, 0xA5, sizeof msg);
    memcpy(msg, &number, sizeof number);
    assert_int_equal(crypto.sign(crypto.ctx, msg, sizeof msg, sig), FERRY_VALID);
}

static bool valid(void)
{
    return crypto.verify(crypto.ctx, 0, &key, msg, sizeof msg, sig) == FERRY_VALID;
}

/* ---- vectors --------------------------------------------------------------------- */

static void every_vector_of_rfc_8032_is_signed_as_the_standard_has_it(void **state)
{
    const struct hostile_rfc *v;

    (void)state;
    for (unsigned i = 0; (v = hostile_rfc_at(i)) != NULL; i++) {
        uint8_t seed[32], text[64], public[32], want[64], made[64];
        begin(0);
        hostile_bytes(v->seed, seed);
        hostile_bytes(v->key, key.key);
        hostile_bytes(v->msg, text);
        hostile_bytes(v->sig, want);
        crypto_sign_seed_keypair(public, secret, seed);
        assert_memory_equal(public, key.key, sizeof public);
        assert_int_equal(crypto.sign(crypto.ctx, text, v->msg_len, made), FERRY_VALID);
        assert_memory_equal(made, want, sizeof want);
    }
}

/* FIPS 180-2, B: one block, two blocks, and a million bytes in pieces of any size. */
static void sha_256_is_that_of_fips_180(void **state)
{
    static const struct {
        const char *text, *hash;
    } rows[] = {
        {"abc", "BA 78 16 BF 8F 01 CF EA 41 41 40 DE 5D AE 22 23 B0 03 61 A3 96 17 7A "
                "9C B4 10 FF 61 F2 00 15 AD"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "24 8D 6A 61 D2 06 38 B8 E5 C0 26 93 0C 3E 60 39 A3 3C E4 59 64 FF 21 67 F6 "
         "EC "
         "ED D4 19 DB 06 C1"},
        {"", "E3 B0 C4 42 98 FC 1C 14 9A FB F4 C8 99 6F B9 24 27 AE 41 E4 64 9B 93 4C "
             "A4 95 99 1B 78 52 B8 55"},
    };
    uint8_t hash[32], want[32];
    struct dice dice = {12345};

    (void)state;
    begin(0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        crypto.sha256_init(crypto.ctx);
        crypto.sha256_update(crypto.ctx, rows[i].text, strlen(rows[i].text));
        crypto.sha256_final(crypto.ctx, hash);
        unhex(rows[i].hash, want);
        assert_memory_equal(hash, want, sizeof want);
    }
    static uint8_t as[4096];
    memset(as, 'a', sizeof as);
    crypto.sha256_init(crypto.ctx);
    for (uint32_t left = 1000000; left > 0;) {
        uint32_t n = 1 + roll_below(&dice, sizeof as);
        n = n < left ? n : left;
        crypto.sha256_update(crypto.ctx, as, n);
        left -= n;
    }
    crypto.sha256_final(crypto.ctx, hash);
    unhex("CD C7 6E 5C 99 14 FB 92 81 A1 C7 E2 84 D7 3E 67 F1 80 9A 48 A4 97 20 0E 04 "
          "6D 39 CC C7 11 2C D0",
          want);
    assert_memory_equal(hash, want, sizeof want);
}

/* ---- altered --------------------------------------------------------------------- */

static void no_bit_of_a_signature_can_be_altered(void **state)
{
    (void)state;
    begin(1);
    assert_true(valid());
    for (unsigned bit = 0; bit < 8 * sizeof sig; bit++) {
        sig[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_false(valid());
        sig[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_true(valid());
}

static void no_bit_of_message_or_key_can_be_altered(void **state)
{
    (void)state;
    begin(2);
    for (unsigned bit = 0; bit < 8 * MSG_LEN; bit++) {
        msg[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_false(valid());
        msg[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    for (unsigned bit = 0; bit < 8 * 32; bit++) {
        key.key[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_false(valid());
        key.key[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_true(valid());
}

static void only_an_ed25519_key_verifies(void **state)
{
    (void)state;
    begin(3);
    for (unsigned alg = 0; alg < 256; alg++) {
        key.alg = (uint8_t)alg;
        assert_int_equal(valid(), alg == FERRY_ALG_ED25519);
    }
}

/* ---- other spellings ------------------------------------------------------------- */

/* S + nL for S: the same signature to a backend that does not look. */
static void a_scalar_in_another_spelling_is_not_valid(void **state)
{
    uint8_t order[32];

    (void)state;
    unhex("ED D3 F5 5C 1A 63 12 58 D6 9C F7 A2 DE F9 DE 14 15*00 10", order);
    for (uint32_t number = 0; number < 50; number++) {
        begin(number);
        for (unsigned n = 1; n < 15; n++) { /* as long as it fits 256 bits */
            unsigned carry = 0;
            for (unsigned i = 0; i < 32; i++) {
                carry += (unsigned)sig[32 + i] + order[i];
                sig[32 + i] = (uint8_t)carry;
                carry >>= 8;
            }
            assert_int_equal(carry, 0);
            assert_false(valid());
        }
    }
}

/* Every encoding of the eight points of small order: y = 0, 1, -1, the four of order 8,
 * and the same with p added to y, or with a sign where x is 0. */
static const char *const small_points[] = {
    "32*00",
    "31*00 80",
    "01 31*00",
    "01 30*00 80",
    "EC 30*FF 7F",
    "EC 31*FF",
    "ED 30*FF 7F",
    "ED 31*FF",
    "EE 30*FF 7F",
    "EE 31*FF",
    "26 E8 95 8F C2 B2 27 B0 45 C3 F4 89 F2 EF 98 F0 D5 DF AC 05 D3 C6 33 39 B1 38 02 "
    "88 6D 53 FC 05",
    "26 E8 95 8F C2 B2 27 B0 45 C3 F4 89 F2 EF 98 F0 D5 DF AC 05 D3 C6 33 39 B1 38 02 "
    "88 6D 53 FC 85",
    "C7 17 6A 70 3D 4D D8 4F BA 3C 0B 76 0D 10 67 0F 2A 20 53 FA 2C 39 CC C6 4E C7 FD "
    "77 92 AC 03 7A",
    "C7 17 6A 70 3D 4D D8 4F BA 3C 0B 76 0D 10 67 0F 2A 20 53 FA 2C 39 CC C6 4E C7 FD "
    "77 92 AC 03 FA",
};

/* With S = 0 such a pair holds for one message in eight where nobody looks: anybody
 * could sign under such a key. */
static void no_key_and_no_point_of_small_order_is_valid(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(small_points); k++) {
        for (size_t r = 0; r < COUNT(small_points); r++) {
            for (uint32_t number = 0; number < 16; number++) {
                begin(number);
                unhex(small_points[k], key.key);
                unhex(small_points[r], sig);
                memset(sig + 32, 0, 32);
                assert_false(valid());
            }
        }
    }
}

/* y = p + k, which is another spelling of k, with either sign: as a key, and as R. The
 * points of small order are among them. */
static void no_point_in_another_spelling_is_valid(void **state)
{
    uint8_t point[32];

    (void)state;
    memset(point, 0xFF, sizeof point);
    for (unsigned k = 0; k < 19; k++) {
        for (unsigned sign = 0; sign < 2; sign++) {
            point[0] = (uint8_t)(0xED + k);
            point[31] = (uint8_t)(0x7F | sign << 7);
            for (uint32_t number = 0; number < 8; number++) {
                begin(number);
                memcpy(key.key, point, sizeof point);
                assert_false(valid());
                memset(sig + 32, 0, 32); /* S = 0 would hide the key's share */
                assert_false(valid());
                begin(number);
                memcpy(sig, point, sizeof point);
                assert_false(valid());
            }
        }
    }
}

/* The key is one of ours, and R such a point; and the other way round. */
static void half_of_it_is_not_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(small_points); i++) {
        for (uint32_t number = 0; number < 16; number++) {
            begin(number);
            unhex(small_points[i], sig);
            assert_false(valid());
            begin(number);
            unhex(small_points[i], key.key);
            assert_false(valid());
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_of_rfc_8032_is_signed_as_the_standard_has_it),
        cmocka_unit_test(sha_256_is_that_of_fips_180),
        cmocka_unit_test(no_bit_of_a_signature_can_be_altered),
        cmocka_unit_test(no_bit_of_message_or_key_can_be_altered),
        cmocka_unit_test(only_an_ed25519_key_verifies),
        cmocka_unit_test(a_scalar_in_another_spelling_is_not_valid),
        cmocka_unit_test(no_key_and_no_point_of_small_order_is_valid),
        cmocka_unit_test(no_point_in_another_spelling_is_valid),
        cmocka_unit_test(half_of_it_is_not_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
