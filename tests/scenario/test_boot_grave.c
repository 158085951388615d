/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what a rollback means for the image that gave way: buried or welcome again, and
 * that the next update after it starts clean. */
#include "boots.h"

static const uint8_t nonce[FERRY_NONCE_LEN] = {0x44, 1};

/* ---- buried ---------------------------------------------------------------------- */

static void an_image_that_crashed_its_trial_away_is_not_installed_again(void **state)
{
    static struct cargo older, newer;

    (void)state;
    struct world *w = trial_device();
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    expect_runs(w, &first, false);
    assert_true(buried(w));
    uint32_t ops = flash_ops(w);
    expect_err("the same", offer_of(w, &second), FERRY_E_TOMBSTONE);
    boots_cargo(&older, 1, 0x0100FFFF, 7, 0);
    expect_err("an older one", offer_of(w, &older), FERRY_E_TOMBSTONE);
    assert_int_equal(flash_ops(w), ops);
    boots_cargo(&newer, 1, 0x01010001, 7, 0);
    expect_err("a newer one", offer_of(w, &newer), 0);
}

static void a_grave_stays_through_later_updates_and_lesser_rollbacks(void **state)
{
    static struct cargo next, after;

    (void)state;
    struct world *w = trial_device();
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    boots_cargo(&next, 1, 0x01010005, 7, 0);
    try_out(w, &next);
    confirm(w);
    expect_runs(w, &next, false);
    assert_true(buried(w));
    assert_int_equal(board_record(w).tomb_version, 0x01010000);
    boots_cargo(&after, 0, 0x01020000, 7, 0);
    try_out(w, &after);
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS);
    expect_runs(w, &next, false);
    assert_int_equal(board_record(w).tomb_version, 0x01010000);
    try_out(w, &after);
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    assert_int_equal(board_record(w).tomb_version, 0x01020000);
}

/* ---- not buried ------------------------------------------------------------------ */

static void by_power(struct world *w)
{
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS);
}

static void by_time(struct world *w)
{
    for (unsigned i = 0; i < FERRY_TRIAL_FAULTS; i++) {
        expire(w);
    }
}

static void by_rot(struct world *w)
{
    rot(w, 1);
    reset(w, FERRY_RESET_WAKE);
}

static const struct {
    const char *name;
    void (*away)(struct world *w);
    enum ferry_outcome outcome;
} harmless[] = {
    {"want of power", by_power, FERRY_OUTCOME_POWER},
    {"want of a courier", by_time, FERRY_OUTCOME_EXPIRED},
    {"a rotten bit", by_rot, FERRY_OUTCOME_DAMAGED},
};

/* H7: a courier that withholds everything costs at worst the old image. */
static void an_image_not_to_blame_is_welcome_twice_more_and_then_buried(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(harmless); i++) {
        struct world *w = new_device();
        for (unsigned time = 0; time <= FERRY_TRIAL_RETURNS; time++) {
            expect_err(harmless[i].name, offer_of(w, &second), 0);
            try_out(w, &second);
            expect_runs(w, &second, true);
            harmless[i].away(w);
            expect_runs(w, &first, false);
            expect_true(harmless[i].name,
                        board_record(w).outcome == harmless[i].outcome);
            expect_true(harmless[i].name, board_record(w).rollbacks == time + 1);
            expect_true(harmless[i].name, buried(w) == (time == FERRY_TRIAL_RETURNS));
        }
        expect_err(harmless[i].name, offer_of(w, &second), FERRY_E_TOMBSTONE);
    }
}

static void rollbacks_are_counted_by_digest(void **state)
{
    static struct cargo other;

    (void)state;
    struct world *w = new_device();
    boots_cargo(&other, 1, 0x01000001, 6, 0);
    for (unsigned i = 0; i < 2 * FERRY_TRIAL_RETURNS; i++) {
        try_out(w, i % 2 == 0 ? &second : &other);
        by_power(w);
        expect_runs(w, &first, false);
        assert_false(buried(w));
    }
}

