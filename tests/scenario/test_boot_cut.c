/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests every journey of the bootloader with the supply going before, inside and after
 * each of its flash operations, and again in the start after it, on a flash whose torn
 * bits have no side yet. FERRY_CUTS=n lives n random lives instead of a few. */
#include "boots_life.h"

#include <stdlib.h>

#define AGES 7U /* journal pages here hold five or six records: turns fall everywhere */

static struct world_options options;
static struct cargo even;    /* as `second`, and does not raise the floor */
static struct cargo rotated; /* signed under the next key slot */

static void prepare(void)
{
    boots_options(&options);
    boots_cargo(&even, 1, 0x01010000, 5, 0);
    boots_cargo(&rotated, 1, 0x00000001, 0, 1);
}

/* Each operation of the journey, each kind of cut, `samples` times over. */
static void cut_everywhere(const struct life_kind *kind, unsigned samples)
{
    uint32_t ops = life_prepare(kind);
    struct life_cut cut = {.again = -1};

    for (cut.at = 0; cut.at < ops; cut.at++) {
        for (unsigned how = 0; how < SIM_CUTS; how++) {
            cut.how = (enum sim_cut)how;
            for (unsigned i = 0; i < samples; i++) {
                cut.seed++;
                life_live(&cut);
            }
        }
    }
}

static void a_cut_in_the_first_start_leaves_the_factory_image(void **state)
{
    (void)state;
    prepare();
    struct life_kind kind = {&journey_first_start, &options, &first, &even, 0, 0};
    cut_everywhere(&kind, 20);
}

static void a_cut_anywhere_in_an_update_leaves_the_old_or_the_new_image(void **state)
{
    (void)state;
    prepare();
    for (unsigned a = 0; a < AGES; a++) {
        struct life_kind kind = {&journey_update, &options, &first, &second, a, a};
        cut_everywhere(&kind, 1);
    }
}

static void a_cut_anywhere_in_a_key_rotation_leaves_the_old_or_the_new_key(void **state)
{
    (void)state;
    prepare();
    for (unsigned a = 0; a < AGES; a += 3) {
        struct life_kind kind = {&journey_update, &options, &first, &rotated, a, a};
        cut_everywhere(&kind, 1);
        assert_int_equal(board_record(scene_now()).floor, 1U << 24);
    }
}

static void a_cut_anywhere_on_the_way_back_leaves_one_of_the_two(void **state)
{
    static const struct journey *const ways[] = {&journey_revert, &journey_crash_loop};

    (void)state;
    prepare();
    for (size_t i = 0; i < COUNT(ways); i++) {
        for (unsigned a = 0; a < AGES; a++) {
            struct life_kind kind = {ways[i], &options, &first, &even, a, a};
            cut_everywhere(&kind, 2);
        }
    }
}

static void a_cut_where_the_journal_was_lost_leaves_the_newest_image(void **state)
{
    (void)state;
    prepare();
    struct life_kind kind = {&journey_lost, &options, &first, &even, 0, 0};
    cut_everywhere(&kind, 20);
}

static struct {
    int (*read)(void *ctx, uint32_t addr, void *buf, uint32_t len);
    uint32_t at;
    unsigned looks;
} torn;

/* The first byte of a torn slot: blank to whoever looks once. */
static int blank_at_first(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    int err = torn.read(ctx, addr, buf, len);

    if (addr <= torn.at && torn.at < addr + len && torn.looks++ == 0) {
        ((uint8_t *)buf)[torn.at - addr] = 0xFF;
    }
    return err;
}

/* "Programmed twice" would end this test. */
static void a_slot_that_looks_blank_once_is_not_programmed(void **state)
{
    (void)state;
    struct world *w = trial_device();
    const uint32_t page = w->map.boot_journal[0];
    torn.read = w->boot_hal.read;
    torn.at = page + 511;
    while (w->flash.programmed[torn.at] == 0) {
        torn.at--;
    }
    torn.at++;
    w->flash.bytes[torn.at] = 0x7F;
    w->flash.programmed[torn.at] = 1;
    torn.looks = 0;
    w->boot_hal.read = blank_at_first;
    board_boot(w, FERRY_RESET_FAULT);
    expect_runs(w, &second, true);
    assert_int_equal(board_record(w).faults, 1);
}

