/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how the simulated flash answers: at once, later or in slices; failing, lying or
 * never ending; and that it counts, can be held, and can be copied. */
#include "flash_bench.h"

static const uint8_t both[] = {0xFF, 0x00};
static uint32_t now;

/* An asynchronous chip. */
static void bench_async(uint8_t erased)
{
    bench_new(erased);
    now = 1000;
    sim_flash_clock(&flash, &now);
    flash.mode = SIM_FLASH_ASYNC;
}

/* The outstanding call ends at `end` and no earlier, with this status. */
static void expect_end(uint32_t end, int status)
{
    int got = 77;

    assert_int_equal(sim_flash_wait(&flash, now), end - now);
    assert_false(sim_flash_ended(&flash, end - 1, &got));
    assert_int_equal(got, 77);
    assert_true(sim_flash_ended(&flash, end, &got));
    assert_int_equal(got, status);
    assert_int_equal(sim_flash_wait(&flash, end), UINT32_MAX);
    assert_false(sim_flash_ended(&flash, end + 1000, &got));
    now = end;
}

/* ---- later ----------------------------------------------------------------------- */

static void an_asynchronous_call_ends_when_it_is_due(void **state)
{
    uint32_t word = 0x12345678;

    (void)state;
    bench_async(0xFF);
    assert_int_equal(sim_flash_erase(&flash, PAGE), SIM_FLASH_PENDING);
    assert_int_equal(flash.programmed[PAGE], 1); /* nothing has happened yet */
    expect_end(now + flash.erase_ms, 0);
    assert_true(bench_reads(PAGE, NULL, PAGE, 1));
    assert_int_equal(sim_flash_write(&flash, PAGE, &word, 4), SIM_FLASH_PENDING);
    assert_true(bench_reads(PAGE, NULL, PAGE, 1));
    expect_end(now + flash.write_ms, 0);
    assert_true(bench_reads(PAGE, (const uint8_t *)&word, 4, 1));
}

/* As hardware does: what the buffer says when the program ends is what is in flash. */
static void the_buffer_is_read_at_the_end_of_the_call(void **state)
{
    uint32_t word = 0x11111111, changed = 0x22222222;

    (void)state;
    bench_async(0xFF);
    assert_int_equal(sim_flash_write(&flash, 0, &word, 4), SIM_FLASH_PENDING);
    word = changed;
    expect_end(now + flash.write_ms, 0);
    assert_true(bench_reads(0, (const uint8_t *)&changed, 4, 1));
}

static void a_call_ends_across_the_wrap_of_the_clock(void **state)
{
    (void)state;
    bench_async(0xFF);
    now = UINT32_MAX - 10;
    assert_int_equal(sim_flash_erase(&flash, 0), SIM_FLASH_PENDING);
    expect_end(now + flash.erase_ms, 0);
}

/* The chip is reset: what was going on is torn, and nobody is told. */
static void a_reset_tears_the_outstanding_call(void **state)
{
    static const uint32_t words[16];
    unsigned torn = 0;
    int status;

    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        bench_async(0xFF);
        sim_flash_seed(&flash, seed);
        assert_int_equal(sim_flash_write(&flash, 0, words, sizeof words),
                         SIM_FLASH_PENDING);
        sim_flash_reset(&flash);
        assert_false(sim_flash_ended(&flash, now + 10000, &status));
        assert_int_equal(flash.programmed[0], SIM_TORN_WRITE);
        torn += bench_weak(0, sizeof words) > 0;
    }
    assert_int_equal(torn, 50);
}

/* ---- slices ---------------------------------------------------------------------- */

