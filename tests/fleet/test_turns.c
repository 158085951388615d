/* SPDX-License-Identifier: Apache-2.0
 *
 * Rollouts after one another: frozen, resumed, over; a device is watched by one at a
 * time, successors go to the same canaries, and rolling back goes to those it is for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#define UNITS 400U

static int bring_up(void **state)
{
    *state = world_of(UNITS);
    return 0;
}

static void a_frozen_rollout_says_hold_and_offers_to_nobody_new(void **state)
{
    struct world *w = *state;
    int64_t no = world_rollout(w, "2.0.0", ALL_OF_IT);

    world_hear(w, &w->unit[0]);
    world_must(w, no, "freeze");
    assert_string_equal(world_decision(w, &w->unit[0]), "hold");
    world_hear(w, &w->unit[0]);
    world_hear(w, &w->unit[1]);
    assert_string_equal(world_decision(w, &w->unit[0]), "hold");
    assert_string_equal(world_decision(w, &w->unit[1]), "none");
    assert_int_equal(world_offers(w, no), 1);
    world_must(w, no, "resume");
    assert_string_equal(world_decision(w, &w->unit[0]), "offer 2.0.0");
    world_must(w, no, "cancel");
    assert_string_equal(world_decision(w, &w->unit[0]), "none");
}

static void a_device_is_watched_by_one_rollout_until_that_is_over(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];

    world_release(w, "3.0.0", NULL, false);
    int64_t first = world_rollout(w, "2.0.0", ALL_OF_IT);
    world_hear(w, u);
    int64_t second = world_rollout(w, "3.0.0", ALL_OF_IT);
    world_hear(w, u);
    assert_string_equal(world_decision(w, u), "offer 2.0.0");
    world_hear(w, &w->unit[1]); /* nobody's yet: the higher version has it */
    assert_string_equal(world_decision(w, &w->unit[1]), "offer 3.0.0");
    world_must(w, first, "cancel");
    w->now += 3600;
    world_hear(w, u);
    assert_string_equal(world_decision(w, u), "offer 3.0.0");
    assert_int_equal(world_treated(w, second), 2);
    assert_int_equal(COUNT(w, "exposures WHERE quit >= 0", first), 1);
    assert_int_equal(
        world_number(w, "SELECT COUNT(*) FROM exposures WHERE quit < 0 AND device = ?",
                     u->no),
        1);
}

/* What is frozen is not over: its devices are still the evidence. */
static void a_frozen_rollouts_device_is_not_taken_by_another(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];

    world_release(w, "3.0.0", NULL, false);
    int64_t frozen = world_rollout(w, "2.0.0", ALL_OF_IT);
    world_hear(w, u);
    world_must(w, frozen, "freeze");
    int64_t other = world_rollout(w, "3.0.0", ALL_OF_IT);
    world_hear(w, u);
    assert_string_equal(world_decision(w, u), "hold");
    assert_int_equal(world_treated(w, other), 0);
    assert_int_equal(COUNT(w, "exposures WHERE quit < 0", frozen), 1);
}

static void a_successor_keeps_the_salt_and_so_the_canaries(void **state)
{
    struct world *w = *state;
    char more[200];
    static const char both[] =
        "SELECT COUNT(*) FROM exposures a JOIN exposures b ON a.device = b.device"
        " AND a.treated = b.treated AND a.rollout < b.rollout WHERE b.rollout = ?";

    world_release(w, "2.0.1", NULL, false);
    int64_t first = world_rollout(w, "2.0.0", HALVES);
    world_everybody(w);
    snprintf(more, sizeof more, HALVES ", \"supersedes\": %lld", (long long)first);
    int64_t second = world_rollout(w, "2.0.1", more);
    assert_int_equal(world_number(w, "SELECT state FROM rollouts WHERE no = ?", first),
                     ROLLOUT_SUPERSEDED);
    w->now += 3600;
    world_everybody(w);
    assert_int_equal(world_number(w, both, second), UNITS);
    assert_int_equal(COUNT(w, "exposures WHERE quit < 0", first), 0);
}

/* Only who had the bad release is rescued; who was held back or never had it is not. */
static void rolling_back_is_aimed_at_those_that_were_treated(void **state)
{
    struct world *w = *state;
    struct outcome o = {0};
    char *text;

    world_release(w, "2.0.1", NULL, false);
    int64_t bad = world_rollout(w, "2.0.0", HALVES);
    world_everybody(w);
    int64_t had_it = world_treated(w, bad);
    for (unsigned i = 0; i < w->len; i++) {
        if (strncmp(world_decision(w, &w->unit[i]), "offer", 5) == 0) {
            w->unit[i].says.version = V(2, 0, 0);
        }
    }
    world_must(w, bad, "freeze");
    assert_null(rollout_back(w->db, bad, V(1, 0, 0), &o));
    assert_int_equal(o.status, 422); /* devices take nothing lower */
    json_t *body = rollout_back(w->db, bad, V(2, 0, 1), &o);
    assert_non_null(body);
    text = json_dumps(body, 0);
    assert_int_equal(world_tell(w, EVENT_ROLLOUT, "anna", 0, text, strlen(text)).status,
                     201);
    free(text);
    json_decref(body);
    int64_t rescue = number_of(w->db, "SELECT MAX(no) FROM rollouts");
    world_must(w, rescue, "open");
    w->now += 3600;
    world_everybody(w);
    assert_int_equal(world_treated(w, rescue), had_it);
    assert_int_equal(world_held_back(w, rescue), 0);
    assert_int_equal(COUNT(w, "exposures WHERE quit < 0 AND treated = 1", bad), 0);
    assert_int_equal(COUNT(w, "exposures WHERE quit < 0 AND treated = 0", bad),
                     world_held_back(w, bad));
}

int main(void)
{
#define IN_A_WORLD(f) cmocka_unit_test_setup_teardown(f, bring_up, world_take_down)
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_frozen_rollout_says_hold_and_offers_to_nobody_new),
        IN_A_WORLD(a_device_is_watched_by_one_rollout_until_that_is_over),
        IN_A_WORLD(a_frozen_rollouts_device_is_not_taken_by_another),
        IN_A_WORLD(a_successor_keeps_the_salt_and_so_the_canaries),
        IN_A_WORLD(rolling_back_is_aimed_at_those_that_were_treated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
