/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests requests whose CONFIRM was torn: not heard, and never heard later, however it
 * reads then; records that were torn at their first word. And what boots where nothing
 * that is recorded can. */
#include "boots.h"

#include "journal.h"
#include "records.h"

/* Half of the CONFIRM of what the application said last is gone; where. */
static uint8_t *tear_last(struct world *w)
{
    struct ferry_app_record rec;
    struct ferry_journal j;

    ferry_journal_init(&j, &w->boot_hal, w->map.app_journal, FERRY_JOURNAL_APP,
                       sizeof rec);
    assert_int_equal(ferry_journal_scan(&j, &rec), 0);
    uint32_t slot_len = j.body_len + 2U * j.word_len;
    uint32_t end = j.page[j.holder] + j.word_len + j.tail * slot_len;
    uint8_t *half = w->flash.bytes + end - 2;
    memset(half, w->flash.erased, 2);
    return half;
}

/* The bits that had no side: they read as if nothing had been cut. */
static void reads_right(uint8_t *half)
{
    memcpy(half, "OK", 2);
}

/* ---- requests that were torn ------------------------------------------------------ */

static void a_torn_commit_is_never_heard_whatever_it_reads_as_later(void **state)
{
    (void)state;
    struct world *w = new_device();
    commit(w, &second);
    uint32_t asked = board_app_record(w).commit;
    uint8_t *half = tear_last(w);
    board_boot(w, FERRY_RESET_POWER);
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).seen, asked);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_NONE); /* nor refused */
    reads_right(half);
    for (unsigned i = 0; i < 3; i++) {
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &first, false);
    }
    board_start_app(w);
    world_run(w, 1000);
    try_out(w, &second); /* asked anew, it is heard */
    expect_runs(w, &second, true);
}

static void a_torn_confirm_is_never_heard_whatever_it_reads_as_later(void **state)
{
    (void)state;
    struct world *w = trial_device();
    struct ferry_app_record rec = board_app_record(w);
    rec.confirm = board_record(w).trial;
    assert_true(board_forge(w, &rec));
    uint8_t *half = tear_last(w);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
    assert_int_not_equal(board_record(w).trial, rec.confirm);
    reads_right(half);
    for (unsigned i = 0; i < 3; i++) {
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, true);
    }
    board_start_app(w);
    confirm(w);
    expect_runs(w, &second, false);
}

static void what_was_torn_and_asks_nothing_new_costs_no_record(void **state)
{
    (void)state;
    struct world *w = updated_device();
    struct ferry_app_record rec = board_app_record(w);
    rec.lease += 1024;
    assert_true(board_forge(w, &rec));
    (void)tear_last(w);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, false);
    assert_true(boot_wrote_nothing(w));
}

/* What stands is asked, whatever was begun after it. */
static void what_was_asked_is_heard_though_what_was_said_after_it_is_torn(void **state)
{
    (void)state;
    for (unsigned torn = 1; torn < 4; torn++) {
        struct world *w = new_device();
        commit(w, &second);
        struct ferry_app_record rec = board_app_record(w);
        for (unsigned i = 0; i < torn; i++) {
            rec.lease += 1024;
            assert_true(board_forge(w, &rec));
            (void)tear_last(w);
        }
        board_boot(w, FERRY_RESET_PLANNED);
        expect_runs(w, &second, true);
    }
}

/* Two records, each with the number that the trial would have without the other. */
static void nobody_confirms_a_trial_before_it_has_begun(void **state)
{
    (void)state;
    struct world *w = new_device();
    commit(w, &second);
    struct ferry_app_record rec = board_app_record(w);
    rec.confirm = board_record(w).trial + 2;
    assert_true(board_forge(w, &rec));
    rec.confirm--;
    assert_true(board_forge(w, &rec));
    (void)tear_last(w);
    for (unsigned i = 0; i < 3; i++) {
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, true);
    }
}

/* A number that went back, behind the commit and torn: what is judged by then is that
 * commit, or its trial would begin anew after each rollback; and with the factory's blank
 * boot journal it is not heard at all, or it would be one start later. */
static void a_commit_is_judged_once_whatever_is_torn_after_it(void **state)
{
    (void)state;
    for (unsigned blank = 0; blank < 2; blank++) {
        struct world *w = new_device();
        commit(w, &second);
        struct ferry_app_record rec = board_app_record(w);
        rec.commit = 0;
        assert_true(board_forge(w, &rec));
        (void)tear_last(w);
        if (blank) {
            uint8_t *pages = w->flash.bytes + w->map.boot_journal[0];
            memset(pages, w->opt.erased, 2U * w->opt.erase_unit);
            memset(w->flash.programmed + w->map.boot_journal[0], 0,
                   2U * w->opt.erase_unit);
        }
        board_boot(w, FERRY_RESET_PLANNED);
        for (unsigned i = 0; !blank && i < FERRY_TRIAL_FAULTS; i++) {
            expect_runs(w, &second, true);
            board_boot(w, FERRY_RESET_FAULT);
        }
        for (unsigned i = 0; i < 3; i++) {
            expect_runs(w, &first, false);
            board_boot(w, FERRY_RESET_WAKE);
        }
    }
}