static void an_erase_in_slices_is_done_with_the_last_one(void **state)
{
    uint32_t word = 1;

    (void)state;
    bench_new(0xFF);
    flash.mode = SIM_FLASH_SLICED;
    for (unsigned i = 1; i < flash.slices; i++) {
        assert_int_equal(sim_flash_erase(&flash, PAGE), SIM_FLASH_MORE);
        assert_int_equal(flash.programmed[PAGE], SIM_TORN_ERASE);
        if (i == 4) { /* writes elsewhere may come in between */
            bench_write(0, &word, 4);
        }
    }
    assert_int_equal(flash.page_erases[1], 0);
    assert_int_equal(sim_flash_erase(&flash, PAGE), SIM_FLASH_DONE);
    assert_int_equal(flash.page_erases[1], 1);
    bench_write(PAGE, &word, 4);
}

static void another_page_or_a_reset_starts_the_slices_over(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 2; how++) {
        bench_new(0xFF);
        flash.mode = SIM_FLASH_SLICED;
        for (unsigned i = 1; i < flash.slices; i++) {
            assert_int_equal(sim_flash_erase(&flash, PAGE), SIM_FLASH_MORE);
        }
        if (how == 0) {
            sim_flash_reset(&flash);
        } else {
            assert_int_equal(sim_flash_erase(&flash, 2 * PAGE), SIM_FLASH_MORE);
        }
        for (unsigned i = 1; i < flash.slices; i++) {
            assert_int_equal(sim_flash_erase(&flash, PAGE), SIM_FLASH_MORE);
        }
        assert_int_equal(sim_flash_erase(&flash, PAGE), SIM_FLASH_DONE);
    }
}

/* ---- faults ---------------------------------------------------------------------- */

static void plan_faults(enum sim_fault fault, uint32_t n)
{
    flash.erase_fault = fault;
    flash.write_fault = fault;
    flash.faults = n;
    flash.late_ms = 300;
}

static const uint32_t zeros, ones = 0xFFFFFFFF;

static const void *programmed_word(void)
{
    return flash.erased == 0xFF ? &zeros : &ones;
}

static void a_fault_hits_so_many_operations_and_says_what_it_says(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 2; kind++) {
        bench_new(both[kind]);
        plan_faults(SIM_FAULT_ERROR, 2);
        assert_int_equal(sim_flash_write(&flash, 0, programmed_word(), 4), -1);
        assert_int_equal(sim_flash_erase(&flash, PAGE), -1);
        assert_int_equal(flash.programmed[0], 0);
        assert_int_equal(flash.programmed[PAGE], 1);
        plan_faults(SIM_FAULT_NO_OP, 2);
        bench_write(0, programmed_word(), 4);
        bench_erase(PAGE);
        assert_int_equal(flash.programmed[0], 0);
        assert_int_equal(flash.programmed[PAGE], 1);
        bench_write(0, programmed_word(), 4); /* they are used up */
        bench_erase(PAGE);
        assert_true(bench_reads(0, programmed_word(), 4, 1));
        assert_true(bench_reads(PAGE, NULL, PAGE, 1));
        plan_faults(SIM_FAULT_WRONG, 2);
        bench_write(4, programmed_word(), 4);
        bench_erase(PAGE);
        assert_false(bench_reads(4, programmed_word(), 4, 1));
        assert_false(bench_reads(PAGE, NULL, PAGE, 1));
    }
}

static void a_fault_may_be_of_one_place(void **state)
{
    (void)state;
    bench_new(0xFF);
    plan_faults(SIM_FAULT_ERROR, UINT32_MAX);
    flash.faulty = (struct sim_area){PAGE, PAGE};
    bench_write(0, &zeros, 4);
    bench_erase(0);
    bench_erase(2 * PAGE);
    assert_int_equal(sim_flash_erase(&flash, PAGE), -1);
    assert_int_equal(flash.faults, UINT32_MAX - 1);
}

