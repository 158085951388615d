/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests flash under a SoftDevice call by call: what is accepted, refused, failed, told
 * twice, told of somebody else, told late and never told. */
#include "check.h"
#include "fake.h"
#include "softdevice_soc.h"

#define SIZE 32768U
#define PAGE 4096U

static struct sim_flash chip;
static struct fake_softdevice *sd;
static struct ferry_softdevice_flash port;
static struct ferry_softdevice_flash_config cfg;
static struct ferry_flash hal;
static uint32_t now;
static uint32_t words[PAGE / 2];
#define BYTES ((uint8_t *)words)

static int begin(void **state)
{
    struct dice d = {7};

    (void)state;
    sim_flash_init(&chip, SIZE, PAGE, 4, 0xFF);
    sim_flash_grant(&chip, 0, 0, SIZE);
    sd = fake_softdevice(&chip);
    cfg = (struct ferry_softdevice_flash_config){
        .base = (uintptr_t)chip.bytes,
        .page_len = PAGE,
        .words_max = PAGE / 4,
        .erase_unit = PAGE,
    };
    ferry_softdevice_flash_init(&port, &cfg);
    hal = ferry_softdevice_flash_hal(&port);
    now = 1000;
    fake_time(now);
    roll_bytes(&d, BYTES, sizeof words);
    return 0;
}

/* A millisecond; true: the call has ended, and so. */
static bool step(int *status)
{
    uint32_t event;

    fake_time(++now);
    while (fake_fetch(&event)) {
        ferry_softdevice_flash_event(&port, event);
    }
    return ferry_softdevice_flash_ended(&port, now, status);
}

/* How the call under way ended; ends the test if it has not by then. */
static int outcome(uint32_t within_ms)
{
    int status = 1;

    while (within_ms-- > 0) {
        if (step(&status)) {
            return status;
        }
    }
    fail_msg("it has not ended");
    return status;
}

static void expect_pending_for(uint32_t ms)
{
    int status;

    while (ms-- > 0) {
        assert_false(step(&status));
    }
}

static void erase(uint32_t addr)
{
    assert_int_equal(hal.erase(hal.ctx, addr), FERRY_PENDING);
    assert_int_equal(outcome(10), 0);
}

static int write(uint32_t addr, uint32_t len)
{
    return hal.write(hal.ctx, addr, words, len);
}

static void expect_written(uint32_t addr, uint32_t len)
{
    assert_memory_equal(chip.bytes + addr, BYTES, len);
}

/* ---- as it should go ------------------------------------------------------------- */

static void a_call_is_pending_until_its_event_and_has_then_taken_place(void **state)
{
    uint8_t back[128];

    (void)state;
    sd->takes_ms = 5;
    assert_int_equal(hal.erase(hal.ctx, PAGE), FERRY_PENDING);
    expect_pending_for(4);
    assert_int_equal(outcome(1), 0);
    assert_int_equal(chip.bytes[PAGE + 17], 0xFF);

    assert_int_equal(write(PAGE, sizeof back), FERRY_PENDING);
    expect_pending_for(4);
    assert_int_equal(chip.bytes[PAGE], 0xFF);
    assert_int_equal(outcome(1), 0);
    assert_int_equal(hal.read(hal.ctx, PAGE, back, sizeof back), 0);
    assert_memory_equal(back, BYTES, sizeof back);
    assert_int_equal(sd->writes, 1);
    expect_pending_for(20);
}

static void a_second_call_while_one_runs_is_refused_and_does_no_harm(void **state)
{
    (void)state;
    erase(0);
    assert_int_equal(write(0, 64), FERRY_PENDING);
    assert_int_equal(write(64, 64), FERRY_E_FLASH);
    assert_int_equal(hal.erase(hal.ctx, PAGE), FERRY_E_FLASH);
    assert_int_equal(outcome(10), 0);
    expect_written(0, 64);
    assert_int_equal(sd->writes, 1);
    assert_int_equal(sd->erases, 1);
}

static void a_write_goes_in_pieces_no_longer_than_the_softdevice_takes(void **state)
{
    (void)state;
    cfg.words_max = 48;
    erase(0);
    assert_int_equal(write(0, 512), FERRY_PENDING);
    assert_int_equal(outcome(10), 0);
    expect_written(0, 512);
    assert_int_equal(sd->writes, 3);
    assert_int_equal(sd->words_most, 48);
}

static void an_erase_unit_of_two_pages_is_erased_page_by_page(void **state)
{
    (void)state;
    cfg.erase_unit = 2 * PAGE;
    hal = ferry_softdevice_flash_hal(&port);
    assert_int_equal(hal.erase_unit, 2 * PAGE);
    erase(2 * PAGE);
    assert_int_equal(sd->erases, 2);
    for (uint32_t i = 0; i < 2 * PAGE; i++) {
        assert_int_equal(chip.bytes[2 * PAGE + i], 0xFF);
    }
}

