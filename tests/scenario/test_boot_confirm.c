/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what it takes to be confirmed: the three levels, who may ask, how often, and
 * that an offer waits until it is settled. */
#include "boots.h"

static const uint8_t nonce[FERRY_NONCE_LEN] = {0x55, 1};

static struct world *trial_at(enum ferry_confirm level, bool selftest_passes)
{
    struct world *w = new_device();

    w->board.app_cfg.confirm = level;
    w->board.selftest_fails = !selftest_passes;
    try_out(w, &second);
    expect_runs(w, &second, true);
    return w;
}

static bool asked(struct world *w)
{
    world_run(w, 100);
    return board_app_record(w).confirm == board_record(w).trial;
}

static void hello_only(struct world *w)
{
    struct peer p;

    peer_init(&p, w, 7);
    peer_hello(&p);
    assert_int_equal(p.infos, 1);
    ferry_device_link(&w->device, false, w->now);
}

/* ---- levels ---------------------------------------------------------------------- */

static void
at_level_link_it_takes_the_self_test_and_a_courier_in_any_order(void **state)
{
    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        struct world *w = trial_at(FERRY_CONFIRM_LINK, order == 0);
        assert_false(asked(w));
        if (order == 1) {
            meet(w);
            assert_false(asked(w));
            ferry_app_journal_selftest_passed(&w->board.app);
        } else {
            meet(w);
        }
        assert_true(asked(w));
        board_planned_reset(w);
        expect_runs(w, &second, false);
    }
}

/* Anybody can say HELLO into the air; only who heard the answer can go on. */
static void a_hello_whose_answer_nobody_heard_confirms_nothing(void **state)
{
    (void)state;
    struct world *w = trial_at(FERRY_CONFIRM_LINK, true);
    for (unsigned i = 0; i < 10; i++) {
        hello_only(w);
    }
    assert_false(asked(w));
}

static void an_image_with_a_dead_radio_is_never_confirmed_at_level_link(void **state)
{
    unsigned days = 0;

    (void)state;
    struct world *w = trial_at(FERRY_CONFIRM_LINK, true);
    while (w->board.booted == 1 && days < 30) {
        assert_false(asked(w));
        world_run(w, DAY);
        days++;
        if (ferry_app_journal_expired(&w->board.app, w->now)) {
            expire(w);
        }
    }
    assert_int_equal(days, 9); /* three times 72 hours */
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_EXPIRED);
}

static void at_level_selftest_a_dead_radio_does_not_matter(void **state)
{
    (void)state;
    struct world *w = trial_at(FERRY_CONFIRM_SELFTEST, false);
    meet(w);
    assert_false(asked(w));
    w->board.selftest_fails = false;
    reset(w, FERRY_RESET_WAKE);
    assert_true(asked(w));
    board_planned_reset(w);
    expect_runs(w, &second, false);
}

static void at_level_delivered_it_takes_a_whole_statement(void **state)
{
    struct ferry_statement s;

    (void)state;
    struct world *w = trial_at(FERRY_CONFIRM_DELIVERED, true);
    meet(w);
    assert_false(asked(w));
    assert_true(board_statement(w, nonce, &s));
    assert_int_equal(s.outcome, FERRY_OUTCOME_TRIAL);
    assert_int_equal(s.attempts, FERRY_TRIAL_FAULTS);
    assert_true(asked(w));
    board_planned_reset(w);
    expect_runs(w, &second, false);
}

/* What the last start has shown is not what this one has. */
static void what_was_shown_before_a_reset_is_forgotten(void **state)
{
    (void)state;
    struct world *w = trial_at(FERRY_CONFIRM_LINK, false);
    meet(w);
    reset(w, FERRY_RESET_WAKE);
    ferry_app_journal_selftest_passed(&w->board.app);
    assert_false(asked(w));
    meet(w);
    assert_true(asked(w));
}

/* ---- twice, from the wrong bank, after the rollback, torn -------------------------- */