static void faults_of_asynchronous_calls_are_told_at_their_end(void **state)
{
    static const struct {
        enum sim_fault fault;
        uint32_t times, more; /* of the usual time, in ms */
        int status;
        bool done;
    } rows[] = {{SIM_FAULT_NONE, 1, 0, 0, true},    {SIM_FAULT_ERROR, 1, 0, -1, false},
                {SIM_FAULT_NO_OP, 1, 0, 0, false},  {SIM_FAULT_WRONG, 1, 0, 0, false},
                {SIM_FAULT_RETRIED, 3, 0, 0, true}, {SIM_FAULT_LATE, 1, 300, 0, true}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bench_async(0xFF);
        plan_faults(rows[i].fault, 2);
        assert_int_equal(sim_flash_write(&flash, 0, &zeros, 4), SIM_FLASH_PENDING);
        expect_end(now + rows[i].times * flash.write_ms + rows[i].more, rows[i].status);
        assert_int_equal(bench_reads(0, (const uint8_t *)&zeros, 4, 1), rows[i].done);
        assert_int_equal(sim_flash_erase(&flash, PAGE), SIM_FLASH_PENDING);
        expect_end(now + rows[i].times * flash.erase_ms + rows[i].more, rows[i].status);
        assert_int_equal(bench_reads(PAGE, NULL, PAGE, 1), rows[i].done);
    }
}

static void a_call_that_never_ends_is_over_with_a_reset(void **state)
{
    int status;

    (void)state;
    bench_async(0xFF);
    plan_faults(SIM_FAULT_NEVER, 1);
    assert_int_equal(sim_flash_erase(&flash, PAGE), SIM_FLASH_PENDING);
    assert_int_equal(sim_flash_wait(&flash, now), UINT32_MAX);
    assert_false(sim_flash_ended(&flash, now + 1000000, &status));
    sim_flash_reset(&flash);
    assert_int_equal(sim_flash_erase(&flash, PAGE), SIM_FLASH_PENDING);
    expect_end(now + flash.erase_ms, 0);
}

static void a_read_that_touches_what_is_unreadable_fails(void **state)
{
    uint8_t got[8];

    (void)state;
    bench_new(0xFF);
    flash.unreadable = (struct sim_area){100, 4};
    assert_int_equal(sim_flash_read(&flash, 92, got, 8), 0);
    assert_int_equal(sim_flash_read(&flash, 93, got, 8), -1);
    assert_int_equal(sim_flash_read(&flash, 103, got, 8), -1);
    assert_int_equal(sim_flash_read(&flash, 104, got, 8), 0);
}

/* ---- counting, holding, copying -------------------------------------------------- */

static void every_operation_is_counted_cut_or_not(void **state)
{
    static const uint32_t words[4];

    (void)state;
    bench_new(0xFF);
    bench_write(0, words, 16);
    bench_write(512, words, 8);
    bench_erase(PAGE);
    bench_erase(PAGE);
    assert_int_equal(flash.ops, 5); /* the first erase is the bench's */
    assert_int_equal(flash.erases, 3);
    assert_int_equal(flash.writes, 2);
    assert_int_equal(flash.words, 6);
    assert_int_equal(flash.page_erases[0], 1);
    assert_int_equal(flash.page_erases[1], 2);
    assert_int_equal(flash.block_writes[0], 4);
    assert_int_equal(flash.block_writes[1], 2);
    /* What is cut wears, too, and is in no other count. */
    bench_cut_write(520, (const uint8_t *)words, 4, SIM_CUT_MIDDLE);
    bench_cut_erase(PAGE, SIM_CUT_EARLY);
    bench_cut_erase(2 * PAGE, SIM_CUT_BEFORE);
    assert_int_equal(flash.block_writes[1], 3);
    assert_int_equal(flash.page_erases[1], 3);
    assert_int_equal(flash.page_erases[2], 0);
    assert_int_equal(flash.ops, 8);
    assert_int_equal(flash.cuts, 3);
    bench_cut_erase(0, SIM_CUT_AFTER);
    assert_int_equal(flash.block_writes[0], 0);
}

static unsigned parts;

