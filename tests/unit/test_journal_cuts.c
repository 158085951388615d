/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the journal where the supply goes once, twice and three times, exhaustively: what
 * one start acted on, every later start finds. */
#include "journal_bench.h"

#include <stdio.h>

#define LATER 8U
#define NOTHING_YET UINT32_MAX
#define TORN_AGAIN 8U
#define OPS ((unsigned)TURN_OPS + (unsigned)APPEND_OPS) /* of an append, at most */

/* The supply goes in this operation. */
struct cut {
    uint32_t at;
    enum sim_cut how;
};

static uint64_t pairs;

static const char *plan(uint32_t age, const struct cut *cut, unsigned n, uint64_t seed)
{
    static char words[128];
    int used = snprintf(words, sizeof words, "%u records, seed %llu, cuts",
                        (unsigned)age, (unsigned long long)seed);

    for (unsigned i = 0; i < n; i++) {
        used += snprintf(words + used, sizeof words - (size_t)used, " %u.%d",
                         (unsigned)cut[i].at, (int)cut[i].how);
    }
    return words;
}

/* Starts, as many as are cut and some that are not: whatever one acted on stays. The cuts
 * are used up in order, each in the next start that has so many operations. */
static void starts(struct writer *w, uint32_t old, const struct cut *cut, unsigned n,
                   const char *name)
{
    uint32_t acted = NOTHING_YET;
    unsigned used = 0;

    for (unsigned start = 0; start < n + LATER; start++) {
        bool whole = used < n ? bench_start_cut(w, cut[used].at, cut[used].how)
                              : bench_start_cut(w, UINT32_MAX, SIM_CUT_BEFORE);
        used += !whole;
        expect_true(name, w->said == old || w->said == old + 1);
        if (whole && acted == NOTHING_YET) {
            acted = w->said;
        }
        expect_true(name, acted == NOTHING_YET || w->said == acted);
    }
    pairs += used;
    /* And it can be written to, still. */
    expect_true(name, bench_append(w, old + 7));
    bench_start(w);
    expect_true(name, w->said == old + 7);
}

/* A record is appended to so many, and cut; then the starts that follow. */
static void one_life(uint32_t age, const struct cut *cut, unsigned n, uint64_t seed)
{
    static struct sim_flash kept;
    static struct writer writer;
    static uint32_t kept_age = UINT32_MAX;
    struct writer w;

    if (kept_age != age) {
        bench_journal(&writer, age);
        sim_flash_copy(&kept, &flash);
        kept_age = age;
    }
    sim_flash_copy(&flash, &kept);
    sim_flash_seed(&flash, seed);
    w = writer;
    if (!bench_append_cut(&w, age + 1, cut[0].at, cut[0].how)) {
        starts(&w, age, cut + 1, n - 1, plan(age, cut, n, seed));
    }
}

/* An empty journal, one at the beginning of its page, one before the page turns, one that
 * turns it, one at the beginning of the next page, and one that turns it back. */
#define AGES 6U
static uint32_t age_of(unsigned which)
{
    static uint32_t full;
    full = full > 0 ? full : bench_full();
    const uint32_t ages[AGES] = {0, 1, full - 1, full, full + 1, 2 * full};

    return ages[which];
}

static void a_cut_in_any_operation_is_decided_once_and_for_all(void **state)
{
    struct cut cut[1];

    (void)state;
    for (unsigned a = 0; a < AGES; a++) {
        for (unsigned n = 0; n < SIM_CUTS * OPS; n++) {
            cut[0] = (struct cut){n / SIM_CUTS, (enum sim_cut)(n % SIM_CUTS)};
            for (uint64_t seed = 1; seed <= 60; seed++) {
                one_life(age_of(a), cut, 1, seed);
            }
        }
    }
}

