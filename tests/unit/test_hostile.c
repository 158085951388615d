/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that libsodium's verdict on each hostile signature is the one that the table has,
 * that the engine's is the same, and that whatever backends disagree about is stopped
 * where the table says so. */
#include "hostile.h"

#include "check.h"
#include "crypto_sodium.h"

static struct ferry_sodium sodium;

static struct ferry_crypto libsodium(void)
{
    assert_true(sodium_init() >= 0);
    return ferry_sodium_crypto(&sodium);
}

/* Says yes to everything, as the worst backend would. */
static int nod(void *ctx, unsigned slot, const struct ferry_key *key,
               const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    unsigned *asked = ctx;

    (void)slot, (void)key, (void)msg, (void)msg_len, (void)sig;
    (*asked)++;
    return FERRY_VALID;
}

static bool sound(const struct hostile *v)
{
    uint8_t key[32];

    hostile_bytes(v->key, key);
    return crypto_core_ed25519_is_valid_point(key) == 1;
}

/* ---- libsodium ------------------------------------------------------------------- */

static void every_vector_of_rfc_8032_is_valid(void **state)
{
    struct ferry_crypto c = libsodium();
    const struct hostile_rfc *v;
    unsigned i;

    (void)state;
    for (i = 0; (v = hostile_rfc_at(i)) != NULL; i++) {
        expect_true(v->name, hostile_backend_rfc(&c, v) == FERRY_VALID);
    }
    assert_int_equal(i, 4);
}

static void libsodium_takes_what_its_rule_takes_and_nothing_else(void **state)
{
    struct ferry_crypto c = libsodium();
    const struct hostile *v;

    (void)state;
    for (unsigned i = 0; (v = hostile_at(i)) != NULL; i++) {
        expect_code(v->name, hostile_backend(&c, v),
                    v->takes & HOSTILE_STRICT ? FERRY_VALID : FERRY_E_SIG);
    }
}

/* ---- the engine ------------------------------------------------------------------ */

static bool all_zero(const char *hex)
{
    return strspn(hex, "0") == strlen(hex);
}

static void the_engine_says_of_an_envelope_what_libsodium_says(void **state)
{
    struct ferry_crypto c = libsodium();
    const struct hostile *v;

    (void)state;
    for (unsigned i = 0; (v = hostile_at(i)) != NULL; i++) {
        int refusal = all_zero(v->key) ? FERRY_E_KID : FERRY_E_SIG;
        expect_code(v->name, hostile_engine(&c, v),
                    v->takes & HOSTILE_STRICT ? 0 : refusal);
    }
}

static void what_is_stopped_by_its_scalar_reaches_no_backend(void **state)
{
    unsigned asked = 0, seen = 0;
    struct ferry_crypto c = {.ctx = &asked, .verify = nod};
    const struct hostile *v;

    (void)state;
    for (unsigned i = 0; (v = hostile_at(i)) != NULL; i++) {
        if (v->stopped == HOSTILE_BY_S) {
            expect_code(v->name, hostile_engine(&c, v), FERRY_E_SIG);
            seen++;
        }
    }
    assert_true(seen > 0);
    assert_int_equal(asked, 0);
}

/* ---- what stops a disagreement --------------------------------------------------- */

static void nothing_is_disagreed_about_that_nothing_stops(void **state)
{
    const struct hostile *v;

    (void)state;
    for (unsigned i = 0; (v = hostile_at(i)) != NULL; i++) {
        if (v->stopped == HOSTILE_AGREED) {
            expect_true(v->name, v->takes == HOSTILE_NONE || v->takes == HOSTILE_ALL);
        }
    }
}

/* `ferry factory` asks the same question (tools/ferry/factory_keys.c). */
static void a_key_that_a_factory_would_burn_is_among_no_doubtful_ones(void **state)
{
    const struct hostile *v;
    unsigned by_key = 0, by_holder = 0;

    (void)state;
    assert_true(sodium_init() >= 0);
    for (unsigned i = 0; (v = hostile_at(i)) != NULL; i++) {
        if (v->stopped == HOSTILE_BY_KEY) {
            expect_true(v->name, !sound(v));
            by_key++;
        } else if (v->stopped == HOSTILE_BY_HOLDER) {
            expect_true(v->name, sound(v));
            by_holder++;
        }
    }
    assert_true(by_key > 0 && by_holder > 0);
}

/* Under a sound key and with a small S, libsodium takes nothing that another kind of
 * backend does not: what a strict bootloader boots, every application would have taken. */
static void the_strictest_verdict_is_every_backends(void **state)
{
    const struct hostile *v;

    (void)state;
    for (unsigned i = 0; (v = hostile_at(i)) != NULL; i++) {
        if (v->takes & HOSTILE_STRICT) {
            expect_true(v->name, v->takes == HOSTILE_ALL);
        }
    }
}

/* ---- the table's own test -------------------------------------------------------- */

static unsigned told;

static void count(const char *name)
{
    (void)name;
    told++;
}

static void a_backend_that_takes_everything_is_told_by_name(void **state)
{
    unsigned asked = 0, strict = 0, n = 0;
    struct ferry_crypto good = libsodium(), c = {.ctx = &asked, .verify = nod};
    const struct hostile *v;

    (void)state;
    for (; (v = hostile_at(n)) != NULL; n++) {
        strict += (v->takes & HOSTILE_STRICT) != 0;
    }
    told = 0;
    assert_int_equal(hostile_try(&c, count), n + 4);
    assert_int_equal(told, n - strict);
    told = 0;
    assert_int_equal(hostile_try(&good, count), n + 4);
    assert_int_equal(told, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_of_rfc_8032_is_valid),
        cmocka_unit_test(libsodium_takes_what_its_rule_takes_and_nothing_else),
        cmocka_unit_test(the_engine_says_of_an_envelope_what_libsodium_says),
        cmocka_unit_test(what_is_stopped_by_its_scalar_reaches_no_backend),
        cmocka_unit_test(nothing_is_disagreed_about_that_nothing_stops),
        cmocka_unit_test(a_key_that_a_factory_would_burn_is_among_no_doubtful_ones),
        cmocka_unit_test(the_strictest_verdict_is_every_backends),
        cmocka_unit_test(a_backend_that_takes_everything_is_told_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
