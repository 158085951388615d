/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the application's journal at its seam, without a session: what it asks for, one
 * piece of flash work at a time; what it counts; when it says that it does not know. */
#include "app_bench.h"
#include "check.h"

static void a_device_that_wants_nothing_owes_nothing(void **state)
{
    (void)state;
    app_new_device();
    assert_false(app_owes());
    assert_false(app_work(0));
    app_tell(FERRY_EVENT_RESUME, 0);
    app_tell(FERRY_EVENT_BLOCK, 0);
    app_tell(FERRY_EVENT_COMMITTED, 0);
    app_tell(FERRY_EVENT_REBOOT, 0);
    app_tell(FERRY_EVENT_HELLO, 0);
    app_tell(FERRY_EVENT_REPORTED, 0);
    ferry_app_journal_selftest_passed(j); /* confirmed as it is */
    ferry_app_journal_healthy(j, 100 * DAY_MS);
    assert_false(app_owes());
}

static void the_same_piece_is_offered_until_it_is_said_how_it_went(void **state)
{
    struct ferry_flash_op one, two;

    (void)state;
    app_new_device();
    app_tell(FERRY_EVENT_BEGIN, 0);
    unsigned pieces = 0;
    while (app_owes()) {
        assert_true(w.commit.next(w.commit.ctx, &one));
        assert_true(w.commit.next(w.commit.ctx, &two));
        assert_int_equal(one.erase, two.erase);
        assert_int_equal(one.addr, two.addr);
        assert_int_equal(one.len, two.len);
        assert_ptr_equal(one.buf, two.buf);
        assert_true(app_work(0));
        pieces++;
    }
    assert_int_equal(pieces, 5); /* erase, mark, head, body, CONFIRM */
    assert_int_equal(board_app_record(&w).begins, 1);
}

/* One append at a time; what changes meanwhile goes into one more, whatever it is. */
static void what_changes_during_an_append_goes_into_the_next(void **state)
{
    (void)state;
    for (unsigned after = 0; after < 5; after++) {
        app_new_device();
        app_tell(FERRY_EVENT_BEGIN, 0);
        for (unsigned i = 0; i < after; i++) {
            assert_true(app_work(0));
        }
        app_tell(FERRY_EVENT_SECURITY, FERRY_E_SIG);
        app_tell(FERRY_EVENT_BEGIN, 0);
        app_tell(FERRY_EVENT_BEGIN, 0);
        assert_int_equal(app_work_all(), 5 - after + 3);
        assert_int_equal(board_app_record(&w).begins, 3);
        assert_int_equal(board_app_record(&w).bad_signatures, 1);
    }
}

/* Memory that lost a bit must not send the session to flash. */
static void a_journal_that_only_believes_to_be_writing_has_no_piece(void **state)
{
    struct ferry_flash_op op;

    (void)state;
    app_new_device();
    app_tell(FERRY_EVENT_BEGIN, 0);
    (void)app_work_all();
    j->writing = true;
    assert_true(app_owes());
    assert_false(w.commit.next(w.commit.ctx, &op));
}

/* ---- the statement ---------------------------------------------------------------- */

static void a_statement_waits_for_what_is_being_written(void **state)
{
    struct ferry_statement s;

    (void)state;
    app_new_device();
    app_tell(FERRY_EVENT_BEGIN, 0);
    assert_int_equal(w.commit.report(w.commit.ctx, &s), FERRY_MORE);
    assert_int_equal(app_work_all(), 5); /* that record, and no lease yet */
    assert_int_equal(w.commit.report(w.commit.ctx, &s), FERRY_MORE);
    assert_int_equal(app_work_all(), 3);
    assert_int_equal(w.commit.report(w.commit.ctx, &s), 0);
    assert_int_equal(s.counter, 1);
}

/* ---- the request ------------------------------------------------------------------ */

static void a_ticket_that_does_not_hold_asks_for_nothing(void **state)
{
    struct ferry_ticket t;

    (void)state;
    app_new_device();
    memset(&t, 0, sizeof t);
    t.bank = 1;
    assert_int_equal(w.commit.request(w.commit.ctx, &t), FERRY_E_STATE);
    memset(&t, 0xFF, sizeof t);
    assert_int_equal(w.commit.request(w.commit.ctx, &t), FERRY_E_STATE);
    assert_false(app_owes());
    assert_int_equal(board_app_record(&w).commit, 0);
}