/* The second one comes in what the first start, or a later one, does about the first. */
static void every_pair_of_cuts_is_decided_once_and_for_all(void **state)
{
    const unsigned each = SIM_CUTS * OPS;
    struct cut cut[2];

    (void)state;
    pairs = 0;
    for (unsigned a = 0; a < AGES; a++) {
        for (unsigned n = 0; n < each * each; n++) {
            cut[0] =
                (struct cut){n / each / SIM_CUTS, (enum sim_cut)(n / each % SIM_CUTS)};
            cut[1] = (struct cut){n % each / SIM_CUTS, (enum sim_cut)(n % SIM_CUTS)};
            for (uint64_t seed = 1; seed <= 6; seed++) {
                one_life(age_of(a), cut, 2, seed);
            }
        }
    }
    print_message("%llu second cuts\n", (unsigned long long)pairs);
    assert_true(pairs > 10000);
}

/* The CONFIRM of the first record of a page is torn. One start finds it whole, and acts.
 * Later ones do not, and the supply goes in what they do about it: twice, in any of its
 * operations. The record that was acted on is in a page that is not erased for that. */
static void a_record_somebody_acted_on_is_never_erased_for_doubt(void **state)
{
    static const enum sim_cut torn[] = {SIM_CUT_EARLY, SIM_CUT_MIDDLE, SIM_CUT_LATE,
                                        SIM_CUT_SEEMS_UNDONE, SIM_CUT_SEEMS_DONE};
    static const enum sim_cut torn_again[TORN_AGAIN] = {
        SIM_CUT_LATE,  SIM_CUT_SEEMS_DONE, SIM_CUT_WORDS,  SIM_CUT_BEFORE,
        SIM_CUT_EARLY, SIM_CUT_SUBSET,     SIM_CUT_MIDDLE, SIM_CUT_SEEMS_UNDONE};
    struct cut cut[3];

    (void)state;
    for (size_t t = 0; t < COUNT(torn); t++) {
        cut[0] = (struct cut){TURN_OPS + CONFIRM, torn[t]};
        for (unsigned n = 0; n < TORN_AGAIN * APPEND_OPS; n++) {
            cut[1] = (struct cut){n / TORN_AGAIN, torn_again[n % TORN_AGAIN]};
            for (unsigned k = 0; k < SIM_CUTS * OPS; k++) {
                cut[2] = (struct cut){k / SIM_CUTS, (enum sim_cut)(k % SIM_CUTS)};
                for (uint64_t seed = 1; seed <= 12; seed++) {
                    one_life(age_of(3), cut, 3, seed);
                }
            }
        }
    }
}

/* The body of the first record of a page is torn, and not heard; then the erase of that page
 * is cut so early that the mark goes, for a while, and comes back. */
static void a_torn_record_under_an_erase_that_was_cut_is_never_heard(void **state)
{
    const struct cut cut[] = {{TURN_OPS + BODY, SIM_CUT_LATE}, {0, SIM_CUT_EARLY}};

    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        one_life(age_of(3), cut, 2, seed);
        one_life(age_of(5), cut, 2, seed);
    }
}

/* A head that was cut so that it reads blank is programmed again, with the same bits; the
 * flash ends this test where it is not, or where a body is. */
static void a_head_that_reads_blank_is_programmed_again_with_the_same_bits(void **state)
{
    uint32_t reused = 0;
    struct writer w;

    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        bench_journal(&w, 3);
        sim_flash_seed(&flash, seed);
        assert_false(bench_append_cut(&w, 4, HEAD, SIM_CUT_SEEMS_UNDONE));
        bench_start(&w);
        assert_int_equal(w.said, 3);
        assert_int_equal(w.j.tail, 3);
        assert_true(bench_append(&w, 50));
        assert_int_equal(flash.reused, 4);
        reused += flash.reused;
        for (unsigned i = 0; i < LATER; i++) {
            bench_start(&w);
            assert_int_equal(w.said, 50);
            assert_false(w.j.doubt);
        }
    }
    assert_int_equal(reused, 200 * 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_in_any_operation_is_decided_once_and_for_all),
        cmocka_unit_test(every_pair_of_cuts_is_decided_once_and_for_all),
        cmocka_unit_test(a_record_somebody_acted_on_is_never_erased_for_doubt),
        cmocka_unit_test(a_torn_record_under_an_erase_that_was_cut_is_never_heard),
        cmocka_unit_test(
            a_head_that_reads_blank_is_programmed_again_with_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
