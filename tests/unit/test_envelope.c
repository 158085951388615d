/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the envelope's form: its constant bytes, its lengths, the bytes that are
 * signed, and what the encoder puts into it. That a wrong signature is refused is
 * test_verify.c's. */
#include <stdlib.h>

#include "check.h"
#include "ferry/manifest.h"
#include "sample.h"

/* The design's table, written out: alg, kk and LL are the bytes that vary. */
#define ENV_HEAD "D2 84 46 A2 01 27 04 41 01 A0 58 "
#define TBS_HEAD                                                                       \
    "84 6A 53 69 67 6E 61 74 75 72 65 31 46 A2 01 27 04 41 01 40 58 " /* Signature1 */

static bool varies(size_t at)
{
    return at == 5 || at == 8 || at == 11;
}

static int open_exactly(const uint8_t *bytes, size_t len)
{
    struct ferry_envelope e;
    uint8_t *exact = exact_copy(bytes, len);
    int err = ferry_envelope_open(&e, exact, len);

    free(exact);
    return err;
}

static void envelope_lies_as_the_design_draws_it(void **state)
{
    struct sample s;
    uint8_t head[FERRY_ENVELOPE_HEAD];
    struct ferry_envelope e;

    (void)state;
    sample_envelope(&s);
    const uint8_t *env = sample_env(&s);
    unhex(ENV_HEAD "FF", head);
    head[11] = (uint8_t)(s.len - FERRY_ENVELOPE_OVER);
    assert_memory_equal(env, head, sizeof head);
    assert_memory_equal(env + s.len - 66, "\x58\x40", 2);
    assert_int_equal(ferry_envelope_open(&e, env, s.len), 0);
    assert_ptr_equal(e.payload, env + 12);
    assert_int_equal(e.payload_len, s.len - 78);
    assert_ptr_equal(e.sig, env + s.len - 64);
    assert_int_equal(e.alg, FERRY_ALG_ED25519);
    assert_int_equal(e.kid, SAMPLE_SLOT);
}

static void every_truncation_and_every_extra_byte_is_E_LEN(void **state)
{
    struct sample s;
    uint8_t longer[2 * FERRY_ENVELOPE_MAX] = {0};

    (void)state;
    sample_envelope(&s);
    memcpy(longer, sample_env(&s), s.len);
    for (size_t len = 0; len < sizeof longer; len++) {
        assert_int_equal(open_exactly(longer, len), len == s.len ? 0 : FERRY_E_LEN);
    }
}

static void every_payload_length_but_24_to_255_is_E_LEN(void **state)
{
    (void)state;
    for (size_t payload_len = 0; payload_len <= FERRY_PAYLOAD_MAX; payload_len++) {
        uint8_t env[FERRY_ENVELOPE_MAX] = {0};
        size_t len = ferry_envelope_frame(env, payload_len, FERRY_ALG_ED25519, 0);
        bool fits = payload_len >= FERRY_PAYLOAD_MIN;

        assert_int_equal(len, payload_len + FERRY_ENVELOPE_OVER);
        assert_int_equal(open_exactly(env, len), fits ? 0 : FERRY_E_LEN);
        assert_int_equal(ferry_envelope_len(env), fits ? len : 0);
    }
}

static void every_other_constant_byte_is_E_FRAME(void **state)
{
    struct sample s;

    (void)state;
    sample_envelope(&s);
    uint8_t *env = sample_env(&s);
    for (size_t at = 0; at < s.len; at++) {
        bool tail = at == s.len - 66 || at == s.len - 65;
        if ((at >= FERRY_ENVELOPE_HEAD || varies(at)) && !tail) {
            continue;
        }
        for (unsigned flip = 1; flip <= 0xFF; flip++) {
            env[at] ^= (uint8_t)flip;
            assert_int_equal(open_exactly(env, s.len), FERRY_E_FRAME);
            assert_int_equal(ferry_envelope_len(env), tail ? s.len : 0);
            env[at] ^= (uint8_t)flip;
        }
    }
}

/* alg and kid are judged where the keys are known. */
static void any_algorithm_and_any_key_slot_is_opened_as_it_claims(void **state)
{
    struct sample s;
    struct ferry_envelope e;

    (void)state;
    sample_envelope(&s);
    for (unsigned v = 0; v <= 0xFF; v++) {
        sample_env(&s)[5] = (uint8_t)v;
        sample_env(&s)[8] = (uint8_t)~v;
        assert_int_equal(ferry_envelope_open(&e, sample_env(&s), s.len), 0);
        assert_int_equal(e.alg, v);
        assert_int_equal(e.kid, 0xFF - v);
    }
}

static void an_envelope_that_fails_leaves_the_result_untouched(void **state)
{
    struct sample s;
    struct ferry_envelope e, before;

    (void)state;
    sample_envelope(&s);
    memset(&e, 0x77, sizeof e);
    before = e;
    assert_int_equal(ferry_envelope_open(&e, sample_env(&s), s.len - 1), FERRY_E_LEN);
    sample_env(&s)[0] = 0;
    assert_int_equal(ferry_envelope_open(&e, sample_env(&s), s.len), FERRY_E_FRAME);
    assert_memory_equal(&e, &before, sizeof e);
}