static void a_request_is_one_record_and_repeating_it_none(void **state)
{
    (void)state;
    app_new_device();
    struct artifact_bytes a = app_make(1);
    board_place(&w, 1, &a);
    assert_false(w.commit.state(w.commit.ctx)->committed);
    assert_int_equal(board_commit(&w), 0);
    assert_true(w.commit.state(w.commit.ctx)->committed);
    struct ferry_app_record rec = board_app_record(&w);
    assert_int_equal(rec.commit, board_record(&w).seen + 1);
    assert_int_equal(rec.bank, 1);
    uint32_t writes = w.flash.writes;
    assert_int_equal(board_commit(&w), 0);
    assert_int_equal(w.flash.writes, writes);
    /* Nor is it forgotten by a start that the bootloader did not make. */
    assert_int_equal(app_reopen(0), 0);
    assert_true(w.commit.state(w.commit.ctx)->committed);
}

/* ---- flash that does not take it --------------------------------------------------- */

static void one_failed_piece_costs_a_slot(void **state)
{
    (void)state;
    for (unsigned nth = 2; nth < 5; nth++) { /* head, body, CONFIRM */
        app_new_device();
        app_tell(FERRY_EVENT_BEGIN, 0);
        for (unsigned i = 0; i < nth; i++) {
            assert_true(app_work(0));
        }
        assert_true(app_work(FERRY_E_FLASH));
        assert_int_equal(app_work_all(), 3);
        assert_int_equal(board_app_record(&w).begins, 1);
    }
}

static void a_journal_that_cannot_be_written_asks_and_says_nothing(void **state)
{
    struct ferry_statement s;
    unsigned tries = 0;

    (void)state;
    app_new_device();
    app_tell(FERRY_EVENT_BEGIN, 0);
    while (app_work(FERRY_E_FLASH)) {
        assert_true(++tries < 100);
    }
    assert_int_equal(w.commit.report(w.commit.ctx, &s), FERRY_E_COMMIT);
    app_tell(FERRY_EVENT_BEGIN, 0);
    assert_false(app_owes());
    struct artifact_bytes a = app_make(1);
    board_place(&w, 1, &a);
    assert_int_equal(board_commit(&w), FERRY_E_COMMIT);
    assert_false(w.commit.state(w.commit.ctx)->committed);
    assert_int_equal(app_reopen(0), 0); /* until the next start, which tries again */
    assert_int_equal(board_commit(&w), 0);
}

/* It has shown all it should, and cannot say so: its time still runs out. */
static void a_trial_whose_confirm_cannot_be_written_expires(void **state)
{
    (void)state;
    app_trial_device();
    uint32_t now = w.now;
    app_tell(FERRY_EVENT_HELLO, 0);
    ferry_app_journal_selftest_passed(j);
    while (app_work(FERRY_E_FLASH)) {
    }
    assert_false(w.commit.state(w.commit.ctx)->settled);
    assert_true(ferry_app_journal_expired(j, now + 72 * HOUR_MS));
}

/* ---- counts ----------------------------------------------------------------------- */

static void counts_stop_at_their_limits(void **state)
{
    (void)state;
    app_new_device();
    for (unsigned i = 0; i < 66000; i++) {
        app_tell(FERRY_EVENT_TRANSFER, FERRY_E_HASH);
        app_tell(FERRY_EVENT_TRANSFER, i % 2 == 0 ? FERRY_E_BLOCK : FERRY_E_BLOCKS);
        app_tell(FERRY_EVENT_SECURITY, FERRY_E_SIG);
        app_tell(FERRY_EVENT_REFUSED, FERRY_E_CLASS);
    }
    assert_false(app_owes()); /* all that in RAM */
    for (unsigned i = 0; i < 300; i++) {
        app_tell(FERRY_EVENT_BEGIN, 0);
        (void)app_work_all();
    }
    struct ferry_app_record rec = board_app_record(&w);
    assert_int_equal(rec.hash_errors, 0xFFFF);
    assert_int_equal(rec.block_errors, 0xFFFF);
    assert_int_equal(rec.bad_signatures, 0xFFFF);
    assert_memory_equal(rec.offender, "\x03\x01\x02\x03\x04\x05\x06\x07\x08", 9);
    assert_int_equal(rec.refusals[0], 0xFF);
    assert_int_equal(rec.begins, 0xFF);
    assert_int_equal(w.commit.state(w.commit.ctx)->begins, 0xFF);
}

