/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the last resort: the image that should run is damaged, and none is recorded to
 * fall back on. What stands in the other bank boots if it is genuine and not below the
 * floor, on trial; else nothing does, and the reason is told. */
#include "boots.h"

static struct cargo even; /* for bank 1, at the floor of `first` */

/* `first` runs, and was never anything else; something whole stands in the other bank
 * that nobody asked for. Then it rots. */
static struct world *stranded(const struct cargo *other, bool locks)
{
    struct world *w = new_device();

    boots_cargo(&even, 1, 0x01010000, 5, 0);
    reset(w, FERRY_RESET_WAKE);
    board_place(w, 1, &other->artifact);
    rot(w, 0);
    if (!locks) {
        w->boot_hal.lock = NULL;
    }
    return w;
}

static void expect_halt(struct world *w, const char *name, int err)
{
    for (unsigned i = 0; i < 5; i++) {
        board_boot(w, FERRY_RESET_FAULT);
        expect_err(name, w->board.booted, err);
        expect_true(name, w->board.handoff.halt == -err);
        expect_true(name, i == 0 || boot_wrote_nothing(w));
    }
}

static void rather_than_nothing_a_genuine_image_is_tried(void **state)
{
    const struct cargo *const others[] = {&second, &even};

    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        const struct cargo *other = others[n / 2];
        struct world *w = stranded(other, n % 2 == 0);
        reset(w, FERRY_RESET_POWER);
        expect_runs(w, other, true);
        assert_true(without_net(w));
        assert_int_equal(board_record(w).flags & FERRY_BOOT_FALLBACK, 0);
        assert_int_equal(board_record(w).floor, 5);
        /* The same at every start; and what rotted is no choice any more. */
        rot(w, 0);
        for (unsigned i = 0; i < 5; i++) {
            reset(w, FERRY_RESET_WAKE);
            expect_runs(w, other, true);
            assert_true(boot_wrote_nothing(w));
        }
        confirm(w);
        expect_runs(w, other, false);
        assert_int_equal(board_record(w).floor, other == &second ? 7 : 5);
    }
}

/* There is nothing to go back to: it goes on, with no budget left. */
static void a_last_resort_that_crashes_goes_on(void **state)
{
    (void)state;
    struct world *w = stranded(&second, true);
    reset_times(w, FERRY_RESET_FAULT, 10);
    expect_runs(w, &second, true);
    assert_true(without_net(w));
    assert_false(buried(w));
}

static void rot_other(struct world *w)
{
    rot(w, 1);
}
static void rot_other_signature(struct world *w)
{
    rot_signature(w, 1);
}
static void nothing_there(struct world *w)
{
    memset(w->flash.bytes + w->map.bank[1].addr, 0xFF, w->map.bank[1].len);
}
static void linked_for_another_bank(struct world *w)
{
    board_place(w, 1, &third.artifact);
}
static void unreadable(struct world *w)
{
    w->flash.unreadable = sim_area_of(w->map.bank[1]);
}
static void below_the_floor(struct world *w)
{
    struct ferry_boot_record rec = board_record(w);

    rec.floor = 8; /* one more than the other's counter */
    assert_true(board_forge_boot(w, &rec));
}

static void what_is_not_genuine_or_below_the_floor_is_no_resort(void **state)
{
    static const struct {
        const char *name;
        void (*spoil)(struct world *w);
    } rows[] = {{"a bit of its image", rot_other},
                {"a bit of its signature", rot_other_signature},
                {"nothing there", nothing_there},
                {"linked for another bank", linked_for_another_bank},
                {"unreadable", unreadable},
                {"below the floor", below_the_floor}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (unsigned locks = 0; locks < 2; locks++) {
            struct world *w = stranded(&second, locks != 0);
            rows[i].spoil(w);
            expect_halt(w, rows[i].name, FERRY_E_HASH);
            rot(w, 0); /* it was a fault of the read: nothing was decided for ever */
            reset(w, FERRY_RESET_POWER);
            expect_runs(w, &first, false);
        }
    }
}

/* Why the active image does not boot is told, not what is wrong with the other. */
static void the_reason_told_is_the_active_images(void **state)
{
    (void)state;
    struct world *w = stranded(&second, false);
    rot(w, 0);
    rot_signature(w, 0);
    rot_other(w);
    expect_halt(w, "signature", FERRY_E_SIG_FINAL);
}

/* Recorded as the one before, and no longer it: no fallback, but genuine. */
static void another_image_in_the_place_of_the_fallback_is_tried_too(void **state)
{
    (void)state;
    struct world *w = updated_device();
    board_place(w, 0, &third.artifact);
    rot(w, 1);
    reset(w, FERRY_RESET_POWER);
    expect_runs(w, &third, true);
    assert_int_equal(board_record(w).floor, 7);
}

/* While the active image is whole nobody looks further, whatever it counts. */
static void a_whole_image_without_a_net_is_never_left(void **state)
{
    (void)state;
    struct world *w = stranded(&second, true);
    rot(w, 0);
    reset_times(w, FERRY_RESET_FAULT, 20);
    expect_runs(w, &first, false);
    assert_true(without_net(w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rather_than_nothing_a_genuine_image_is_tried),
        cmocka_unit_test(a_last_resort_that_crashes_goes_on),
        cmocka_unit_test(what_is_not_genuine_or_below_the_floor_is_no_resort),
        cmocka_unit_test(the_reason_told_is_the_active_images),
        cmocka_unit_test(another_image_in_the_place_of_the_fallback_is_tried_too),
        cmocka_unit_test(a_whole_image_without_a_net_is_never_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
