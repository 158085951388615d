/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a writer in doubt gives numbers above all that was torn, whichever of it can
 * be read at that start: it may be read at a later one, and must be older then. */
#include "journal_bench.h"

static uint32_t number_in(unsigned page, unsigned slot)
{
    uint32_t number;

    memcpy(&number, flash.bytes + bench_slot(page, slot) + MARK_LEN, sizeof number);
    return number;
}

/* What was torn there cannot be read from now on; or, done again, it can. */
static void turn_unreadable(unsigned page, unsigned slot)
{
    flash.bytes[bench_slot(page, slot) + 2 * MARK_LEN] ^= 0x20;
}

/* The supply goes before the CONFIRM: all that stands can be read. */
static void append_torn(struct writer *w, uint32_t says, uint32_t before)
{
    assert_false(bench_append_cut(w, says, before + CONFIRM, SIM_CUT_BEFORE));
}

static void start_torn(struct writer *w)
{
    assert_false(bench_start_cut(w, CONFIRM, SIM_CUT_BEFORE));
}

static void expect_above(unsigned page, unsigned slot, unsigned torn)
{
    expect_true("above what was torn", number_in(page, slot) > number_in(page, torn));
}

/* Numbers go on from what stands: two pages that were full before, each in its turn. */
static void what_was_torn_behind_the_newest_is_below_what_is_said_next(void **state)
{
    const uint32_t full = bench_full();
    struct writer w;

    (void)state;
    for (unsigned pages = 1; pages <= 2; pages++) {
        unsigned page = pages % 2;
        bench_journal(&w, pages * full + 2);
        append_torn(&w, 90, 0);
        turn_unreadable(page, 2);
        start_torn(&w);
        turn_unreadable(page, 3);
        bench_start(&w);
        assert_int_equal(w.said, pages * full + 2);
        expect_above(page, 3, 2);
        expect_above(page, 4, 3);
    }
}

/* Whichever page it is: the one before it has the newest that stands. */
static void what_was_torn_where_a_page_begins_is_below_what_is_said_next(void **state)
{
    const uint32_t full = bench_full();
    struct writer w;

    (void)state;
    for (unsigned pages = 1; pages <= 2; pages++) {
        unsigned page = pages % 2;
        bench_journal(&w, pages * full);
        append_torn(&w, 90, TURN_OPS);
        start_torn(&w);
        turn_unreadable(page, 1);
        start_torn(&w);
        expect_above(page, 2, 1);
        uint32_t torn = number_in(page, 2);
        turn_unreadable(page, 0);
        turn_unreadable(page, 2);
        bench_start(&w); /* in a slot kept for this, and then in the page it erased */
        assert_int_equal(w.said, pages * full);
        assert_true(number_in(1 - page, full) > torn);
    }
}

/* Each start goes on from a record that was torn itself. That the other page has slots that
 * failed adds up to nothing: one start that can read none of it is still above it all. */
static void starts_that_read_what_was_torn_do_not_outrun_one_that_cannot(void **state)
{
    struct writer w;

    (void)state;
    bench_journal(&w, 5);
    flash.write_fault = SIM_FAULT_WRONG;
    flash.faults = SLOTS - 5;
    assert_true(bench_append(&w, 6)); /* in the other page */
    assert_int_equal(w.j.holder, 1);
    append_torn(&w, 7, 0);
    start_torn(&w);
    turn_unreadable(1, 2);
    start_torn(&w);
    assert_int_equal(w.said, 7);
    turn_unreadable(1, 1);
    turn_unreadable(1, 3);
    bench_start(&w);
    assert_int_equal(w.said, 6);
    for (unsigned torn = 1; torn <= 3; torn++) {
        expect_above(1, 4, torn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_torn_behind_the_newest_is_below_what_is_said_next),
        cmocka_unit_test(what_was_torn_where_a_page_begins_is_below_what_is_said_next),
        cmocka_unit_test(starts_that_read_what_was_torn_do_not_outrun_one_that_cannot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
