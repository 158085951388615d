/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what the simulated flash leaves of an operation that is cut: each kind of cut what
 * its comment says, over many throws of the dice; and how bits without a side read. */
#include "flash_bench.h"

#define THROWS 200U
#define LEN 64U
#define AT 128U
#define BITS (LEN * 8U / 2U) /* that a program of `data` changes */

static const uint8_t both[] = {0xFF, 0x00};
static uint8_t data[LEN]; /* half of the bits of each byte */

static void prepare(void)
{
    for (unsigned i = 0; i < LEN; i++) {
        data[i] = i % 2 == 0 ? 0x55 : 0x5A;
    }
}

/* Cut a program of `data`, or (erase) an erase of it, on a new chip. */
static void cut(bool erase, uint8_t erased, uint64_t seed, enum sim_cut how)
{
    bench_new_seed(erased, seed);
    if (erase) {
        bench_write(AT, data, LEN);
        bench_cut_erase(0, how);
    } else {
        bench_cut_write(AT, data, LEN, how);
    }
}

/* Bits that have gone for good to where the operation takes them. */
static unsigned done(bool erase)
{
    unsigned n = 0;

    for (unsigned i = 0; i < LEN; i++) {
        uint8_t moves = (uint8_t)(data[i] ^ flash.erased);
        uint8_t there = erase ? flash.erased : data[i];
        uint8_t right = (uint8_t) ~(flash.bytes[AT + i] ^ there);
        uint8_t firm = (uint8_t)(moves & right & ~flash.weak[AT + i]);
        n += bench_ones(&firm, 1);
    }
    return n;
}

struct sum {
    double done, weak, most_weak;
};

/* On the average, over many throws of the dice. */
static struct sum throws(bool erase, enum sim_cut how)
{
    struct sum s = {0, 0, 0};

    for (uint64_t seed = 1; seed <= THROWS; seed++) {
        cut(erase, both[seed % 2], seed, how);
        unsigned weak = bench_weak(0, PAGE);
        assert_int_equal(weak, bench_weak(AT, LEN)); /* and nowhere else */
        s.done += done(erase) / (double)THROWS;
        s.weak += weak / (double)THROWS;
        s.most_weak = weak > s.most_weak ? weak : s.most_weak;
    }
    return s;
}

static void expect_about(const char *what, double got, double want)
{
    if (got < 0.9 * want || got > 1.1 * want) {
        print_error("%s: %.1f bits, about %.1f expected\n", what, got, want);
    }
    expect_true(what, got >= 0.9 * want && got <= 1.1 * want);
}

/* ---- each kind ------------------------------------------------------------------- */

static void a_cut_before_it_leaves_everything_and_one_after_it_nothing(void **state)
{
    (void)state;
    prepare();
    for (unsigned kind = 0; kind < 2; kind++) {
        cut(false, both[kind], 7, SIM_CUT_BEFORE);
        assert_true(bench_reads(0, NULL, PAGE, 1));
        bench_write(AT, data, LEN);
        cut(false, both[kind], 7, SIM_CUT_AFTER);
        assert_true(bench_reads(AT, data, LEN, 1));
        assert_int_equal(flash.programmed[AT], 1);
        cut(true, both[kind], 7, SIM_CUT_BEFORE);
        assert_true(bench_reads(AT, data, LEN, 1));
        assert_int_equal(flash.programmed[AT], 1);
        cut(true, both[kind], 7, SIM_CUT_AFTER);
        assert_true(bench_reads(0, NULL, PAGE, 1));
        bench_write(AT, data, LEN);
        assert_int_equal(bench_weak(0, PAGE), 0);
    }
}

static void an_early_cut_leaves_a_few_bits_without_a_side(void **state)
{
    (void)state;
    prepare();
    for (unsigned erase = 0; erase < 2; erase++) {
        struct sum s = throws(erase != 0, SIM_CUT_EARLY);
        assert_true(s.done == 0);
        expect_about("without a side", s.weak, 2);
        assert_true(s.most_weak < 12);
    }
}

static void a_late_cut_leaves_all_but_a_few_bits_done(void **state)
{
    (void)state;
    prepare();
    for (unsigned erase = 0; erase < 2; erase++) {
        struct sum s = throws(erase != 0, SIM_CUT_LATE);
        expect_about("without a side", s.weak, 2);
        assert_true(s.most_weak < 12);
        expect_about("done", s.done, BITS - s.weak);
    }
}

static void a_subset_is_done_for_good(void **state)
{
    (void)state;
    prepare();
    for (unsigned erase = 0; erase < 2; erase++) {
        struct sum s = throws(erase != 0, SIM_CUT_SUBSET);
        assert_true(s.weak == 0);
        expect_about("done", s.done, BITS / 2.0);
    }
}

static void in_the_middle_half_is_done_and_a_quarter_has_no_side(void **state)
{
    (void)state;
    prepare();
    for (unsigned erase = 0; erase < 2; erase++) {
        struct sum s = throws(erase != 0, SIM_CUT_MIDDLE);
        expect_about("without a side", s.weak, BITS / 4.0);
        expect_about("done", s.done, BITS / 2.0);
    }
}