static void what_is_signed_is_the_sig_structure_of_the_design(void **state)
{
    struct sample s, before;
    uint8_t want[FERRY_TBS_MAX];

    (void)state;
    memset(&s, 0x5A, sizeof s); /* behind the envelope, too */
    sample_envelope(&s);
    uint8_t *env = sample_env(&s);
    size_t payload_len = s.len - FERRY_ENVELOPE_OVER;
    size_t head = unhex(TBS_HEAD, want);
    want[head] = (uint8_t)payload_len;
    memcpy(want + head + 1, env + FERRY_ENVELOPE_HEAD, payload_len);
    before = s;

    size_t len = ferry_tbs_make(env);

    assert_int_equal(len, payload_len + FERRY_TBS_OVER);
    assert_int_equal(len, head + 1 + payload_len);
    assert_memory_equal(env - FERRY_TBS_SPARE, want, len);
    ferry_tbs_undo(env);
    assert_memory_equal(env, sample_env(&before), FERRY_ENVELOPE_MAX);
}

static void frame_touches_neither_payload_nor_signature(void **state)
{
    uint8_t env[FERRY_ENVELOPE_MAX];

    (void)state;
    memset(env, 0x77, sizeof env);
    size_t len = ferry_envelope_frame(env, 30, FERRY_ALG_ES256, 7);
    assert_int_equal(env[5], FERRY_ALG_ES256);
    assert_int_equal(env[8], 7);
    for (size_t at = FERRY_ENVELOPE_HEAD; at < sizeof env; at++) {
        if (at != len - 66 && at != len - 65) {
            assert_int_equal(env[at], 0x77);
        }
    }
}

/* ---- what is put into it --------------------------------------------------------- */

static void encoder_writes_the_sample_byte_for_byte(void **state)
{
    struct sample_map map;
    struct ferry_manifest m;
    uint8_t want[FERRY_PAYLOAD_MAX], got[FERRY_PAYLOAD_MAX];

    (void)state;
    sample_map_required(&map);
    sample_manifest(&m);
    size_t len = sample_map_write(&map, want);
    assert_int_equal(ferry_manifest_encode(&m, got, sizeof got), len);
    assert_memory_equal(got, want, len);
}

static void encoder_answers_0_for_what_does_not_fit_or_is_too_short(void **state)
{
    struct ferry_manifest m;
    uint8_t out[FERRY_PAYLOAD_MAX];

    (void)state;
    sample_manifest(&m);
    size_t len = ferry_manifest_encode(&m, out, sizeof out);
    for (size_t cap = 0; cap < len; cap++) {
        uint8_t *exact = exact_copy(out, cap);
        assert_int_equal(ferry_manifest_encode(&m, exact, cap), 0);
        free(exact);
    }
    assert_int_equal(ferry_manifest_encode(&m, out, len), len);
    m.has = 1U << FERRY_KEY_TYPE | 1U << FERRY_KEY_CLASS | 1U << FERRY_KEY_HW_MIN;
    assert_int_equal(ferry_manifest_encode(&m, out, sizeof out), 0); /* 23 bytes */
    m.hw_min = 24;
    assert_int_equal(ferry_manifest_encode(&m, out, sizeof out), 24);
}

static void encoder_passes_over_keys_that_no_manifest_has(void **state)
{
    struct ferry_manifest m;
    uint8_t want[FERRY_PAYLOAD_MAX], got[FERRY_PAYLOAD_MAX];

    (void)state;
    sample_manifest(&m);
    size_t len = ferry_manifest_encode(&m, want, sizeof want);
    m.has |= 0xFFFF0000;
    assert_int_equal(ferry_manifest_encode(&m, got, sizeof got), len);
    assert_memory_equal(got, want, len);
}

static void a_block_table_has_16_bytes_for_each_block_begun(void **state)
{
    const uint32_t pairs[][2] = {
        {0, 0},
        {1, 16},
        {4, 16},
        {4095, 16},
        {4096, 16},
        {4097, 32},
        {204800, 800},
        {917504, 3584},
        {0xFFFFF000, 0xFFFFF0},
        {0xFFFFF001UL, 0x1000000UL},
        {UINT32_MAX, 0x1000000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        assert_int_equal(ferry_table_len(pairs[i][0]), pairs[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelope_lies_as_the_design_draws_it),
        cmocka_unit_test(every_truncation_and_every_extra_byte_is_E_LEN),
        cmocka_unit_test(every_payload_length_but_24_to_255_is_E_LEN),
        cmocka_unit_test(every_other_constant_byte_is_E_FRAME),
        cmocka_unit_test(any_algorithm_and_any_key_slot_is_opened_as_it_claims),
        cmocka_unit_test(an_envelope_that_fails_leaves_the_result_untouched),
        cmocka_unit_test(what_is_signed_is_the_sig_structure_of_the_design),
        cmocka_unit_test(frame_touches_neither_payload_nor_signature),
        cmocka_unit_test(encoder_writes_the_sample_byte_for_byte),
        cmocka_unit_test(encoder_answers_0_for_what_does_not_fit_or_is_too_short),
        cmocka_unit_test(encoder_passes_over_keys_that_no_manifest_has),
        cmocka_unit_test(a_block_table_has_16_bytes_for_each_block_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
