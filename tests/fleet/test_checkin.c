/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements: which of them are believed, which count as life, and what they tell of
 * attacks. Whatever is wrong lands in its own stream, and in none of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#define UNITS 8U

static int bring_up(void **state)
{
    *state = world_of(UNITS);
    return 0;
}

static int64_t seen_of(struct world *w, const struct world_unit *u)
{
    return world_number(
        w, "SELECT COALESCE(MAX(seen), -1) FROM states WHERE device = ?", u->no);
}

static int64_t counter_of(struct world *w, const struct world_unit *u)
{
    return world_number(w, "SELECT counter FROM states WHERE device = ?", u->no);
}

static int64_t statements(struct world *w)
{
    return world_number(w, "SELECT COUNT(*) FROM log WHERE kind = ?", EVENT_STATEMENT);
}

static int64_t security(struct world *w)
{
    return world_number(w, "SELECT COUNT(*) FROM security WHERE seq > ?", 0);
}

/* ---- nonces ---------------------------------------------------------------------- */

static void a_nonce_is_known_for_its_hour_and_by_its_secret(void **state)
{
    struct world *w = *state;
    uint8_t nonce[FERRY_NONCE_LEN], other[NONCE_SECRET_LEN] = {1};
    int32_t now = world_hour(w);

    nonce_make(nonce, w->secret, now - 5);
    assert_int_equal(nonce_hour(nonce, w->secret, now), now - 5);
    assert_int_equal(nonce_hour(nonce, other, now), -1);
    assert_int_equal(nonce_hour(nonce, w->secret, now - 6), -1); /* not issued yet */
    for (unsigned i = 0; i < FERRY_NONCE_LEN; i++) {
        nonce[i] ^= 1;
        assert_int_equal(nonce_hour(nonce, w->secret, now), -1);
        nonce[i] ^= 1;
    }
}

/* ---- what is wrong --------------------------------------------------------------- */

static void any_altered_byte_makes_it_forged_malformed_or_a_strangers(void **state)
{
    struct world *w = *state;
    uint8_t env[FERRY_ENVELOPE_MAX];
    struct heard h;
    size_t len = world_speak(w, &w->unit[0], world_hour(w), env);

    for (size_t i = 0; i < len; i++) {
        env[i] ^= 1;
        checkin_verify(w->db, w->secret, world_hour(w), env, len, &h);
        assert_true(h.wrong == SECURITY_FORGED || h.wrong == SECURITY_MALFORMED ||
                    h.wrong == SECURITY_UNKNOWN_DEVICE);
        assert_int_equal(h.device, 0);
        env[i] ^= 1;
    }
    for (size_t cut = 0; cut < len; cut++) {
        checkin_verify(w->db, w->secret, world_hour(w), env, cut, &h);
        assert_int_equal(h.wrong, SECURITY_MALFORMED);
    }
    assert_string_equal(world_bring(w, env, len), "new");
}

static void another_devices_key_forges_nothing(void **state)
{
    struct world *w = *state;
    uint8_t env[FERRY_ENVELOPE_MAX];

    memcpy(w->unit[0].is.id, w->unit[1].is.id, 16);
    size_t len = world_speak(w, &w->unit[0], world_hour(w), env);
    assert_string_equal(world_bring(w, env, len), "forged");
    assert_int_equal(seen_of(w, &w->unit[1]), -1);
    memset(w->unit[0].is.id, 0xEE, 16);
    len = world_speak(w, &w->unit[0], world_hour(w), env);
    assert_string_equal(world_bring(w, env, len),
                        security_name(SECURITY_UNKNOWN_DEVICE));
    assert_int_equal(statements(w), 0);
}

