/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests a bootloader whose own flash or watchdog lets it down: journals lost, unreadable
 * or unwritable, a supply too low to erase, a watchdog that will not start. */
#include "boots.h"

static void break_journal(struct world *w, enum sim_fault write, enum sim_fault erase)
{
    w->flash.write_fault = write;
    w->flash.erase_fault = erase;
    w->flash.faulty = (struct sim_area){w->map.boot_journal[0], 2 * w->opt.erase_unit};
    w->flash.faults = UINT32_MAX;
}

static bool said(const struct world *w, uint8_t flag)
{
    return (w->board.handoff.flags & flag) != 0;
}

/* ---- fresh from the factory -------------------------------------------------------- */

static void a_blank_journal_means_the_factory_image_confirmed(void **state)
{
    (void)state;
    struct world *w = new_device(); /* its first start lies behind it */
    struct ferry_boot_record rec = board_record(w);
    assert_int_equal(rec.flags, 0);
    assert_int_equal(rec.floor, 5);
    assert_int_equal(rec.outcome, FERRY_OUTCOME_NONE);
    assert_int_equal(rec.updates, 0);
    assert_memory_equal(rec.active, first.digest, sizeof rec.active);
    assert_memory_equal(rec.previous, (uint8_t[16]){0}, sizeof rec.previous);
    assert_false(w->board.watchdog);
    expect_runs(w, &first, false);
    board_boot(w, FERRY_RESET_POWER);
    assert_true(boot_wrote_nothing(w));
}

/* Bank 1 is no factory's: what stands there is looked at when there was a journal. */
static void the_factory_image_boots_whatever_stands_in_the_other_bank(void **state)
{
    struct world_options o;

    (void)state;
    boots_options(&o);
    struct world *w = device_of(&o);
    memset(w->flash.bytes + w->map.boot_journal[0], 0xFF, 1024);
    memset(w->flash.programmed + w->map.boot_journal[0], 0, 1024);
    board_place(w, 1, &second.artifact);
    board_boot(w, FERRY_RESET_POWER);
    expect_runs(w, &first, false);
}

/* ---- lost --------------------------------------------------------------------------- */

static void a_lost_journal_tries_the_newest_and_keeps_the_lower_floor(void **state)
{
    (void)state;
    struct world *w = updated_device();
    lose_boot_journal(w);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
    assert_int_equal(board_record(w).floor, 5);
    assert_int_equal(w->board.handoff.attempts, FERRY_TRIAL_FAULTS);
    board_boot(w, FERRY_RESET_WAKE);
    assert_true(boot_wrote_nothing(w)); /* all that was asked before is judged */
    /* As any trial: with the other one behind it. */
    for (unsigned i = 0; i < FERRY_TRIAL_FAULTS; i++) {
        board_boot(w, FERRY_RESET_FAULT);
    }
    expect_runs(w, &first, false);
    assert_true(buried(w));
}

static void a_lost_journal_with_one_sound_image_tries_that(void **state)
{
    (void)state;
    for (unsigned bank = 0; bank < 2; bank++) {
        struct world *w = updated_device();
        rot(w, bank);
        lose_boot_journal(w);
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, bank == 0 ? &second : &first, true);
        assert_int_equal(board_record(w).floor, bank == 0 ? 7 : 5);
        rot(w, bank); /* read right again, but it was not there to be counted on */
        for (unsigned i = 0; i < 2 * FERRY_TRIAL_FAULTS; i++) {
            board_boot(w, FERRY_RESET_FAULT);
        }
        expect_runs(w, bank == 0 ? &second : &first, true);
        assert_true(without_net(w));
        board_start_app(w);
        confirm(w);
        expect_runs(w, bank == 0 ? &second : &first, false);
    }
}

/* The newest by key slot first, then by version. */
static void a_lost_journal_prefers_a_newer_key_to_a_newer_version(void **state)
{
    static struct cargo keyed, last;

    (void)state;
    boots_cargo(&keyed, 0, 0x00000001, 0, 1);
    boots_cargo(&last, 1, UINT32_MAX, 7, 0);
    for (unsigned n = 0; n < 2; n++) {
        struct world *w = updated_device();
        board_place(w, 0, &keyed.artifact);
        if (n == 1) {
            board_place(w, 1, &last.artifact);
        }
        lose_boot_journal(w);
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &keyed, true);
        assert_int_equal(board_record(w).floor, 7);
    }
}

/* Signature and hash are all that counts when nothing else is known. */
static void a_lost_journal_tries_nothing_that_is_not_genuine(void **state)
{
    static struct cargo forged;
    struct release r;

    (void)state;
    struct world *w = updated_device();
    boots_release(&r, 0, 0x7F000000, 0xFFFFFF);
    r.signer = 0x33;
    cargo_make(&forged, &r, 1024, 5);
    board_place(w, 0, &forged.artifact);
    lose_boot_journal(w);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
    rot_signature(w, 1);
    lose_boot_journal(w);
    board_boot(w, FERRY_RESET_WAKE);
    assert_true(w->board.booted < 0);
}

