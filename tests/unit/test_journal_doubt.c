/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how often the journal looks before it believes, which numbers it gives, and where
 * it does not append. */
#include "journal_bench.h"

#define READS                                                                          \
    3U /* looks that find a bit without a side, once a first one found it right */

/* One bit of the byte at `at` reads wrong: at that look, counted from when it was last
 * programmed or looked for. */
static struct {
    int (*read)(void *ctx, uint32_t addr, void *buf, uint32_t len);
    int (*write)(void *ctx, uint32_t addr, const void *buf, uint32_t len);
    uint32_t at;
    unsigned looks, wrong_look;
} wavering;

static int wavering_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    int err = wavering.read(ctx, addr, buf, len);

    if (addr <= wavering.at && wavering.at < addr + len &&
        wavering.looks++ == wavering.wrong_look) {
        ((uint8_t *)buf)[wavering.at - addr] ^= 0x04;
    }
    return err;
}

static int counting_write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    if (addr <= wavering.at && wavering.at < addr + len) {
        wavering.looks = 0;
    }
    return wavering.write(ctx, addr, buf, len);
}

static void waver(uint32_t at, unsigned wrong_look)
{
    wavering.read = hal.read;
    wavering.write = hal.write;
    wavering.at = at;
    wavering.looks = 0;
    wavering.wrong_look = wrong_look;
    hal.read = wavering_read;
    hal.write = counting_write;
}

/* ---- looking --------------------------------------------------------------------- */

/* Of what was programmed: mark, head, body, CONFIRM; a slot that failed is passed over,
 * and a page that failed given up. */
static void what_wavers_at_any_of_three_looks_does_not_stand(void **state)
{
    static const struct {
        const char *name;
        uint32_t at;
    } rows[] = {{"head", 0}, {"body", 4 + 6}, {"CRC", SLOT - 5}, {"CONFIRM", SLOT - 1}};
    struct writer w;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (unsigned look = 0; look <= READS; look++) {
            bench_journal(&w, 3);
            waver(bench_slot(0, 3) + rows[i].at, look);
            expect_true(rows[i].name, bench_append(&w, 4));
            expect_true(rows[i].name, w.j.tail[0] == (look < READS ? 5 : 4));
        }
    }
    for (unsigned look = 0; look <= READS; look++) {
        bench_journal(&w, bench_full());
        waver(PAGE, look);
        expect_true("mark", bench_append(&w, 50) == (look >= READS));
    }
}

/* Whatever is believed was looked at once, and then three times more. */
static void a_record_that_wavers_at_any_look_is_not_believed(void **state)
{
    struct writer w;

    (void)state;
    for (unsigned look = 0; look <= READS + 1; look++) {
        bench_journal(&w, 3);
        waver(bench_slot(0, 2) + 10, look + 1); /* the first one asks: is it blank? */
        assert_true(bench_scan(&w));
        assert_int_equal(w.said, look <= READS ? 2 : 3);
        assert_int_equal(w.j.doubt, look <= READS);
    }
}

static void a_confirm_that_wavers_at_any_look_leaves_a_doubt(void **state)
{
    struct writer w;

    (void)state;
    for (unsigned look = 0; look <= READS; look++) {
        bench_journal(&w, 3);
        /* The first look is at all of the slot: is it blank? */
        waver(bench_slot(0, 2) + SLOT - 1, look + 1);
        assert_true(bench_scan(&w));
        assert_int_equal(w.said, 3);
        assert_int_equal(w.j.doubt, look < READS);
    }
}

static void a_slot_is_blank_if_it_is_so_at_three_looks(void **state)
{
    struct writer w;

    (void)state;
    for (unsigned look = 0; look <= READS; look++) {
        bench_journal(&w, 3);
        waver(bench_slot(0, 3) + 9, look);
        assert_true(bench_scan(&w));
        assert_int_equal(w.said, 3);
        assert_int_equal(w.j.doubt, look < READS);
        assert_int_equal(w.j.tail[0], look < READS ? 4 : 3);
    }
}

/* ---- numbers --------------------------------------------------------------------- */

