/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests flash that cannot be read: page by page, while an image comes, and at a start. */
#include "boots.h"

static struct cargo cargo;

/* ---- while an image comes -------------------------------------------------------- */

/* What is read is written first: so what cannot be read back is never acked. */
static void a_page_that_cannot_be_read_ends_in_an_error_at_the_courier(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK + 100, 131);
    for (uint32_t page = 0; page < 5; page++) {
        struct world *w = plain_scene();
        uint32_t at = w->map.bank[1].addr + page * w->opt.erase_unit;
        w->flash.unreadable = (struct sim_area){at, w->opt.erase_unit};
        send_courier(w, &cargo);
        run_until_parked(w);
        expect_err(round_name("page", page), ferry_courier_error(&w->courier),
                   FERRY_E_FLASH);
        expect_no_commit(w);
        assert_in_range(w->flash.page_erases[at / w->opt.erase_unit], 1, 4);
        w->flash.unreadable.len = 0;
        world_power_cut(w);
        world_run(w, 2000);
        send_courier(w, &cargo);
        expect_true(round_name("page", page), travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
    }
}

static struct {
    int (*read)(void *ctx, uint32_t addr, void *buf, uint32_t len);
    uint32_t from, at, seen;
} failing;

/* The n-th read of the staging bank fails, and no other. */
static int fails_once(void *ctx, uint32_t addr, void *buf, uint32_t len)
{
    if (addr >= failing.from && ++failing.seen == failing.at) {
        return -1;
    }
    return failing.read(ctx, addr, buf, len);
}

static void one_read_that_fails_anywhere_costs_no_wrong_byte(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK + 100, 132);
    for (uint32_t at = 1;; at += 1 + at / 40) {
        struct world *w = plain_scene();
        failing.read = w->flash_hal.read;
        failing.from = w->map.bank[1].addr;
        failing.at = at;
        failing.seen = 0;
        w->flash_hal.read = fails_once;
        send_courier(w, &cargo);
        expect_true(round_name("read", at), travel(w, &cargo, DAY));
        expect_arrived(w, &cargo);
        if (failing.seen < at) {
            assert_true(at > 300);
            return;
        }
    }
}

/* ---- at a start ------------------------------------------------------------------ */

/* Wherever else the fault is: in the other bank, in either journal. */
static void start_with_each_page_unreadable(struct world *w, const struct cargo *runs)
{
    uint32_t unit = w->opt.erase_unit;
    const struct ferry_area active = w->map.bank[w->board.booted];

    for (uint32_t at = 0; at < w->flash.size; at += unit) {
        if (at >= active.addr && at < active.addr + active.len) {
            continue;
        }
        w->flash.unreadable = (struct sim_area){at, unit};
        for (unsigned i = 0; i < 3; i++) {
            reset(w, FERRY_RESET_WAKE);
            expect_true(round_name("page", at / unit), w->board.booted >= 0);
            expect_runs(w, runs, false);
        }
        w->flash.unreadable.len = 0;
        reset(w, FERRY_RESET_WAKE);
        expect_runs(w, runs, false);
    }
}

static void a_page_that_cannot_be_read_outside_its_bank_stops_no_image(void **state)
{
    (void)state;
    struct world *w = new_device();
    reset(w, FERRY_RESET_POWER);
    start_with_each_page_unreadable(w, &first);
    start_with_each_page_unreadable(updated_device(), &second);
}

/* Nor does everything outside it at once. */
static void an_unreadable_staging_bank_stops_no_image(void **state)
{
    (void)state;
    struct world *w = updated_device();
    w->flash.unreadable = sim_area_of(w->map.bank[0]);
    for (unsigned i = 0; i < 20; i++) {
        reset(w, i % 2 == 0 ? FERRY_RESET_POWER : FERRY_RESET_FAULT);
        expect_runs(w, &second, false);
    }
    assert_true(without_net(w)); /* a crash loop, and no way back */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_that_cannot_be_read_ends_in_an_error_at_the_courier),
        cmocka_unit_test(one_read_that_fails_anywhere_costs_no_wrong_byte),
        cmocka_unit_test(a_page_that_cannot_be_read_outside_its_bank_stops_no_image),
        cmocka_unit_test(an_unreadable_staging_bank_stops_no_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