/* A COMMIT of long ago is no reason to boot anything. */
static void a_lost_journal_forgets_what_was_asked_before(void **state)
{
    (void)state;
    struct world *w = updated_device();
    board_place(w, 0, &third.artifact);
    assert_int_equal(board_commit(w), 0);
    rot(w, 0);
    lose_boot_journal(w);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
    rot(w, 0);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_TRIAL);
}

static void a_lost_application_journal_asks_for_nothing(void **state)
{
    (void)state;
    struct world *w = updated_device();
    struct ferry_boot_record was = board_record(w);
    for (unsigned i = 0; i < 3; i++) {
        lose_app_journal(w);
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, false);
        assert_true(boot_wrote_nothing(w));
    }
    /* It is written anew, above the numbers that the bootloader has heard. */
    board_start_app(w);
    commit(w, &third);
    board_planned_reset(w);
    expect_runs(w, &third, true);
    assert_int_equal(board_record(w).seen, was.seen + 1);
}

/* ---- unreadable --------------------------------------------------------------------- */

/* Where the fault is, from one word to both pages; what runs is what ran. */
static void a_journal_that_cannot_be_read_boots_the_active_image(void **state)
{
    (void)state;
    struct world *w = updated_device();
    const uint32_t at = w->map.boot_journal[0];
    struct ferry_boot_record was = board_record(w);
    for (uint32_t off = 0; off < 1024; off += 4) {
        w->flash.unreadable = (struct sim_area){at + off, 4};
        board_boot(w, FERRY_RESET_WAKE); /* at most it says the same again */
        expect_runs(w, &second, false);
        w->flash.unreadable.len = 0;
        struct ferry_boot_record is = board_record(w);
        assert_memory_equal(&is, &was, sizeof is);
    }
    for (unsigned page = 0; page < 3; page++) {
        w->flash.unreadable =
            (struct sim_area){at + (page & 1) * 512, page == 2 ? 1024 : 512};
        board_boot(w, FERRY_RESET_FAULT); /* which cannot be counted now */
        expect_runs(w, &second, false);
        assert_true(boot_wrote_nothing(w));
        assert_true(said(w, FERRY_HANDOFF_UNWRITTEN) || page < 2);
    }
    w->flash.unreadable.len = 0;
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, false);
    assert_false(said(w, FERRY_HANDOFF_UNWRITTEN));
    assert_int_equal(board_record(w).updates, 1);
}

/* After a rollback the newest image is not the one that should run. */
static void a_stale_page_that_cannot_be_read_changes_nothing(void **state)
{
    (void)state;
    struct world *w = trial_device();
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    expect_runs(w, &first, false);
    assert_true(buried(w));
    struct ferry_boot_record was = board_record(w);
    for (unsigned turn = 0; turn < 8; turn++) { /* until both pages were the newest */
        for (unsigned page = 0; page < 2; page++) {
            w->flash.unreadable = (struct sim_area){w->map.boot_journal[page], 512};
            struct ferry_boot_record seen = board_record(w);
            if (memcmp(&seen, &was, sizeof seen) == 0) { /* the other one has it */
                board_boot(w, FERRY_RESET_WAKE);
                expect_runs(w, &first, false);
            }
            w->flash.unreadable.len = 0;
        }
        assert_true(board_forge_boot(w, &was));
    }
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
    assert_true(buried(w));
}

static void an_unreadable_application_journal_asks_for_nothing(void **state)
{
    (void)state;
    struct world *w = trial_device();
    meet(w);
    w->flash.unreadable = (struct sim_area){w->map.app_journal[0], 1024};
    reset(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
    world_run(w, 1000);
    w->flash.unreadable.len = 0;
    reset(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, false);
}

/* ---- unwritable --------------------------------------------------------------------- */

static const enum sim_fault faults[] = {SIM_FAULT_ERROR, SIM_FAULT_NO_OP};

static void a_confirmed_image_boots_though_nothing_can_be_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct world *w = updated_device();
        break_journal(w, faults[i], faults[i]);
        for (unsigned n = 0; n < 20; n++) {
            board_boot(w, FERRY_RESET_FAULT);
            expect_runs(w, &second, false);
            assert_true(said(w, FERRY_HANDOFF_UNWRITTEN));
        }
        board_boot(w, FERRY_RESET_WAKE);
        assert_false(said(w, FERRY_HANDOFF_UNWRITTEN)); /* nothing was to be */
        w->flash.faults = 0;
        board_boot(w, FERRY_RESET_FAULT);
        assert_int_equal(board_record(w).faults, 1);
    }
}

