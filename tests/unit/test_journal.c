/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the journal against power cuts before, inside and after every operation, on a
 * flash whose half-programmed bits read differently each time: whatever the first boot
 * after a cut decides, every later boot decides, too, and it is the old state or the
 * new one. */
#include "check.h"
#include "flash.h"
#include "journal.h"

#define PAGE 512U
#define PAYLOAD 16U
#define WORD 4U

/* A bit is what it should be, or wavers: then each read throws a coin. */
static struct {
    uint8_t bit[2 * PAGE];
    uint8_t wavers[2 * PAGE];
} cells;
static struct dice dice = {2463534242U};
static uint32_t erases;

static int cells_read(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    uint8_t *out = buf;

    (void)ctx;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t coin = cells.wavers[addr + i] != 0 ? (uint8_t)roll(&dice) : 0;
        out[i] = (uint8_t)((cells.bit[addr + i] & ~cells.wavers[addr + i]) |
                           (coin & cells.wavers[addr + i]));
    }
    return 0;
}

static const struct ferry_flash hal = {
    .erase_unit = PAGE, .write_unit = WORD, .erased = 0xFF, .read = cells_read};
static const uint32_t pages[2] = {0, PAGE};

/* How much of an operation happens: all of it, or a part. The worst cuts are those that
 * leave few bits wavering, so that a word reads right for a while. */
enum cut { WHOLE, NOT_BEGUN, A_FEW_BITS, HALF, ALL_BUT_A_FEW, CUTS };

/* Does this bit get there, stay where it is, or waver? */
static void bit_of(uint32_t at, uint8_t bit, enum cut cut, uint32_t bits, uint32_t few)
{
    bool one_of_few = roll_below(&dice, bits) < few;

    cells.wavers[at] &= (uint8_t)~bit;
    if ((cut == A_FEW_BITS || cut == ALL_BUT_A_FEW) && one_of_few) {
        cells.wavers[at] |= bit;
    } else if (cut == HALF && roll_below(&dice, 4) == 0) {
        cells.wavers[at] |= bit;
    } else if (cut == WHOLE || cut == ALL_BUT_A_FEW ||
               (cut == HALF && roll_below(&dice, 2) == 0)) {
        cells.bit[at] ^= bit;
    }
}

static void apply(const struct ferry_flash_op *op, enum cut cut)
{
    uint32_t few = 1 + roll_below(&dice, 3);
    uint32_t bits = 0;

    for (unsigned pass = 0; pass < 2 && cut != NOT_BEGUN; pass++) {
        for (uint32_t i = 0; i < op->len; i++) {
            uint8_t now = cells.bit[op->addr + i] | cells.wavers[op->addr + i];
            uint8_t change =
                op->erase
                    ? (uint8_t)(~cells.bit[op->addr + i] | cells.wavers[op->addr + i])
                    : (uint8_t)(now & ~op->buf[i]);
            for (unsigned b = 0; b < 8; b++) {
                if ((change >> b & 1U) == 0) {
                    continue;
                }
                if (pass == 0) {
                    bits++;
                    continue;
                }
                uint8_t bit = (uint8_t)(1U << b);
                /* A wavering bit has no side yet: put it where it comes from. */
                cells.bit[op->addr + i] &= (uint8_t)~bit;
                cells.bit[op->addr + i] |= op->erase ? 0 : bit;
                bit_of(op->addr + i, bit, cut, bits, few);
            }
        }
    }
    erases += op->erase && cut == WHOLE;
}

static void start(struct ferry_journal *j)
{
    ferry_journal_init(j, &hal, pages, 0x42, PAYLOAD);
}

static void payload_of(uint32_t n, uint8_t *payload)
{
    for (unsigned i = 0; i < PAYLOAD; i++) {
        payload[i] = (uint8_t)(n >> (8 * (i % 4)) ^ i * 37U);
    }
}

/* Append state n; the power goes in operation number `at` (UINT32_MAX: never). True if
 * it did not go. */
static bool append(struct ferry_journal *j, uint32_t n, uint32_t at, enum cut cut)
{
    static uint32_t room[FERRY_JOURNAL_ROOM / 4];
    uint8_t payload[PAYLOAD];
    struct ferry_flash_op op;
    uint32_t count = 0;

    payload_of(n, payload);
    ferry_journal_append(j, payload, (uint8_t *)room);
    while (ferry_journal_next(j, &op)) {
        if (count++ == at) {
            apply(&op, cut);
            return false;
        }
        apply(&op, WHOLE);
        bool right = ferry_flash_reads(&hal, op.addr, op.buf, op.len);
        assert_int_equal(ferry_journal_did(j, right ? 0 : FERRY_E_FLASH), 0);
    }
    return true;
}

/* What a writer does after power-up: find the newest record; restate it if it is in
 * doubt, and only then believe it. True if the power held. */