/* A request that was refused is no rollback, and inherits nobody's. */
static void a_refused_request_leaves_nobody_a_shorter_life(void **state)
{
    static struct cargo other;

    (void)state;
    struct world *w = new_device();
    boots_cargo(&other, 1, 0x01000001, 6, 0);
    for (unsigned i = 0; i < FERRY_TRIAL_RETURNS; i++) {
        try_out(w, &other);
        by_power(w);
    }
    struct ferry_app_record rec = board_app_record(w);
    rec.commit = board_record(w).seen + 1;
    rec.bank = 1;
    memcpy(rec.digest, second.digest, sizeof rec.digest); /* `other` stands there */
    assert_true(board_forge(w, &rec));
    board_planned_reset(w);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_REFUSED);
    try_out(w, &second);
    by_power(w);
    expect_runs(w, &first, false);
    assert_false(buried(w)); /* its first return */
}

/* ---- the next update ------------------------------------------------------------- */

static void a_new_update_after_a_rollback_starts_clean(void **state)
{
    static struct cargo newer;
    struct ferry_statement s;

    (void)state;
    struct world *w = trial_device();
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS - 1);
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    expect_runs(w, &first, false);
    boots_cargo(&newer, 1, 0x01010001, 7, 0);
    send_courier(w, &newer);
    assert_true(travel(w, &newer, 10 * MINUTE));
    world_run(w, 2000);
    assert_true(w->reboot_wanted);
    board_planned_reset(w);
    expect_runs(w, &newer, true);
    assert_int_equal(w->board.handoff.attempts, FERRY_TRIAL_FAULTS);
    assert_int_equal(board_record(w).powers, 0);
    /* A battery may bounce as often as in any trial. */
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS - 1);
    assert_true(board_statement(w, nonce, &s));
    assert_int_equal(s.outcome, FERRY_OUTCOME_CONFIRMED);
    assert_int_equal(s.rollbacks, 1);
    assert_int_equal(s.updates, 1);
    board_planned_reset(w);
    expect_runs(w, &newer, false);
}

static void a_rollback_is_told_as_a_rollback(void **state)
{
    struct ferry_statement s;

    (void)state;
    struct world *w = trial_device();
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    assert_true(board_statement(w, nonce, &s));
    assert_int_equal(s.version, 0x01000000);
    assert_memory_equal(s.digest, first.digest, 16);
    assert_int_equal(s.outcome, FERRY_OUTCOME_FAULTS);
    assert_int_equal(s.outcome_version, 0x01010000);
    assert_memory_equal(s.outcome_digest, second.digest, 8);
    assert_int_equal(s.rollbacks, 1);
    assert_int_equal(s.updates, 0);
    assert_int_equal(s.attempts, 0);
    assert_int_equal(s.link, w->map.link[1]);
}

/* ---- the limit ------------------------------------------------------------------- */

/* A release that everybody knows to be bad, and which a phone without internet still
 * carries: to a device that never met it, it is a genuine and newer one, and it is taken
 * (docs/SECURITY.md). The door behind it is shut by a newer release that raises the
 * security counter, and by nothing else. */
static void
a_known_bad_but_newer_release_is_taken_until_the_floor_is_raised(void **state)
{
    static struct cargo bad, good;

    (void)state;
    boots_cargo(&bad, 1, 0x01050000, 6, 0);
    struct world *w = new_device();
    expect_err("offered", offer_of(w, &bad), 0);
    w = new_device();
    boots_cargo(&good, 1, 0x01060000, 7, 0); /* newer, and its counter is higher */
    try_out(w, &good);
    confirm(w);
    expect_runs(w, &good, false);
    boots_cargo(&bad, 0, 0x01050000, 6, 0);
    expect_err("below the floor", offer_of(w, &bad), FERRY_E_FLOOR);
    boots_cargo(&bad, 0, 0x01070000, 6, 0);
    expect_err("whatever its version", offer_of(w, &bad), FERRY_E_FLOOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_known_bad_but_newer_release_is_taken_until_the_floor_is_raised),
        cmocka_unit_test(an_image_that_crashed_its_trial_away_is_not_installed_again),
        cmocka_unit_test(a_grave_stays_through_later_updates_and_lesser_rollbacks),
        cmocka_unit_test(an_image_not_to_blame_is_welcome_twice_more_and_then_buried),
        cmocka_unit_test(rollbacks_are_counted_by_digest),
        cmocka_unit_test(a_refused_request_leaves_nobody_a_shorter_life),
        cmocka_unit_test(a_new_update_after_a_rollback_starts_clean),
        cmocka_unit_test(a_rollback_is_told_as_a_rollback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
