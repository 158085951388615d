/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is offered what, who is held back, and when: asking earns nothing, places are what
 * the salt makes them, and a device is watched by one rollout at a time. */
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

/* ---- when ------------------------------------------------------------------------ */

static void
nothing_is_offered_before_a_rollout_opens_or_to_who_says_nothing(void **state)
{
    struct world *w = *state;
    int64_t no = world_draft(w, "2.0.0", ALL_OF_IT);

    world_hear(w, &w->unit[0]);
    assert_int_equal(world_offers(w, no), 0);
    world_must(w, no, "open");
    assert_string_equal(world_decision(w, &w->unit[0]), "none");
    assert_int_equal(world_offers(w, no), 0);
    world_hear(w, &w->unit[0]);
    assert_string_equal(world_decision(w, &w->unit[0]), "offer 2.0.0");
    assert_int_equal(world_offers(w, no), 1);
}

static void asking_again_or_with_old_words_earns_no_offer(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];
    uint8_t env[FERRY_ENVELOPE_MAX], stale[FERRY_ENVELOPE_MAX];
    size_t len = world_speak(w, u, world_hour(w), env);

    world_bring(w, env, len);
    int64_t no = world_rollout(w, "2.0.0", ALL_OF_IT);
    assert_string_equal(world_bring(w, env, len), "known");
    assert_string_equal(world_decision(w, u), "none");
    size_t stale_len = world_speak(w, u, world_hour(w) - CHECKIN_FRESH_H - 1, stale);
    assert_string_equal(world_bring(w, stale, stale_len), "new");
    assert_string_equal(world_decision(w, u), "none");
    len = world_speak(w, u, -1, env);
    assert_string_equal(world_bring(w, env, len), "new");
    assert_int_equal(world_offers(w, no), 0);
    len = world_speak(w, u, world_hour(w) - CHECKIN_FRESH_H, env);
    assert_string_equal(world_bring(w, env, len), "new");
    assert_string_equal(world_decision(w, u), "offer 2.0.0");
}

static void an_offer_runs_out_and_a_new_statement_renews_it(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];
    int64_t no = world_rollout(w, "2.0.0", ALL_OF_IT);

    world_hear(w, u);
    int64_t began = w->now;
    w->now += CHECKIN_OFFER_S;
    assert_string_equal(world_decision(w, u), "none");
    world_hear(w, u);
    assert_string_equal(world_decision(w, u), "offer 2.0.0");
    assert_int_equal(
        world_number(w, "SELECT first_at FROM offers WHERE device = ?", u->no), began);
    assert_int_equal(world_number(w, "SELECT at FROM offers WHERE device = ?", u->no),
                     w->now);
    assert_int_equal(world_treated(w, no), 1);
    assert_int_equal(
        world_number(w, "SELECT began FROM exposures WHERE device = ?", u->no),
        began / 3600);
}

static void an_offer_names_every_bank_of_the_devices_revision(void **state)
{
    struct world *w = *state;

    world_rollout(w, "2.0.0", ALL_OF_IT);
    world_hear(w, &w->unit[0]);
    json_t *d = checkin_decision(w->db, 1, w->now);
    json_t *artifacts = json_object_get(d, "artifacts");
    assert_int_equal(json_array_size(artifacts), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *a = json_array_get(artifacts, i);
        const char *sha256 = json_string_value(json_object_get(a, "sha256"));
        const char *url = json_string_value(json_object_get(a, "url"));
        assert_int_equal(json_integer_value(json_object_get(a, "size")), 4500);
        assert_int_equal(json_integer_value(json_object_get(a, "link")),
                         0x4000 * ((json_int_t)i + 1));
        assert_int_equal(strlen(sha256), 64);
        assert_non_null(strstr(url, sha256));
    }
    json_decref(d);
}

static void what_it_runs_or_rolled_back_from_is_not_offered(void **state)
{
    struct world *w = *state;
    struct world_unit *has = &w->unit[0], *buried = &w->unit[1];

    world_rollout(w, "2.0.0", ALL_OF_IT);
    world_hear(w, has);
    has->says.version = V(2, 0, 0);
    world_hear(w, has);
    assert_string_equal(world_decision(w, has), "none");
    world_hear(w, buried);
    buried->says.outcome = FERRY_OUTCOME_FAULTS;
    buried->says.outcome_version = V(2, 0, 0);
    buried->says.rollbacks = 1;
    world_hear(w, buried);
    assert_string_equal(world_decision(w, buried), "none");
    buried->says.outcome = FERRY_OUTCOME_NONE; /* it still will not have it */
    world_hear(w, buried);
    assert_string_equal(world_decision(w, buried), "none");
}

