/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests flash under a SoftDevice call by call: what is accepted, what is refused as busy,
 * what fails and is done again. */
#include "desk.h"

/* ---- as it should go ------------------------------------------------------------- */

static void a_call_is_pending_until_its_event_and_has_then_taken_place(void **state)
{
    uint8_t back[128];

    (void)state;
    desk.sd->takes_ms = 5;
    assert_int_equal(desk.hal.erase(desk.hal.ctx, PAGE), FERRY_PENDING);
    desk_expect_pending_for(4);
    assert_int_equal(desk_outcome(1), 0);
    assert_int_equal(desk.chip.bytes[PAGE + 17], 0xFF);

    assert_int_equal(desk_write(PAGE, sizeof back), FERRY_PENDING);
    desk_expect_pending_for(4);
    assert_int_equal(desk.chip.bytes[PAGE], 0xFF);
    assert_int_equal(desk_outcome(1), 0);
    assert_int_equal(desk.hal.read(desk.hal.ctx, PAGE, back, sizeof back), 0);
    assert_memory_equal(back, desk.words, sizeof back);
    assert_int_equal(desk.sd->writes, 1);
    desk_expect_pending_for(20);
}

static void a_second_call_while_one_runs_is_refused_and_does_no_harm(void **state)
{
    (void)state;
    desk_erase(0);
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    assert_int_equal(desk_write(64, 64), FERRY_E_FLASH);
    assert_int_equal(desk.hal.erase(desk.hal.ctx, PAGE), FERRY_E_FLASH);
    assert_int_equal(desk_outcome(10), 0);
    desk_expect_written(0, 64);
    assert_int_equal(desk.sd->writes, 1);
    assert_int_equal(desk.sd->erases, 1);
}

static void a_write_goes_in_pieces_no_longer_than_the_softdevice_takes(void **state)
{
    (void)state;
    desk.cfg.words_max = 48;
    desk_erase(0);
    assert_int_equal(desk_write(0, 512), FERRY_PENDING);
    assert_int_equal(desk_outcome(10), 0);
    desk_expect_written(0, 512);
    assert_int_equal(desk.sd->writes, 3);
    assert_int_equal(desk.sd->words_most, 48);
}

static void an_erase_unit_of_two_pages_is_erased_page_by_page(void **state)
{
    (void)state;
    desk.cfg.erase_unit = 2 * PAGE;
    desk.hal = ferry_softdevice_flash_hal(&desk.port);
    assert_int_equal(desk.hal.erase_unit, 2 * PAGE);
    desk_erase(2 * PAGE);
    assert_int_equal(desk.sd->erases, 2);
    for (uint32_t i = 0; i < 2 * PAGE; i++) {
        assert_int_equal(desk.chip.bytes[2 * PAGE + i], 0xFF);
    }
}

static void what_is_forbidden_fails_at_once_and_the_next_call_works(void **state)
{
    (void)state;
    desk_erase(0);
    desk.sd->forbids = true;
    assert_int_equal(desk_write(0, 64), FERRY_E_FLASH);
    assert_int_equal(desk.hal.erase(desk.hal.ctx, 0), FERRY_E_FLASH);
    desk_expect_pending_for(5);
    desk.sd->forbids = false;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    assert_int_equal(desk_outcome(10), 0);
}

/* The first piece was accepted; what the later ones meet is told by done(). */
static void what_is_forbidden_halfway_fails_by_done(void **state)
{
    (void)state;
    desk.cfg.words_max = 16;
    desk_erase(0);
    assert_int_equal(desk_write(0, 128), FERRY_PENDING);
    desk.sd->forbids = true;
    assert_int_equal(desk_outcome(10), FERRY_E_FLASH);
}

static bool has_power;

static bool ask_power(void *ctx)
{
    return ctx == &desk.chip && has_power;
}

static void the_supply_is_asked_where_the_product_can_tell(void **state)
{
    (void)state;
    assert_true(desk.hal.power_ok(desk.hal.ctx));
    desk.cfg.power_ok = ask_power;
    desk.cfg.ctx = &desk.chip;
    has_power = false;
    assert_false(desk.hal.power_ok(desk.hal.ctx));
    has_power = true;
    assert_true(desk.hal.power_ok(desk.hal.ctx));
}

/* ---- busy ------------------------------------------------------------------------ */

static void a_busy_softdevice_is_asked_again_until_it_takes_the_call(void **state)
{
    (void)state;
    desk_erase(0);
    fake_foreign(300);
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    assert_true(ferry_softdevice_flash_wait(&desk.port, desk.now) <= 10);
    desk_expect_pending_for(299);
    assert_int_equal(desk_outcome(5), 0);
    desk_expect_written(0, 64);
    assert_int_equal(desk.sd->writes, 1);
    assert_true(desk.port.busies > 1);
}

static void the_event_of_whoever_was_in_the_way_starts_the_call_at_once(void **state)
{
    (void)state;
    desk_erase(0);
    fake_foreign(50);
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    fake_time(desk.now += 50);
    uint32_t event;
    assert_true(fake_fetch(&event));
    ferry_softdevice_flash_event(&desk.port, event, desk.now);
    assert_int_equal(desk.sd->writes, 1);
    assert_int_equal(desk_outcome(5), 0);
}

/* Nobody has the buffer, so the call may end before Ferry counts it as never ended. */
static void a_softdevice_busy_for_seconds_fails_the_call_in_time(void **state)
{
    (void)state;
    desk_erase(0);
    fake_foreign(60000);
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    desk_expect_pending_for(3900);
    assert_int_equal(desk_outcome(1000), FERRY_E_FLASH);
    assert_int_equal(desk.sd->writes, 0);
}