static void a_revision_that_the_factory_did_not_burn_is_not_believed(void **state)
{
    struct world *w = *state;
    uint8_t env[FERRY_ENVELOPE_MAX];
    struct heard h;

    w->unit[0].says.hw_rev = 9;
    size_t len = world_speak(w, &w->unit[0], world_hour(w), env);
    checkin_verify(w->db, w->secret, world_hour(w), env, len, &h);
    assert_int_equal(h.wrong, SECURITY_OTHER_CLASS);
    assert_int_equal(h.device, w->unit[0].no); /* it did sign this */
}

static void a_nonce_of_somebody_elses_or_of_an_hour_to_come_is_foreign(void **state)
{
    struct world *w = *state;
    uint8_t env[FERRY_ENVELOPE_MAX];
    const char *foreign = security_name(SECURITY_FOREIGN_NONCE);

    size_t len = world_speak(w, &w->unit[0], world_hour(w) + 1, env);
    assert_string_equal(world_bring(w, env, len), foreign);
    w->secret[0] ^= 1;
    len = world_speak(w, &w->unit[0], world_hour(w), env);
    w->secret[0] ^= 1;
    assert_string_equal(world_bring(w, env, len), foreign);
    assert_int_equal(seen_of(w, &w->unit[0]), -1);
}

/* ---- what is new ----------------------------------------------------------------- */

static void the_same_bytes_again_are_known_and_no_event(void **state)
{
    struct world *w = *state;
    uint8_t env[FERRY_ENVELOPE_MAX];
    size_t len = world_speak(w, &w->unit[0], world_hour(w), env);

    assert_string_equal(world_bring(w, env, len), "new");
    w->now += 3600;
    assert_string_equal(world_bring(w, env, len), "known");
    assert_int_equal(statements(w), 1);
    assert_int_equal(seen_of(w, &w->unit[0]), world_hour(w) - 1);
}

/* Two phones bring them in the wrong order: both show life, the newer one the state. */
static void an_overtaken_statement_shows_life_and_nothing_else(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];
    uint8_t first[FERRY_ENVELOPE_MAX], second[FERRY_ENVELOPE_MAX];
    size_t first_len = world_speak(w, u, world_hour(w), first);

    u->says.resets = 3;
    size_t second_len = world_speak(w, u, world_hour(w) - 2, second);
    assert_string_equal(world_bring(w, second, second_len), "new");
    assert_int_equal(seen_of(w, u), world_hour(w) - 2);
    assert_string_equal(world_bring(w, first, first_len), "new");
    assert_int_equal(seen_of(w, u), world_hour(w));
    assert_int_equal(counter_of(w, u), 2);
    assert_int_equal(
        world_number(w, "SELECT resets FROM states WHERE device = ?", u->no), 3);
    assert_string_equal(world_bring(w, first, first_len), "known");
    assert_int_equal(security(w), 0);
}

/* It was made months ago, and comes now: it was alive then, which is known better. */
static void a_statement_of_months_ago_is_no_life_of_today(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];
    uint8_t old[FERRY_ENVELOPE_MAX];
    size_t len = world_speak(w, u, world_hour(w), old);

    w->now += 24 * 3600 * 60;
    assert_string_equal(world_bring(w, old, len), "new");
    assert_int_equal(seen_of(w, u), world_hour(w) - 24 * 60);
    for (int i = 0; i < 70; i++) { /* it says more than the window remembers */
        world_hear(w, u);
    }
    assert_int_equal(seen_of(w, u), world_hour(w));
    assert_string_equal(world_bring(w, old, len), "late");
    assert_int_equal(statements(w), 71);
}

static void without_a_nonce_it_tells_its_state_but_shows_no_life(void **state)
{
    struct world *w = *state;
    uint8_t env[FERRY_ENVELOPE_MAX];
    size_t len = world_speak(w, &w->unit[0], -1, env);

    assert_string_equal(world_bring(w, env, len), "new");
    assert_int_equal(seen_of(w, &w->unit[0]), -1);
    assert_int_equal(counter_of(w, &w->unit[0]), 1);
    assert_string_equal(world_bring(w, env, len), "known");
}

