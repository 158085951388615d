/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that bytes.c reads and writes every width in both orders, never past the end,
 * and that running past it sticks. */
#include "bytes.h"

#include <stdlib.h>

#include "check.h"

static const uint8_t four[4] = {0x81, 0x02, 0xF3, 0x04};

struct width {
    unsigned n;
    uint32_t le, be;
};
static const struct width widths[] = {
    {0, 0, 0},
    {1, 0x81, 0x81},
    {2, 0x0281, 0x8102},
    {3, 0xF30281, 0x8102F3},
    {4, 0x04F30281, 0x8102F304},
};

/* As parsers and writers put the pieces together. */
static uint32_t take_le(struct ferry_reader *r, unsigned n)
{
    const uint8_t *p = ferry_take(r, n);
    return p == NULL ? 0 : ferry_le(p, n);
}

static void put_be(struct ferry_writer *w, uint32_t v, unsigned n)
{
    uint8_t b[4];

    ferry_set_be(b, v, n);
    ferry_put(w, b, n);
}

static void reader_takes_every_width_in_both_orders(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(widths); i++) {
        const struct width *w = &widths[i];
        struct ferry_reader le = ferry_reader(four, sizeof four);
        struct ferry_reader be = le;

        assert_int_equal(take_le(&le, w->n), w->le);
        assert_int_equal(ferry_take_be(&be, w->n), w->be);
        assert_int_equal(ferry_le(four, w->n), w->le);
        assert_int_equal(ferry_be(four, w->n), w->be);
        assert_int_equal(le.left, 4 - w->n);
        assert_ptr_equal(be.at, four + w->n);
        assert_false(le.bad || be.bad);
    }
}

static void writer_puts_every_width_in_both_orders(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(widths); i++) {
        const struct width *w = &widths[i];
        uint8_t le[5], be[5];
        memset(le, 0xEE, sizeof le);
        memset(be, 0xEE, sizeof be);
        struct ferry_writer to_be = ferry_writer(be, 4);

        ferry_set_le(le, w->le, w->n);
        put_be(&to_be, w->be, w->n);

        assert_memory_equal(le, four, w->n);
        assert_memory_equal(be, four, w->n);
        assert_int_equal(le[w->n], 0xEE);
        assert_int_equal(be[w->n], 0xEE);
        assert_int_equal(to_be.len, w->n);
        assert_int_equal(to_be.left, 4 - w->n);
    }
}

static void writer_puts_the_low_bytes_of_a_number_that_is_too_wide(void **state)
{
    uint8_t b[4];
    struct ferry_writer w = ferry_writer(b, sizeof b);

    (void)state;
    put_be(&w, 0xAABBCCDD, 2);
    ferry_set_le(b + 2, 0xAABBCCDD, 2);
    assert_memory_equal(b, "\xCC\xDD\xDD\xCC", 4);
}

static void reader_reaches_the_last_byte_and_no_further(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 8; len++) {
        for (size_t n = 0; n <= 9; n++) {
            uint8_t *p = exact_copy("abcdefgh", len);
            struct ferry_reader r = ferry_reader(p, len);
            const uint8_t *got = ferry_take(&r, n);

            assert_ptr_equal(got, n <= len ? p : NULL);
            assert_int_equal(r.bad, n > len);
            assert_int_equal(r.left, n <= len ? len - n : len);
            free(p);
        }
    }
}

static void reader_that_ran_past_the_end_stays_bad(void **state)
{
    struct ferry_reader r = ferry_reader(four, sizeof four);

    (void)state;
    assert_null(ferry_take(&r, 5));
    assert_null(ferry_take(&r, 1));
    assert_null(ferry_take(&r, 0));
    assert_int_equal(take_le(&r, 1), 0);
    assert_int_equal(ferry_take_be(&r, 2), 0);
    assert_true(r.bad);
    assert_ptr_equal(r.at, four);
}

static void reader_is_not_fooled_by_a_length_that_would_wrap(void **state)
{
    struct ferry_reader r = ferry_reader(four, sizeof four);

    (void)state;
    assert_non_null(ferry_take(&r, 2));
    assert_null(ferry_take(&r, SIZE_MAX));
    assert_true(r.bad);
}

static void writer_fills_the_last_byte_and_no_further(void **state)
{
    (void)state;
    for (size_t cap = 0; cap <= 8; cap++) {
        for (size_t n = 0; n <= 9; n++) {
            uint8_t *p = exact_copy("........", cap);
            struct ferry_writer w = ferry_writer(p, cap);

            ferry_put(&w, "abcdefghi", n);

            assert_int_equal(w.bad, n > cap);
            assert_int_equal(w.len, n <= cap ? n : 0);
            assert_memory_equal(p, n <= cap ? "abcdefgh" : "........",
                                n <= cap ? n : cap);
            free(p);
        }
    }
}

static void writer_that_ran_past_the_end_stays_bad_and_writes_no_more(void **state)
{
    uint8_t b[4] = {0};
    struct ferry_writer w = ferry_writer(b, sizeof b);

    (void)state;
    put_be(&w, 7, 1);
    ferry_put(&w, four, 4);
    ferry_put(&w, four, 1);
    put_be(&w, 0xFF, 1);
    ferry_put(&w, four, 0);
    assert_true(w.bad);
    assert_int_equal(w.len, 1);
    assert_memory_equal(b, "\x07\0\0\0", 4);
}

static void nothing_can_be_read_from_and_written_to_nowhere(void **state)
{
    struct ferry_reader r = ferry_reader(NULL, 0);
    struct ferry_writer w = ferry_writer(NULL, 0);

    (void)state;
    ferry_put(&w, NULL, 0);
    assert_false(w.bad);
    assert_int_equal(take_le(&r, 0), 0);
    assert_int_equal(ferry_take_be(&r, 1), 0);
    assert_true(r.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_takes_every_width_in_both_orders),
        cmocka_unit_test(writer_puts_every_width_in_both_orders),
        cmocka_unit_test(writer_puts_the_low_bytes_of_a_number_that_is_too_wide),
        cmocka_unit_test(reader_reaches_the_last_byte_and_no_further),
        cmocka_unit_test(reader_that_ran_past_the_end_stays_bad),
        cmocka_unit_test(reader_is_not_fooled_by_a_length_that_would_wrap),
        cmocka_unit_test(writer_fills_the_last_byte_and_no_further),
        cmocka_unit_test(writer_that_ran_past_the_end_stays_bad_and_writes_no_more),
        cmocka_unit_test(nothing_can_be_read_from_and_written_to_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
