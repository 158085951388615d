/* SPDX-License-Identifier: Apache-2.0
 *
 * What is kept of a device while a rollout watches it: when it lived, when it told so,
 * its resets, and what it is told apart by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exposure_in.h"
#include "world.h"

static int bring_up(void **state)
{
    *state = world_of(8);
    return 0;
}

/* A column of the exposure of unit 0, which is device 1. */
#define OF_0(w, column)                                                                \
    world_number(w, "SELECT " column " FROM exposures WHERE device = ?", 1)

static void life_is_dated_at_the_nonce_and_telling_at_the_arrival(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];
    uint8_t env[FERRY_ENVELOPE_MAX];

    world_rollout(w, "2.0.0", ALL_OF_IT);
    world_hear(w, u);
    int32_t began = world_hour(w);
    assert_int_equal(OF_0(w, "began"), began);
    size_t len = world_speak(w, u, began, env);
    w->now += 30 * 3600;
    world_bring(w, env, len);
    assert_int_equal(OF_0(w, "seen"), began);
    assert_int_equal(OF_0(w, "told"), began + 30);
    len = world_speak(w, u, began + 20, env);
    world_bring(w, env, len);
    assert_int_equal(OF_0(w, "seen"), began + 20);
    assert_int_equal(OF_0(w, "told"), began + 30);
}

static void the_threshold_is_of_the_devices_own_gaps_before_its_offer(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];
    static const int gaps[] = {10, 40, 20, 10};

    for (int i = 0; i < 4; i++) {
        world_hear(w, u);
        w->now += gaps[i] * 3600;
    }
    world_rollout(w, "2.0.0", ALL_OF_IT);
    world_hear(w, u);
    assert_int_equal(OF_0(w, "silence"), 50); /* of 40; what ends now does not count */
    assert_int_equal(OF_0(w, "known"), 1);
    world_hear(w, &w->unit[1]);
    assert_int_equal(
        world_number(w, "SELECT silence FROM exposures WHERE device = ?", 2),
        HEALTH_SILENCE_MAX_H);
    assert_int_equal(world_number(w, "SELECT known FROM exposures WHERE device = ?", 2),
                     0);
}

static void resets_of_before_do_not_count_and_each_one_after_does(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];

    u->says.resets = 5;
    world_rollout(w, "2.0.0", ALL_OF_IT);
    world_hear(w, u);
    world_hear(w, u);
    assert_int_equal(OF_0(w, "reset"), 0);
    u->says.resets = 2; /* a lost journal */
    world_hear(w, u);
    assert_int_equal(OF_0(w, "reset"), 0);
    u->says.resets = 3;
    world_hear(w, u);
    assert_int_equal(OF_0(w, "reset"), 1);
}

static void an_update_counts_anew_and_its_first_reset_counts(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];

    u->says.resets = 5;
    world_rollout(w, "2.0.0", ALL_OF_IT);
    world_hear(w, u);
    u->says.version = V(2, 0, 0);
    u->says.resets = 0;
    world_hear(w, u);
    assert_int_equal(OF_0(w, "reset"), 0);
    u->says.resets = 1;
    world_hear(w, u);
    assert_int_equal(OF_0(w, "reset"), 1);
}

static void
going_back_for_the_releases_faults_counts_and_for_the_power_does_not(void **state)
{
    struct world *w = *state;

    world_rollout(w, "2.0.0", ALL_OF_IT);
    for (int i = 0; i < 2; i++) {
        struct world_unit *u = &w->unit[i];
        world_hear(w, u);
        u->says.version = V(2, 0, 0);
        world_hear(w, u);
        u->says.version = V(1, 0, 0);
        u->says.rollbacks = 1;
        u->says.resets = 7; /* of long ago */
        u->says.outcome = i == 0 ? FERRY_OUTCOME_POWER : FERRY_OUTCOME_CRASH_LOOP;
        u->says.outcome_version = V(2, 0, 0);
        world_hear(w, u);
    }
    assert_int_equal(OF_0(w, "reset"), 0);
    assert_int_equal(world_number(w, "SELECT reset FROM exposures WHERE device = ?", 2),
                     1);
}

static void an_overtaken_statement_tells_nothing_of_resets(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];
    uint8_t env[FERRY_ENVELOPE_MAX];

    world_rollout(w, "2.0.0", ALL_OF_IT);
    world_hear(w, u);
    u->says.resets = 1;
    size_t len = world_speak(w, u, world_hour(w), env);
    u->says.resets = 0;
    world_hear(w, u);
    w->now += 3600;
    assert_string_equal(world_bring(w, env, len), "new");
    assert_int_equal(OF_0(w, "reset"), 0);
    assert_int_equal(OF_0(w, "told"), world_hour(w) - 1);
}