static void three_words(void *ctx)
{
    const uint32_t *first = ctx;

    for (uint32_t i = 0; i < 3; i++) {
        bench_write(*first + 4 * i, &zeros, 4);
        parts++;
    }
}

/* As in the example at the head of sim_flash.h. */
static void the_supply_goes_in_the_operation_that_was_named(void **state)
{
    uint32_t at = 0;

    (void)state;
    bench_new(0xFF);
    parts = 0;
    sim_flash_cut(&flash, 2, SIM_CUT_BEFORE);
    assert_false(sim_flash_hold(&flash, three_words, &at));
    assert_int_equal(parts, 2);
    assert_int_equal(bench_byte(4), 0);
    assert_int_equal(bench_byte(8), 0xFF);
    /* One that does not come about is forgotten. */
    at = 64;
    sim_flash_cut(&flash, 3, SIM_CUT_BEFORE);
    assert_true(sim_flash_hold(&flash, three_words, &at));
    at = 128;
    assert_true(sim_flash_hold(&flash, three_words, &at));
    assert_int_equal(parts, 8);
}

static struct sim_flash copy;
static unsigned told;

static void copy_away(void *ctx, const struct sim_op *op)
{
    (void)ctx;
    told++;
    sim_flash_copy(&copy, &flash);
    copy.before = NULL;
    sim_flash_tear(&copy, op, SIM_CUT_SEEMS_DONE);
}

/* Before an operation begins its chip can be copied, and the operation torn there. */
static void a_copy_is_a_snapshot_with_a_life_of_its_own(void **state)
{
    (void)state;
    bench_new(0xFF);
    bench_write(0, &zeros, 4);
    flash.before = copy_away;
    told = 0;
    bench_write(8, &zeros, 4);
    flash.before = NULL;
    assert_int_equal(told, 1);
    assert_int_equal(copy.programmed[0], 1);
    assert_int_equal(copy.programmed[8], SIM_TORN_WRITE);
    assert_int_equal(copy.weak[8], 0xFF);
    assert_int_equal(copy.cuts, 1);
    assert_int_equal(flash.programmed[8], 1);
    assert_int_equal(flash.weak[8], 0);
    assert_int_equal(flash.cuts, 0);
    bench_erase(0);
    assert_int_equal(copy.bytes[0], 0);
    assert_int_equal(copy.page_erases[0], 1);
    /* Back to where it was: and from there all goes as it went. */
    sim_flash_copy(&flash, &copy);
    sim_flash_reset(&flash);
    sim_flash_reset(&flash);
    sim_flash_reset(&copy);
    sim_flash_reset(&copy);
    assert_memory_equal(flash.bytes, copy.bytes, SIZE);
    assert_int_equal(flash.rng, copy.rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_asynchronous_call_ends_when_it_is_due),
        cmocka_unit_test(the_buffer_is_read_at_the_end_of_the_call),
        cmocka_unit_test(a_call_ends_across_the_wrap_of_the_clock),
        cmocka_unit_test(a_reset_tears_the_outstanding_call),
        cmocka_unit_test(an_erase_in_slices_is_done_with_the_last_one),
        cmocka_unit_test(another_page_or_a_reset_starts_the_slices_over),
        cmocka_unit_test(a_fault_hits_so_many_operations_and_says_what_it_says),
        cmocka_unit_test(a_fault_may_be_of_one_place),
        cmocka_unit_test(faults_of_asynchronous_calls_are_told_at_their_end),
        cmocka_unit_test(a_call_that_never_ends_is_over_with_a_reset),
        cmocka_unit_test(a_read_that_touches_what_is_unreadable_fails),
        cmocka_unit_test(every_operation_is_counted_cut_or_not),
        cmocka_unit_test(the_supply_goes_in_the_operation_that_was_named),
        cmocka_unit_test(a_copy_is_a_snapshot_with_a_life_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
