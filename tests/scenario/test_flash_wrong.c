/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests flash that says that all is well and holds something else: once, a bit anywhere;
 * for good, in one page. The page is erased and filled again, three times at most. */
#include "scene.h"

static struct cargo cargo;

static struct {
    struct ferry_flash real;
    struct sim_flash *flash;
    uint32_t at, seen;
    bool erases;
} hit;

/* A bit of the n-th operation of that kind comes out wrong. */
static int wrong_erase(void *ctx, uint32_t addr)
{
    if (hit.erases && ++hit.seen == hit.at) {
        hit.flash->faults = 1;
    }
    return hit.real.erase(ctx, addr);
}

static int wrong_write(void *ctx, uint32_t addr, const void *buf, uint32_t len)
{
    if (!hit.erases && ++hit.seen == hit.at) {
        hit.flash->faults = 1;
    }
    return hit.real.write(ctx, addr, buf, len);
}

static bool wrong_once(enum sim_flash_mode mode, bool erases, uint32_t at)
{
    struct world *w = plain_scene();

    w->flash.mode = mode;
    hit.real = w->flash_hal;
    hit.flash = &w->flash;
    hit.at = at;
    hit.seen = 0;
    hit.erases = erases;
    w->flash.erase_fault = erases ? SIM_FAULT_WRONG : SIM_FAULT_NONE;
    w->flash.write_fault = erases ? SIM_FAULT_NONE : SIM_FAULT_WRONG;
    w->flash_hal.erase = wrong_erase;
    w->flash_hal.write = wrong_write;
    send_courier(w, &cargo);
    expect_true(round_name("operation", at), travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    expect_true(round_name("operation", at), w->flash.erases <= 1 + 3 + 2);
    return hit.seen >= at;
}

static void a_bit_that_comes_out_wrong_costs_an_erase_and_a_refill(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK + 100, 141);
    for (unsigned mode = SIM_FLASH_SYNC; mode <= SIM_FLASH_ASYNC; mode++) {
        for (unsigned erases = 0; erases < 2; erases++) {
            uint32_t at = 1;
            while (wrong_once((enum sim_flash_mode)mode, erases != 0, at)) {
                at++;
            }
            assert_in_range(at - 1, erases ? 4 : 60, 140);
        }
    }
}

/* One page takes nothing right any more: the first time, and three refills; then the
 * courier is told, and another page is not worn for it. */
static void a_page_that_stays_wrong_is_refilled_three_times_and_given_up(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 142);
    for (uint32_t page = 1; page <= 3; page++) {
        struct world *w = plain_scene();
        uint32_t unit = w->opt.erase_unit;
        uint32_t first = w->map.bank[1].addr / unit;
        w->flash.write_fault = SIM_FAULT_WRONG;
        w->flash.faults = UINT32_MAX;
        w->flash.faulty = (struct sim_area){(first + page) * unit, unit};
        send_courier(w, &cargo);
        run_until_parked(w);
        expect_err(round_name("page", page), ferry_courier_error(&w->courier),
                   FERRY_E_FLASH);
        expect_no_commit(w);
        expect_true(round_name("page", page),
                    w->flash.page_erases[first + page] <= 1 + 3);
        expect_true(round_name("page", page), w->flash.page_erases[first + page] >= 2);
        for (uint32_t p = 0; p < page; p++) {
            assert_int_equal(w->flash.page_erases[first + p], 1);
        }
        w->flash.faults = 0;
        world_power_cut(w);
        world_run(w, 2000);
        send_courier(w, &cargo);
        expect_true(round_name("page", page), travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bit_that_comes_out_wrong_costs_an_erase_and_a_refill),
        cmocka_unit_test(a_page_that_stays_wrong_is_refilled_three_times_and_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
