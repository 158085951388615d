/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that the simulated flash ends a program that breaks a rule of the chip, and says
 * which: each rule is broken in a child of this process. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flash_bench.h"

static const uint32_t words[128]; /* all bits programmed, where erased is 0xFF */

/* ---- breaking rules -------------------------------------------------------------- */

static size_t read_all(int from, char *to, size_t cap)
{
    size_t n = 0;
    ssize_t got;

    while (n + 1 < cap && (got = read(from, to + n, cap - 1 - n)) > 0) {
        n += (size_t)got;
    }
    to[n] = '\0';
    close(from);
    return n;
}

/* What a child that does this has said on stderr. True: it was aborted. */
static bool aborts(void (*act)(void), char *said, size_t cap)
{
    int ends[2], status = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        act();
        _exit(0);
    }
    close(ends[1]);
    (void)read_all(ends[0], said, cap);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

/* The act begins on a new chip, of either kind. */
static void expect_broken(const char *rule, uint32_t addr, void (*act)(void))
{
    char said[512], want[160];

    snprintf(want, sizeof want, "flash rule broken at 0x%x: %s\n", (unsigned)addr,
             rule);
    for (unsigned kind = 0; kind < 2; kind++) {
        bench_new(kind == 0 ? 0xFF : 0x00);
        expect_true(rule, aborts(act, said, sizeof said));
        assert_string_equal(said, want);
    }
}

static void erase_at(uint32_t addr)
{
    (void)!sim_flash_erase(&flash, addr);
}

static void write_at(uint32_t addr, uint32_t len)
{
    (void)!sim_flash_write(&flash, addr, words, len);
}

/* ---- places ---------------------------------------------------------------------- */

static void erase_unaligned(void)
{
    erase_at(PAGE + 4);
}
static void write_unaligned(void)
{
    write_at(2, 4);
}
static void write_half_a_word(void)
{
    write_at(8, 6);
}
static void write_from_an_odd_address(void)
{
    (void)!sim_flash_write(&flash, 0, (const uint8_t *)words + 2, 4);
}
static void write_nothing(void)
{
    write_at(0, 0);
}
static void write_too_much(void)
{
    static const uint32_t more[129];
    (void)!sim_flash_write(&flash, 0, more, sizeof more);
}
static void read_past_the_end(void)
{
    uint8_t got[8];
    (void)!sim_flash_read(&flash, SIZE - 4, got, 8);
}
static void lock_half_a_page(void)
{
    (void)!sim_flash_lock(&flash, 0, PAGE / 2);
}

static void an_operation_has_to_be_aligned_and_of_a_sound_length(void **state)
{
    (void)state;
    expect_broken("erase not aligned", PAGE + 4, erase_unaligned);
    expect_broken("write not aligned", 2, write_unaligned);
    expect_broken("write not aligned", 8, write_half_a_word);
    expect_broken("buffer not 4-aligned", 0, write_from_an_odd_address);
    expect_broken("write length", 0, write_nothing);
    expect_broken("write length", 0, write_too_much);
    expect_broken("lock not aligned", 0, lock_half_a_page);
}

static void nothing_is_read_past_the_end(void **state)
{
    uint8_t got[8];

    (void)state;
    expect_broken("read past the end", SIZE - 4, read_past_the_end);
    assert_int_equal(sim_flash_read(&flash, SIZE - 8, got, 8), 0);
}

/* ---- permission ------------------------------------------------------------------ */

static void grant_the_second_page(void)
{
    sim_flash_grant(&flash, 0, PAGE, PAGE);
}
static void erase_what_is_not_ours(void)
{
    grant_the_second_page();
    erase_at(0);
}
static void write_what_is_not_ours(void)
{
    grant_the_second_page();
    write_at(0, 4);
}
/* The last word is inside, the next one is not. */
static void write_across_the_border(void)
{
    sim_flash_grant(&flash, 0, 0, PAGE / 2);
    write_at(PAGE / 2 - 4, 8);
}
static void erase_what_is_locked(void)
{
    (void)!sim_flash_lock(&flash, 0, PAGE);
    erase_at(0);
}
static void write_what_is_locked(void)
{
    (void)!sim_flash_lock(&flash, 0, PAGE);
    write_at(PAGE - 4, 4);
}
static void lock_nine_areas(void)
{
    for (unsigned i = 0; i <= SIM_FLASH_LOCKS; i++) {
        (void)!sim_flash_lock(&flash, 0, PAGE);
    }
}