/* ---- failures -------------------------------------------------------------------- */

static void an_operation_that_fails_is_done_again_so_often_and_no_more(void **state)
{
    (void)state;
    desk_erase(0);
    desk.sd->fails = FERRY_SOFTDEVICE_TRIES - 1;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    assert_int_equal(desk_outcome(20), 0);
    desk_expect_written(0, 64);
    assert_int_equal(desk.port.errors, FERRY_SOFTDEVICE_TRIES - 1);

    desk.sd->fails = FERRY_SOFTDEVICE_TRIES;
    assert_int_equal(desk_write(64, 64), FERRY_PENDING);
    assert_int_equal(desk_outcome(20), FERRY_E_FLASH);
    assert_int_equal(desk_write(64, 64), FERRY_PENDING);
    assert_int_equal(desk_outcome(20), 0);
}

/* Where each try takes long there are fewer of them. */
static void an_operation_that_fails_slowly_fails_the_call_in_time(void **state)
{
    (void)state;
    desk_erase(0);
    desk.sd->takes_ms = 1500;
    desk.sd->fails = FERRY_SOFTDEVICE_TRIES;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    desk_expect_pending_for(4499);
    assert_int_equal(desk_outcome(2), FERRY_E_FLASH);
    assert_int_equal(desk.sd->writes, 3);
}

static void an_erase_that_fails_is_done_again(void **state)
{
    (void)state;
    desk.sd->fails = 3;
    desk_erase(PAGE);
    assert_int_equal(desk.sd->erases, 4);
    desk.sd->fails = FERRY_SOFTDEVICE_TRIES;
    assert_int_equal(desk.hal.erase(desk.hal.ctx, 0), FERRY_PENDING);
    assert_int_equal(desk_outcome(20), FERRY_E_FLASH);
}

/* Blank it may read, and be weak: whoever asked wants it erased. */
static void an_erase_that_fails_on_a_blank_page_is_done_again_too(void **state)
{
    (void)state;
    desk_erase(PAGE);
    desk.sd->fails = 1;
    desk_erase(PAGE);
    assert_int_equal(desk.sd->erases, 3);
    assert_int_equal(desk.chip.erases, 2);
}

static void a_call_that_has_ended_wants_to_be_asked_at_once(void **state)
{
    uint32_t event;

    (void)state;
    assert_int_equal(ferry_softdevice_flash_wait(&desk.port, desk.now), UINT32_MAX);
    assert_int_equal(desk.hal.erase(desk.hal.ctx, 0), FERRY_PENDING);
    assert_int_equal(ferry_softdevice_flash_wait(&desk.port, desk.now), UINT32_MAX);
    fake_time(++desk.now);
    assert_true(fake_fetch(&event));
    ferry_softdevice_flash_event(&desk.port, event, desk.now);
    assert_int_equal(ferry_softdevice_flash_wait(&desk.port, desk.now), 0);
}

static void each_piece_may_fail_as_often_as_any(void **state)
{
    (void)state;
    desk.cfg.words_max = 16;
    desk_erase(0);
    assert_int_equal(desk_write(0, 128), FERRY_PENDING);
    desk.sd->fails = FERRY_SOFTDEVICE_TRIES - 1;
    int status;
    while (desk.sd->writes <= FERRY_SOFTDEVICE_TRIES) {
        assert_false(desk_step(&status));
    }
    desk.sd->fails = FERRY_SOFTDEVICE_TRIES - 1;
    assert_int_equal(desk_outcome(20), 0);
    desk_expect_written(0, 128);
}

/* The SoftDevice is content, and the cells are not: Ferry must hear of it. */
static void cells_that_come_out_wrong_are_a_failure(void **state)
{
    (void)state;
    desk_erase(0);
    desk.chip.write_fault = SIM_FAULT_WRONG;
    desk.chip.faults = 1;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    assert_int_equal(desk_outcome(1500), FERRY_E_FLASH);
    assert_int_equal(desk.sd->writes, 1);
    desk_erase(0);
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    assert_int_equal(desk_outcome(10), 0);
}

int main(void)
{
#define on_desk(f) cmocka_unit_test_setup(f, desk_begin)
    const struct CMUnitTest tests[] = {
        on_desk(a_call_is_pending_until_its_event_and_has_then_taken_place),
        on_desk(a_second_call_while_one_runs_is_refused_and_does_no_harm),
        on_desk(a_write_goes_in_pieces_no_longer_than_the_softdevice_takes),
        on_desk(an_erase_unit_of_two_pages_is_erased_page_by_page),
        on_desk(what_is_forbidden_fails_at_once_and_the_next_call_works),
        on_desk(what_is_forbidden_halfway_fails_by_done),
        on_desk(the_supply_is_asked_where_the_product_can_tell),
        on_desk(a_busy_softdevice_is_asked_again_until_it_takes_the_call),
        on_desk(the_event_of_whoever_was_in_the_way_starts_the_call_at_once),
        on_desk(a_softdevice_busy_for_seconds_fails_the_call_in_time),
        on_desk(an_operation_that_fails_is_done_again_so_often_and_no_more),
        on_desk(an_operation_that_fails_slowly_fails_the_call_in_time),
        on_desk(an_erase_that_fails_is_done_again),
        on_desk(an_erase_that_fails_on_a_blank_page_is_done_again_too),
        on_desk(a_call_that_has_ended_wants_to_be_asked_at_once),
        on_desk(each_piece_may_fail_as_often_as_any),
        on_desk(cells_that_come_out_wrong_are_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