static uint32_t number_in(unsigned page, unsigned slot)
{
    uint32_t number;

    memcpy(&number, flash.bytes + bench_slot(page, slot) + 4, 4);
    return number;
}

/* A torn record can turn out whole later. What was written after it outranks it, be it in
 * this page or in the other one, and however many were torn. */
static void the_next_number_is_above_that_of_every_torn_slot(void **state)
{
    struct writer w;

    (void)state;
    for (unsigned torn = 1; torn <= 5; torn++) {
        uint32_t most = 0;
        bench_journal(&w, 3);
        for (unsigned i = 0; i < torn; i++) {
            assert_true(bench_append(&w, 4 + i));
            uint32_t number = number_in(0, 3 + i);
            most = number > most ? number : most;
        }
        for (unsigned i = 0; i < torn; i++) {
            flash.bytes[bench_slot(0, 3 + i) + 12] ^= 1;
        }
        assert_true(bench_scan(&w));
        assert_int_equal(w.said, 3);
        assert_true(w.j.doubt);
        assert_true(bench_append(&w, 3));
        assert_true(number_in(0, 3 + torn) > most);
    }
}

static void so_it_is_where_the_torn_one_begins_the_next_page(void **state)
{
    uint32_t full = bench_full();
    struct writer w;

    (void)state;
    bench_journal(&w, full);
    assert_false(bench_append_cut(&w, full + 1, TURN_OPS + BODY, SIM_CUT_SEEMS_UNDONE));
    /* It was to be the next of all; and is read at the start after next, at the latest. */
    uint32_t torn = number_in(0, full - 1) + 1;
    bench_start(&w);
    assert_int_equal(w.said, full);
    for (unsigned page = 0; page < 2; page++) {
        assert_true(w.j.active != page || number_in(page, w.j.tail[page] - 1U) > torn);
    }
}

/* ---- where it does not append ---------------------------------------------------- */

/* Its erase may have been cut: it is the other page that is erased and written. */
static void nothing_is_appended_to_a_page_without_a_confirm(void **state)
{
    struct writer w;

    (void)state;
    bench_journal(&w, 1);
    memset(flash.bytes + bench_slot(0, 0) + SLOT - 4, 0xFF, 4);
    assert_true(bench_scan(&w));
    assert_int_equal(w.said, 1);
    assert_true(w.j.doubt);
    assert_true(bench_append(&w, 1));
    assert_true(bench_append(&w, 2));
    assert_int_equal(flash.programmed[bench_slot(0, 1)], 0);
    assert_int_equal(w.j.active, 1);
    assert_int_equal(flash.page_erases[1], 2); /* the first is the factory's */
}

/* The one before the torn one is what is appended to, in the slots kept for that. */
static void doubt_about_a_new_page_is_settled_in_the_one_before(void **state)
{
    uint32_t full = bench_full();
    struct writer w;

    (void)state;
    bench_journal(&w, full + 1);
    uint32_t erases = flash.erases;
    memset(flash.bytes + bench_slot(1, 0) + SLOT - 4, 0xFF, 4);
    bench_start(&w);
    assert_int_equal(w.said, full + 1);
    assert_int_equal(flash.erases, erases);
    assert_int_equal(w.j.active, 0);
    assert_int_equal(w.j.tail[0], full + 1);
    assert_true(full + 1 < SLOTS); /* and there is one more */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_wavers_at_any_of_three_looks_does_not_stand),
        cmocka_unit_test(a_record_that_wavers_at_any_look_is_not_believed),
        cmocka_unit_test(a_confirm_that_wavers_at_any_look_leaves_a_doubt),
        cmocka_unit_test(a_slot_is_blank_if_it_is_so_at_three_looks),
        cmocka_unit_test(the_next_number_is_above_that_of_every_torn_slot),
        cmocka_unit_test(so_it_is_where_the_torn_one_begins_the_next_page),
        cmocka_unit_test(nothing_is_appended_to_a_page_without_a_confirm),
        cmocka_unit_test(doubt_about_a_new_page_is_settled_in_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