static bool boot(struct ferry_journal *j, uint32_t old, uint32_t new, uint32_t *decided,
                 uint32_t at, enum cut cut)
{
    uint8_t got[PAYLOAD], want_old[PAYLOAD], want_new[PAYLOAD];

    start(j);
    payload_of(old, want_old);
    payload_of(new, want_new);
    bool found = ferry_journal_scan(j, got) == 0;
    if (found && memcmp(got, want_new, PAYLOAD) == 0) {
        *decided = new;
    } else {
        *decided = old;
        assert_true(!found || memcmp(got, want_old, PAYLOAD) == 0);
    }
    if (found && !j->doubt) {
        return true;
    }
    return append(j, *decided, at, cut);
}

static void blank(void)
{
    memset(&cells, 0, sizeof cells);
    memset(cells.bit, 0xA7, sizeof cells.bit);
}

/* A start finds state n, in doubt or not. */
static void finds(struct ferry_journal *j, uint32_t n, bool doubt)
{
    uint8_t got[PAYLOAD], want[PAYLOAD];

    start(j);
    assert_int_equal(ferry_journal_scan(j, got), 0);
    payload_of(n, want);
    assert_memory_equal(got, want, PAYLOAD);
    assert_int_equal(j->doubt, doubt);
}

enum { HEAD, BODY, CONFIRM, TURN = 2 /* operations before them where a page begins */ };

/* A journal of n states; the next one is cut before operation `at`. */
static void cut_behind(struct ferry_journal *j, uint32_t n, uint32_t at)
{
    blank();
    start(j);
    for (uint32_t i = 1; i <= n; i++) {
        assert_true(append(j, i, UINT32_MAX, WHOLE));
    }
    assert_false(append(j, n + 1, at, NOT_BEGUN));
}

/* ---- tests ----------------------------------------------------------------------- */

static void an_unwritten_journal_says_so(void **state)
{
    struct ferry_journal j;
    uint8_t got[PAYLOAD];

    (void)state;
    blank();
    start(&j);
    assert_int_equal(ferry_journal_scan(&j, got), FERRY_E_STATE);
    memset(cells.bit, 0xFF, sizeof cells.bit);
    assert_int_equal(ferry_journal_scan(&j, got), FERRY_E_STATE);
}

static void the_newest_record_is_found_through_many_page_turns(void **state)
{
    struct ferry_journal j, fresh;

    (void)state;
    blank();
    erases = 0;
    start(&j);
    for (uint32_t n = 1; n <= 500; n++) {
        assert_true(append(&j, n, UINT32_MAX, WHOLE));
        finds(&fresh, n, false);
        assert_int_equal(fresh.tail, j.tail);
        assert_int_equal(fresh.holder, j.holder);
    }
    /* Two slots of each page are kept for doubt about the next. */
    assert_int_equal(erases, 500 / (ferry_journal_slots(&j) - 2) + 1);
}

static void another_journals_records_are_no_records(void **state)
{
    struct ferry_journal j;
    uint8_t got[PAYLOAD];

    (void)state;
    blank();
    start(&j);
    assert_true(append(&j, 1, UINT32_MAX, WHOLE));
    ferry_journal_init(&j, &hal, pages, 0x43, PAYLOAD);
    assert_int_equal(ferry_journal_scan(&j, got), FERRY_E_STATE);
    ferry_journal_init(&j, &hal, pages, 0x42, PAYLOAD - 4);
    assert_int_equal(ferry_journal_scan(&j, got), FERRY_E_STATE);
}

static void a_slot_that_does_not_take_its_bytes_is_passed_over(void **state)
{
    struct ferry_journal j;

    (void)state;
    blank();
    start(&j);
    assert_true(append(&j, 1, UINT32_MAX, WHOLE));
    cells.bit[WORD + 32 + 4] = 0x00; /* the next slot is spoilt */
    assert_true(append(&j, 2, UINT32_MAX, WHOLE));
    finds(&j, 2, false);
    assert_int_equal(j.tail, 3);
    assert_int_equal(j.sequence, 3); /* the spoilt slot took a number, too */
}

/* The flash of a device takes nothing any more: all that is tried is tried once. */
static void a_journal_that_was_given_up_has_nothing_left_to_do(void **state)
{
    static uint32_t room[FERRY_JOURNAL_ROOM / 4];
    uint8_t payload[PAYLOAD] = {1};
    struct ferry_journal j;
    struct ferry_flash_op op;
    int err = 0;

    (void)state;
    blank();
    start(&j);
    assert_true(append(&j, 1, UINT32_MAX, WHOLE));
    assert_int_equal(ferry_journal_did(&j, 0), FERRY_E_STATE); /* nothing was asked */
    ferry_journal_append(&j, payload, (uint8_t *)room);
    for (unsigned i = 0; i < 100 && err == 0 && ferry_journal_next(&j, &op); i++) {
        err = ferry_journal_did(&j, FERRY_E_FLASH);
    }
    assert_int_equal(err, FERRY_E_FLASH);
    assert_false(ferry_journal_next(&j, &op));
    assert_int_equal(ferry_journal_did(&j, 0), FERRY_E_STATE);
}

