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

#include "health.h"

#define N 2000

static struct health health;
static struct health_unit unit[N];

/* Half of them treated, four revisions and two regions, all offered at hour 0 and heard
 * every hour since. */
static void fleet(double alpha)
{
    static const uint8_t values[HEALTH_FACETS] = {4, 2, 1, 1};

    health_set_up(&health, alpha, values);
    for (unsigned i = 0; i < N; i++) {
        unit[i] = (struct health_unit){.treated = i % 2 == 0,
                                       .known = true,
                                       .value = {i / 2 % 4, i / 8 % 2, 0, 0},
                                       .silence_h = 24,
                                       .left = -1,
                                       .silent = -1};
    }
}

/* Everybody is heard, but for those that `dead` says are not. True: an alarm. */
static bool hours(int32_t from, int32_t to, bool (*dead)(const struct health_unit *u))
{
    bool alarm = false;

    for (int32_t now = from; now < to; now++) {
        for (unsigned i = 0; i < N; i++) {
            if (dead == NULL || !dead(&unit[i])) {
                unit[i].seen = unit[i].told = now;
            }
        }
        alarm = health_tick(&health, unit, N, now);
    }
    return alarm;
}

static bool treated_of_2(const struct health_unit *u)
{
    return u->treated && u->value[HEALTH_HW_REV] == 2;
}

static bool all_of_2(const struct health_unit *u)
{
    return u->value[HEALTH_HW_REV] == 2;
}

static bool everybody(const struct health_unit *u)
{
    (void)u;
    return true;
}

static bool treated(const struct health_unit *u)
{
    return u->treated;
}

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
        cmocka_unit_test(values_may_appear_later_without_moving_the_bounds),
        cmocka_unit_test(shares_of_who_is_well_are_of_those_watched_now),
        cmocka_unit_test(silence_is_declared_once_past_the_units_own_threshold),
        cmocka_unit_test(who_left_or_was_not_offered_anything_yet_is_nobodys_silence),
        cmocka_unit_test(thresholds_come_from_a_units_own_gaps),
        cmocka_unit_test(bounds_follow_from_cells_and_looks),
        cmocka_unit_test(the_number_on_the_page_is_of_those_old_enough),
        cmocka_unit_test(who_is_not_offered_anything_yet_is_not_in_the_number),
        cmocka_unit_test(the_same_hours_give_the_same_health),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