static int (*real_write)(void *ctx, uint32_t addr, const void *buf, uint32_t len);
static unsigned wrong_look;

static int write_and_count_anew(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    if (addr <= torn.at && torn.at < addr + len) {
        torn.looks = 0;
    }
    return real_write(ctx, addr, buf, len);
}

static int wrong_once(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    int err = torn.read(ctx, addr, buf, len);

    if (addr <= torn.at && torn.at < addr + len && torn.looks++ == wrong_look) {
        ((uint8_t *)buf)[torn.at - addr] ^= 0x10;
    }
    return err;
}

/* A bit that wavers is found with each look; there are three before a CONFIRM. */
static void a_body_that_wavers_is_not_confirmed(void **state)
{
    (void)state;
    for (wrong_look = 0; wrong_look < 4; wrong_look++) {
        struct world *w = trial_device();
        torn.read = w->boot_hal.read;
        real_write = w->boot_hal.write;
        torn.at = w->map.boot_journal[0] + 511;
        while (w->flash.programmed[torn.at] == 0) {
            torn.at--;
        }
        torn.at += 12; /* in the next body */
        torn.looks = UINT32_MAX / 2;
        w->boot_hal.read = wrong_once;
        w->boot_hal.write = write_and_count_anew;
        board_boot(w, FERRY_RESET_FAULT);
        expect_runs(w, &second, true);
        assert_int_equal(w->board.boot_writes, wrong_look < 3 ? 5 : 3);
        w->boot_hal.read = torn.read;
        assert_int_equal(board_record(w).faults, 1);
    }
}

/* Words of 1 to 32 bytes, and a flash that erases to zeros. */
static void the_same_holds_for_every_kind_of_flash(void **state)
{
    static const struct {
        uint8_t unit, erased;
    } rows[] = {{1, 0xFF}, {2, 0x00}, {8, 0xFF}, {16, 0x00}, {32, 0xFF}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        prepare();
        options.write_unit = rows[i].unit;
        options.erased = rows[i].erased;
        struct life_kind kind = {&journey_update, &options, &first, &even, 2, 2};
        cut_everywhere(&kind, 1);
        kind.journey = &journey_crash_loop;
        cut_everywhere(&kind, 1);
    }
}

/* Any journey, any cut, and perhaps another one in the start after it. */
static void random_lives_end_old_or_new(void **state)
{
    static const struct journey *const journeys[] = {
        &journey_update, &journey_revert, &journey_crash_loop, &journey_first_start,
        &journey_lost};
    const char *more = getenv("FERRY_CUTS");
    unsigned long lives = more != NULL ? strtoul(more, NULL, 10) : 3000;
    uint64_t rng = 0x5EED;
    uint32_t ops = 0;

    (void)state;
    prepare();
    for (unsigned long i = 0; i < lives; i++) {
        if (i % 50 == 0) {
            struct life_kind kind = {journeys[rng_below(&rng, COUNT(journeys))],
                                     &options,
                                     &first,
                                     &even,
                                     rng_below(&rng, AGES),
                                     rng_below(&rng, AGES)};
            ops = life_prepare(&kind);
        }
        struct life_cut cut = {
            rng_below(&rng, ops), (enum sim_cut)rng_below(&rng, SIM_CUTS),
            (int)rng_below(&rng, 8) - 3, (enum sim_cut)rng_below(&rng, SIM_CUTS), i};
        life_live(&cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_in_the_first_start_leaves_the_factory_image),
        cmocka_unit_test(a_cut_anywhere_in_an_update_leaves_the_old_or_the_new_image),
        cmocka_unit_test(
            a_cut_anywhere_in_a_key_rotation_leaves_the_old_or_the_new_key),
        cmocka_unit_test(a_cut_anywhere_on_the_way_back_leaves_one_of_the_two),
        cmocka_unit_test(a_cut_where_the_journal_was_lost_leaves_the_newest_image),
        cmocka_unit_test(a_slot_that_looks_blank_once_is_not_programmed),
        cmocka_unit_test(a_body_that_wavers_is_not_confirmed),
        cmocka_unit_test(the_same_holds_for_every_kind_of_flash),
        cmocka_unit_test(random_lives_end_old_or_new),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    print_message("%llu cuts, %llu torn bytes programmed again\n",
                  (unsigned long long)life_cuts(), (unsigned long long)life_reused());
    return failed;
}
