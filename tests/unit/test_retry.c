/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests deadlines: the first, the ones from measured round trips, their doubling, the
 * end of silence; all across a wrapping clock. */
#include "check.h"
#include "retry.h"

#define NEAR_WRAP 0xFFFFFE00U

static void the_first_deadline_is_one_second(void **state)
{
    struct ferry_retry r;

    (void)state;
    ferry_retry_start(&r, NEAR_WRAP);
    assert_false(ferry_retry_due(&r, NEAR_WRAP + 999));
    assert_true(ferry_retry_due(&r, NEAR_WRAP + 1000));
}

static void asking_again_doubles_the_wait_up_to_eight_seconds(void **state)
{
    static const uint32_t waits[] = {2000, 4000, 8000, 8000, 8000};
    struct ferry_retry r;
    uint32_t now = NEAR_WRAP;

    (void)state;
    ferry_retry_start(&r, now);
    now += 1000;
    for (size_t i = 0; i < COUNT(waits); i++) {
        ferry_retry_asked(&r, now);
        assert_false(ferry_retry_due(&r, now + waits[i] - 1));
        assert_true(ferry_retry_due(&r, now + waits[i]));
        now += waits[i];
    }
}

/* One measured round trip of `ms`; the deadline that follows from it. */
static uint32_t patience_after(uint32_t ms)
{
    struct ferry_retry r;

    ferry_retry_start(&r, 0);
    ferry_retry_time(&r, 1, 100);
    ferry_retry_timed(&r, 100 + ms, true);
    ferry_retry_heard(&r, 0, 0);
    return r.due;
}

static void
a_deadline_is_four_round_trips_but_300_ms_at_least_and_8_s_at_most(void **state)
{
    (void)state;
    assert_int_equal(patience_after(0), 300);
    assert_int_equal(patience_after(60), 300);
    assert_int_equal(patience_after(75), 300);
    assert_int_equal(patience_after(76), 304);
    assert_int_equal(patience_after(500), 2000);
    assert_int_equal(patience_after(2000), 8000);
    assert_int_equal(patience_after(100000), 8000);
}

static void round_trips_are_smoothed_by_an_eighth(void **state)
{
    struct ferry_retry r;

    (void)state;
    ferry_retry_start(&r, 0);
    ferry_retry_time(&r, 1, 0);
    ferry_retry_timed(&r, 800, true);
    assert_int_equal(r.smoothed, 800);
    ferry_retry_time(&r, 2, 1000);
    ferry_retry_timed(&r, 1000 + 80, true);
    assert_int_equal(r.smoothed, (7 * 800 + 80) / 8);
}

static void only_one_chunk_is_timed_and_a_lost_one_tells_nothing(void **state)
{
    struct ferry_retry r;

    (void)state;
    ferry_retry_start(&r, 0);
    ferry_retry_time(&r, 1, 10);
    ferry_retry_time(&r, 2, 500);
    assert_int_equal(r.timed, 1);
    assert_int_equal(r.timed_at, 10);
    ferry_retry_timed(&r, 5000, false);
    assert_int_equal(r.smoothed, 0);
    assert_int_equal(r.timed, 0);
}

static void a_busy_peer_is_given_the_time_it_asks_for(void **state)
{
    struct ferry_retry r;

    (void)state;
    ferry_retry_start(&r, NEAR_WRAP);
    ferry_retry_heard(&r, NEAR_WRAP, 2000);
    assert_false(ferry_retry_due(&r, NEAR_WRAP + 2999));
    assert_true(ferry_retry_due(&r, NEAR_WRAP + 3000));
}

static void hearing_anything_ends_the_doubling(void **state)
{
    struct ferry_retry r;

    (void)state;
    ferry_retry_start(&r, 0);
    ferry_retry_asked(&r, 1000);
    ferry_retry_asked(&r, 3000);
    ferry_retry_heard(&r, 3500, 0);
    assert_int_equal(r.due, 3500 + 1000);
}

static void thirty_seconds_without_a_word_are_silence(void **state)
{
    struct ferry_retry r;

    (void)state;
    ferry_retry_start(&r, NEAR_WRAP);
    ferry_retry_asked(&r, NEAR_WRAP + 25000); /* asking is not hearing */
    assert_false(ferry_retry_silent(&r, NEAR_WRAP + 29999));
    assert_true(ferry_retry_silent(&r, NEAR_WRAP + 30000));
    ferry_retry_heard(&r, NEAR_WRAP + 29999, 0);
    assert_false(ferry_retry_silent(&r, NEAR_WRAP + 30000));
}

static void a_time_is_reached_from_its_moment_on_for_24_days(void **state)
{
    (void)state;
    assert_false(ferry_reached(99, 100));
    assert_true(ferry_reached(100, 100));
    assert_true(ferry_reached(100 + 0x7FFFFFFFU, 100));
    assert_true(ferry_reached(5, 0xFFFFFFF0U));
    assert_false(ferry_reached(0xFFFFFFF0U, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_deadline_is_one_second),
        cmocka_unit_test(asking_again_doubles_the_wait_up_to_eight_seconds),
        cmocka_unit_test(
            a_deadline_is_four_round_trips_but_300_ms_at_least_and_8_s_at_most),
        cmocka_unit_test(round_trips_are_smoothed_by_an_eighth),
        cmocka_unit_test(only_one_chunk_is_timed_and_a_lost_one_tells_nothing),
        cmocka_unit_test(a_busy_peer_is_given_the_time_it_asks_for),
        cmocka_unit_test(hearing_anything_ends_the_doubling),
        cmocka_unit_test(thirty_seconds_without_a_word_are_silence),
        cmocka_unit_test(a_time_is_reached_from_its_moment_on_for_24_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
