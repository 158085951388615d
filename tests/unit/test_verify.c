/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the way of an envelope through verify.c: which slots and algorithms are
 * refused before the backend is asked, that only one value of the backend's means yes,
 * and that the envelope is whole again afterwards. */
#include "verify.h"

#include <limits.h>

#include "check.h"
#include "crypto_sodium.h"
#include "sample.h"

/* ---- a backend that says what it is told ----------------------------------------- */

struct parrot {
    int says;
    unsigned asked;
    unsigned slot;
    const struct ferry_key *key;
    uint8_t msg[FERRY_TBS_MAX];
    size_t msg_len;
    uint8_t sig[FERRY_SIG_LEN];
};

static int parrot_verify(void *ctx, unsigned slot, const struct ferry_key *key,
                         const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    struct parrot *p = ctx;

    p->asked++;
    p->slot = slot;
    p->key = key;
    assert_in_range(msg_len, 46, sizeof p->msg);
    memcpy(p->msg, msg, msg_len);
    p->msg_len = msg_len;
    memcpy(p->sig, sig, sizeof p->sig);
    return p->says;
}

static struct ferry_crypto parrot_crypto(struct parrot *p)
{
    struct ferry_crypto c = {.ctx = p, .verify = parrot_verify};

    return c;
}

static int form(struct sample *s, struct ferry_envelope *e)
{
    return ferry_verify_form(sample_keys(), sample_env(s), s->len, e);
}

/* Form and, if it is right, the real backend. */
static int verify(struct sample *s, struct ferry_sodium *sodium)
{
    struct ferry_crypto crypto = ferry_sodium_crypto(sodium);
    struct ferry_envelope e;
    int err = form(s, &e);

    return err != 0 ? err : ferry_verify_ask(&crypto, sample_keys(), sample_env(s), &e);
}

/* ---- slots and algorithms -------------------------------------------------------- */

struct slot_row {
    const char *name;
    uint8_t kid, alg;
    int code;
};
static const struct slot_row slot_rows[] = {
    {"slot 0", 0, FERRY_ALG_ED25519, 0},
    {"slot 2", 2, FERRY_ALG_ED25519, 0},
    {"recovery slot", 7, FERRY_ALG_ED25519, 0},
    {"empty slot", 5, FERRY_ALG_ED25519, FERRY_E_KID},
    {"empty slot, algorithm none", 5, FERRY_ALG_NONE, FERRY_E_KID},
    {"algorithm without a key", 3, FERRY_ALG_ED25519, FERRY_E_KID},
    {"key without an algorithm", 6, FERRY_ALG_ED25519, FERRY_E_KID},
    {"key without an algorithm, nor here", 6, FERRY_ALG_NONE, FERRY_E_KID},
    {"slot 8", 8, FERRY_ALG_ED25519, FERRY_E_KID},
    {"slot 127", 127, FERRY_ALG_ED25519, FERRY_E_KID},
    {"a statement's slot", 0x80, FERRY_ALG_ED25519, FERRY_E_KID},
    {"slot 255", 255, FERRY_ALG_ED25519, FERRY_E_KID},
    {"ES256 for an Ed25519 slot", 1, FERRY_ALG_ES256, FERRY_E_FRAME},
    {"Ed25519 for an ES256 slot", 4, FERRY_ALG_ED25519, FERRY_E_FRAME},
    {"ES256, not built in", 4, FERRY_ALG_ES256, FERRY_E_FRAME},
    {"no algorithm", 1, FERRY_ALG_NONE, FERRY_E_FRAME},
    {"an algorithm nobody knows", 1, 0x38, FERRY_E_FRAME},
};

static void slot_and_algorithm_are_judged_before_the_signature(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(slot_rows); i++) {
        const struct slot_row *r = &slot_rows[i];
        struct ferry_sodium sodium = {0};
        struct sample s;
        sample_envelope(&s);
        sample_env(&s)[5] = r->alg;
        sample_env(&s)[8] = r->kid;
        sample_sign(&s, r->kid); /* by whoever would hold that slot's key */
        expect_code(r->name, verify(&s, &sodium), r->code);
        expect_true(r->name, sodium.verifies == (r->code == 0));
    }
}