static void
values_are_numbered_as_they_appear_and_past_twelve_share_the_last(void **state)
{
    struct world *w = *state;
    uint8_t values[HEALTH_FACETS];
    char name[24];
    unsigned first = w->len;

    world_devices(w, 20, 20, 0); /* revisions 9 to 20, then 1 to 8 */
    int64_t no = world_rollout(w, "2.0.0", ALL_OF_IT);
    for (unsigned i = first; i < w->len; i++) {
        world_hear(w, &w->unit[i]);
    }
    exposure_values(w->db, no, values);
    assert_int_equal(values[HEALTH_HW_REV], HEALTH_VALUES_MAX);
    assert_int_equal(values[HEALTH_REGION], 3);
    assert_int_equal(values[HEALTH_PHONE], 1);
    exposure_value_name(w->db, no, HEALTH_HW_REV, 0, name, sizeof name);
    assert_string_equal(name, "9");
    exposure_value_name(w->db, no, HEALTH_HW_REV, 11, name, sizeof name);
    assert_string_equal(name, "others");
    exposure_value_name(w->db, no, HEALTH_FROM, 0, name, sizeof name);
    assert_string_equal(name, "1.0.0");
    exposure_value_name(w->db, no, HEALTH_PHONE, 0, name, sizeof name);
    assert_string_equal(name, APP);
    exposure_value_name(w->db, no, HEALTH_PHONE, 1, name, sizeof name);
    assert_string_equal(name, "");
    struct exposure_arm a;
    assert_true(exposure_of(w->db, no, w->unit[w->len - 1].no, &a));
    assert_int_equal(a.value[HEALTH_HW_REV], 11);
}

/* A phone says what it likes: its words are no name of a cell if they are no version's. */
static void a_phones_endless_name_is_none(void **state)
{
    struct world *w = *state;
    uint8_t env[FERRY_ENVELOPE_MAX];
    char app[100], name[64];
    int64_t no = world_rollout(w, "2.0.0", ALL_OF_IT);

    memset(app, 'a', sizeof app);
    app[sizeof app - 1] = '\0';
    size_t len = world_speak(w, &w->unit[0], world_hour(w), env);
    assert_int_equal(world_tell(w, EVENT_STATEMENT, app, 1, env, len).status, 200);
    exposure_value_name(w->db, no, HEALTH_PHONE, 0, name, sizeof name);
    assert_string_equal(name, "?");
}

static void what_is_kept_between_looks_is_read_as_it_was(void **state)
{
    uint8_t bytes[KEPT_LEN];
    struct health h, again;
    (void)state;

    assert_true(kept_read(&h, 0.02, NULL, 0));
    h.now = 500000;
    h.looks = 77;
    h.z_bound = 4.25;
    memset(h.values, 3, sizeof h.values);
    for (unsigned c = 0; c < HEALTH_CELLS; c++) {
        struct health_cell *cell = &h.cell[c];
        for (unsigned i = 0; i < STATS_THETAS; i++) {
            cell->silence.ln[i] = -0.1 * c - i;
            cell->resets.ln[i] = 1e-300 * c;
        }
        cell->z = c;
        for (unsigned s = 0; s < HEALTH_STRATA; s++) {
            cell->active[s] = (struct stats_stratum){c, c + 1, s, UINT32_MAX - s};
        }
        for (unsigned t = 0; t < HEALTH_TESTS; t++) {
            cell->alarm[t] = (c + t) % 2 == 0;
            cell->accepted[t] = (c + t) % 3 == 0;
        }
    }
    kept_write(&h, bytes);
    memset(&again, 0xA5, sizeof again);
    assert_true(kept_read(&again, 0.02, bytes, sizeof bytes));
    assert_memory_equal(&h, &again, sizeof h);
    assert_false(kept_read(&again, 0.02, bytes, sizeof bytes - 1));
}

static void facets_have_names_and_names_facets(void **state)
{
    enum health_facet facet;
    (void)state;

    for (unsigned f = 0; f < HEALTH_FACETS; f++) {
        assert_true(
            exposure_facet_named(exposure_facet_name((enum health_facet)f), &facet));
        assert_int_equal(facet, f);
    }
    assert_false(exposure_facet_named("colour", &facet));
}

int main(void)
{
#define IN_A_WORLD(f) cmocka_unit_test_setup_teardown(f, bring_up, world_take_down)
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(life_is_dated_at_the_nonce_and_telling_at_the_arrival),
        IN_A_WORLD(the_threshold_is_of_the_devices_own_gaps_before_its_offer),
        IN_A_WORLD(resets_of_before_do_not_count_and_each_one_after_does),
        IN_A_WORLD(an_update_counts_anew_and_its_first_reset_counts),
        IN_A_WORLD(
            going_back_for_the_releases_faults_counts_and_for_the_power_does_not),
        IN_A_WORLD(an_overtaken_statement_tells_nothing_of_resets),
        IN_A_WORLD(values_are_numbered_as_they_appear_and_past_twelve_share_the_last),
        IN_A_WORLD(a_phones_endless_name_is_none),
        cmocka_unit_test(what_is_kept_between_looks_is_read_as_it_was),
        cmocka_unit_test(facets_have_names_and_names_facets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