/* Words behind the torn one are as they were; it is anywhere in the run. */
static void between_words_the_first_are_done_and_one_is_torn(void **state)
{
    unsigned places[LEN / UNIT] = {0};

    (void)state;
    prepare();
    for (uint64_t seed = 1; seed <= 4 * THROWS; seed++) {
        cut(false, both[seed % 2], seed, SIM_CUT_WORDS);
        unsigned torn = 0;
        while (flash.programmed[AT + torn] == 1) {
            torn += UNIT;
        }
        assert_true(torn < LEN);
        places[torn / UNIT]++;
        assert_int_equal(flash.programmed[AT + torn], SIM_TORN_WRITE);
        assert_true(bench_reads(AT, data, torn, 1));
        assert_true(bench_reads(AT + torn + UNIT, NULL, LEN - torn - UNIT, 1));
        for (unsigned at = torn + UNIT; at < LEN; at++) {
            assert_int_equal(flash.programmed[AT + at], 0);
        }
        assert_int_equal(bench_weak(0, PAGE), bench_weak(AT + torn, UNIT));
    }
    for (size_t i = 0; i < COUNT(places); i++) {
        assert_in_range(places[i], 4 * THROWS / COUNT(places) / 2,
                        4 * THROWS / COUNT(places) * 2);
    }
}

/* However far it came, the page is not erased. */
static void an_erase_cut_between_words_leaves_a_page_of_no_use(void **state)
{
    (void)state;
    prepare();
    for (uint64_t seed = 1; seed <= THROWS; seed++) {
        cut(true, both[seed % 2], seed, SIM_CUT_WORDS);
        for (unsigned at = 0; at < PAGE; at++) {
            assert_int_equal(flash.programmed[at], SIM_TORN_ERASE);
        }
    }
}

static void what_seems_undone_or_done_does_so_until_the_start_after_next(void **state)
{
    static const enum sim_cut seems[] = {SIM_CUT_SEEMS_UNDONE, SIM_CUT_SEEMS_DONE};

    (void)state;
    prepare();
    for (unsigned n = 0; n < 8; n++) {
        bool erase = n / 4 != 0, as_done = n % 2 != 0;
        unsigned otherwise = 0;
        for (uint64_t seed = 1; seed <= THROWS / 4; seed++) {
            cut(erase, both[n / 2 % 2], seed, seems[n % 2]);
            assert_int_equal(bench_weak(0, PAGE), BITS); /* not one has a side */
            const uint8_t *want = erase != as_done ? data : NULL;
            sim_flash_reset(&flash);
            assert_true(bench_reads(AT, want, LEN, 5));
            sim_flash_reset(&flash);
            otherwise += !bench_reads(AT, want, LEN, 1);
        }
        assert_int_equal(otherwise, THROWS / 4);
    }
}

/* ---- whatever the kind ----------------------------------------------------------- */

/* All that is read lies between what was and what should have been: in a program no bit
 * is ever more erased than before, and none is programmed that was not meant. */
static void no_cut_moves_a_bit_that_the_operation_would_not(void **state)
{
    (void)state;
    prepare();
    for (uint64_t seed = 1; seed <= 20 * SIM_CUTS; seed++) {
        bool erase = seed % 4 < 2;
        uint8_t erased = both[seed % 2];
        cut(erase, erased, seed, (enum sim_cut)(seed % SIM_CUTS));
        for (unsigned start = 0; start < 6; start++) {
            sim_flash_reset(&flash);
            for (unsigned i = 0; i < PAGE; i++) {
                bool hit = i >= AT && i < AT + LEN;
                uint8_t moves = hit ? (uint8_t)(data[i - AT] ^ erased) : 0;
                assert_int_equal((bench_byte(i) ^ erased) & ~moves, 0);
            }
        }
    }
}

/* The supply goes again and again: what has a side keeps it. */
static void a_program_that_is_cut_again_and_again_goes_one_way(void **state)
{
    (void)state;
    prepare();
    for (uint64_t seed = 1; seed <= THROWS; seed++) {
        uint8_t before[LEN], firm[LEN];
        bench_new_seed(both[seed % 2], seed);
        flash.writes_per_word = 2;
        bench_cut_write(AT, data, LEN, (enum sim_cut)(seed % SIM_CUTS));
        memcpy(before, flash.bytes + AT, LEN);
        for (unsigned i = 0; i < LEN; i++) {
            firm[i] = (uint8_t)((before[i] ^ flash.erased) & ~flash.weak[AT + i]);
        }
        bench_cut_write(AT, data, LEN, (enum sim_cut)(seed / SIM_CUTS % SIM_CUTS));
        for (unsigned start = 0; start < 4; start++) {
            for (unsigned i = 0; i < LEN; i++) {
                uint8_t is = (uint8_t)(bench_byte(AT + i) ^ flash.erased);
                assert_int_equal(is & firm[i], firm[i]);
            }
            sim_flash_reset(&flash);
        }
    }
}

