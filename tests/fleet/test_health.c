/* SPDX-License-Identifier: Apache-2.0
 *
 * Fleet health on small fleets made by hand, hour by hour. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "small_fleet.h"

static void a_healthy_fleet_alarms_nobody(void **state)
{
    (void)state;
    fleet(0.01);
    assert_false(hours(0, 200, NULL));
}

static void a_revision_that_dies_of_the_release_is_named(void **state)
{
    unsigned cells[3];
    (void)state;

    fleet(0.01);
    assert_false(hours(0, 30, NULL));
    assert_true(hours(30, 60, treated_of_2));
    assert_int_equal(health_blame(&health, unit, N, cells, 3), 1);
    assert_int_equal(cells[0], health_cell_of(HEALTH_HW_REV, 2));
}

static void what_dies_in_both_arms_is_not_the_releases_fault(void **state)
{
    (void)state;
    fleet(0.01);
    assert_false(hours(0, 30, NULL));
    assert_false(hours(30, 100, all_of_2));
    fleet(0.01);
    assert_false(hours(0, 30, NULL));
    assert_false(hours(30, 100, everybody));
}

static void where_all_revisions_die_none_is_singled_out_wrongly(void **state)
{
    unsigned cells[8];
    (void)state;

    fleet(0.01);
    hours(0, 30, NULL);
    assert_true(hours(30, 60, treated));
    assert_true(health_blame(&health, unit, N, cells, 8) >= 1);
    assert_true(health.cell[0].alarm[HEALTH_ACTIVITY]);
}

static void two_bad_revisions_are_both_named(void **state)
{
    unsigned cells[8];
    (void)state;

    fleet(0.01);
    hours(0, 30, NULL);
    for (int32_t now = 30; now < 60; now++) {
        for (unsigned i = 0; i < N; i++) {
            unsigned rev = unit[i].value[HEALTH_HW_REV];
            if (!unit[i].treated || (rev != 1 && (rev != 3 || i % 3 == 0))) {
                unit[i].seen = unit[i].told = now;
            }
        }
        health_tick(&health, unit, N, now);
    }
    assert_int_equal(health_blame(&health, unit, N, cells, 8), 2);
    assert_int_equal(cells[0], health_cell_of(HEALTH_HW_REV, 1)); /* all of it died */
    assert_int_equal(cells[1], health_cell_of(HEALTH_HW_REV, 3));
}

static void crashes_alarm_though_everybody_is_heard(void **state)
{
    unsigned cells[2];
    (void)state;

    fleet(0.01);
    assert_false(hours(0, 10, NULL));
    for (unsigned i = 0; i < N; i++) {
        unit[i].reset = treated_of_2(&unit[i]);
    }
    assert_true(hours(10, 12, NULL));
    assert_true(health.cell[health_cell_of(HEALTH_HW_REV, 2)].alarm[HEALTH_RESETS]);
    assert_int_equal(health_blame(&health, unit, N, cells, 2), 1);
    assert_int_equal(cells[0], health_cell_of(HEALTH_HW_REV, 2));
}

static void a_reset_counts_once_and_only_when_it_is_heard_of(void **state)
{
    (void)state;
    fleet(0.01);
    unit[0].reset = true;
    unit[2].reset = true;
    unit[2].told = -5; /* it lives, by its nonce, but nobody has brought its word yet */
    health_tick(&health, unit, 4, 0);
    assert_true(unit[0].reset_counted);
    assert_false(unit[2].reset_counted);
    double once = stats_e_ln(&health.cell[0].resets);
    unit[0].told = 1;
    health_tick(&health, unit, 4, 1);
    assert_true(fabs(stats_e_ln(&health.cell[0].resets) - once) < 1e-12);
}

/* A person went on in spite of revision 2; then revision 1 dies, too. */
static void what_a_person_accepted_is_no_alarm_again_but_anything_else_is(void **state)
{
    unsigned cells[2];
    (void)state;

    fleet(0.01);
    hours(0, 30, NULL);
    assert_true(hours(30, 60, treated_of_2));
    health_accept(&health);
    assert_false(hours(60, 70, treated_of_2));
    for (int32_t now = 70; now < 110; now++) {
        for (unsigned i = 0; i < N; i++) {
            bool dead = unit[i].treated && (unit[i].value[HEALTH_HW_REV] == 1 ||
                                            unit[i].value[HEALTH_HW_REV] == 2);
            unit[i].seen = dead ? unit[i].seen : now;
        }
        health_tick(&health, unit, N, now);
    }
    assert_int_equal(health_blame(&health, unit, N, cells, 2), 1);
    assert_int_equal(cells[0], health_cell_of(HEALTH_HW_REV, 1));
}

/* Everybody alarms and no value does yet; so many of each hundred of `dead` went silent. */
static unsigned blamed_behind_everybody(bool (*dead)(const struct health_unit *u),
                                        unsigned percent)
{
    unsigned cell = HEALTH_CELLS, met = 0;

    fleet(0.01);
    assert_false(hours(0, 40, NULL));
    for (unsigned i = 0; i < N; i++) {
        if (dead(&unit[i]) && met++ * percent % 100 < percent) {
            unit[i].silent = 40;
        }
    }
    health.cell[0].alarm[HEALTH_SILENCE] = true;
    assert_int_equal(health_blame(&health, unit, N, &cell, 1), 1);
    return cell;
}

static void a_value_that_stands_out_is_named_though_everybody_alarms_first(void **state)
{
    (void)state;
    assert_int_equal(blamed_behind_everybody(treated_of_2, 20),
                     health_cell_of(HEALTH_HW_REV, 2));
}

/* Whichever value is the worst by chance: without it there is as much wrong as before. */
static void no_value_is_named_where_the_rest_is_as_bad(void **state)
{
    (void)state;
    assert_int_equal(blamed_behind_everybody(treated, 20), 0);
}