/* Or each start would write a record, until the page is turned again. */
static void a_page_that_was_only_marked_leaves_no_doubt(void **state)
{
    struct ferry_journal j;

    (void)state;
    start(&j);
    uint32_t full = ferry_journal_slots(&j) - 2U; /* two are kept for doubt */
    cut_behind(&j, full, TURN + HEAD);            /* erased, marked, and no more */
    finds(&j, full, false);
}

/* ---- what was torn ----------------------------------------------------------------- */

#define SLOT 32U /* bytes of a slot */
static uint32_t number_in(unsigned page, unsigned slot)
{
    uint32_t number;

    memcpy(&number, cells.bit + pages[page] + WORD + slot * SLOT + WORD, sizeof number);
    return number;
}

/* It may read whole at a later start, and must be older then. More than one above it: it
 * may itself have been above what was torn before. */
static void a_number_is_above_what_was_torn_here_and_at_a_turn(void **state)
{
    struct ferry_journal j;

    (void)state;
    cut_behind(&j, 3, BODY);
    finds(&j, 3, true);
    assert_true(append(&j, 3, UINT32_MAX, WHOLE));
    assert_true(number_in(0, 4) > number_in(0, 2) + ferry_journal_slots(&j));
    uint32_t full = ferry_journal_slots(&j) - 2U;
    cut_behind(&j, full,
               TURN + BODY); /* torn at the turn of pages, which is done anew */
    finds(&j, full, true);
    assert_true(append(&j, full, UINT32_MAX, WHOLE));
    assert_true(number_in(1, 0) > number_in(0, full - 1) + 1);
}

/* The only copy of a record is not erased, and is said anew, though one slot fails. */
static void a_record_in_doubt_is_said_anew_though_a_slot_fails(void **state)
{
    struct ferry_journal j;

    (void)state;
    start(&j);
    uint32_t full = ferry_journal_slots(&j) - 2U;
    cut_behind(&j, full, TURN + CONFIRM);
    uint32_t before = erases;
    finds(&j, full + 1, true);
    assert_false(append(&j, full + 1, BODY, NOT_BEGUN));
    finds(&j, full + 1, true);
    assert_true(append(&j, full + 1, UINT32_MAX, WHOLE));
    assert_int_equal(j.holder, 1);
    assert_int_equal(j.tail, 3);
    assert_int_equal(erases, before);
}

/* One cut somewhere in the append of `new` over `old`, perhaps a second one in the boot
 * after it; then ten boots that must all say the same. */
static void one_life(uint32_t before, bool twice)
{
    struct ferry_journal j;
    uint32_t decided, again;
    uint32_t old = before, new = before + 1;

    blank();
    start(&j);
    for (uint32_t n = 1; n <= before; n++) {
        assert_true(append(&j, n, UINT32_MAX, WHOLE));
    }
    enum cut cut = (enum cut)(1 + roll_below(&dice, CUTS - 1));
    (void)append(&j, new, roll_below(&dice, 6), cut);
    if (twice) {
        cut = (enum cut)(1 + roll_below(&dice, CUTS - 1));
        (void)boot(&j, old, new, &decided, roll_below(&dice, 6), cut);
    }
    assert_true(boot(&j, old, new, &decided, UINT32_MAX, WHOLE));
    for (unsigned i = 0; i < 10; i++) {
        assert_true(boot(&j, old, new, &again, UINT32_MAX, WHOLE));
        assert_int_equal(again, decided);
    }
    assert_true(append(&j, new + 1, UINT32_MAX, WHOLE));
    assert_true(boot(&j, new, new + 1, &again, UINT32_MAX, WHOLE));
    assert_int_equal(again, new + 1);
}

static void a_cut_anywhere_is_decided_once_and_for_all(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        one_life(1 + roll_below(&dice, 32), false);
    }
}

static void a_second_cut_in_the_boot_after_it_changes_nothing_later(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        one_life(1 + roll_below(&dice, 32), true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unwritten_journal_says_so),
        cmocka_unit_test(the_newest_record_is_found_through_many_page_turns),
        cmocka_unit_test(another_journals_records_are_no_records),
        cmocka_unit_test(a_slot_that_does_not_take_its_bytes_is_passed_over),
        cmocka_unit_test(a_journal_that_was_given_up_has_nothing_left_to_do),
        cmocka_unit_test(a_page_that_was_only_marked_leaves_no_doubt),
        cmocka_unit_test(a_number_is_above_what_was_torn_here_and_at_a_turn),
        cmocka_unit_test(a_record_in_doubt_is_said_anew_though_a_slot_fails),
        cmocka_unit_test(a_cut_anywhere_is_decided_once_and_for_all),
        cmocka_unit_test(a_second_cut_in_the_boot_after_it_changes_nothing_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