/* ---- bits without a side ---------------------------------------------------------- */

/* Of reads and starts, how many differ from the one before? */
static unsigned changes(unsigned n, bool starts)
{
    uint8_t last[LEN], now[LEN];
    unsigned changed = 0;

    assert_int_equal(sim_flash_read(&flash, AT, last, LEN), 0);
    for (unsigned i = 0; i < n; i++) {
        if (starts) {
            sim_flash_reset(&flash);
        }
        assert_int_equal(sim_flash_read(&flash, AT, now, LEN), 0);
        changed += memcmp(last, now, LEN) != 0;
        memcpy(last, now, LEN);
    }
    return changed;
}

static void they_change_between_reads_only_when_restless(void **state)
{
    unsigned restless = 0;

    (void)state;
    prepare();
    for (uint64_t seed = 1; seed <= THROWS; seed++) {
        cut(false, both[seed % 2], seed, SIM_CUT_MIDDLE);
        assert_int_equal(changes(10, false), 0); /* before the first start */
        sim_flash_reset(&flash);
        restless += flash.restless;
        unsigned seen = changes(10, false);
        assert_true(flash.restless ? seen > 0 : seen == 0);
        assert_true(changes(10, true) > 0);
    }
    assert_in_range(restless, THROWS / 3, THROWS * 2 / 3);
}

/* A lean is mostly, not always: at any of the three a bit may be either. */
static void they_lean_to_either_side_from_start_to_start(void **state)
{
    double share[3] = {0, 0, 0};
    unsigned starts[3] = {0, 0, 0};

    (void)state;
    prepare();
    cut(false, 0xFF, 3, SIM_CUT_SEEMS_DONE);
    sim_flash_reset(&flash);
    for (unsigned i = 0; i < 3 * THROWS; i++) {
        uint8_t got[LEN];
        sim_flash_reset(&flash);
        assert_int_equal(sim_flash_read(&flash, AT, got, LEN), 0);
        for (unsigned n = 0; n < LEN; n++) {
            got[n] &= flash.weak[AT + n];
        }
        share[flash.lean] += bench_ones(got, LEN) / (double)BITS;
        starts[flash.lean]++;
    }
    for (unsigned lean = 0; lean < 3; lean++) {
        assert_true(starts[lean] > THROWS / 2);
        share[lean] /= starts[lean];
    }
    expect_about("mostly 0", share[SIM_LEAN_0], 1 / 16.0);
    expect_about("either", share[SIM_LEAN_EITHER], 0.5);
    expect_about("mostly 1", share[SIM_LEAN_1], 15 / 16.0);
}

static void an_operation_that_is_done_gives_them_a_side(void **state)
{
    (void)state;
    prepare();
    for (unsigned how = SIM_CUT_EARLY; how < SIM_CUT_AFTER; how++) {
        for (unsigned kind = 0; kind < 2; kind++) {
            cut(kind != 0, both[how % 2], how, (enum sim_cut)how);
            sim_flash_reset(&flash);
            bench_erase(0);
            assert_int_equal(bench_weak(0, PAGE), 0);
            for (unsigned start = 0; start < 5; start++) {
                assert_true(bench_reads(0, NULL, PAGE, 1));
                sim_flash_reset(&flash);
            }
            bench_write(AT, data, LEN);
        }
    }
}

/* A healed chip is what it reads as. */
static void a_healed_chip_has_none(void **state)
{
    uint8_t was[LEN];

    (void)state;
    prepare();
    cut(false, 0xFF, 5, SIM_CUT_MIDDLE);
    memcpy(was, flash.bytes + AT, LEN);
    sim_flash_heal(&flash);
    for (unsigned start = 0; start < 5; start++) {
        assert_true(bench_reads(AT, was, LEN, 2));
        sim_flash_reset(&flash);
    }
    assert_int_equal(flash.cuts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_before_it_leaves_everything_and_one_after_it_nothing),
        cmocka_unit_test(an_early_cut_leaves_a_few_bits_without_a_side),
        cmocka_unit_test(a_late_cut_leaves_all_but_a_few_bits_done),
        cmocka_unit_test(a_subset_is_done_for_good),
        cmocka_unit_test(in_the_middle_half_is_done_and_a_quarter_has_no_side),
        cmocka_unit_test(between_words_the_first_are_done_and_one_is_torn),
        cmocka_unit_test(an_erase_cut_between_words_leaves_a_page_of_no_use),
        cmocka_unit_test(what_seems_undone_or_done_does_so_until_the_start_after_next),
        cmocka_unit_test(no_cut_moves_a_bit_that_the_operation_would_not),
        cmocka_unit_test(a_program_that_is_cut_again_and_again_goes_one_way),
        cmocka_unit_test(they_change_between_reads_only_when_restless),
        cmocka_unit_test(they_lean_to_either_side_from_start_to_start),
        cmocka_unit_test(an_operation_that_is_done_gives_them_a_side),
        cmocka_unit_test(a_healed_chip_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