static void what_is_forbidden_fails_at_once_and_the_next_call_works(void **state)
{
    (void)state;
    erase(0);
    sd->forbids = true;
    assert_int_equal(write(0, 64), FERRY_E_FLASH);
    assert_int_equal(hal.erase(hal.ctx, 0), FERRY_E_FLASH);
    expect_pending_for(5);
    sd->forbids = false;
    assert_int_equal(write(0, 64), FERRY_PENDING);
    assert_int_equal(outcome(10), 0);
}

/* The first piece was accepted; what the later ones meet is told by done(). */
static void what_is_forbidden_halfway_fails_by_done(void **state)
{
    (void)state;
    cfg.words_max = 16;
    erase(0);
    assert_int_equal(write(0, 128), FERRY_PENDING);
    sd->forbids = true;
    assert_int_equal(outcome(10), FERRY_E_FLASH);
}

static bool has_power;

static bool ask_power(void *ctx)
{
    return ctx == &chip && has_power;
}

static void the_supply_is_asked_where_the_product_can_tell(void **state)
{
    (void)state;
    assert_true(hal.power_ok(hal.ctx));
    cfg.power_ok = ask_power;
    cfg.ctx = &chip;
    has_power = false;
    assert_false(hal.power_ok(hal.ctx));
    has_power = true;
    assert_true(hal.power_ok(hal.ctx));
}

/* ---- busy ------------------------------------------------------------------------ */

static void a_busy_softdevice_is_asked_again_until_it_takes_the_call(void **state)
{
    (void)state;
    erase(0);
    fake_foreign(300);
    assert_int_equal(write(0, 64), FERRY_PENDING);
    assert_true(ferry_softdevice_flash_wait(&port, now) <= 10);
    expect_pending_for(299);
    assert_int_equal(outcome(5), 0);
    expect_written(0, 64);
    assert_int_equal(sd->writes, 1);
    assert_true(port.busies > 1);
}

static void the_event_of_whoever_was_in_the_way_starts_the_call_at_once(void **state)
{
    (void)state;
    erase(0);
    fake_foreign(50);
    assert_int_equal(write(0, 64), FERRY_PENDING);
    fake_time(now += 50);
    uint32_t event;
    assert_true(fake_fetch(&event));
    ferry_softdevice_flash_event(&port, event);
    assert_int_equal(sd->writes, 1);
    assert_int_equal(outcome(5), 0);
}

/* Nobody has the buffer, so the call may end before Ferry counts it as never ended. */
static void a_softdevice_busy_for_seconds_fails_the_call_in_time(void **state)
{
    (void)state;
    erase(0);
    fake_foreign(60000);
    assert_int_equal(write(0, 64), FERRY_PENDING);
    expect_pending_for(3900);
    assert_int_equal(outcome(1000), FERRY_E_FLASH);
    assert_int_equal(sd->writes, 0);
}

/* ---- failures -------------------------------------------------------------------- */

static void an_operation_that_fails_is_done_again_so_often_and_no_more(void **state)
{
    (void)state;
    erase(0);
    sd->fails = FERRY_SOFTDEVICE_TRIES - 1;
    assert_int_equal(write(0, 64), FERRY_PENDING);
    assert_int_equal(outcome(20), 0);
    expect_written(0, 64);
    assert_int_equal(port.errors, FERRY_SOFTDEVICE_TRIES - 1);

    sd->fails = FERRY_SOFTDEVICE_TRIES;
    assert_int_equal(write(64, 64), FERRY_PENDING);
    assert_int_equal(outcome(20), FERRY_E_FLASH);
    assert_int_equal(write(64, 64), FERRY_PENDING);
    assert_int_equal(outcome(20), 0);
}

static void an_erase_that_fails_is_done_again(void **state)
{
    (void)state;
    sd->fails = 3;
    erase(PAGE);
    assert_int_equal(sd->erases, 4);
    sd->fails = FERRY_SOFTDEVICE_TRIES;
    assert_int_equal(hal.erase(hal.ctx, 0), FERRY_PENDING);
    assert_int_equal(outcome(20), FERRY_E_FLASH);
}

static void each_piece_may_fail_as_often_as_any(void **state)
{
    (void)state;
    cfg.words_max = 16;
    erase(0);
    assert_int_equal(write(0, 128), FERRY_PENDING);
    sd->fails = FERRY_SOFTDEVICE_TRIES - 1;
    int status;
    while (sd->writes <= FERRY_SOFTDEVICE_TRIES) {
        assert_false(step(&status));
    }
    sd->fails = FERRY_SOFTDEVICE_TRIES - 1;
    assert_int_equal(outcome(20), 0);
    expect_written(0, 128);
}

/* The SoftDevice is content, and the cells are not: Ferry must hear of it. */
static void cells_that_come_out_wrong_are_a_failure(void **state)
{
    (void)state;
    erase(0);
    chip.write_fault = SIM_FAULT_WRONG;
    chip.faults = 1;
    assert_int_equal(write(0, 64), FERRY_PENDING);
    assert_int_equal(outcome(1500), FERRY_E_FLASH);
    assert_int_equal(sd->writes, 1);
    erase(0);
    assert_int_equal(write(0, 64), FERRY_PENDING);
    assert_int_equal(outcome(10), 0);
}

