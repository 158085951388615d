/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the budget of a trial: what counts against it, what does not, when the previous
 * image comes back, and that each counted reset is in flash before the image runs. */
#include "boots.h"

static const uint8_t nonce[FERRY_NONCE_LEN] = {0x33, 1};

/* ---- crash, hang, watchdog ------------------------------------------------------- */

/* Three starts, each ended by a fault; the fourth is the old image's. */
static void a_trial_is_rolled_back_exactly_after_its_third_fault(void **state)
{
    const enum ferry_reset faults[] = {FERRY_RESET_FAULT, FERRY_RESET_SOFT};

    (void)state;
    for (size_t kind = 0; kind < COUNT(faults); kind++) {
        struct world *w = trial_device();
        for (uint8_t left = FERRY_TRIAL_FAULTS; left > 1; left--) {
            assert_int_equal(w->board.handoff.attempts, left);
            board_boot(w, faults[kind]);
            expect_runs(w, &second, true);
        }
        assert_int_equal(w->board.handoff.attempts, 1);
        board_boot(w, faults[kind]);
        expect_runs(w, &first, false);
        assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_FAULTS);
        assert_int_equal(board_record(w).outcome_version, 0x01010000);
        assert_memory_equal(board_record(w).outcome_digest, second.digest, 8);
        assert_int_equal(board_record(w).rollbacks, 1);
        assert_int_equal(board_record(w).updates, 0);
    }
}

/* It feeds nothing, so the watchdog is the only thing that happens to it. */
static void an_image_that_hangs_is_rolled_back_unaided(void **state)
{
    unsigned starts = 0;

    (void)state;
    struct world *w = new_device();
    commit(w, &second);
    ferry_handoff_planned(&w->board.handoff);
    board_boot(w, FERRY_RESET_SOFT);
    while (w->board.booted == 1) {
        assert_true(w->board.watchdog); /* else it would hang for ever */
        starts++;
        board_boot(w, FERRY_RESET_FAULT);
    }
    assert_int_equal(starts, FERRY_TRIAL_FAULTS);
    expect_runs(w, &first, false);
    assert_false(w->board.watchdog); /* a confirmed image arms its own */
}

/* What the application says is gone with the supply; the chip's own cause stays. */
static void the_hand_off_block_says_why_the_chip_was_reset(void **state)
{
    const struct {
        enum ferry_reset reset, told;
    } rows[] = {{FERRY_RESET_POWER, FERRY_RESET_POWER},
                {FERRY_RESET_FAULT, FERRY_RESET_FAULT},
                {FERRY_RESET_SOFT, FERRY_RESET_PLANNED},
                {FERRY_RESET_WAKE, FERRY_RESET_WAKE},
                {FERRY_RESET_PLANNED, FERRY_RESET_PLANNED}};

    (void)state;
    struct world *w = new_device();
    for (size_t i = 0; i < COUNT(rows); i++) {
        ferry_handoff_planned(&w->board.handoff); /* only a soft reset can be meant */
        w->board.raw_cause = 0xCA05E000U + (uint32_t)i;
        board_boot(w, rows[i].reset);
        assert_int_equal(w->board.handoff.reset, rows[i].told);
        assert_int_equal(w->board.handoff.raw_cause, 0xCA05E000U + i);
        assert_int_equal(w->board.handoff.wish, 0); /* a wish is heard once */
    }
}

/* ---- batteries ------------------------------------------------------------------- */

static void a_battery_that_bounces_nine_times_costs_no_trial(void **state)
{
    (void)state;
    struct world *w = trial_device();
    for (unsigned i = 1; i < FERRY_TRIAL_POWERS; i++) {
        reset(w, FERRY_RESET_POWER);
        expect_runs(w, &second, true);
        assert_int_equal(w->board.handoff.attempts, FERRY_TRIAL_FAULTS);
        assert_int_equal(board_record(w).powers, i);
    }
    confirm(w);
    expect_runs(w, &second, false);
}

static void an_endless_brown_out_is_rolled_back_at_the_tenth(void **state)
{
    (void)state;
    struct world *w = trial_device();
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS);
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_POWER);
    assert_false(buried(w));
}