static void a_confirm_that_is_repeated_changes_nothing(void **state)
{
    (void)state;
    struct world *w = updated_device();
    struct ferry_boot_record was = board_record(w);
    struct ferry_app_record rec = board_app_record(w);
    uint32_t ops = flash_ops(w);
    for (unsigned i = 0; i < 3; i++) { /* by the application, which means well */
        meet(w);
        ferry_app_journal_selftest_passed(&w->board.app);
        board_planned_reset(w);
    }
    assert_int_equal(flash_ops(w), ops);
    for (unsigned i = 0; i < 3; i++) { /* by one that does not */
        rec.confirm = was.trial + i;
        assert_true(board_forge(w, &rec));
        board_planned_reset(w);
        struct ferry_boot_record is = board_record(w);
        assert_memory_equal(&is, &was, sizeof is);
    }
}

/* The trial does not begin, and the old image runs in its place: it has a courier and
 * passes its self-test, and confirms nothing by it. */
static void the_old_image_cannot_confirm_the_new_one(void **state)
{
    (void)state;
    struct world *w = new_device();
    w->board.watchdog_fails = true;
    try_out(w, &second);
    for (unsigned i = 0; i < 3; i++) {
        expect_runs(w, &first, false);
        meet(w);
        ferry_app_journal_selftest_passed(&w->board.app);
        world_run(w, 1000);
        w->board.watchdog_fails = i < 1;
        board_planned_reset(w);
        assert_int_equal(board_record(w).updates, 0);
        assert_int_equal(board_record(w).floor, 5);
    }
}

/* The same where flash would not take the boot record, so that it says the trial runs. */
static void nor_can_it_when_flash_would_not_take_the_record(void **state)
{
    (void)state;
    struct world *w = trial_device();
    w->flash.write_fault = SIM_FAULT_ERROR;
    w->flash.erase_fault = SIM_FAULT_ERROR;
    w->flash.faulty = (struct sim_area){w->map.boot_journal[0], 1024};
    w->flash.faults = UINT32_MAX;
    reset(w, FERRY_RESET_FAULT); /* cannot be counted, so it does not go on */
    expect_runs(w, &first, false);
    assert_true((w->board.handoff.flags & FERRY_HANDOFF_UNWRITTEN) != 0);
    meet(w);
    ferry_app_journal_selftest_passed(&w->board.app);
    world_run(w, 1000);
    assert_int_not_equal(board_app_record(w).confirm, board_record(w).trial);
    w->flash.faults = 0;
    board_planned_reset(w);
    expect_runs(w, &second, true); /* its trial goes on where it was */
    assert_int_equal(w->board.handoff.attempts, FERRY_TRIAL_FAULTS);
}

static void a_confirm_that_comes_after_the_rollback_is_void(void **state)
{
    (void)state;
    struct world *w = trial_device();
    uint32_t trial = board_record(w).trial;
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS);
    expect_runs(w, &first, false);
    struct ferry_app_record rec = board_app_record(w);
    rec.confirm = trial;
    assert_true(board_forge(w, &rec));
    board_planned_reset(w);
    expect_runs(w, &first, false);
    /* And it is not the next trial's, either, even of the same image. */
    try_out(w, &second);
    expect_runs(w, &second, true);
    board_planned_reset(w);
    expect_runs(w, &second, true);
    assert_int_equal(board_record(w).floor, 5);
}

/* No trial ever has a number that stands in a confirm already. */
static void a_confirm_made_before_the_trial_is_void(void **state)
{
    (void)state;
    for (uint32_t guess = 0; guess < 6; guess++) {
        struct world *w = new_device();
        struct ferry_app_record rec = board_app_record(w);
        rec.confirm = board_record(w).trial + guess;
        assert_true(board_forge(w, &rec));
        reset(w, FERRY_RESET_WAKE);
        try_out(w, &second);
        for (unsigned i = 0; i < 3; i++) {
            expect_runs(w, &second, true);
            board_planned_reset(w);
        }
        assert_int_equal(board_record(w).updates, 0);
    }
}

/* Not at the next start, and at no later one: what is torn was not asked. */
static void a_torn_confirm_is_no_confirm(void **state)
{
    (void)state;
    struct world *w = trial_at(FERRY_CONFIRM_LINK, false);
    struct ferry_app_record rec = board_app_record(w);
    rec.confirm = board_record(w).trial;
    assert_true(board_forge(w, &rec));
    rot_request(w);
    for (unsigned i = 0; i < 5; i++) {
        reset(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, true);
        assert_int_equal(board_record(w).updates, 0);
    }
    meet(w);
    ferry_app_journal_selftest_passed(&w->board.app);
    world_run(w, 100);
    board_planned_reset(w);
    expect_runs(w, &second, false);
}