static void a_trial_that_cannot_be_counted_does_not_begin(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct world *w = new_device();
        uint32_t before = board_record(w).trial;
        commit(w, &second);
        break_journal(w, faults[i], faults[i]);
        for (unsigned n = 0; n < 5; n++) {
            board_planned_reset(w);
            expect_runs(w, &first, false);
            assert_true(said(w, FERRY_HANDOFF_UNWRITTEN));
        }
        assert_int_equal(board_record(w).trial, before);
        w->flash.faults = 0;
        board_planned_reset(w);
        expect_runs(w, &second, true);
        assert_int_equal(w->board.handoff.attempts, FERRY_TRIAL_FAULTS);
    }
}

static struct world *trial_with_records(unsigned more)
{
    struct world *w = trial_device();

    while (more-- > 0) {
        struct ferry_boot_record rec = board_record(w);
        assert_true(board_forge_boot(w, &rec));
    }
    return w;
}

/* A bad slot is not the end of a page, nor a bad last slot that of a journal. */
static void a_slot_that_fails_costs_no_decision(void **state)
{
    (void)state;
    /* A page has five slots, and is full with three; two records stand there already. */
    static const unsigned more[] = {0, 2, 3};

    for (size_t n = 0; n < COUNT(more); n++) {
        for (size_t i = 0; i < COUNT(faults); i++) {
            struct world *w = trial_with_records(more[n]);
            break_journal(w, faults[i], SIM_FAULT_NONE);
            w->flash.faults = 1;
            board_boot(w, FERRY_RESET_FAULT);
            assert_int_equal(w->flash.faults, 0);
            expect_runs(w, &second, true);
            assert_int_equal(board_record(w).faults, 1);
            assert_false(said(w, FERRY_HANDOFF_UNWRITTEN));
        }
    }
}

/* A page that fails is given up for this start; the next one tries again. */
static void a_page_that_fails_costs_one_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(faults); i++) {
        struct world *w = trial_with_records(7); /* both pages are full */
        break_journal(w, i < 2 ? faults[i] : SIM_FAULT_NONE,
                      i < 2 ? SIM_FAULT_NONE : faults[i - 2]);
        w->flash.faults = 1;
        reset(w, FERRY_RESET_FAULT);
        assert_int_equal(w->flash.faults, 0);
        expect_runs(w, &first, false);
        assert_true(said(w, FERRY_HANDOFF_UNWRITTEN));
        reset(w, FERRY_RESET_FAULT); /* of the old image: not the trial's */
        expect_runs(w, &second, true);
        assert_int_equal(w->board.handoff.attempts, FERRY_TRIAL_FAULTS);
    }
}

/* No erase while the supply is low; a page turn waits, and with it what needs it. */
static void a_low_supply_never_erases(void **state)
{
    bool waited = false;

    (void)state;
    struct world *w = updated_device();
    w->flash.power_low = true;
    for (unsigned i = 0; i < 12; i++) {
        board_boot(w, FERRY_RESET_FAULT);
        expect_runs(w, &second, false);
        assert_int_equal(w->board.boot_erases, 0);
        waited = waited || said(w, FERRY_HANDOFF_UNWRITTEN);
    }
    assert_true(waited);
    w->flash.power_low = false;
    board_boot(w, FERRY_RESET_FAULT);
    assert_false(said(w, FERRY_HANDOFF_UNWRITTEN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blank_journal_means_the_factory_image_confirmed),
        cmocka_unit_test(the_factory_image_boots_whatever_stands_in_the_other_bank),
        cmocka_unit_test(a_lost_journal_tries_the_newest_and_keeps_the_lower_floor),
        cmocka_unit_test(a_lost_journal_with_one_sound_image_tries_that),
        cmocka_unit_test(a_lost_journal_prefers_a_newer_key_to_a_newer_version),
        cmocka_unit_test(a_lost_journal_tries_nothing_that_is_not_genuine),
        cmocka_unit_test(a_lost_journal_forgets_what_was_asked_before),
        cmocka_unit_test(a_lost_application_journal_asks_for_nothing),
        cmocka_unit_test(a_journal_that_cannot_be_read_boots_the_active_image),
        cmocka_unit_test(a_stale_page_that_cannot_be_read_changes_nothing),
        cmocka_unit_test(an_unreadable_application_journal_asks_for_nothing),
        cmocka_unit_test(a_confirmed_image_boots_though_nothing_can_be_written),
        cmocka_unit_test(a_trial_that_cannot_be_counted_does_not_begin),
        cmocka_unit_test(a_slot_that_fails_costs_no_decision),
        cmocka_unit_test(a_page_that_fails_costs_one_start),
        cmocka_unit_test(a_low_supply_never_erases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