/* The last record of a page is its newest, though the one before it has a greater number:
 * it is the last one's torn request that is void. */
static void a_torn_commit_with_a_number_that_went_back_is_void_too(void **state)
{
    (void)state;
    struct world *w = new_device();
    struct ferry_app_record rec = board_app_record(w);
    board_place(w, 1, &second.artifact);
    assert_true(board_forge_number(w, &rec, 1000));
    rec.commit = board_record(w).seen + 1;
    rec.bank = 1;
    memcpy(rec.digest, second.digest, sizeof rec.digest);
    assert_true(board_forge_number(w, &rec, 7));
    uint8_t *half = tear_last(w);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).seen, rec.commit);
    reads_right(half);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
}

/* The bootloader could not write that it is void. */
static void a_torn_commit_is_not_made_whole_by_who_says_it_anew(void **state)
{
    (void)state;
    struct world *w = new_device();
    commit(w, &second);
    (void)tear_last(w);
    w->flash.write_fault = SIM_FAULT_ERROR;
    w->flash.erase_fault = SIM_FAULT_ERROR;
    w->flash.faults = UINT32_MAX;
    board_boot(w, FERRY_RESET_PLANNED);
    assert_true(w->board.handoff.flags & FERRY_HANDOFF_UNWRITTEN);
    w->flash.faults = 0;
    board_start_app(w);
    world_run(w, 1000);
    for (unsigned i = 0; i < 3; i++) {
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &first, false);
    }
}

/* ---- what reads blank and is not -------------------------------------------------- */

static void start_after_a_fault(void *ctx)
{
    board_boot(ctx, FERRY_RESET_FAULT);
}

/* The next start has something else to say, in the slot that was begun; other bits over
 * those without a side would end this test. */
static void what_was_cut_at_once_is_programmed_again_with_the_same_bits(void **state)
{
    (void)state;
    struct world *w = trial_device();
    sim_flash_cut(&w->flash, 0, SIM_CUT_SEEMS_UNDONE);
    assert_false(sim_flash_hold(&w->flash, start_after_a_fault, w));
    board_boot(w, FERRY_RESET_POWER);
    assert_true(w->flash.reused > 0);
    assert_int_equal(board_record(w).faults, 0);
    assert_int_equal(board_record(w).powers, 1);
    for (unsigned i = 0; i < 3; i++) {
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, true);
        assert_int_equal(board_record(w).powers, 1);
    }
}

/* ---- the last resort -------------------------------------------------------------- */

/* Its faults have buried it; now it is all there is. */
static void what_was_rolled_back_is_tried_again_where_nothing_else_is_left(void **state)
{
    (void)state;
    struct world *w = trial_device();
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    expect_runs(w, &first, false);
    rot(w, 0);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
    assert_true(w->board.handoff.flags & FERRY_HANDOFF_NO_FALLBACK);
    assert_true(buried(w));
    assert_int_equal(board_record(w).flags & FERRY_BOOT_FALLBACK, 0);
    rot(w, 0); /* it reads right again, too late: one choice, the same at every start */
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, true);
}

/* The other bank has been written to since, with a genuine image of this counter. */
static struct world *damaged_device(uint32_t sec_ctr)
{
    static struct cargo other;

    struct world *w = updated_device();
    boots_cargo(&other, 0, 0x01000001, sec_ctr, 0);
    board_place(w, 0, &other.artifact);
    rot(w, 1);
    board_boot(w, FERRY_RESET_WAKE);
    if (w->board.booted >= 0) {
        expect_runs(w, &other, true);
    }
    return w;
}

static void the_last_resort_is_not_below_the_floor_and_is_genuine(void **state)
{
    (void)state;
    assert_int_equal(damaged_device(7)->board.booted, 0);
    assert_true(damaged_device(6)->board.booted < 0);
    struct world *w = damaged_device(6);
    rot(w, 1); /* what stood there reads right again, and nothing was decided */
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &second, false);
    w = updated_device();
    rot(w, 0);
    rot(w, 1);
    board_boot(w, FERRY_RESET_WAKE);
    assert_true(w->board.booted < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_torn_commit_is_never_heard_whatever_it_reads_as_later),
        cmocka_unit_test(a_torn_confirm_is_never_heard_whatever_it_reads_as_later),
        cmocka_unit_test(what_was_torn_and_asks_nothing_new_costs_no_record),
        cmocka_unit_test(what_was_asked_is_heard_though_what_was_said_after_it_is_torn),
        cmocka_unit_test(nobody_confirms_a_trial_before_it_has_begun),
        cmocka_unit_test(a_commit_is_judged_once_whatever_is_torn_after_it),
        cmocka_unit_test(a_torn_commit_with_a_number_that_went_back_is_void_too),
        cmocka_unit_test(a_torn_commit_is_not_made_whole_by_who_says_it_anew),
        cmocka_unit_test(what_was_cut_at_once_is_programmed_again_with_the_same_bits),
        cmocka_unit_test(
            what_was_rolled_back_is_tried_again_where_nothing_else_is_left),
        cmocka_unit_test(the_last_resort_is_not_below_the_floor_and_is_genuine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
