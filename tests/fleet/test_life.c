/* SPDX-License-Identifier: Apache-2.0
 *
 * Bits of hours and counters, against the lists that they stand for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "life.h"

#define HOURS 3000

static uint32_t random_state;

static uint32_t dice(uint32_t sides)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (random_state >> 8) % sides;
}

/* Gaps as a list of hours has them. */
static uint32_t gaps_of(const bool *alive, int32_t newest, int32_t hour,
                        uint32_t *longest)
{
    int32_t last = -1;
    uint32_t gaps = 0;

    *longest = 0;
    for (int32_t h = 0; h < hour; h++) {
        if (!alive[h] || h < hour - HEALTH_HISTORY_H ||
            h <= newest - HEALTH_HISTORY_H) {
            continue;
        }
        if (last >= 0) {
            gaps++;
            *longest =
                (uint32_t)(h - last) > *longest ? (uint32_t)(h - last) : *longest;
        }
        last = h;
    }
    return gaps;
}

static void gaps_are_those_of_the_hours_in_whatever_order_they_are_told(void **state)
{
    uint32_t longest, expected;
    (void)state;

    for (random_state = 1; random_state < 40; random_state++) {
        uint32_t seed = random_state;
        struct life l = {.seen = -1};
        bool alive[HOURS] = {false};
        int32_t newest = 0;
        for (int i = 0; i < 60; i++) {
            int32_t late = dice(4) == 0 ? (int32_t)dice(900) : 0;
            int32_t hour = newest + (int32_t)dice(80) - late;
            hour = hour < 0 ? 0 : hour >= HOURS ? HOURS - 1 : hour;
            life_note(&l, hour);
            alive[hour] = true;
            newest = hour > newest ? hour : newest;
            assert_int_equal(l.seen, newest);
            uint32_t gaps = gaps_of(alive, newest, newest, &expected);
            assert_int_equal(life_gaps(&l, newest, &longest), gaps);
            assert_int_equal(longest, expected);
            gaps = gaps_of(alive, newest, newest + 100, &expected);
            assert_int_equal(life_gaps(&l, newest + 100, &longest), gaps);
            assert_int_equal(longest, expected);
        }
        random_state = seed;
    }
}

static void who_never_lived_has_no_gaps(void **state)
{
    struct life l = {.seen = -1};
    uint32_t longest;
    (void)state;

    assert_int_equal(life_gaps(&l, 100, &longest), 0);
    assert_int_equal(longest, 0);
}

static void each_counter_is_heard_once_while_the_window_reaches(void **state)
{
    (void)state;
    for (random_state = 1; random_state < 200; random_state++) {
        uint32_t seed = random_state, greatest = 0;
        struct counters c = {0, 0};
        bool heard[6000] = {false};
        for (int i = 0; i < 150; i++) {
            uint32_t by = dice(8) == 0 ? dice(100) : dice(3);
            uint32_t back = dice(3) == 0 ? dice(100) : 0;
            uint32_t counter = greatest + by > back ? greatest + by - back : 0;
            enum counter is = counter_is(&c, counter);
            enum counter should = i == 0 || counter > greatest ? COUNTER_NEWEST
                                  : greatest - counter >= 64   ? COUNTER_OUTSIDE
                                  : heard[counter]             ? COUNTER_HEARD
                                                               : COUNTER_MISSED;
            assert_int_equal(is, should);
            if (is == COUNTER_NEWEST || is == COUNTER_MISSED) {
                counter_note(&c, counter);
                heard[counter] = true;
                greatest = counter > greatest ? counter : greatest;
            }
        }
        random_state = seed;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_are_those_of_the_hours_in_whatever_order_they_are_told),
        cmocka_unit_test(who_never_lived_has_no_gaps),
        cmocka_unit_test(each_counter_is_heard_once_while_the_window_reaches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