static void a_key_in_a_secure_element_is_not_an_empty_slot(void **state)
{
    struct ferry_key keys[FERRY_KEY_SLOTS] = {{0}};
    struct ferry_envelope e;
    struct sample s;

    (void)state;
    sample_envelope(&s);
    keys[SAMPLE_SLOT].alg = FERRY_ALG_ED25519;
    for (unsigned at = 0; at < 64; at++) {
        memset(keys[SAMPLE_SLOT].key, 0, 64);
        assert_int_equal(ferry_verify_form(keys, sample_env(&s), s.len, &e),
                         FERRY_E_KID);
        keys[SAMPLE_SLOT].key[at] = 0x80;
        assert_int_equal(ferry_verify_form(keys, sample_env(&s), s.len, &e), 0);
    }
}

static void another_slots_signature_is_E_SIG(void **state)
{
    struct ferry_sodium sodium = {0};
    struct sample s;

    (void)state;
    sample_envelope(&s);
    sample_sign(&s, 2);
    assert_int_equal(verify(&s, &sodium), FERRY_E_SIG);
    sample_env(&s)[8] = 2; /* the slot is signed, too */
    assert_int_equal(verify(&s, &sodium), FERRY_E_SIG);
    sample_sign(&s, 2);
    assert_int_equal(verify(&s, &sodium), 0);
}

/* ---- S in 252 bits --------------------------------------------------------------- */

/* The group order of RFC 8032, 5.1, little-endian, plus `more`. */
static void put_order(uint8_t *s, int more)
{
    size_t n = unhex("ED D3 F5 5C 1A 63 12 58 D6 9C F7 A2 DE F9 DE 14 15*00 10", s);

    assert_int_equal(n, 32);
    s[0] = (uint8_t)(s[0] + more);
}

struct scalar {
    const char *name, *hex; /* NULL: the order plus `more` */
    int more;
    bool asked; /* the backend gets to see it */
};
static const struct scalar scalars[] = {
    {"0", "32*00", 0, true},
    {"1", "01 31*00", 0, true},
    {"L - 1, which comes once in 2^127", NULL, -1, false},
    {"L", NULL, 0, false},
    {"L + 1", NULL, 1, false},
    {"2^252", "31*00 10", 0, false},
    {"2^252 - 1", "31*FF 0F", 0, true},
    {"2^252 + 2^124 or so", "15*00 15 15*00 10", 0, false},
    {"2^252 and a bit", "15*FF 13 15*00 10", 0, false},
    {"a bit above the gap", "16*00 01 14*00 10", 0, false},
    {"2^253", "31*00 20", 0, false},
    {"2^255", "31*00 80", 0, false},
    {"2^256 - 1", "32*FF", 0, false},
};

static void
a_scalar_not_below_2_to_the_252_is_refused_before_the_backend_is_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scalars); i++) {
        struct ferry_sodium sodium = {0};
        struct sample s;
        sample_envelope(&s);
        uint8_t *scalar = sample_env(&s) + s.len - 32;
        if (scalars[i].hex != NULL) {
            assert_int_equal(unhex(scalars[i].hex, scalar), 32);
        } else {
            put_order(scalar, scalars[i].more);
        }
        expect_code(scalars[i].name, verify(&s, &sodium), FERRY_E_SIG);
        expect_true(scalars[i].name, sodium.verifies == scalars[i].asked);
    }
}