static void faults_and_power_failures_are_counted_apart(void **state)
{
    (void)state;
    struct world *w = trial_device();
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS - 1);
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS - 1);
    expect_runs(w, &second, true);
    assert_int_equal(w->board.handoff.attempts, 1);
    reset(w, FERRY_RESET_FAULT);
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_FAULTS);
}

/* ---- what never counts ----------------------------------------------------------- */

static void planned_resets_and_wakes_never_count(void **state)
{
    const enum ferry_reset kinds[] = {FERRY_RESET_WAKE, FERRY_RESET_PLANNED,
                                      FERRY_RESET_SOFT};

    (void)state;
    struct world *w = trial_device();
    for (unsigned i = 0; i < 300; i++) {
        ferry_handoff_planned(&w->board.handoff);
        board_boot(w, kinds[i % COUNT(kinds)]);
        expect_runs(w, &second, true);
        assert_int_equal(w->board.handoff.attempts, FERRY_TRIAL_FAULTS);
        assert_true(boot_wrote_nothing(w));
    }
}

/* ---- the tick -------------------------------------------------------------------- */

/* Asked where the image would be jumped to: the count is in flash, and cannot be undone
 * from there. */
static void each_counted_start_is_in_flash_once_before_the_image_runs(void **state)
{
    (void)state;
    struct world *w = trial_device();
    for (uint8_t n = 1; n < FERRY_TRIAL_FAULTS; n++) {
        board_boot(w, FERRY_RESET_FAULT);
        assert_int_equal(board_record(w).faults, n);
        /* Head, body, CONFIRM; once on a new page, with its mark. */
        assert_int_equal(w->board.boot_writes, 3 + w->board.boot_erases);
        w->flash.hostile = true;
        for (unsigned i = 0; i < 2; i++) {
            assert_int_not_equal(
                w->boot_hal.erase(w->boot_hal.ctx, w->map.boot_journal[i]), 0);
        }
        w->flash.hostile = false;
        board_boot(w, FERRY_RESET_WAKE);
        assert_int_equal(board_record(w).faults, n);
        assert_true(boot_wrote_nothing(w));
    }
}

/* mbed-bootloader #72: it never ran, so it is not to blame. */
static void an_image_that_fails_its_hash_is_not_ticked(void **state)
{
    (void)state;
    struct world *w = trial_device();
    rot(w, 0);
    rot(w, 1);
    for (unsigned i = 0; i < 20; i++) {
        board_boot(w, i % 2 == 0 ? FERRY_RESET_FAULT : FERRY_RESET_POWER);
        assert_int_equal(w->board.booted, FERRY_E_HASH);
        assert_true(boot_wrote_nothing(w));
    }
    rot(w, 1); /* it was only read wrong: all its attempts are left */
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
    assert_int_equal(w->board.handoff.attempts, FERRY_TRIAL_FAULTS);
    assert_int_equal(board_record(w).powers, 0);
}

/* ---- a trial that lasts too long ------------------------------------------------- */

static void a_trial_is_too_long_after_72_hours_of_uptime(void **state)
{
    (void)state;
    struct world *w = trial_device();
    const struct ferry_app_journal *j = &w->board.app;
    uint32_t began = w->now;
    assert_false(ferry_app_journal_expired(j, began + 72 * HOUR - 1000));
    assert_true(ferry_app_journal_expired(j, began + 72 * HOUR));
    w->board.app_cfg.trial_max_s = 60;
    assert_true(ferry_app_journal_expired(j, began + MINUTE));
    meet(w); /* shown: it only waits for a reset */
    assert_false(ferry_app_journal_expired(j, began + 100 * HOUR));
    board_planned_reset(w);
    assert_false(ferry_app_journal_expired(j, w->now + 100 * HOUR));
}

static void a_trial_that_expires_three_times_is_rolled_back(void **state)
{
    (void)state;
    struct world *w = trial_device();
    for (uint8_t left = FERRY_TRIAL_FAULTS; left > 0; left--) {
        expect_runs(w, &second, true);
        assert_int_equal(w->board.handoff.attempts, left);
        expire(w);
    }
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_EXPIRED);
    assert_false(buried(w));
}