static void no_value_is_named_by_a_handful(void **state)
{
    (void)state;
    assert_int_equal(blamed_behind_everybody(treated_of_2, 2), 0);
}

/* Set up for twelve values each: bounds are those of all cells there can ever be. */
static void values_may_appear_later_without_moving_the_bounds(void **state)
{
    static const uint8_t most[HEALTH_FACETS] = {12, 12, 12, 12}, one[] = {1, 1, 1, 1},
                         four[] = {4, 2, 1, 1};
    unsigned cells[2];
    (void)state;

    fleet(0.01);
    health_set_up(&health, 0.01, most);
    health_values(&health, one);
    assert_false(hours(0, 30, NULL));
    assert_true(fabs(health.ln_e_bound[HEALTH_SILENCE] - log(49 / 0.004)) < 1e-12);
    health_values(&health, four);
    assert_true(hours(30, 70, treated_of_2));
    assert_true(fabs(health.ln_e_bound[HEALTH_SILENCE] - log(49 / 0.004)) < 1e-12);
    assert_int_equal(health_blame(&health, unit, N, cells, 2), 1);
    assert_int_equal(cells[0], health_cell_of(HEALTH_HW_REV, 2));
}

static void silence_is_declared_once_past_the_units_own_threshold(void **state)
{
    (void)state;
    fleet(0.01);
    unit[0].silence_h = 12;
    for (int32_t now = 0; now <= 40; now++) {
        health_tick(&health, unit, 2, now);
        assert_int_equal(unit[0].silent, now <= 12 ? -1 : 13);
        assert_int_equal(unit[1].silent, now <= 24 ? -1 : 25);
    }
    unit[0].seen = 41; /* back again: the first silence stays what it was */
    health_tick(&health, unit, 2, 41);
    assert_int_equal(unit[0].silent, 13);
}

static void who_left_or_was_not_offered_anything_yet_is_nobodys_silence(void **state)
{
    (void)state;
    fleet(0.01);
    unit[0].left = 5;
    unit[1].began = unit[1].seen = 30;
    for (int32_t now = 0; now <= 40; now++) {
        health_tick(&health, unit, 2, now);
    }
    assert_int_equal(unit[0].silent, -1);
    assert_int_equal(unit[1].silent, -1);
}

static void thresholds_come_from_a_units_own_gaps(void **state)
{
    (void)state;
    assert_int_equal(health_silence(40, 10), 50);
    assert_int_equal(health_silence(4, 10), HEALTH_SILENCE_MIN_H);
    assert_int_equal(health_silence(1000, 10), HEALTH_SILENCE_MAX_H);
    assert_int_equal(health_silence(40, 2), HEALTH_SILENCE_MAX_H);
}

static void bounds_follow_from_cells_and_looks(void **state)
{
    const double pi = 3.14159265358979323846;
    (void)state;

    fleet(0.01);
    assert_int_equal(health.cells_len, 1 + 4 + 2); /* one value tells nobody apart */
    assert_true(fabs(health.ln_e_bound[HEALTH_SILENCE] - log(7 / 0.004)) < 1e-12);
    assert_true(fabs(health.ln_e_bound[HEALTH_RESETS] - log(7 / 0.002)) < 1e-12);
    hours(0, 24, NULL); /* nobody is old enough to be asked: nothing is spent */
    assert_int_equal(health.looks, 0);
    hours(24, 48, NULL);
    assert_int_equal(health.looks, 24);
    double day = 0.004 * 6 / (pi * pi) / 7;
    assert_true(fabs(health.z_bound - stats_quantile(day / 24)) < 1e-9);
    hours(48, 97, NULL); /* the fourth day of looks has begun */
    assert_int_equal(health.looks, 73);
    assert_true(fabs(health.z_bound - stats_quantile(day / 24 / 16)) < 1e-9);
}

static void the_same_hours_give_the_same_health(void **state)
{
    static struct health first;
    static struct health_unit before[N];
    (void)state;

    fleet(0.01);
    hours(0, 30, NULL);
    hours(30, 50, treated_of_2);
    first = health;
    memcpy(before, unit, sizeof before);
    fleet(0.01);
    hours(0, 30, NULL);
    hours(30, 50, treated_of_2);
    assert_memory_equal(&first, &health, sizeof first);
    assert_memory_equal(before, unit, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_fleet_alarms_nobody),
        cmocka_unit_test(a_revision_that_dies_of_the_release_is_named),
        cmocka_unit_test(what_dies_in_both_arms_is_not_the_releases_fault),
        cmocka_unit_test(where_all_revisions_die_none_is_singled_out_wrongly),
        cmocka_unit_test(two_bad_revisions_are_both_named),
        cmocka_unit_test(crashes_alarm_though_everybody_is_heard),
        cmocka_unit_test(a_reset_counts_once_and_only_when_it_is_heard_of),
        cmocka_unit_test(what_a_person_accepted_is_no_alarm_again_but_anything_else_is),
        cmocka_unit_test(
            a_value_that_stands_out_is_named_though_everybody_alarms_first),
        cmocka_unit_test(no_value_is_named_where_the_rest_is_as_bad),
        cmocka_unit_test(no_value_is_named_by_a_handful),
        cmocka_unit_test(values_may_appear_later_without_moving_the_bounds),
        cmocka_unit_test(silence_is_declared_once_past_the_units_own_threshold),
        cmocka_unit_test(who_left_or_was_not_offered_anything_yet_is_nobodys_silence),
        cmocka_unit_test(thresholds_come_from_a_units_own_gaps),
        cmocka_unit_test(bounds_follow_from_cells_and_looks),
        cmocka_unit_test(the_same_hours_give_the_same_health),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
