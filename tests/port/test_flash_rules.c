/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a flash file allows what NOR allows, refuses the rest by the name of the
 * rule, and does so in every geometry, now and after it was opened again. */
#include "bench.h"

static const struct ferry_flash_geometry plain = {
    .size = 16384, .erase_unit = 4096, .write_unit = 4, .erased = 0xFF};
static struct bench b;

static const uint8_t some[512] = {0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0};

static bool erased_from(const struct bench *x, uint32_t addr, uint32_t len)
{
    for (uint32_t at = addr; at < addr + len; at++) {
        if (x->file.bytes[at] != x->file.geometry.erased) {
            return false;
        }
    }
    return true;
}

/* ---- allowed --------------------------------------------------------------------- */

static void a_new_file_is_a_blank_flash(void **state)
{
    (void)state;
    bench_fresh(&b, &plain);
    assert_true(erased_from(&b, 0, plain.size));
    for (uint32_t at = 0; at < plain.size; at++) {
        assert_true(ferry_flash_file_blank(&b.file, at));
    }
    assert_false(ferry_flash_file_blank(&b.file, plain.size));
    assert_int_equal(b.hal.erase_unit, 4096);
    assert_int_equal(b.hal.write_unit, 4);
    assert_int_equal(b.hal.erased, 0xFF);
    bench_close(&b);
}

static void what_is_written_is_read_at_any_alignment(void **state)
{
    uint8_t got[8] = {0};

    (void)state;
    bench_fresh(&b, &plain);
    assert_int_equal(bench_write(&b, 4096, some, 8), 0);
    assert_int_equal(b.hal.read(b.hal.ctx, 4097, got, 6), 0);
    assert_memory_equal(got, some + 1, 6);
    assert_int_equal(got[6], 0);
    assert_int_equal(b.hal.read(b.hal.ctx, plain.size - 1, got, 1), 0);
    assert_int_equal(b.hal.read(b.hal.ctx, plain.size, got, 0), 0);
    assert_int_equal(b.file.writes, 1);
    assert_int_equal(b.file.words, 2);
    bench_close(&b);
}

static void a_write_of_an_odd_number_of_bytes_is_whole(void **state)
{
    struct ferry_flash_geometry g = plain;

    (void)state;
    g.write_unit = 1;
    bench_fresh(&b, &g);
    assert_int_equal(bench_write(&b, 3, some, 7), 0);
    assert_memory_equal(b.file.bytes + 3, some, 7);
    assert_int_equal(bench_write(&b, 10, some, 1), 0);
    assert_int_equal(b.file.bytes[10], some[0]);
    bench_close(&b);
}

/* Bytes that were never told of by an erase cannot be trusted to be erased ones. */
static void a_write_only_moves_bits_away_from_erased(void **state)
{
    static const uint8_t first = 0xF0, second[] = {0x3C, 0x3C, 0x3C, 0x3C};
    static const uint8_t kinds[][2] = {{0xFF, 0x30}, {0x00, 0xFC}};

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct ferry_flash_geometry g = plain;
        g.erased = kinds[i][0];
        bench_fresh(&b, &g);
        b.file.data[64] = first; /* as if bits had leaked */
        assert_int_equal(bench_write(&b, 64, second, 4), 0);
        assert_int_equal(b.file.bytes[64], kinds[i][1]);
        assert_int_equal(b.file.bytes[65], 0x3C);
        bench_close(&b);
    }
}

static void an_erase_erases_its_unit_and_nothing_else(void **state)
{
    (void)state;
    bench_fresh(&b, &plain);
    assert_int_equal(bench_write(&b, 4092, some, 8), 0);
    assert_int_equal(bench_write(&b, 8188, some, 8), 0);
    assert_int_equal(bench_erase(&b, 4096), 0);
    assert_true(erased_from(&b, 4096, 4096));
    assert_memory_equal(b.file.bytes + 4092, some, 4);
    assert_memory_equal(b.file.bytes + 8192, some + 4, 4);
    assert_false(ferry_flash_file_blank(&b.file, 4095));
    assert_true(ferry_flash_file_blank(&b.file, 4096));
    assert_true(ferry_flash_file_blank(&b.file, 8191));
    assert_false(ferry_flash_file_blank(&b.file, 8192));
    assert_int_equal(bench_erase(&b, 4096), 0);
    assert_int_equal(b.file.erases, 2);
    assert_int_equal(bench_write(&b, 4096, some, 8), 0);
    assert_int_equal(b.refusals, 0);
    bench_close(&b);
}

/* ---- refused --------------------------------------------------------------------- */

