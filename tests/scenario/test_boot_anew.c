/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a start relies on what flash says now, and on nothing that an earlier start,
 * or half of a failed read, left in memory; and that what could not be examined costs
 * nobody anything. Each test was asked for by a mutant that no other had seen. */
#include "boots.h"

/* ---- memory that a reset leaves alone ---------------------------------------------- */

static void the_hand_off_block_is_written_whole(void **state)
{
    (void)state;
    struct world *w = new_device();
    struct ferry_handoff want = {.magic = FERRY_HANDOFF_MAGIC,
                                 .version = 1,
                                 .reset = FERRY_RESET_WAKE,
                                 .raw_cause = 77};
    w->board.raw_cause = 77;
    for (unsigned fill = 0; fill < 256; fill++) {
        memset(&w->board.handoff, (int)fill, sizeof w->board.handoff);
        board_boot(w, FERRY_RESET_WAKE);
        w->board.handoff.flags = 0; /* as the port can lock, or not */
        assert_memory_equal(&w->board.handoff, &want, sizeof want);
    }
}

/* The bootloader's room still holds what was verified at the last start. */
static void an_envelope_left_in_the_room_is_no_envelope(void **state)
{
    (void)state;
    struct world *w = new_device();
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
    w->flash.unreadable = (struct sim_area){w->map.bank[0].addr, 4};
    board_boot(w, FERRY_RESET_WAKE);
    assert_int_equal(w->board.booted, FERRY_E_FLASH);
    w->flash.unreadable.len = 0;
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
}

/* Where the newest record is found, and then the other page cannot be read. */
static void a_request_out_of_half_a_journal_is_not_heard(void **state)
{
    (void)state;
    for (unsigned page = 0; page < 2; page++) {
        struct world *w = trial_device();
        meet(w); /* its confirm stands */
        w->flash.unreadable = (struct sim_area){w->map.app_journal[page], 4};
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, true);
        w->flash.unreadable.len = 0;
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, false);
    }
}

/* ---- what could not be examined ----------------------------------------------------- */

/* Three times, because the third damage buries: nothing, of an image without a name. */
static void an_image_without_a_header_is_told_and_buries_nothing(void **state)
{
    (void)state;
    struct world *w = new_device();
    for (unsigned time = 0; time <= FERRY_TRIAL_RETURNS; time++) {
        try_out(w, &second);
        expect_runs(w, &second, true);
        w->flash.bytes[w->map.bank[1].addr] ^= 1;
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &first, false);
        assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_DAMAGED);
        assert_int_equal(board_record(w).outcome_version, 0);
        board_start_app(w);
    }
    expect_err("welcome again", offer_of(w, &second), 0);
}

/* A request for the bank that runs, which cannot be: and that bank is damaged. */
static void a_refused_request_keeps_nobody_from_giving_way(void **state)
{
    (void)state;
    struct world *w = updated_device();
    struct ferry_app_record rec = board_app_record(w);
    rec.commit = board_record(w).seen + 1;
    rec.bank = 1;
    assert_true(board_forge(w, &rec));
    rot(w, 1);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_DAMAGED);
}

/* ---- a lost journal ----------------------------------------------------------------- */

static void blank_page(struct world *w, unsigned page)
{
    uint32_t at = w->map.boot_journal[page];

    memset(w->flash.bytes + at, w->opt.erased, w->opt.erase_unit);
    memset(w->flash.programmed + at, 0, w->opt.erase_unit);
}

static void half_a_blank_journal_is_a_lost_one(void **state)
{
    (void)state;
    for (unsigned page = 0; page < 2; page++) {
        struct world *w = updated_device();
        lose_boot_journal(w);
        memset(w->flash.bytes + w->map.app_journal[0], w->opt.erased,
               w->opt.erase_unit); /* what stands behind it does not count */
        blank_page(w, page);
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, true);
    }
}

/* One page of it was blank, and the supply went when the other had been erased to begin it
 * anew. What reads blank is fresh from the factory only if the factory's image holds. */
static void
a_blank_journal_is_a_lost_one_where_the_first_bank_does_not_hold(void **state)
{
    (void)state;
    struct world *w = updated_device();
    rot(w, 0);
    blank_page(w, 0);
    blank_page(w, 1);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
    rot(w, 1);
    blank_page(w, 0);
    blank_page(w, 1);
    board_boot(w, FERRY_RESET_WAKE);
    assert_true(w->board.booted < 0);
    assert_true(boot_wrote_nothing(w));
}

/* An image with counter 0 is not below its own floor, nor is the one behind it. */
static void a_lost_journal_of_counter_0_has_floor_0(void **state)
{
    static struct cargo nought;

    (void)state;
    for (unsigned alone = 0; alone < 2; alone++) {
        struct world *w = updated_device();
        boots_cargo(&nought, 0, 0x01000000, 0, 0);
        board_place(w, 0, &nought.artifact);
        if (alone) {
            rot(w, 1);
        }
        lose_boot_journal(w);
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, alone ? &nought : &second, true);
        assert_int_equal(board_record(w).floor, 0);
    }
}

/* What stands in it was torn: the page is begun, and holds no record. */
static void tear_boot_journal(struct world *w)
{
    for (unsigned page = 0; page < 2; page++) {
        uint8_t *bytes = w->flash.bytes + w->map.boot_journal[page];
        for (uint32_t i = w->opt.write_unit; i < w->opt.erase_unit; i++) {
            bytes[i] ^= bytes[i] != w->opt.erased;
        }
    }
}

/* The image reads better at the next start: by then it must not be a stranger. */
static void a_lost_journal_stays_lost_while_nothing_holds(void **state)
{
    (void)state;
    struct world *w = new_device();
    tear_boot_journal(w);
    w->flash.unreadable = (struct sim_area){w->map.bank[0].addr, 4};
    board_boot(w, FERRY_RESET_POWER);
    assert_int_equal(w->board.booted, FERRY_E_FLASH);
    assert_true(boot_wrote_nothing(w));
    w->flash.unreadable.len = 0;
    board_boot(w, FERRY_RESET_POWER);
    expect_runs(w, &first, true);
}

/* ---- the watchdog ------------------------------------------------------------------- */

static void a_running_watchdog_is_fed_before_a_journal_is_erased(void **state)
{
    uint32_t turned = 0, quiet = 0;

    (void)state;
    struct world *w = updated_device();
    for (unsigned i = 0; i < 12; i++) {
        w->board.alives = 0;
        board_boot(w, FERRY_RESET_FAULT);
        if (w->board.boot_erases == 0) {
            quiet = w->board.alives;
        } else {
            turned++;
            assert_in_range(w->board.alives, quiet + w->board.boot_erases, UINT32_MAX);
        }
    }
    assert_true(quiet > 0 && turned > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hand_off_block_is_written_whole),
        cmocka_unit_test(an_envelope_left_in_the_room_is_no_envelope),
        cmocka_unit_test(a_request_out_of_half_a_journal_is_not_heard),
        cmocka_unit_test(an_image_without_a_header_is_told_and_buries_nothing),
        cmocka_unit_test(a_refused_request_keeps_nobody_from_giving_way),
        cmocka_unit_test(half_a_blank_journal_is_a_lost_one),
        cmocka_unit_test(
            a_blank_journal_is_a_lost_one_where_the_first_bank_does_not_hold),
        cmocka_unit_test(a_lost_journal_of_counter_0_has_floor_0),
        cmocka_unit_test(a_lost_journal_stays_lost_while_nothing_holds),
        cmocka_unit_test(a_running_watchdog_is_fed_before_a_journal_is_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
