/* SPDX-License-Identifier: Apache-2.0
 *
 * The statistics against numbers that were known before: tables, worked examples of
 * textbooks, and what each must be by its own definition. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stats.h"

static void near(double is, double should_be, double by)
{
    if (!(fabs(is - should_be) <= by)) {
        fail_msg("%.9g, not %.9g +- %g", is, should_be, by);
    }
}

static void the_normal_has_the_values_of_its_tables(void **state)
{
    (void)state;
    near(stats_tail(0), 0.5, 1e-12);
    near(stats_tail(1.959963985), 0.025, 1e-9);
    near(stats_tail(4.753424), 1e-6, 1e-11);
    near(stats_quantile(0.5), 0, 1e-9);
    near(stats_quantile(0.05), 1.644853627, 1e-8);
    near(stats_quantile(1e-6), 4.753424309, 1e-8);
    near(stats_quantile(1e-12), 7.034483825, 1e-7);
    near(stats_quantile(0.999), -3.090232306, 1e-8);
}

/* 15 of 20 against 18 of 20. */
static void relative_survival_has_the_interval_of_katz(void **state)
{
    struct stats_ratio r =
        stats_relative((struct stats_share){15, 20}, (struct stats_share){18, 20});
    double se = sqrt(0.25 / (20 * 0.75) + 0.1 / (20 * 0.9));
    (void)state;

    near(r.p_t, 0.75, 1e-12);
    near(r.p_c, 0.9, 1e-12);
    near(r.rs, 0.75 / 0.9, 1e-12);
    near(r.low, r.rs / exp(1.96 * se), 1e-12);
    near(r.high, r.rs * exp(1.96 * se), 1e-12);
}

static void what_cannot_be_known_is_no_number(void **state)
{
    struct stats_ratio r =
        stats_relative((struct stats_share){0, 0}, (struct stats_share){3, 4});
    (void)state;

    assert_true(isnan(r.p_t) && isnan(r.rs) && isnan(r.low));
    near(r.p_c, 0.75, 0);
    r = stats_relative((struct stats_share){0, 4}, (struct stats_share){3, 4});
    near(r.p_t, 0, 0);
    assert_true(isnan(r.rs));
    near(stats_cmh(NULL, 0), 0, 0);
    near(stats_cmh(&(struct stats_stratum){1, 0, 1, 0}, 1), 0, 0);
    near(stats_cmh(&(struct stats_stratum){9, 9, 0, 0}, 1), 0, 0);
}

/* One stratum by hand: 30 of 100 against 15 of 100. Expected 22.5 of the treated,
 * variance 100 * 100 * 45 * 155 / (200^2 * 199). */
static void cochran_mantel_haenszel_is_right_by_hand(void **state)
{
    struct stats_stratum one = {100, 100, 30, 15};
    struct stats_stratum two[] = {one, {50, 150, 10, 20}};
    double v = 100.0 * 100 * 45 * 155 / (200.0 * 200 * 199);
    double v2 = 50.0 * 150 * 30 * 170 / (200.0 * 200 * 199);
    (void)state;

    near(stats_cmh(&one, 1), 7.5 / sqrt(v), 1e-12);
    near(stats_cmh(two, 2), (7.5 + 2.5) / sqrt(v + v2), 1e-12);
}

/* Simpson: in each stratum the treated are no worse, in the sum they seem to be. */
static void strata_are_not_thrown_together(void **state)
{
    struct stats_stratum two[] = {{100, 900, 50, 450}, {900, 100, 90, 10}};
    struct stats_stratum other[] = {{900, 100, 450, 50}, {100, 900, 10, 90}};
    (void)state;

    near(stats_cmh(two, 2), 0, 1e-9);
    near(stats_cmh(other, 2), 0, 1e-9);
    assert_true(stats_cmh(&(struct stats_stratum){1000, 1000, 460, 140}, 1) > 10);
}

static void an_e_value_is_the_likelihood_ratio_of_its_events(void **state)
{
    struct stats_e e = {{0}};
    double mean = 0;
    (void)state;

    near(stats_e_ln(&e), 0, 1e-12);
    stats_e_add(&e, (struct stats_stratum){300, 100, 2, 1});
    for (unsigned i = 0; i < STATS_THETAS; i++) {
        double theta = stats_thetas[i];
        double one = theta / (0.25 + 0.75 * theta); /* of a treated unit's event */
        double other = 1 / (0.25 + 0.75 * theta);
        near(e.ln[i], log(one * one * other), 1e-12);
        mean += one * one * other / STATS_THETAS;
    }
    near(stats_e_ln(&e), log(mean), 1e-12);
    stats_e_add(&e, (struct stats_stratum){5, 5, 0, 0});
    stats_e_add(&e, (struct stats_stratum){0, 0, 0, 0});
    near(stats_e_ln(&e), log(mean), 1e-12);
}