static void a_write_unit_programmed_twice_is_refused_and_named(void **state)
{
    static const uint8_t erased[] = {0xFF, 0xFF, 0xFF, 0xFF};
    const char *rule = "write unit programmed twice between erases";

    (void)state;
    bench_fresh(&b, &plain);
    assert_int_equal(bench_write(&b, 12, some, 4), 0);
    expect_refused(&b, bench_write(&b, 12, some, 4), rule, 12);
    expect_refused(&b, bench_write(&b, 0, some, 64), rule, 12);
    assert_true(erased_from(&b, 0, 12)); /* all of it was refused */
    assert_true(ferry_flash_file_blank(&b.file, 0));
    /* Writing what erased flash reads as is writing, too. */
    assert_int_equal(bench_write(&b, 16, erased, 4), 0);
    expect_refused(&b, bench_write(&b, 16, some, 4), rule, 16);
    assert_int_equal(bench_erase(&b, 0), 0);
    assert_int_equal(bench_write(&b, 12, some, 4), 0);
    bench_close(&b);
}

static void a_write_that_is_not_aligned_is_refused(void **state)
{
    const char *rule = "write not aligned to the write unit";

    (void)state;
    bench_fresh(&b, &plain);
    expect_refused(&b, bench_write(&b, 2, some, 4), rule, 2);
    expect_refused(&b, bench_write(&b, 4, some, 6), rule, 4);
    expect_refused(&b, bench_write(&b, 4, some, 1), rule, 4);
    assert_true(erased_from(&b, 0, plain.size));
    bench_close(&b);
}

static void a_write_past_the_end_is_refused_wherever_it_wraps(void **state)
{
    const char *rule = "write past the end";

    (void)state;
    bench_fresh(&b, &plain);
    expect_refused(&b, bench_write(&b, plain.size, some, 4), rule, plain.size);
    expect_refused(&b, bench_write(&b, plain.size - 4, some, 8), rule, plain.size - 4);
    expect_refused(&b, bench_write(&b, 0xFFFFFFFC, some, 4), rule, 0xFFFFFFFC);
    expect_refused(&b, bench_write(&b, 0xFFFFFFFC, some, 8), rule, 0xFFFFFFFC);
    assert_int_equal(bench_write(&b, plain.size - 4, some, 4), 0);
    bench_close(&b);
}

static void a_write_of_no_length_a_port_is_promised_is_refused(void **state)
{
    static uint32_t bytes[129];
    const char *rule = "write of no bytes or of more than 512";

    (void)state;
    bench_fresh(&b, &plain);
    expect_refused(&b, bench_write(&b, 8, some, 0), rule, 8);
    expect_refused(&b, b.hal.write(b.hal.ctx, 8, bytes, 516), rule, 8);
    assert_int_equal(bench_write(&b, 8, some, 512), 0);
    bench_close(&b);
}

static void a_buffer_that_is_not_4_aligned_is_refused(void **state)
{
    static uint32_t bytes[2];

    (void)state;
    bench_fresh(&b, &plain);
    expect_refused(&b, b.hal.write(b.hal.ctx, 8, (uint8_t *)bytes + 2, 4),
                   "write from a buffer that is not 4-aligned", 8);
    bench_close(&b);
}

static void an_erase_that_is_not_aligned_or_past_the_end_is_refused(void **state)
{
    (void)state;
    bench_fresh(&b, &plain);
    assert_int_equal(bench_write(&b, 0, some, 4), 0);
    expect_refused(&b, bench_erase(&b, 4), "erase not aligned to the erase unit", 4);
    expect_refused(&b, bench_erase(&b, 2048), "erase not aligned to the erase unit",
                   2048);
    expect_refused(&b, bench_erase(&b, plain.size), "erase past the end", plain.size);
    expect_refused(&b, bench_erase(&b, 0xFFFFF000), "erase past the end", 0xFFFFF000);
    assert_memory_equal(b.file.bytes, some, 4);
    bench_close(&b);
}

static void a_read_past_the_end_is_refused(void **state)
{
    uint8_t got[4] = {1, 2, 3, 4};

    (void)state;
    bench_fresh(&b, &plain);
    expect_refused(&b, b.hal.read(b.hal.ctx, plain.size - 3, got, 4),
                   "read past the end", plain.size - 3);
    expect_refused(&b, b.hal.read(b.hal.ctx, 0xFFFFFFFF, got, 2), "read past the end",
                   0xFFFFFFFF);
    assert_int_equal(got[0], 1);
    bench_close(&b);
}

static void a_refusal_needs_nobody_to_hear_it(void **state)
{
    (void)state;
    bench_fresh(&b, &plain);
    b.file.refused = NULL;
    assert_int_equal(bench_write(&b, 2, some, 4), FERRY_E_FLASH);
    bench_close(&b);
}

/* ---- locks ----------------------------------------------------------------------- */