static void two_statements_with_one_counter_are_a_copied_key(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];
    uint8_t env[FERRY_ENVELOPE_MAX];

    world_hear(w, u);
    u->says.counter--;
    u->says.resets = 9;
    size_t len = world_speak(w, u, world_hour(w), env);
    assert_string_equal(world_bring(w, env, len), "new");
    assert_int_equal(world_seen(w, SECURITY_COUNTER_TWICE), 1);
    assert_string_equal(world_bring(w, env, len), "known"); /* told once */
    assert_int_equal(
        world_number(w, "SELECT resets FROM states WHERE device = ?", u->no), 0);
}

/* Its journal was lost: it is heard again, and what it said before counts no more. */
static void a_counter_that_begins_again_under_a_newer_nonce_is_taken_in(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];
    uint8_t old[FERRY_ENVELOPE_MAX], again[FERRY_ENVELOPE_MAX];

    u->says.counter = 5000;
    world_hear(w, u);
    size_t old_len = world_speak(w, u, world_hour(w), old);
    w->now += 3600;
    u->says.counter = 0;
    size_t len = world_speak(w, u, world_hour(w), again);
    assert_string_equal(world_bring(w, again, len), "new");
    assert_int_equal(world_seen(w, SECURITY_COUNTER_BACK), 1);
    assert_int_equal(counter_of(w, u), 1);
    assert_int_equal(seen_of(w, u), world_hour(w));
    assert_string_equal(world_bring(w, old, old_len), "late");
    assert_string_equal(world_bring(w, again, len), "known");
    assert_int_equal(counter_of(w, u), 1);
    assert_int_equal(security(w), 1);
}

/* A replayed one cannot make a counter fall: its nonce is not newer. */
static void an_old_counter_under_an_old_nonce_takes_nothing_back(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];
    uint8_t old[FERRY_ENVELOPE_MAX];
    size_t len = world_speak(w, u, world_hour(w), old);

    u->says.counter = 1000;
    world_hear(w, u);
    assert_string_equal(world_bring(w, old, len), "late");
    assert_int_equal(counter_of(w, u), 1001);
    assert_int_equal(security(w), 0);
}

static void an_event_of_another_devices_statement_is_refused(void **state)
{
    struct world *w = *state;
    uint8_t env[FERRY_ENVELOPE_MAX];
    size_t len = world_speak(w, &w->unit[0], world_hour(w), env);

    assert_int_equal(world_tell(w, EVENT_STATEMENT, APP, 2, env, len).status, 422);
    assert_int_equal(world_tell(w, EVENT_STATEMENT, APP, 99, env, len).status, 404);
    assert_int_equal(world_tell(w, EVENT_STATEMENT, APP, 1, env, len - 1).status, 400);
    assert_int_equal(statements(w), 0);
}

/* ---- what it tells of attacks ---------------------------------------------------- */

static void code_that_nobody_offered_is_an_event_and_factory_code_is_none(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];

    world_hear(w, u); /* 1.0.0, from the factory */
    u->says.version = V(2, 0, 0);
    world_hear(w, u);
    assert_int_equal(world_seen(w, SECURITY_UNOFFERED), 1);
    world_hear(w, u); /* it is told once */
    assert_int_equal(world_seen(w, SECURITY_UNOFFERED), 1);
    w->unit[1].says.version = V(0, 9, 0); /* made before anything was published */
    world_hear(w, &w->unit[1]);
    assert_int_equal(security(w), 1);
}

static void code_of_no_release_is_an_event_whatever_it_calls_itself(void **state)
{
    struct world *w = *state;

    w->unit[0].odd = 1; /* another 1.0.0, from the first statement on */
    world_hear(w, &w->unit[0]);
    assert_int_equal(world_seen(w, SECURITY_UNKNOWN_CODE), 1);
    world_hear(w, &w->unit[1]);
    w->unit[1].says.version = V(3, 3, 3);
    world_hear(w, &w->unit[1]);
    assert_int_equal(world_seen(w, SECURITY_UNKNOWN_CODE), 2);
    assert_int_equal(security(w), 2);
}

