/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers that a page shows of fleet health, on a small fleet made by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "small_fleet.h"

static void shares_of_who_is_well_are_of_those_watched_now(void **state)
{
    struct stats_share t, c;
    unsigned rev_2 = health_cell_of(HEALTH_HW_REV, 2);
    (void)state;

    fleet(0.01);
    hours(0, 30, NULL);
    hours(30, 60, treated_of_2);
    unit[4].left = 40; /* a treated one of revision 2 */
    unit[5].reset = true;
    unit[13].known = false;
    struct stats_ratio r = health_active(unit, N, rev_2, 59, &t, &c);
    assert_true(t.n == 249 && t.alive == 0 && c.n == 249 && c.alive == 249);
    assert_true(r.p_t == 0 && r.p_c == 1);
    r = health_speaking(unit, N, rev_2, 59, &t, &c); /* threshold: 24 hours */
    assert_true(t.n == 249 && t.alive == 0 && c.n == 250 && c.alive == 250);
    r = health_steady(unit, N, rev_2, 59, &t, &c);
    assert_true(t.n == 249 && t.alive == 249 && c.n == 250 && c.alive == 249);
    assert_true(r.rs > 1);
}

static void the_number_on_the_page_is_of_those_old_enough(void **state)
{
    struct stats_share t, c;
    (void)state;

    fleet(0.01);
    for (unsigned i = 0; i < N; i++) {
        unit[i].began = i < N / 2 ? 0 : 50;
        unit[i].seen = treated_of_2(&unit[i]) ? 30 : 60;
    }
    struct stats_ratio r = health_relative(unit, N, health_cell_of(HEALTH_HW_REV, 2),
                                           80, HEALTH_HORIZON_H, &t, &c);
    assert_int_equal(t.n, 125);
    assert_int_equal(c.n, 125);
    assert_int_equal(t.alive, 0);
    assert_int_equal(c.alive, 125);
    assert_true(r.p_t == 0 && r.p_c == 1 && isnan(r.rs));
    r = health_relative(unit, N, 0, 80, HEALTH_HORIZON_H, &t, &c);
    assert_int_equal(t.n, 500);
    assert_true(fabs(r.rs - 0.75) < 1e-12);
    r = health_relative(unit, N, 0, 200, HEALTH_HORIZON_H, &t, &c);
    assert_int_equal(t.n + c.n, N);
}

static void who_is_not_offered_anything_yet_is_not_in_the_number(void **state)
{
    struct stats_share t, c;
    (void)state;

    fleet(0.01);
    unit[0].began = unit[1].began = INT32_MAX;
    health_relative(unit, N, 0, 100, HEALTH_HORIZON_H, &t, &c);
    assert_int_equal(t.n, N / 2 - 1);
    assert_int_equal(c.n, N / 2 - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_of_who_is_well_are_of_those_watched_now),
        cmocka_unit_test(the_number_on_the_page_is_of_those_old_enough),
        cmocka_unit_test(who_is_not_offered_anything_yet_is_not_in_the_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