/* Faults and expiries share the budget; only faults alone are held against the image. */
static void faults_and_expiries_share_a_budget(void **state)
{
    (void)state;
    for (unsigned faults = 0; faults <= FERRY_TRIAL_FAULTS; faults++) {
        struct world *w = trial_device();
        reset_times(w, FERRY_RESET_FAULT, faults);
        for (unsigned i = faults; i < FERRY_TRIAL_FAULTS; i++) {
            expect_runs(w, &second, true);
            expire(w);
        }
        expect_runs(w, &first, false);
        bool all = faults == FERRY_TRIAL_FAULTS;
        assert_int_equal(board_record(w).outcome,
                         all ? FERRY_OUTCOME_FAULTS : FERRY_OUTCOME_EXPIRED);
        assert_int_equal(buried(w), all);
    }
}

/* A wish left over from before a crash or a power failure says nothing. */
static void an_expiry_is_heard_from_a_soft_reset_only(void **state)
{
    (void)state;
    struct world *w = trial_device();
    ferry_handoff_expired(&w->board.handoff);
    board_boot(w, FERRY_RESET_WAKE);
    assert_int_equal(board_record(w).expiries, 0);
    ferry_handoff_expired(&w->board.handoff);
    board_boot(w, FERRY_RESET_FAULT);
    assert_int_equal(board_record(w).expiries, 0);
    assert_int_equal(board_record(w).faults, 1);
    w->board.handoff.wish = 0x12345678;
    board_boot(w, FERRY_RESET_SOFT); /* no wish of ours: a crash */
    assert_int_equal(board_record(w).faults, 2);
    expire(w);
    expect_runs(w, &first, false);
}

/* ---- confirmed ------------------------------------------------------------------- */

static void a_confirmed_start_without_a_fault_writes_nothing(void **state)
{
    const enum ferry_reset kinds[] = {FERRY_RESET_POWER, FERRY_RESET_WAKE,
                                      FERRY_RESET_PLANNED};

    (void)state;
    struct world *w = updated_device();
    for (unsigned i = 0; i < 60; i++) {
        uint32_t verifies = w->sodium.verifies;
        board_boot(w, kinds[i % COUNT(kinds)]);
        expect_runs(w, &second, false);
        assert_true(boot_wrote_nothing(w));
        /* Locked since its signature was checked: the hash is enough. */
        assert_int_equal(w->sodium.verifies, verifies);
    }
}

static void what_a_trial_counted_does_not_outlive_its_confirm(void **state)
{
    struct ferry_statement s;

    (void)state;
    struct world *w = trial_device();
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS - 1);
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS - 1);
    meet(w);
    reset(w, FERRY_RESET_FAULT); /* a fault, but the confirm was first */
    expect_runs(w, &second, false);
    assert_int_equal(board_record(w).faults, 1); /* of its confirmed life */
    assert_int_equal(board_record(w).powers, 0);
    assert_true(board_statement(w, nonce, &s));
    assert_int_equal(s.resets, 1);
    assert_int_equal(s.attempts, 0);
    assert_int_equal(s.updates, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_is_rolled_back_exactly_after_its_third_fault),
        cmocka_unit_test(an_image_that_hangs_is_rolled_back_unaided),
        cmocka_unit_test(the_hand_off_block_says_why_the_chip_was_reset),
        cmocka_unit_test(a_battery_that_bounces_nine_times_costs_no_trial),
        cmocka_unit_test(an_endless_brown_out_is_rolled_back_at_the_tenth),
        cmocka_unit_test(faults_and_power_failures_are_counted_apart),
        cmocka_unit_test(planned_resets_and_wakes_never_count),
        cmocka_unit_test(each_counted_start_is_in_flash_once_before_the_image_runs),
        cmocka_unit_test(an_image_that_fails_its_hash_is_not_ticked),
        cmocka_unit_test(a_trial_is_too_long_after_72_hours_of_uptime),
        cmocka_unit_test(a_trial_that_expires_three_times_is_rolled_back),
        cmocka_unit_test(faults_and_expiries_share_a_budget),
        cmocka_unit_test(an_expiry_is_heard_from_a_soft_reset_only),
        cmocka_unit_test(a_confirmed_start_without_a_fault_writes_nothing),
        cmocka_unit_test(what_a_trial_counted_does_not_outlive_its_confirm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