static void what_was_offered_or_rolled_back_to_is_no_event(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];

    world_rollout(w, "2.0.0", ", \"urgent\": true, \"stages\": [{\"percent\": 100}]");
    world_hear(w, u);
    assert_string_equal(world_decision(w, u), "offer 2.0.0");
    u->says.version = V(2, 0, 0);
    world_hear(w, u);
    u->says.version = V(1, 0, 0);
    u->says.rollbacks = 1;
    u->says.outcome = FERRY_OUTCOME_EXPIRED;
    u->says.outcome_version = V(2, 0, 0);
    world_hear(w, u);
    assert_int_equal(security(w), 0);
    u->says.version = V(1, 0, 0) + 1; /* not by rolling back */
    world_hear(w, u);
    assert_int_equal(world_seen(w, SECURITY_UNKNOWN_CODE), 1);
}

static void what_devices_refused_is_told_once_and_by_how_much_it_grew(void **state)
{
    struct world *w = *state;
    struct world_unit *u = &w->unit[0];

    u->says.bad_signatures = 2;
    u->refused[3] = 1; /* E_FLOOR */
    world_hear(w, u);
    world_hear(w, u);
    u->says.bad_signatures = 5;
    u->refused[3] = 4;
    u->refused[12] = 1; /* E_TOMBSTONE */
    world_hear(w, u);
    assert_int_equal(world_seen(w, SECURITY_REFUSED_CODE), 2);
    assert_int_equal(world_seen(w, SECURITY_REFUSED_POLICY), 2);
    static const char times[] = "SELECT times FROM security WHERE kind = ?"
                                " ORDER BY seq DESC LIMIT 1";
    assert_int_equal(world_number(w, times, SECURITY_REFUSED_CODE), 3);
    assert_int_equal(world_number(w, times, SECURITY_REFUSED_POLICY), 4);
    u->says.bad_signatures = 0; /* a lost journal */
    u->refused[3] = 0;
    world_hear(w, u);
    assert_int_equal(security(w), 4);
}

int main(void)
{
#define IN_A_WORLD(f) cmocka_unit_test_setup_teardown(f, bring_up, world_take_down)
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_nonce_is_known_for_its_hour_and_by_its_secret),
        IN_A_WORLD(any_altered_byte_makes_it_forged_malformed_or_a_strangers),
        IN_A_WORLD(another_devices_key_forges_nothing),
        IN_A_WORLD(a_revision_that_the_factory_did_not_burn_is_not_believed),
        IN_A_WORLD(a_nonce_of_somebody_elses_or_of_an_hour_to_come_is_foreign),
        IN_A_WORLD(the_same_bytes_again_are_known_and_no_event),
        IN_A_WORLD(an_overtaken_statement_shows_life_and_nothing_else),
        IN_A_WORLD(a_statement_of_months_ago_is_no_life_of_today),
        IN_A_WORLD(without_a_nonce_it_tells_its_state_but_shows_no_life),
        IN_A_WORLD(two_statements_with_one_counter_are_a_copied_key),
        IN_A_WORLD(a_counter_that_begins_again_under_a_newer_nonce_is_taken_in),
        IN_A_WORLD(an_old_counter_under_an_old_nonce_takes_nothing_back),
        IN_A_WORLD(an_event_of_another_devices_statement_is_refused),
        IN_A_WORLD(code_that_nobody_offered_is_an_event_and_factory_code_is_none),
        IN_A_WORLD(code_of_no_release_is_an_event_whatever_it_calls_itself),
        IN_A_WORLD(what_was_offered_or_rolled_back_to_is_no_event),
        IN_A_WORLD(what_devices_refused_is_told_once_and_by_how_much_it_grew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