static void each_refusal_has_a_byte_of_its_own_and_others_have_none(void **state)
{
    static const uint8_t none[FERRY_REFUSALS_LEN] = {0};

    (void)state;
    for (int err = 0; err > -128; err--) {
        app_new_device();
        app_tell(FERRY_EVENT_REFUSED, err);
        app_tell(FERRY_EVENT_BEGIN, 0);
        (void)app_work_all();
        struct ferry_app_record rec = board_app_record(&w);
        if (err <= FERRY_E_CLASS && err >= FERRY_E_TOMBSTONE) {
            assert_int_equal(rec.refusals[FERRY_E_CLASS - err], 1);
            rec.refusals[FERRY_E_CLASS - err] = 0;
        }
        assert_memory_equal(rec.refusals, none, sizeof none);
    }
}

static void a_confirm_begins_starts_and_begins_anew(void **state)
{
    (void)state;
    app_trial_device();
    app_tell(FERRY_EVENT_BEGIN, 0);
    (void)app_work_all();
    assert_int_equal(board_app_record(&w).begins, 1);
    app_tell(FERRY_EVENT_HELLO, 0);
    ferry_app_journal_selftest_passed(j);
    (void)app_work_all();
    struct ferry_app_record rec = board_app_record(&w);
    assert_int_equal(rec.confirm, board_record(&w).trial);
    assert_int_equal(rec.begins, 0);
    assert_int_equal(rec.starts, 0);
    assert_true(w.commit.state(w.commit.ctx)->settled);
    ferry_app_journal_selftest_passed(j); /* said once */
    app_tell(FERRY_EVENT_HELLO, 0);
    assert_false(app_owes());
}

/* Whoever fetched it is gone, and has left no HELLO in this start. */
static void a_statement_fetched_is_no_courier_met(void **state)
{
    (void)state;
    for (unsigned delivered = 0; delivered <= 1; delivered++) {
        app_trial_device();
        w.board.app_cfg.confirm =
            delivered ? FERRY_CONFIRM_DELIVERED : FERRY_CONFIRM_LINK;
        ferry_app_journal_selftest_passed(j);
        app_tell(FERRY_EVENT_REPORTED, 0);
        assert_true(app_owes() == (delivered == 1));
    }
}

/* ---- time ------------------------------------------------------------------------- */

static void a_trial_expires_across_the_wrap_of_the_clock(void **state)
{
    static const uint32_t seconds[] = {1, 60, 72 * 3600, 24 * 24 * 3600};

    (void)state;
    app_trial_device();
    for (size_t i = 0; i < COUNT(seconds); i++) {
        const uint32_t opened = UINT32_MAX - 500, most = seconds[i] * 1000U;
        w.board.app_cfg.trial_max_s = seconds[i];
        assert_int_equal(app_reopen(opened), 0);
        assert_false(ferry_app_journal_expired(j, opened));
        assert_false(ferry_app_journal_expired(j, opened + most - 1));
        assert_true(ferry_app_journal_expired(j, opened + most));
        assert_true(ferry_app_journal_expired(j, opened + most + HOUR_MS));
    }
}

static void health_is_heard_across_the_wrap_of_the_clock(void **state)
{
    (void)state;
    app_new_device();
    board_boot(&w, FERRY_RESET_FAULT);
    const uint32_t opened = UINT32_MAX - DAY_MS;
    assert_int_equal(app_reopen(opened), 0);
    ferry_app_journal_healthy(j, opened + 7 * DAY_MS - 1);
    assert_false(app_owes());
    ferry_app_journal_healthy(j, opened + 7 * DAY_MS);
    assert_true(app_owes());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_that_wants_nothing_owes_nothing),
        cmocka_unit_test(the_same_piece_is_offered_until_it_is_said_how_it_went),
        cmocka_unit_test(what_changes_during_an_append_goes_into_the_next),
        cmocka_unit_test(a_journal_that_only_believes_to_be_writing_has_no_piece),
        cmocka_unit_test(a_statement_waits_for_what_is_being_written),
        cmocka_unit_test(a_ticket_that_does_not_hold_asks_for_nothing),
        cmocka_unit_test(a_request_is_one_record_and_repeating_it_none),
        cmocka_unit_test(one_failed_piece_costs_a_slot),
        cmocka_unit_test(a_journal_that_cannot_be_written_asks_and_says_nothing),
        cmocka_unit_test(a_trial_whose_confirm_cannot_be_written_expires),
        cmocka_unit_test(counts_stop_at_their_limits),
        cmocka_unit_test(each_refusal_has_a_byte_of_its_own_and_others_have_none),
        cmocka_unit_test(a_confirm_begins_starts_and_begins_anew),
        cmocka_unit_test(a_statement_fetched_is_no_courier_met),
        cmocka_unit_test(a_trial_expires_across_the_wrap_of_the_clock),
        cmocka_unit_test(health_is_heard_across_the_wrap_of_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