/* ---- events that are not what they seem ------------------------------------------ */

static void an_event_that_nobody_asked_for_is_harmless(void **state)
{
    (void)state;
    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS);
    fake_event(NRF_EVT_FLASH_OPERATION_ERROR);
    fake_event(0);
    fake_event(17);
    expect_pending_for(3);
    assert_int_equal(port.strays, 2);
    erase(0);
}

static void an_event_told_twice_ends_one_call_only(void **state)
{
    (void)state;
    sd->doubles_ppm = 1000000;
    erase(0);
    assert_int_equal(port.strays, 1);
    assert_int_equal(write(0, 64), FERRY_PENDING);
    assert_int_equal(outcome(10), 0);
    assert_int_equal(port.strays, 2);
    expect_pending_for(3);
}

/* Their operation ended before we called, and its event is fetched after. */
static void the_end_of_somebody_elses_operation_is_not_taken_for_ours(void **state)
{
    (void)state;
    erase(0);
    sd->takes_ms = 20;
    assert_int_equal(write(0, 64), FERRY_PENDING);
    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS);
    expect_pending_for(19);
    assert_int_equal(outcome(2), 0);
    expect_written(0, 64);
    assert_int_equal(sd->writes, 1);

    assert_int_equal(hal.erase(hal.ctx, 0), FERRY_PENDING);
    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS);
    expect_pending_for(19);
    assert_int_equal(outcome(2), 0);
    assert_int_equal(chip.bytes[0], 0xFF);
}

static void
the_failure_of_somebody_elses_operation_does_not_write_ours_twice(void **state)
{
    (void)state;
    erase(0);
    sd->takes_ms = 20;
    assert_int_equal(write(0, 64), FERRY_PENDING);
    fake_event(NRF_EVT_FLASH_OPERATION_ERROR);
    expect_pending_for(19);
    assert_int_equal(outcome(2), 0);
    expect_written(0, 64);
    assert_int_equal(sd->writes, 1);
    assert_true(sd->refused > 0);
}

/* ---- never ----------------------------------------------------------------------- */

static void
a_call_whose_end_is_never_told_stays_pending_and_keeps_its_buffer(void **state)
{
    (void)state;
    erase(0);
    sd->mutes = 1;
    assert_int_equal(write(0, 64), FERRY_PENDING);
    expect_pending_for(20000);
    assert_int_equal(ferry_softdevice_flash_wait(&port, now), UINT32_MAX);
    assert_int_equal(write(64, 64), FERRY_E_FLASH);

    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS); /* after all */
    assert_int_equal(outcome(2), 0);
    assert_int_equal(write(64, 64), FERRY_PENDING);
    assert_int_equal(outcome(10), 0);
}

static void a_foreign_event_before_one_that_never_comes_fails_the_call(void **state)
{
    (void)state;
    erase(0);
    sd->takes_ms = 60000;
    assert_int_equal(write(0, 64), FERRY_PENDING);
    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS);
    expect_pending_for(1);
    assert_true(ferry_softdevice_flash_wait(&port, now) <= 1000);
    assert_int_equal(outcome(1100), FERRY_E_FLASH);
}

int main(void)
{
#define on_chip(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        on_chip(a_call_is_pending_until_its_event_and_has_then_taken_place),
        on_chip(a_second_call_while_one_runs_is_refused_and_does_no_harm),
        on_chip(a_write_goes_in_pieces_no_longer_than_the_softdevice_takes),
        on_chip(an_erase_unit_of_two_pages_is_erased_page_by_page),
        on_chip(what_is_forbidden_fails_at_once_and_the_next_call_works),
        on_chip(what_is_forbidden_halfway_fails_by_done),
        on_chip(the_supply_is_asked_where_the_product_can_tell),
        on_chip(a_busy_softdevice_is_asked_again_until_it_takes_the_call),
        on_chip(the_event_of_whoever_was_in_the_way_starts_the_call_at_once),
        on_chip(a_softdevice_busy_for_seconds_fails_the_call_in_time),
        on_chip(an_operation_that_fails_is_done_again_so_often_and_no_more),
        on_chip(an_erase_that_fails_is_done_again),
        on_chip(each_piece_may_fail_as_often_as_any),
        on_chip(cells_that_come_out_wrong_are_a_failure),
        on_chip(an_event_that_nobody_asked_for_is_harmless),
        on_chip(an_event_told_twice_ends_one_call_only),
        on_chip(the_end_of_somebody_elses_operation_is_not_taken_for_ours),
        on_chip(the_failure_of_somebody_elses_operation_does_not_write_ours_twice),
        on_chip(a_call_whose_end_is_never_told_stays_pending_and_keeps_its_buffer),
        on_chip(a_foreign_event_before_one_that_never_comes_fails_the_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