/* Over every way that ten events can fall, its mean under equal hazards is 1: that is
 * what makes it an e-value. */
static void the_mean_of_an_e_value_is_one_if_nothing_is_wrong(void **state)
{
    double mean = 0;
    (void)state;

    for (unsigned way = 0; way < 1U << 10; way++) {
        struct stats_e e = {{0}};
        double probability = 1;
        uint32_t n_t = 30, n_c = 20;
        for (unsigned i = 0; i < 10; i++) {
            uint32_t treated = way >> i & 1U;
            double pi = (double)n_t / (n_t + n_c);
            stats_e_add(&e, (struct stats_stratum){n_t, n_c, treated, 1 - treated});
            probability *= treated ? pi : 1 - pi;
            n_t -= treated;
            n_c -= 1 - treated;
        }
        mean += probability * exp(stats_e_ln(&e));
    }
    near(mean, 1, 1e-9);
}

static void a_great_e_value_does_not_overflow(void **state)
{
    struct stats_e e = {{0}};
    (void)state;

    for (unsigned i = 0; i < 100000; i++) {
        stats_e_add(&e, (struct stats_stratum){100, 100, 1, 0});
    }
    assert_true(stats_e_ln(&e) > 60000 && isfinite(stats_e_ln(&e)));
}

/* Remission times of the control arm of Freireich and others (Blood 21, 1963), 21
 * patients, none censored: the curve is the plain share. */
static void a_curve_without_leavers_is_the_share_of_the_living(void **state)
{
    static const unsigned weeks[] = {1, 1, 2,  2,  3,  4,  4,  5,  5,  8, 8,
                                     8, 8, 11, 11, 12, 12, 15, 17, 22, 23};
    uint32_t events[24] = {0}, leavers[24] = {0};
    struct stats_point points[24];
    unsigned dead = 0;
    (void)state;

    for (unsigned i = 0; i < 21; i++) {
        events[weeks[i]]++;
    }
    stats_kaplan_meier(21, events, leavers, 24, points);
    for (unsigned t = 0; t < 24; t++) {
        dead += events[t];
        double s = 1 - dead / 21.0;
        near(points[t].s, s, 1e-12);
        near(points[t].se, sqrt(s * (1 - s) / 21), 1e-12);
    }
}

/* The same paper's 6-MP arm, whose curve textbooks print: deaths 6 6 6 7 10 13 16 22 23,
 * left at 6 9 10 11 17 19 20 25 32 32 34 35. */
static void a_curve_with_leavers_is_the_textbooks(void **state)
{
    static const unsigned died[] = {6, 6, 6, 7, 10, 13, 16, 22, 23};
    static const unsigned left[] = {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
    uint32_t events[36] = {0}, leavers[36] = {0};
    struct stats_point points[36];
    (void)state;

    for (unsigned i = 0; i < 9; i++) {
        events[died[i]]++;
    }
    for (unsigned i = 0; i < 12; i++) {
        leavers[left[i]]++;
    }
    stats_kaplan_meier(21, events, leavers, 36, points);
    near(points[5].s, 1, 0);
    near(points[6].s, 0.857, 5e-4);
    near(points[7].s, 0.807, 5e-4);
    near(points[10].s, 0.753, 5e-4);
    near(points[13].s, 0.690, 5e-4);
    near(points[16].s, 0.627, 5e-4);
    near(points[22].s, 0.538, 5e-4);
    near(points[35].s, 0.448, 5e-4);
    near(points[6].se, 0.0764, 5e-5);
    near(points[16].se, 0.1141, 5e-5);
    near(points[23].se, 0.1346, 5e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_normal_has_the_values_of_its_tables),
        cmocka_unit_test(relative_survival_has_the_interval_of_katz),
        cmocka_unit_test(what_cannot_be_known_is_no_number),
        cmocka_unit_test(cochran_mantel_haenszel_is_right_by_hand),
        cmocka_unit_test(strata_are_not_thrown_together),
        cmocka_unit_test(an_e_value_is_the_likelihood_ratio_of_its_events),
        cmocka_unit_test(the_mean_of_an_e_value_is_one_if_nothing_is_wrong),
        cmocka_unit_test(a_great_e_value_does_not_overflow),
        cmocka_unit_test(a_curve_without_leavers_is_the_share_of_the_living),
        cmocka_unit_test(a_curve_with_leavers_is_the_textbooks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