static void
what_is_locked_is_neither_erased_nor_written_until_it_is_opened_again(void **state)
{
    (void)state;
    bench_fresh(&b, &plain);
    assert_int_equal(b.hal.lock(b.hal.ctx, 4096, 8192), 0);
    assert_int_equal(b.hal.lock(b.hal.ctx, 8192, 4096), 0);
    expect_refused(&b, bench_erase(&b, 4096), "erase of a locked erase unit", 4096);
    expect_refused(&b, bench_erase(&b, 8192), "erase of a locked erase unit", 8192);
    expect_refused(&b, bench_write(&b, 8192, some, 4), "write to a locked erase unit",
                   8192);
    expect_refused(&b, bench_write(&b, 4088, some, 16), "write to a locked erase unit",
                   4096);
    assert_true(erased_from(&b, 0, plain.size));
    assert_int_equal(bench_write(&b, 4092, some, 4), 0);
    assert_int_equal(bench_erase(&b, 0), 0);
    assert_int_equal(bench_write(&b, 12288, some, 4), 0);

    bench_close(&b);
    bench_open(&b, port_path("flash"), &plain);
    assert_int_equal(bench_write(&b, 4096, some, 4), 0);
    assert_int_equal(bench_erase(&b, 8192), 0);
    bench_close(&b);
}

static void a_lock_that_is_not_aligned_or_past_the_end_is_refused(void **state)
{
    (void)state;
    bench_fresh(&b, &plain);
    expect_refused(&b, b.hal.lock(b.hal.ctx, 2048, 4096),
                   "lock not aligned to the erase unit", 2048);
    expect_refused(&b, b.hal.lock(b.hal.ctx, 4096, 100),
                   "lock not aligned to the erase unit", 4096);
    expect_refused(&b, b.hal.lock(b.hal.ctx, 4096, plain.size), "lock past the end",
                   4096);
    assert_int_equal(b.hal.lock(b.hal.ctx, 4096, 0), 0);
    assert_int_equal(bench_erase(&b, 4096), 0);
    bench_close(&b);
}

/* ---- every geometry -------------------------------------------------------------- */

/* Write the first and last unit of an erase unit and one run across its end. */
static void use_geometry(const struct ferry_flash_geometry *g)
{
    uint32_t e = g->erase_unit, w = g->write_unit, third = 2 * e;
    const char *twice = "write unit programmed twice between erases";

    bench_fresh(&b, g);
    assert_true(erased_from(&b, 0, g->size));
    assert_int_equal(bench_write(&b, 0, some, w), 0);
    assert_int_equal(bench_write(&b, third - w, some, 2 * w), 0);
    assert_int_equal(bench_write(&b, g->size - w, some, w), 0);
    if (w > 1) {
        expect_refused(&b, bench_write(&b, e + w / 2, some, w),
                       "write not aligned to the write unit", e + w / 2);
    }
    bench_close(&b);
    bench_open(&b, port_path("flash"), NULL);
    expect_refused(&b, bench_write(&b, 0, some, w), twice, 0);
    expect_refused(&b, bench_write(&b, third, some, w), twice, third);
    assert_memory_equal(b.file.bytes + third - w, some, 2 * w);
    assert_int_equal(bench_erase(&b, e), 0);
    assert_true(erased_from(&b, e, e));
    assert_memory_equal(b.file.bytes + third, some + w, w);
    assert_int_equal(bench_write(&b, third - w, some, w), 0);
    expect_refused(&b, bench_write(&b, third - w, some, 2 * w), twice, third - w);
    assert_int_equal(b.file.geometry.size, g->size);
    bench_close(&b);
}

static void the_rules_hold_in_every_geometry(void **state)
{
    static const uint32_t erase_units[] = {512, 1024, 4096, 131072};
    static const uint8_t erased[] = {0xFF, 0x00};

    (void)state;
    for (size_t e = 0; e < COUNT(erase_units); e++) {
        for (uint8_t w = 1; w <= 32; w = (uint8_t)(w * 2)) {
            for (size_t k = 0; k < COUNT(erased); k++) {
                struct ferry_flash_geometry g = {.size = 3 * erase_units[e],
                                                 .erase_unit = erase_units[e],
                                                 .write_unit = w,
                                                 .erased = erased[k]};
                use_geometry(&g);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_is_a_blank_flash),
        cmocka_unit_test(what_is_written_is_read_at_any_alignment),
        cmocka_unit_test(a_write_of_an_odd_number_of_bytes_is_whole),
        cmocka_unit_test(a_write_only_moves_bits_away_from_erased),
        cmocka_unit_test(an_erase_erases_its_unit_and_nothing_else),
        cmocka_unit_test(a_write_unit_programmed_twice_is_refused_and_named),
        cmocka_unit_test(a_write_that_is_not_aligned_is_refused),
        cmocka_unit_test(a_write_past_the_end_is_refused_wherever_it_wraps),
        cmocka_unit_test(a_write_of_no_length_a_port_is_promised_is_refused),
        cmocka_unit_test(a_buffer_that_is_not_4_aligned_is_refused),
        cmocka_unit_test(an_erase_that_is_not_aligned_or_past_the_end_is_refused),
        cmocka_unit_test(a_read_past_the_end_is_refused),
        cmocka_unit_test(a_refusal_needs_nobody_to_hear_it),
        cmocka_unit_test(
            what_is_locked_is_neither_erased_nor_written_until_it_is_opened_again),
        cmocka_unit_test(a_lock_that_is_not_aligned_or_past_the_end_is_refused),
        cmocka_unit_test(the_rules_hold_in_every_geometry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