static void only_what_was_granted_and_is_not_locked_may_be_written(void **state)
{
    (void)state;
    expect_broken("erase outside the granted areas", 0, erase_what_is_not_ours);
    expect_broken("write outside the granted areas", 0, write_what_is_not_ours);
    expect_broken("write outside the granted areas", PAGE / 2 - 4,
                  write_across_the_border);
    expect_broken("erase or write of what is locked", 0, erase_what_is_locked);
    expect_broken("erase or write of what is locked", PAGE - 4, write_what_is_locked);
    expect_broken("more locks than there are", 0, lock_nine_areas);
}

/* Who attacks is answered, and the lock holds until the next reset. */
static void a_lock_answers_a_hostile_writer_until_the_next_reset(void **state)
{
    (void)state;
    bench_new(0xFF);
    flash.hostile = true;
    assert_int_equal(sim_flash_lock(&flash, 0, PAGE), 0);
    assert_int_equal(sim_flash_write(&flash, 0, words, 4), -1);
    assert_int_equal(sim_flash_erase(&flash, 0), -1);
    assert_int_equal(flash.refused, 2);
    assert_true(bench_reads(0, NULL, PAGE, 1));
    bench_erase(PAGE);
    sim_flash_reset(&flash);
    bench_write(0, words, 4);
    assert_int_equal(flash.refused, 2);
}

/* ---- how often ------------------------------------------------------------------- */

static void write_twice(void)
{
    write_at(8, 4);
    write_at(8, 4);
}
static void write_where_nothing_was_erased(void)
{
    write_at(PAGE, 4);
}
static void write_three_times(void)
{
    flash.writes_per_word = 2;
    for (unsigned i = 0; i < 3; i++) {
        write_at(8, 4);
    }
}

static void a_word_is_programmed_so_often_and_no_more(void **state)
{
    (void)state;
    expect_broken("programmed twice, or not erased", 8, write_twice);
    expect_broken("programmed twice, or not erased", PAGE,
                  write_where_nothing_was_erased);
    expect_broken("programmed too often", 8, write_three_times);
    bench_new(0xFF);
    flash.writes_per_word = 2;
    bench_write(8, words, 4);
    bench_write(8, words, 4);
}

/* nRF52832: 181 programs of a block of 512 bytes, whichever words they hit. */
static void fill_a_block(unsigned programs)
{
    flash.writes_per_word = 2;
    flash.writes_per_block = 181;
    for (unsigned i = 0; i < programs; i++) {
        write_at(512 + i % 128 * 4, 4);
    }
}
static void write_a_block_182_times(void)
{
    fill_a_block(182);
}

static void a_block_takes_181_programs_and_no_more(void **state)
{
    (void)state;
    expect_broken("too many programs of one block", 512 + 181 % 128 * 4,
                  write_a_block_182_times);
    bench_new(0xFF);
    fill_a_block(181);
    assert_int_equal(flash.block_writes[0], 0);
    assert_int_equal(flash.block_writes[1], 181);
    bench_erase(0);
    assert_int_equal(flash.block_writes[1], 0);
    fill_a_block(181);
}

/* ---- one at a time --------------------------------------------------------------- */

static uint32_t clock_ms;

static void work_later(void)
{
    flash.mode = SIM_FLASH_ASYNC;
    sim_flash_clock(&flash, &clock_ms);
}
static void erase_during_a_write(void)
{
    work_later();
    write_at(0, 4);
    erase_at(PAGE);
}
static void write_during_an_erase(void)
{
    work_later();
    erase_at(PAGE);
    write_at(0, 4);
}

static void one_call_at_a_time(void **state)
{
    (void)state;
    expect_broken("erase while a call is outstanding", PAGE, erase_during_a_write);
    expect_broken("write while a call is outstanding", 0, write_during_an_erase);
}

