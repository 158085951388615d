/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how often the journal looks before it believes, which numbers it gives, where it
 * appends, and what it does not erase for that. */
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
            expect_true(rows[i].name, w.j.tail == (look < READS ? 5 : 4));
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
        assert_int_equal(w.j.tail, look < READS ? 4 : 3);
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
        assert_true(w.j.holder != page || number_in(page, w.j.tail - 1U) > torn);
    }
}

/* ---- where it appends, and what it does not erase --------------------------------- */

/* In the page that a first record was begun in, behind it; neither page is erased. */
static void what_lacks_its_confirm_is_said_anew_behind_it(void **state)
{
    uint32_t full = bench_full();
    struct writer w;

    (void)state;
    for (unsigned page = 0; page < 2; page++) {
        bench_journal(&w, page == 0 ? 1 : full + 1);
        uint32_t erases = flash.erases, said = w.j.sequence;
        memset(flash.bytes + bench_slot(page, 0) + SLOT - 4, 0xFF, 4);
        bench_start(&w);
        assert_int_equal(w.said, said);
        assert_int_equal(w.j.holder, page);
        assert_int_equal(w.j.tail, 2);
        assert_int_equal(flash.erases, erases);
    }
}

/* What was torn in the next page may come back when its erase is cut. The last slots of the
 * page before say the newest anew, above it, though one of them is torn, too; and the page
 * is turned before they are used up. */
static void a_turn_that_was_torn_is_outranked_before_it_is_done_anew(void **state)
{
    uint32_t full = bench_full();
    struct writer w;

    (void)state;
    bench_journal(&w, full);
    assert_false(bench_append_cut(&w, full + 1, TURN_OPS + BODY, SIM_CUT_MIDDLE));
    uint32_t erases = flash.erases;
    assert_false(bench_start_cut(&w, BODY, SIM_CUT_MIDDLE));
    assert_int_equal(flash.erases, erases);
    bench_start(&w);
    assert_int_equal(w.said, full);
    assert_int_equal(full + 2, SLOTS);
    assert_true(number_in(0, full + 1) > number_in(0, full - 1) + 1);
    assert_int_equal(flash.erases, erases + 1);
    assert_int_equal(w.j.holder, 1);
    assert_true(bench_scan(&w));
    assert_false(w.j.doubt);
}

/* Its page is not filled with slots that fail, to erase the other one after that: nothing
 * stands in this one yet. */
static void
while_a_page_has_nothing_that_stands_a_slot_that_fails_costs_a_start(void **state)
{
    uint32_t full = bench_full();
    struct writer w;

    (void)state;
    bench_journal(&w, full);
    assert_false(bench_append_cut(&w, full + 1, TURN_OPS + CONFIRM, SIM_CUT_MIDDLE));
    uint32_t erases = flash.erases;
    assert_true(bench_scan(&w));
    flash.write_fault = SIM_FAULT_WRONG;
    flash.faults = 2 * SLOTS;
    assert_false(bench_append(&w, w.said));
    flash.faults = 0;
    assert_int_equal(flash.erases, erases);
    bench_start(&w);
    assert_int_equal(w.said, full + 1);
    assert_int_equal(w.j.tail, 3);
}

/* Nothing can be read; but what was torn may be, at the next start, unless it is erased. If
 * that was cut, it would be taken for a record in a page to append to. */
static void a_first_record_that_was_torn_is_not_erased_for_the_next_one(void **state)
{
    struct writer w;

    (void)state;
    bench_journal(&w, 0);
    assert_false(bench_append_cut(&w, 1, TURN_OPS + BODY, SIM_CUT_MIDDLE));
    uint32_t erases = flash.erases;
    bench_start(&w);
    assert_int_equal(w.j.holder, 0);
    assert_int_equal(w.j.tail, 2);
    assert_int_equal(flash.erases, erases);
    assert_true(number_in(0, 1) > 1);
}

/* The same where no more than the mark can be seen of it: then the other page is. */
static void nor_is_a_page_with_nothing_but_a_mark(void **state)
{
    struct writer w;

    (void)state;
    bench_journal(&w, 0);
    assert_false(bench_append_cut(&w, 1, TURN_OPS + HEAD, SIM_CUT_BEFORE));
    uint32_t erases = flash.page_erases[0];
    bench_start(&w);
    assert_int_equal(w.j.holder, 1);
    assert_int_equal(w.j.tail, 1);
    assert_int_equal(flash.page_erases[0], erases);
}

/* An application gone mad wrote lower numbers behind higher ones. Its newest record is the
 * last one of its page: nothing erases that for the sake of an older, higher number. */
static void
the_page_of_the_newest_record_is_not_erased_whatever_the_numbers(void **state)
{
    uint32_t full = bench_full();
    struct writer w;

    (void)state;
    bench_journal(&w, full - 1);
    w.j.sequence -= 1000;
    assert_true(bench_append(&w, full));
    assert_true(bench_append(&w, full + 1));
    assert_int_equal(w.j.holder, 1);
    uint32_t erases = flash.erases;
    bench_start(&w);
    assert_int_equal(w.said, full + 1);
    assert_true(bench_append(&w, full + 2));
    assert_int_equal(flash.erases, erases);
    bench_start(&w);
    assert_int_equal(w.said, full + 2);
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
        cmocka_unit_test(what_lacks_its_confirm_is_said_anew_behind_it),
        cmocka_unit_test(a_turn_that_was_torn_is_outranked_before_it_is_done_anew),
        cmocka_unit_test(
            while_a_page_has_nothing_that_stands_a_slot_that_fails_costs_a_start),
        cmocka_unit_test(a_first_record_that_was_torn_is_not_erased_for_the_next_one),
        cmocka_unit_test(nor_is_a_page_with_nothing_but_a_mark),
        cmocka_unit_test(
            the_page_of_the_newest_record_is_not_erased_whatever_the_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
