/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the journal in lives in which the supply goes all the time, up to three times in a
 * row, on pages that hold but a few records: flash's rules are kept (it asserts them), and
 * whatever a start acted on is found by every later one. */
#include "check.h"
#include "journal.h"
#include "records.h"
#include "rng.h"
#include "sim_hal.h"

#define LIVES 4000U
#define STEPS 40U
#define ROW_MAX 3U /* cuts without a start in between that came to its end */
#define WORDS (sizeof(struct ferry_boot_record) / 4)

static struct life {
    struct sim_flash flash;
    struct ferry_flash hal;
    struct ferry_journal j;
    uint64_t dice;
    uint32_t pages[2];
    uint32_t room[FERRY_JOURNAL_ROOM / 4];
    uint32_t acted; /* on what; 0: nothing yet */
    uint32_t before,
        last; /* what was begun since may be heard, or not: above one, and up
                            * to the other */
} life;

static const uint32_t no_clock;

static void act(uint32_t says)
{
    life.acted = says;
    life.before = life.last;
}

static void append(uint32_t says)
{
    uint32_t payload[WORDS];
    struct ferry_flash_op op;

    for (unsigned i = 0; i < WORDS; i++) {
        payload[i] = says * (i + 1);
    }
    ferry_journal_append(&life.j, payload, (uint8_t *)life.room);
    while (ferry_journal_next(&life.j, &op)) {
        int status = op.erase ? sim_flash_erase(&life.flash, op.addr)
                              : sim_flash_write(&life.flash, op.addr, op.buf, op.len);
        assert_int_equal(ferry_journal_did(&life.j, status), 0);
    }
    act(says);
}

/* Look; say anew what is in doubt; and act on it. */
static void start(void *ctx)
{
    uint32_t payload[WORDS] = {0};

    (void)ctx;
    ferry_journal_init(&life.j, &life.hal, life.pages, FERRY_JOURNAL_BOOT,
                       sizeof payload);
    int err = ferry_journal_scan(&life.j, payload);
    assert_true(err == 0 || (err == FERRY_E_STATE && life.acted == 0));
    assert_true(payload[0] == life.acted ||
                (payload[0] > life.before && payload[0] <= life.last));
    assert_int_equal(payload[WORDS - 1], payload[0] * WORDS);
    if (err != 0) {
        append(++life.last);
    } else if (life.j.doubt) {
        append(payload[0]);
    } else {
        act(payload[0]);
    }
}

static void go_on(void *ctx)
{
    (void)ctx;
    append(++life.last);
}

/* A journal that was never written to, on rubbish or on what is erased. */
static void new_life(uint64_t seed)
{
    static const uint8_t write_units[] = {4, 8, 16, 32};
    uint32_t page = seed % 3 == 0 ? 1024 : 512;

    life.dice = seed * 0x9E3779B97F4A7C15ULL + 1;
    sim_flash_init(&life.flash, 2 * page, page,
                   write_units[rng_below(&life.dice, COUNT(write_units))],
                   rng_below(&life.dice, 2) != 0 ? 0xFF : 0x00);
    sim_flash_seed(&life.flash, seed);
    sim_flash_grant(&life.flash, 0, 0, 2 * page);
    life.hal = sim_flash_hal(&life.flash, &no_clock);
    life.pages[1] = page;
    if (rng_below(&life.dice, 2) != 0) {
        (void)!sim_flash_erase(&life.flash, 0);
        (void)!sim_flash_erase(&life.flash, page);
    }
    life.last = 0;
    act(0);
}

static void what_was_acted_on_outlasts_cuts_in_rows_of_three(void **state)
{
    uint32_t cuts = 0;

    (void)state;
    for (uint64_t seed = 0; seed < LIVES; seed++) {
        unsigned row = 0;
        bool up = false;
        new_life(seed);
        for (unsigned n = 0; n < STEPS; n++) {
            bool again = !up || rng_below(&life.dice, 3) == 0;
            if (again) {
                sim_flash_reset(&life.flash);
            }
            uint32_t in = rng_below(&life.dice, 6);
            enum sim_cut how = (enum sim_cut)rng_below(&life.dice, SIM_CUTS);
            if (row < ROW_MAX && rng_below(&life.dice, 2) != 0) {
                sim_flash_cut(&life.flash, in, how);
            }
            up = sim_flash_hold(&life.flash, again ? start : go_on, NULL);
            row = up ? 0 : row + 1;
        }
        cuts += life.flash.cuts;
    }
    print_message("%u cuts\n", (unsigned)cuts);
    assert_true(cuts > LIVES * STEPS / 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_acted_on_outlasts_cuts_in_rows_of_three),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
