/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what the views tell of rollouts: where each stands and why, and that the
 * numbers are health's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../examples/fleet/view/view.h"
#include "exposure.h"
#include "painted.h"

/* ---- rollouts -------------------------------------------------------------------- */

static void rollouts_are_told_latest_first(void **state)
{
    struct world *w = *state;
    json_t *told = view_rollouts(w->db, PAINT_NOW);
    const json_t *list = json_object_get(told, "rollouts");

    assert_int_equal(json_array_size(list), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(number(json_array_get(list, i), "no"), 5 - (json_int_t)i);
    }
    json_decref(told);
}

static void an_open_rollout_says_what_it_waits_for(void **state)
{
    struct world *w = *state;
    json_t *told = view_rollout(w->db, PAINT_OPEN, PAINT_NOW);

    assert_string_equal(text(told, "gate"), "dwell");
    assert_non_null(strstr(text(told, "waits_for"), "its time: 100 of 120 h"));
    assert_non_null(strstr(text(told, "waits_for"), "units aged 72 h"));
    assert_int_equal(json_array_size(json_object_get(told, "evidence")), 4);
    assert_string_equal(text(told, "sentence"), "");
    json_decref(told);
}

static void a_frozen_rollout_says_who_when_and_how_many_survived(void **state)
{
    struct world *w = *state;
    json_t *told = view_rollout(w->db, PAINT_FROZEN, PAINT_NOW);
    const char *sentence = text(told, "sentence");
    const json_t *blamed =
        json_array_get(json_object_get(json_object_get(told, "frozen"), "blamed"), 0);
    const json_t *survival = json_object_get(blamed, "survival");
    char numbers[100], hour[40];

    snprintf(
        numbers, sizeof numbers,
        "%.1f\xc2\xa0%% of %d survived 72 h, against %.1f\xc2\xa0%% of %d held back",
        100 * real(survival, "p_t"), (int)number(survival, "n_t"),
        100 * real(survival, "p_c"), (int)number(survival, "n_c"));
    snprintf(hour, sizeof hour, "in hour %d ",
             (int)number(json_object_get(told, "frozen"), "hour"));
    assert_non_null(strstr(sentence, "Rollout 2 (2.1.0) was frozen by fleet health"));
    assert_non_null(strstr(sentence, "hardware revision 4"));
    assert_non_null(strstr(sentence, numbers));
    assert_non_null(strstr(sentence, hour));
    assert_non_null(strstr(sentence, "were seen in the last 24 h"));
    json_decref(told);
}

static void a_person_who_froze_it_is_named_with_the_reason(void **state)
{
    char sentence[300];
    json_t *rollout = json_pack("{sI ss s{ss sI ss}}", "no", (json_int_t)7, "version",
                                "2.1.0", "frozen", "by", "alice", "hour",
                                (json_int_t)12, "reason", "support calls");

    (void)state;
    view_frozen_sentence(rollout, sentence, sizeof sentence);
    assert_string_equal(
        sentence, "Rollout 7 (2.1.0) was frozen by alice in hour 12: support calls.");
    json_decref(rollout);
}

static void a_freeze_before_anybody_is_old_enough_says_so(void **state)
{
    char sentence[400];
    json_t *rollout = json_pack(
        "{sI ss s{ss sI s[s] s[{ss ss s{sI sf sI sf} s{sI sn sI sn}}]}}", "no",
        (json_int_t)7, "version", "2.1.0", "frozen", "by", "ferryd", "hour",
        (json_int_t)40, "tests", "resets", "blamed", "facet", "region", "name", "9",
        "steady", "n_t", (json_int_t)200, "p_t", 0.5, "n_c", (json_int_t)210, "p_c",
        0.99, "survival", "n_t", (json_int_t)0, "p_t", "n_c", (json_int_t)0, "p_c");

    (void)state;
    assert_non_null(rollout);
    view_frozen_sentence(rollout, sentence, sizeof sentence);
    assert_string_equal(
        sentence,
        "Rollout 7 (2.1.0) was frozen by fleet health in hour 40 for the sake of "
        "region "
        "9: 50.0\xc2\xa0% of 200 had no abnormal reset, against 99.0\xc2\xa0% of 210 "
        "held back; none is 72 h old yet.");
    json_decref(rollout);
}

/* Regular devices are missed after half a day: a day's activity is what it was, then. */
static void a_freeze_shows_the_figure_that_its_loudest_test_looked_at(void **state)
{
    char sentence[400];
    json_t *rollout =
        json_pack("{sI ss s{ss sI s[s] s[{ss ss ss s{sI sf sI sf}}]}}", "no",
                  (json_int_t)7, "version", "2.1.0", "frozen", "by", "ferryd", "hour",
                  (json_int_t)77, "tests", "silence", "blamed", "facet", "hw_rev",
                  "name", "3", "shown", "speaking", "speaking", "n_t", (json_int_t)200,
                  "p_t", 0.9, "n_c", (json_int_t)210, "p_c", 1.0);

    (void)state;
    assert_non_null(rollout);
    view_frozen_sentence(rollout, sentence, sizeof sentence);
    assert_non_null(strstr(sentence,
                           "revision 3: 90.0\xc2\xa0% of 200 were never silent"
                           " for unusually long, against 100.0"));
    json_decref(rollout);
}

