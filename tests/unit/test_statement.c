/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a statement is read as it was written, that there is one spelling of it,
 * and that nothing altered, cut off or added is read at all. */
#include "ferry/statement.h"

#include <stdlib.h>

#include "check.h"
#include "ferry/manifest.h"

#define NUMBERS 15U
#define ROOM 255U

static struct dice dice = {314159265};
static uint8_t strings[6][16];

/* Every number is `n(i)`, every string noise. */
static void fill(struct ferry_statement *s, uint32_t (*n)(void))
{
    memset(s, 0, sizeof *s);
    for (unsigned i = 0; i < COUNT(strings); i++) {
        roll_bytes(&dice, strings[i], sizeof strings[i]);
    }
    s->type = FERRY_TYPE_STATEMENT;
    s->class_id = strings[0];
    s->device_id = strings[1];
    s->nonce = strings[2];
    s->digest = strings[3];
    s->outcome_digest = strings[4];
    s->offender = strings[5];
    s->refusals = strings[5] + 1;
    uint32_t *const numbers[NUMBERS] = {
        &s->hw_rev,          &s->version,        &s->counter,   &s->link,
        &s->attempts,        &s->starts,         &s->resets,    &s->outcome,
        &s->outcome_version, &s->updates,        &s->rollbacks, &s->hash_errors,
        &s->block_errors,    &s->bad_signatures, &s->floor};
    for (unsigned i = 0; i < NUMBERS; i++) {
        *numbers[i] = n();
    }
}

static uint32_t any(void)
{
    return roll(&dice) >> roll_below(&dice, 32);
}

static uint32_t greatest(void)
{
    return UINT32_MAX;
}

static uint32_t nought(void)
{
    return 0;
}

static void expect_same(const struct ferry_statement *a,
                        const struct ferry_statement *b)
{
    assert_int_equal(a->type, b->type);
    assert_memory_equal(a->class_id, b->class_id, 16);
    assert_memory_equal(a->device_id, b->device_id, 16);
    assert_int_equal(a->hw_rev, b->hw_rev);
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->counter, b->counter);
    assert_int_equal(a->nonce == NULL, b->nonce == NULL);
    if (a->nonce != NULL) {
        assert_memory_equal(a->nonce, b->nonce, FERRY_NONCE_LEN);
    }
    assert_memory_equal(a->digest, b->digest, 16);
    assert_int_equal(a->link, b->link);
    assert_int_equal(a->attempts, b->attempts);
    assert_int_equal(a->starts, b->starts);
    assert_int_equal(a->resets, b->resets);
    assert_int_equal(a->outcome, b->outcome);
    assert_int_equal(a->outcome_version, b->outcome_version);
    assert_memory_equal(a->outcome_digest, b->outcome_digest, 8);
    assert_int_equal(a->updates, b->updates);
    assert_int_equal(a->rollbacks, b->rollbacks);
    assert_int_equal(a->hash_errors, b->hash_errors);
    assert_int_equal(a->block_errors, b->block_errors);
    assert_int_equal(a->bad_signatures, b->bad_signatures);
    assert_memory_equal(a->offender, b->offender, FERRY_OFFENDER_LEN);
    assert_memory_equal(a->refusals, b->refusals, FERRY_REFUSALS_LEN);
    assert_int_equal(a->floor, b->floor);
}

/* ---- round trips ----------------------------------------------------------------- */

static void a_statement_is_read_as_it_was_written(void **state)
{
    uint32_t (*const kinds[])(void) = {nought, greatest, any};

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        struct ferry_statement s, got;
        uint8_t payload[ROOM];
        fill(&s, i < 3 ? kinds[i] : any);
        if (i % 3 == 2) {
            s.nonce = NULL; /* nobody asked */
        }
        size_t len = ferry_statement_encode(&s, payload, sizeof payload);
        assert_in_range(len, FERRY_PAYLOAD_MIN, FERRY_PAYLOAD_MAX);
        uint8_t *exact = exact_copy(payload, len);
        assert_int_equal(ferry_statement_parse(&got, exact, len), 0);
        expect_same(&got, &s);
        assert_int_equal((got.has & 1UL << FERRY_SAYS_NONCE) != 0, s.nonce != NULL);
        free(exact);
    }
}