/* ---- where an operation was cut -------------------------------------------------- */

static enum sim_cut how;

static void write_where_an_erase_was_cut(void)
{
    bench_cut_erase(0, how);
    sim_flash_reset(&flash);
    write_at(0, 4);
}

/* However it reads: even where all of it says that it is blank. */
static void nothing_is_programmed_where_an_erase_was_cut(void **state)
{
    (void)state;
    for (how = SIM_CUT_EARLY; how < SIM_CUT_AFTER; how = (enum sim_cut)(how + 1)) {
        expect_broken("programmed where an erase was cut short", 0,
                      write_where_an_erase_was_cut);
    }
    bench_new(0xFF);
    bench_cut_erase(0, SIM_CUT_SEEMS_DONE);
    sim_flash_reset(&flash);
    bench_erase(0);
    bench_write(0, words, 4);
}

static void write_where_a_program_was_cut(void)
{
    uint32_t word = flash.erased == 0xFF ? 0 : 0xFFFFFFFF;

    bench_cut_write(8, (const uint8_t *)&word, 4, SIM_CUT_LATE);
    sim_flash_reset(&flash);
    (void)!sim_flash_write(&flash, 8, &word, 4);
}

/* It reads blank, and has bits that have left their place. */
static void write_other_bits_where_a_program_was_cut(void)
{
    uint32_t erased = flash.erased * 0x01010101U;
    uint32_t word = erased ^ 0x0F, other = erased ^ 0xF0;

    bench_cut_write(8, (const uint8_t *)&word, 4, SIM_CUT_SEEMS_UNDONE);
    sim_flash_reset(&flash);
    (void)!sim_flash_write(&flash, 8, &other, 4);
}

static void
a_word_whose_program_was_cut_takes_the_same_bits_if_it_looks_blank(void **state)
{
    uint32_t word = 0xFFFFFFF0;

    (void)state;
    expect_broken("programmed where a program was cut short", 8,
                  write_where_a_program_was_cut);
    expect_broken("other bits programmed where a program was cut short", 8,
                  write_other_bits_where_a_program_was_cut);
    bench_new(0xFF);
    bench_cut_write(8, (const uint8_t *)&word, 4, SIM_CUT_SEEMS_UNDONE);
    sim_flash_reset(&flash);
    bench_write(8, &word, 4);
    assert_int_equal(flash.reused, 4);
    assert_int_equal(bench_weak(0, PAGE), 0);
}

/* ---- the chip itself ------------------------------------------------------------- */

static void make_it_too_large(void)
{
    sim_flash_init(&flash, SIM_FLASH_MAX + PAGE, PAGE, UNIT, 0xFF);
}
static void make_it_of_odd_pages(void)
{
    sim_flash_init(&flash, PAGE + 512, PAGE, UNIT, 0xFF);
}
static void make_it_of_tiny_pages(void)
{
    sim_flash_init(&flash, SIZE, 256, UNIT, 0xFF);
}

static void a_chip_has_whole_pages_and_fits_its_struct(void **state)
{
    (void)state;
    expect_broken("size", SIM_FLASH_MAX + PAGE, make_it_too_large);
    expect_broken("size", PAGE + 512, make_it_of_odd_pages);
    expect_broken("erase unit", 256, make_it_of_tiny_pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operation_has_to_be_aligned_and_of_a_sound_length),
        cmocka_unit_test(nothing_is_read_past_the_end),
        cmocka_unit_test(only_what_was_granted_and_is_not_locked_may_be_written),
        cmocka_unit_test(a_lock_answers_a_hostile_writer_until_the_next_reset),
        cmocka_unit_test(a_word_is_programmed_so_often_and_no_more),
        cmocka_unit_test(a_block_takes_181_programs_and_no_more),
        cmocka_unit_test(one_call_at_a_time),
        cmocka_unit_test(nothing_is_programmed_where_an_erase_was_cut),
        cmocka_unit_test(
            a_word_whose_program_was_cut_takes_the_same_bits_if_it_looks_blank),
        cmocka_unit_test(a_chip_has_whole_pages_and_fits_its_struct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
