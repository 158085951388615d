/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests a bootloader on flash that answers otherwise than most: erases in slices, refuses
 * to be locked, cannot be read where the image lies, takes no record while nothing
 * boots. */
#include "boots.h"

static struct {
    struct ferry_flash real;
    unsigned calls; /* of erase */
} port;

static struct world *device_with(struct ferry_flash change(struct ferry_flash hal))
{
    struct world *w = new_device();

    port.real = w->boot_hal;
    port.calls = 0;
    w->boot_hal = change(w->boot_hal);
    return w;
}

/* ---- an erase in slices ------------------------------------------------------------ */

static int erase_at_the_third_call(void *ctx, uint32_t addr)
{
    return ++port.calls % 3 != 0 ? FERRY_MORE : port.real.erase(ctx, addr);
}

static struct ferry_flash sliced(struct ferry_flash hal)
{
    hal.erase = erase_at_the_third_call;
    return hal;
}

/* The watchdog hears of every slice. */
static void a_page_erased_in_slices_is_erased_before_it_is_written(void **state)
{
    (void)state;
    struct world *w = device_with(sliced);
    lose_boot_journal(w);
    uint32_t alives = w->board.alives;
    reset(w, FERRY_RESET_POWER);
    expect_runs(w, &first, true);
    assert_int_equal(port.calls, 3 * w->board.boot_erases);
    assert_in_range(w->board.boot_erases, 1, 2);
    assert_true(w->board.alives - alives >= port.calls);
    assert_int_equal(w->board.handoff.flags & FERRY_HANDOFF_UNWRITTEN, 0);
}

/* ---- no lock ----------------------------------------------------------------------- */

static int refuse(void *ctx, uint32_t addr, uint32_t len)
{
    (void)ctx;
    (void)addr;
    (void)len;
    return -1;
}

static struct ferry_flash unlockable(struct ferry_flash hal)
{
    hal.lock = refuse;
    return hal;
}

static void flash_that_refuses_its_lock_boots_and_the_application_is_told(void **state)
{
    (void)state;
    struct world *w = device_with(unlockable);
    assert_int_equal(w->board.handoff.flags & FERRY_HANDOFF_OPEN, 0);
    reset(w, FERRY_RESET_POWER);
    expect_runs(w, &first, false);
    assert_int_equal(w->board.handoff.flags & FERRY_HANDOFF_OPEN, FERRY_HANDOFF_OPEN);
    assert_int_equal(w->flash.locked_n, 0);
}

/* ---- nothing boots ----------------------------------------------------------------- */

static void an_image_that_cannot_be_read_to_its_end_does_not_boot(void **state)
{
    (void)state;
    struct world *w = new_device();
    uint32_t image = w->map.bank[0].addr + w->map.header_len;
    for (uint32_t at = 0; at < first.len; at += first.len - 1) {
        w->flash.unreadable = (struct sim_area){image + at, 1};
        board_boot(w, FERRY_RESET_POWER);
        expect_err("image", w->board.booted, FERRY_E_FLASH);
        assert_true(boot_wrote_nothing(w));
    }
    w->flash.unreadable.len = 0;
    reset(w, FERRY_RESET_POWER);
    expect_runs(w, &first, false);
}

/* Nothing boots, and that the request was judged cannot be recorded: both are told, and
 * the request is judged again as soon as it can be. */
static void a_refusal_that_cannot_be_recorded_changes_nothing(void **state)
{
    (void)state;
    struct world *w = new_device();
    commit(w, &second);
    rot(w, 0);
    rot(w, 1);
    for (unsigned i = 0; i < 3; i++) {
        w->flash.write_fault = SIM_FAULT_ERROR;
        w->flash.faults = UINT32_MAX;
        struct ferry_boot_record before = board_record(w);
        board_boot(w, FERRY_RESET_POWER);
        expect_err("both rot", w->board.booted, FERRY_E_HASH);
        assert_int_equal(w->board.handoff.flags & FERRY_HANDOFF_UNWRITTEN,
                         FERRY_HANDOFF_UNWRITTEN);
        struct ferry_boot_record after = board_record(w);
        assert_memory_equal(&after, &before, sizeof after);
    }
    w->flash.write_fault = SIM_FAULT_NONE;
    rot(w, 1);
    reset(w, FERRY_RESET_POWER);
    expect_runs(w, &second, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_erased_in_slices_is_erased_before_it_is_written),
        cmocka_unit_test(flash_that_refuses_its_lock_boots_and_the_application_is_told),
        cmocka_unit_test(an_image_that_cannot_be_read_to_its_end_does_not_boot),
        cmocka_unit_test(a_refusal_that_cannot_be_recorded_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