static void a_rollout_counts_its_arms_and_how_it_ended(void **state)
{
    struct world *w = *state;
    json_t *told = view_rollout(w->db, PAINT_FROZEN, PAINT_NOW);
    json_int_t n = number(json_object_get(told, "treated"), "n");
    const json_t *outcomes = json_object_get(told, "outcomes");

    assert_true(n > 1000);
    assert_true(number(json_object_get(told, "treated"), "silent") > 0);
    assert_int_equal(number(outcomes, "confirmed") + number(outcomes, "crash-loop"), n);
    assert_int_equal(number(told, "running"), number(outcomes, "confirmed"));
    assert_int_equal(number(json_object_get(told, "transfers"), "done"), 107);
    json_decref(told);
}

static void a_rollout_that_is_not_there_is_nothing(void **state)
{
    struct world *w = *state;

    assert_null(view_rollout(w->db, 99, PAINT_NOW));
    assert_null(view_health(w->db, 99, HEALTH_HW_REV, 72, true));
    assert_false(db_failed(w->db));
}

/* ---- health ---------------------------------------------------------------------- */

static void numbers_are_those_of_fleet_health(void **state)
{
    struct world *w = *state;
    struct health_unit *units;
    size_t len;
    struct stats_share t, c;
    json_t *told = view_health(w->db, PAINT_FROZEN, HEALTH_HW_REV, 48, false);
    const json_t *rows = json_object_get(told, "values");
    int32_t ticked = PAINT_NOW / 3600 - 3;

    assert_true(exposure_load(w->db, PAINT_FROZEN, &units, NULL, &len));
    assert_int_equal(json_array_size(rows), 5);
    for (unsigned i = 0; i < 5; i++) {
        unsigned cell = i == 0 ? 0 : health_cell_of(HEALTH_HW_REV, i - 1);
        struct stats_ratio r = health_relative(units, len, cell, ticked, 48, &t, &c);
        const json_t *row = json_array_get(rows, i);
        assert_int_equal(number(row, "n_t"), t.n);
        assert_int_equal(number(row, "n_c"), c.n);
        assert_true(real(row, "p_t") == r.p_t && real(row, "rs") == r.rs);
        assert_null(json_object_get(row, "curve"));
    }
    free(units);
    json_decref(told);
}

static void the_alarm_stands_with_the_revision_that_it_is_about(void **state)
{
    struct world *w = *state;
    json_t *told = view_health(w->db, PAINT_FROZEN, HEALTH_HW_REV, 72, false);
    const json_t *rows = json_object_get(told, "values");
    const json_t *z_bound =
        json_object_get(json_object_get(told, "bounds"), "activity");

    for (size_t i = 1; i < 5; i++) {
        const json_t *row = json_array_get(rows, i);
        const json_t *test = json_object_get(json_object_get(row, "tests"), "activity");
        bool alarm = json_is_true(json_object_get(test, "alarm"));
        assert_int_equal(alarm, strcmp(text(row, "value"), "4") == 0);
        assert_int_equal(alarm, real(test, "z") >= json_number_value(z_bound));
    }
    json_decref(told);
}

static void curves_begin_at_one_and_never_rise(void **state)
{
    struct world *w = *state;
    json_t *told = view_health(w->db, PAINT_FROZEN, HEALTH_HW_REV, 72, true);
    const json_t *row, *step;
    size_t i, k;

    json_array_foreach(json_object_get(told, "values"), i, row)
    {
        const json_t *curve = json_object_get(json_object_get(row, "curve"), "treated");
        double before = 1;
        json_int_t t = -1;
        assert_true(json_array_size(curve) >= 2);
        json_array_foreach(curve, k, step)
        {
            double s = json_number_value(json_array_get(step, 1));
            assert_true(s <= before && s >= 0);
            assert_true(json_integer_value(json_array_get(step, 0)) > t);
            before = s;
            t = json_integer_value(json_array_get(step, 0));
        }
    }
    json_decref(told);
}

static void an_urgent_rollout_is_not_measured(void **state)
{
    struct world *w = *state;
    json_t *urgent = view_health(w->db, PAINT_URGENT, HEALTH_HW_REV, 72, true);
    json_t *usual = view_health(w->db, PAINT_OPEN, HEALTH_HW_REV, 72, true);

    assert_true(json_is_false(json_object_get(urgent, "measured")));
    assert_true(json_is_true(json_object_get(usual, "measured")));
    json_decref(urgent);
    json_decref(usual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAINTED(rollouts_are_told_latest_first),
        PAINTED(an_open_rollout_says_what_it_waits_for),
        PAINTED(a_frozen_rollout_says_who_when_and_how_many_survived),
        cmocka_unit_test(a_person_who_froze_it_is_named_with_the_reason),
        cmocka_unit_test(a_freeze_shows_the_figure_that_its_loudest_test_looked_at),
        cmocka_unit_test(a_freeze_before_anybody_is_old_enough_says_so),
        PAINTED(a_rollout_counts_its_arms_and_how_it_ended),
        PAINTED(a_rollout_that_is_not_there_is_nothing),
        PAINTED(numbers_are_those_of_fleet_health),
        PAINTED(the_alarm_stands_with_the_revision_that_it_is_about),
        PAINTED(curves_begin_at_one_and_never_rise),
        PAINTED(an_urgent_rollout_is_not_measured),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