static void what_was_withdrawn_is_not_offered_any_more(void **state)
{
    struct world *w = *state;
    static const char body[] = "{\"class\": \"" CLASS_HEX "\", \"version\": \"2.0.0\","
                               " \"reason\": \"it burns\"}";

    int64_t no = world_rollout(w, "2.0.0", ALL_OF_IT);
    world_hear(w, &w->unit[0]);
    assert_int_equal(
        world_tell(w, EVENT_WITHDRAW, "anna", 0, body, strlen(body)).status, 200);
    assert_string_equal(world_decision(w, &w->unit[0]), "none");
    world_hear(w, &w->unit[1]);
    assert_int_equal(world_offers(w, no), 1);
}

/* ---- who ------------------------------------------------------------------------- */

static void
half_is_offered_it_and_half_held_back_at_the_same_kind_of_contact(void **state)
{
    struct world *w = *state;
    int64_t no = world_rollout(w, "2.0.0", HALVES);

    world_everybody(w);
    assert_int_equal(world_treated(w, no) + world_held_back(w, no), UNITS);
    assert_int_equal(world_offers(w, no), world_treated(w, no));
    assert_true(world_treated(w, no) > UNITS * 4 / 10 &&
                world_treated(w, no) < UNITS * 6 / 10);
    world_everybody(w); /* and it stays so */
    assert_int_equal(world_treated(w, no) + world_held_back(w, no), UNITS);
    assert_int_equal(world_offers(w, no), world_treated(w, no));
}

/* Later stages offer to more; who was held back and has its turn is compared no longer. */
static void stages_are_nested_and_evict_nobody(void **state)
{
    struct world *w = *state;
    int64_t no = world_rollout(w, "2.0.0",
                               ", \"stages\": [{\"percent\": 10, \"held_back\": 30},"
                               " {\"percent\": 50, \"held_back\": 30},"
                               " {\"percent\": 100}]");
    static const char first[] = "SELECT COUNT(*) FROM exposures WHERE rollout = ? AND"
                                " treated = 1 AND began = (SELECT MIN(began) FROM"
                                " exposures)";

    world_everybody(w);
    int64_t canaries = world_treated(w, no), control = world_held_back(w, no);
    assert_true(canaries > 0 && canaries < UNITS / 5 && control > UNITS / 5);
    world_must(w, no, "advance!");
    w->now += 3600;
    world_everybody(w);
    assert_true(world_treated(w, no) > 3 * canaries);
    assert_int_equal(world_held_back(w, no), control);
    assert_int_equal(world_number(w, first, no), canaries);
    world_must(w, no, "advance!");
    w->now += 3600;
    world_everybody(w);
    assert_int_equal(world_offers(w, no), UNITS);
    assert_int_equal(world_held_back(w, no), control);
    assert_int_equal(COUNT(w, "exposures WHERE treated = 0 AND quit >= 0", no),
                     control);
    assert_int_equal(COUNT(w, "exposures WHERE treated = 1 AND quit >= 0", no), 0);
    world_everybody(w);
    assert_int_equal(world_treated(w, no) + control, UNITS);
}

static void a_home_has_one_place(void **state)
{
    struct world *w = *state;
    unsigned first = w->len;

    world_devices(w, 40, 4, 4);
    world_rollout(w, "2.0.0", HALVES);
    for (unsigned i = first; i < w->len; i++) {
        world_hear(w, &w->unit[i]);
    }
    for (unsigned i = first; i < w->len; i += 4) {
        char text[40];
        snprintf(text, sizeof text, "%s", world_decision(w, &w->unit[i]));
        for (unsigned k = 1; k < 4; k++) {
            assert_string_equal(world_decision(w, &w->unit[i + k]), text);
        }
    }
}