/* The same signature in its other spelling, which some backends accept. */
static void S_plus_L_of_a_good_signature_never_reaches_the_backend(void **state)
{
    struct ferry_sodium sodium = {0};
    struct sample s;
    uint8_t order[32];
    unsigned carry = 0;

    (void)state;
    sample_envelope(&s);
    assert_int_equal(verify(&s, &sodium), 0);
    assert_int_equal(sodium.verifies, 1);
    put_order(order, 0);
    uint8_t *scalar = sample_env(&s) + s.len - 32;
    for (unsigned i = 0; i < 32; i++) {
        carry += (unsigned)scalar[i] + order[i];
        scalar[i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(verify(&s, &sodium), FERRY_E_SIG);
    assert_int_equal(sodium.verifies, 1);
}

/* Under such keys R = 0, S = 0 holds for many messages where a backend is lax. */
static void keys_of_small_order_sign_nothing(void **state)
{
    const char *const points[] = {
        "01 31*00",
        "32*00",
        "EC 30*FF 7F",
        "C7 17 6A 70 3D 4D D8 4F BA 3C 0B 76 0D 10 67 0F 2A 20 53 FA 2C 39 CC C6 4E C7 "
        "FD 77 92 AC 03 7A",
        "26 E8 95 8F C2 B2 27 B0 45 C3 F4 89 F2 EF 98 F0 D5 DF AC 05 D3 C6 33 39 B1 38 "
        "02 88 6D 53 FC 05",
    };
    struct ferry_sodium sodium = {0};
    struct ferry_crypto crypto = ferry_sodium_crypto(&sodium);

    (void)state;
    for (size_t k = 0; k < COUNT(points); k++) {
        for (size_t r = 0; r < COUNT(points); r++) {
            struct ferry_key keys[FERRY_KEY_SLOTS] = {{0}};
            struct ferry_envelope e;
            struct sample s;
            sample_envelope(&s);
            keys[SAMPLE_SLOT].alg = FERRY_ALG_ED25519;
            unhex(points[k], keys[SAMPLE_SLOT].key);
            keys[SAMPLE_SLOT].key[63] |= k == 1; /* not an empty slot */
            unhex(points[r], sample_env(&s) + s.len - 64);
            memset(sample_env(&s) + s.len - 32, 0, 32);
            assert_int_equal(ferry_verify_form(keys, sample_env(&s), s.len, &e), 0);
            assert_int_equal(ferry_verify_ask(&crypto, keys, sample_env(&s), &e),
                             FERRY_E_SIG);
        }
    }
    assert_int_equal(sodium.verifies, COUNT(points) * COUNT(points));
}

/* ---- what the backend says ------------------------------------------------------- */

static void only_FERRY_VALID_is_valid(void **state)
{
    const int garbage[] = {0,           -1,
                           2,           0xFF,
                           0x5AC2,      0x5AC7,
                           0xC35A,      FERRY_VALID | INT_MIN,
                           -0x5AC3,     ~0x5AC3,
                           INT_MAX,     INT_MIN,
                           FERRY_E_SIG, FERRY_E_CRYPTO,
                           FERRY_MORE};

    (void)state;
    for (size_t i = 0; i < COUNT(garbage) + 1; i++) {
        bool valid = i == COUNT(garbage);
        struct parrot p = {.says = valid ? FERRY_VALID : garbage[i]};
        struct ferry_crypto crypto = parrot_crypto(&p);
        struct ferry_envelope e;
        struct sample s, before;
        sample_envelope(&s);
        before = s;
        assert_int_equal(form(&s, &e), 0);
        assert_int_equal(ferry_verify_ask(&crypto, sample_keys(), sample_env(&s), &e),
                         valid ? 0 : FERRY_E_SIG);
        assert_int_equal(p.asked, 1);
        assert_memory_equal(sample_env(&s), sample_env(&before), s.len);
        assert_int_equal(ferry_verify_answer(sample_env(&s), p.says),
                         valid ? 0 : FERRY_E_SIG);
    }
}

static void no_single_flipped_bit_of_FERRY_VALID_is_valid(void **state)
{
    struct sample s;

    (void)state;
    sample_envelope(&s);
    for (unsigned bit = 0; bit < 8 * sizeof(int); bit++) {
        int says = (int)(FERRY_VALID ^ 1U << bit);
        assert_int_equal(ferry_verify_answer(sample_env(&s), says), FERRY_E_SIG);
    }
}

/* `true` from a careless port is FERRY_PENDING: it never becomes a yes by itself. */
static void a_backend_that_says_true_is_only_pending(void **state)
{
    struct parrot p = {.says = true};
    struct ferry_crypto crypto = parrot_crypto(&p);
    struct ferry_envelope e;
    struct sample s;

    (void)state;
    sample_envelope(&s);
    assert_int_equal(form(&s, &e), 0);
    assert_int_equal(ferry_verify_ask(&crypto, sample_keys(), sample_env(&s), &e),
                     FERRY_PENDING);
    assert_int_equal(ferry_verify_answer(sample_env(&s), true), FERRY_E_SIG);
}

static void
a_pending_answer_leaves_the_signed_bytes_standing_until_it_comes(void **state)
{
    const struct {
        int says, code;
    } answers[] = {{FERRY_VALID, 0}, {0, FERRY_E_SIG}, {-1, FERRY_E_SIG}};

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct parrot p = {.says = FERRY_PENDING};
        struct ferry_crypto crypto = parrot_crypto(&p);
        struct ferry_envelope e;
        struct sample s, before;
        sample_envelope(&s);
        before = s;
        assert_int_equal(form(&s, &e), 0);
        assert_int_equal(ferry_verify_ask(&crypto, sample_keys(), sample_env(&s), &e),
                         FERRY_PENDING);
        assert_memory_equal(s.room, p.msg, p.msg_len);
        assert_memory_equal(e.sig, p.sig, FERRY_SIG_LEN);
        assert_int_equal(ferry_verify_answer(sample_env(&s), answers[i].says),
                         answers[i].code);
        assert_memory_equal(sample_env(&s), sample_env(&before), s.len);
    }
}

static void
the_backend_is_asked_about_the_signed_bytes_under_the_slots_key(void **state)
{
    struct parrot p = {.says = FERRY_VALID};
    struct ferry_crypto crypto = parrot_crypto(&p);
    struct ferry_envelope e;
    struct sample s;

    (void)state;
    sample_envelope(&s);
    assert_int_equal(form(&s, &e), 0);
    assert_int_equal(ferry_verify_ask(&crypto, sample_keys(), sample_env(&s), &e), 0);
    assert_int_equal(p.slot, SAMPLE_SLOT);
    assert_ptr_equal(p.key, sample_keys() + SAMPLE_SLOT);
    assert_int_equal(p.msg_len, e.payload_len + FERRY_TBS_OVER);
    assert_memory_equal(p.msg, "\x84\x6ASignature1\x46\xA2\x01", 15);
    assert_memory_equal(p.msg + FERRY_TBS_OVER, e.payload, e.payload_len);
    assert_memory_equal(p.sig, sample_env(&s) + s.len - 64, 64);
}

static void the_digest_is_of_the_signed_bytes_and_not_of_the_signature(void **state)
{
    struct ferry_sodium sodium = {0};
    struct ferry_crypto crypto = ferry_sodium_crypto(&sodium);
    uint8_t want[32], got[32];
    struct sample s, before;

    (void)state;
    sample_envelope(&s);
    size_t len = ferry_tbs_make(sample_env(&s));
    crypto_hash_sha256(want, s.room, len);
    ferry_tbs_undo(sample_env(&s));
    sample_env(&s)[s.len - 1] ^= 1;
    before = s;

    ferry_verify_digest(&crypto, sample_env(&s), got);

    assert_memory_equal(got, want, sizeof want);
    assert_memory_equal(sample_env(&s), sample_env(&before), s.len);
    sample_env(&s)[FERRY_ENVELOPE_HEAD] ^= 1;
    ferry_verify_digest(&crypto, sample_env(&s), got);
    assert_memory_not_equal(got, want, sizeof want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slot_and_algorithm_are_judged_before_the_signature),
        cmocka_unit_test(a_key_in_a_secure_element_is_not_an_empty_slot),
        cmocka_unit_test(another_slots_signature_is_E_SIG),
        cmocka_unit_test(
            a_scalar_not_below_2_to_the_252_is_refused_before_the_backend_is_asked),
        cmocka_unit_test(S_plus_L_of_a_good_signature_never_reaches_the_backend),
        cmocka_unit_test(keys_of_small_order_sign_nothing),
        cmocka_unit_test(only_FERRY_VALID_is_valid),
        cmocka_unit_test(no_single_flipped_bit_of_FERRY_VALID_is_valid),
        cmocka_unit_test(a_backend_that_says_true_is_only_pending),
        cmocka_unit_test(
            a_pending_answer_leaves_the_signed_bytes_standing_until_it_comes),
        cmocka_unit_test(
            the_backend_is_asked_about_the_signed_bytes_under_the_slots_key),
        cmocka_unit_test(the_digest_is_of_the_signed_bytes_and_not_of_the_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