static void a_torn_commit_is_no_commit(void **state)
{
    (void)state;
    struct world *w = new_device();
    commit(w, &second);
    rot_request(w);
    for (unsigned i = 0; i < 5; i++) {
        reset(w, FERRY_RESET_WAKE);
        expect_runs(w, &first, false);
        assert_false(w->board.app.state.committed);
    }
    assert_int_equal(board_commit(w),
                     0); /* it stands there still, and can be asked for */
    board_planned_reset(w);
    expect_runs(w, &second, true);
}

/* ---- offers wait ------------------------------------------------------------------ */

static void an_offer_during_a_trial_waits_until_it_is_settled(void **state)
{
    (void)state;
    struct world *w = trial_at(FERRY_CONFIRM_LINK, false);
    uint32_t erases = w->flash.erases;
    assert_int_equal(offer_of(w, &third), FERRY_LATER_TRIAL);
    assert_false(w->reboot_wanted);
    ferry_app_journal_selftest_passed(&w->board.app);
    world_run(w, 1000);
    /* Confirmed, but only the bootloader makes it true: now a reset is worth its cost. */
    assert_int_equal(offer_of(w, &third), FERRY_LATER_TRIAL);
    assert_true(w->reboot_wanted);
    assert_int_equal(w->flash.erases, erases);
    board_planned_reset(w);
    expect_runs(w, &second, false);
    assert_int_equal(offer_of(w, &third), 0);
}

static void an_offer_before_the_reset_waits_for_it(void **state)
{
    static struct cargo newer;

    (void)state;
    struct world *w = new_device();
    commit(w, &second);
    boots_cargo(&newer, 1, 0x01050000, 8, 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(offer_of(w, &newer), FERRY_LATER_COMMITTED);
        assert_true(board_holds(w, 1, &second.artifact));
    }
    board_planned_reset(w);
    expect_runs(w, &second, true);
}

/* A courier that comes too early comes back, and the whole journey is made. */
static void a_courier_told_later_carries_the_next_update_after_all(void **state)
{
    (void)state;
    struct world *w = trial_device();
    send_courier(w, &third);
    for (unsigned i = 0; i < 600 && !w->reboot_wanted; i++) {
        world_run(w, 1000);
    }
    assert_true(w->reboot_wanted);
    board_planned_reset(w);
    expect_runs(w, &second, false);
    world_connect(w);
    assert_true(travel(w, &third, HOUR));
    world_run(w, 2000);
    board_planned_reset(w);
    expect_runs(w, &third, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            at_level_link_it_takes_the_self_test_and_a_courier_in_any_order),
        cmocka_unit_test(a_hello_whose_answer_nobody_heard_confirms_nothing),
        cmocka_unit_test(an_image_with_a_dead_radio_is_never_confirmed_at_level_link),
        cmocka_unit_test(at_level_selftest_a_dead_radio_does_not_matter),
        cmocka_unit_test(at_level_delivered_it_takes_a_whole_statement),
        cmocka_unit_test(what_was_shown_before_a_reset_is_forgotten),
        cmocka_unit_test(a_confirm_that_is_repeated_changes_nothing),
        cmocka_unit_test(the_old_image_cannot_confirm_the_new_one),
        cmocka_unit_test(nor_can_it_when_flash_would_not_take_the_record),
        cmocka_unit_test(a_confirm_that_comes_after_the_rollback_is_void),
        cmocka_unit_test(a_confirm_made_before_the_trial_is_void),
        cmocka_unit_test(a_torn_confirm_is_no_confirm),
        cmocka_unit_test(a_torn_commit_is_no_commit),
        cmocka_unit_test(an_offer_during_a_trial_waits_until_it_is_settled),
        cmocka_unit_test(an_offer_before_the_reset_waits_for_it),
        cmocka_unit_test(a_courier_told_later_carries_the_next_update_after_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