static void a_statement_that_does_not_fit_is_not_written(void **state)
{
    struct ferry_statement s;
    uint8_t payload[ROOM];

    (void)state;
    fill(&s, greatest);
    size_t len = ferry_statement_encode(&s, payload, sizeof payload);
    assert_true(len > 0);
    for (size_t cap = 0; cap < len; cap++) {
        uint8_t *room = malloc(cap + 1);
        assert_int_equal(ferry_statement_encode(&s, room, cap), 0);
        free(room);
    }
    assert_int_equal(ferry_statement_encode(&s, payload, len), len);
}

/* ---- one spelling, and nothing else ---------------------------------------------- */

static size_t sample(uint8_t *payload)
{
    struct ferry_statement s;

    fill(&s, any);
    return ferry_statement_encode(&s, payload, ROOM);
}

static void every_truncation_and_every_addition_is_refused(void **state)
{
    struct ferry_statement s;
    uint8_t payload[ROOM + 1];

    (void)state;
    size_t len = sample(payload);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = exact_copy(payload, cut);
        assert_true(ferry_statement_parse(&s, exact, cut) < 0);
        free(exact);
    }
    for (unsigned more = 0; more < 256; more++) {
        payload[len] = (uint8_t)more;
        assert_int_equal(ferry_statement_parse(&s, payload, len + 1), FERRY_E_TRAIL);
    }
}

/* What is accepted after a flip says something else, in the same single spelling. */
static void whatever_is_accepted_is_written_back_the_same(void **state)
{
    unsigned accepted = 0;

    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        uint8_t payload[ROOM], again[ROOM];
        size_t len = sample(payload);
        for (unsigned bit = 0; bit < 8 * len; bit++) {
            struct ferry_statement s;
            payload[bit / 8] ^= (uint8_t)(1U << bit % 8);
            uint8_t *exact = exact_copy(payload, len);
            if (ferry_statement_parse(&s, exact, len) == 0) {
                accepted++;
                assert_int_equal(ferry_statement_encode(&s, again, sizeof again), len);
                assert_memory_equal(again, exact, len);
            }
            free(exact);
            payload[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
    assert_true(accepted > 0); /* digests and counts are free to differ */
}

/* Noise, and noise with a good beginning: read inside its bytes, and no statement. */
static void noise_is_no_statement(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct ferry_statement s;
        uint8_t payload[ROOM];
        size_t len = roll_below(&dice, ROOM);
        roll_bytes(&dice, payload, sizeof payload);
        if (i % 2 == 0) {
            size_t good = sample(payload);
            size_t from = roll_below(&dice, (uint32_t)good);
            roll_bytes(&dice, payload + from, good - from);
            len = good;
            if (good - from < 60) {
                continue; /* a few counts at its end may well be right */
            }
        }
        uint8_t *exact = exact_copy(payload, len);
        assert_true(ferry_statement_parse(&s, exact, len) < 0);
        free(exact);
    }
}

/* A manifest's type, or any other, is no statement's. */
static void another_type_is_refused(void **state)
{
    struct ferry_statement s;
    uint8_t payload[ROOM];

    (void)state;
    size_t len = sample(payload);
    for (uint8_t type = 0; type < 24; type++) {
        payload[2] = type;
        assert_int_equal(ferry_statement_parse(&s, payload, len),
                         type == FERRY_TYPE_STATEMENT ? 0 : FERRY_E_TYPE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_is_read_as_it_was_written),
        cmocka_unit_test(a_statement_that_does_not_fit_is_not_written),
        cmocka_unit_test(every_truncation_and_every_addition_is_refused),
        cmocka_unit_test(whatever_is_accepted_is_written_back_the_same),
        cmocka_unit_test(noise_is_no_statement),
        cmocka_unit_test(another_type_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