static void the_predicate_decides_who_enters_and_not_who_stays(void **state)
{
    struct world *w = *state;
    int64_t no = world_rollout(w, "2.0.0",
                               ALL_OF_IT
                               ", \"predicate\": {\"hw_rev\": [2, 3], \"regions\": [1],"
                               " \"version\": [\"1.0.0\", \"1.0.0\"]}");

    world_everybody(w);
    for (unsigned i = 0; i < 24; i++) { /* revisions 1 to 4, regions 0 to 2 */
        unsigned revision = 1 + i % 4;
        bool meant = (revision == 2 || revision == 3) && i % 3 == 1;
        assert_string_equal(world_decision(w, &w->unit[i]),
                            meant ? "offer 2.0.0" : "none");
    }
    struct world_unit *u =
        &w->unit[1]; /* revision 2, region 1: somewhere else by now */
    assert_string_equal(world_decision(w, u), "offer 2.0.0");
    u->says.version = V(1, 5, 0);
    w->now += CHECKIN_OFFER_S;
    world_hear(w, u);
    assert_string_equal(world_decision(w, u), "offer 2.0.0");
    assert_int_equal(world_held_back(w, no), 0);
}

static void an_old_device_goes_by_the_release_that_must_be_passed(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];

    world_release(w, "1.5.0", NULL, true);
    world_release(w, "3.0.0", "1.5.0", false);
    int64_t no = world_rollout(w, "3.0.0", ALL_OF_IT);
    world_hear(w, u);
    assert_string_equal(world_decision(w, u), "offer 1.5.0");
    u->says.version = V(1, 5, 0);
    world_hear(w, u);
    assert_string_equal(world_decision(w, u), "offer 3.0.0");
    assert_int_equal(world_treated(w, no), 1);
    assert_int_equal(world_seen(w, SECURITY_UNOFFERED), 0);
}

static void who_is_too_old_and_has_no_way_is_offered_nothing(void **state)
{
    struct world *w = *state;

    world_release(w, "3.0.0", "1.5.0", false);
    int64_t no = world_rollout(w, "3.0.0", ALL_OF_IT);
    world_hear(w, &w->unit[0]);
    assert_string_equal(world_decision(w, &w->unit[0]), "none");
    assert_int_equal(world_treated(w, no), 0);
}

/* Somebody carried it there: that is told of, and the comparison stays what it was. */
static void who_was_held_back_and_has_it_all_the_same_keeps_its_arm(void **state)
{
    struct world *w = *state;
    int64_t no = world_rollout(w, "2.0.0", HALVES);

    world_everybody(w);
    int64_t before = world_held_back(w, no);
    for (unsigned i = 0; i < w->len; i++) {
        if (strcmp(world_decision(w, &w->unit[i]), "none") == 0) {
            w->unit[i].says.version = V(2, 0, 0);
        }
    }
    world_everybody(w);
    assert_int_equal(world_held_back(w, no), before);
    assert_int_equal(COUNT(w, "exposures WHERE quit < 0", no), UNITS);
    assert_int_equal(world_seen(w, SECURITY_UNOFFERED), before);
}

int main(void)
{
#define IN_A_WORLD(f) cmocka_unit_test_setup_teardown(f, bring_up, world_take_down)
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(nothing_is_offered_before_a_rollout_opens_or_to_who_says_nothing),
        IN_A_WORLD(asking_again_or_with_old_words_earns_no_offer),
        IN_A_WORLD(an_offer_runs_out_and_a_new_statement_renews_it),
        IN_A_WORLD(an_offer_names_every_bank_of_the_devices_revision),
        IN_A_WORLD(what_it_runs_or_rolled_back_from_is_not_offered),
        IN_A_WORLD(what_was_withdrawn_is_not_offered_any_more),
        IN_A_WORLD(half_is_offered_it_and_half_held_back_at_the_same_kind_of_contact),
        IN_A_WORLD(stages_are_nested_and_evict_nobody),
        IN_A_WORLD(a_home_has_one_place),
        IN_A_WORLD(the_predicate_decides_who_enters_and_not_who_stays),
        IN_A_WORLD(an_old_device_goes_by_the_release_that_must_be_passed),
        IN_A_WORLD(who_is_too_old_and_has_no_way_is_offered_nothing),
        IN_A_WORLD(who_was_held_back_and_has_it_all_the_same_keeps_its_arm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
