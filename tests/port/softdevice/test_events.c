/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the events of a SoftDevice's flash that are not what they seem: told without a
 * call, told twice, told of somebody else's operation, told late and never told. */
#include "desk.h"

/* ---- events that are not what they seem ------------------------------------------ */

static void an_event_that_nobody_asked_for_is_harmless(void **state)
{
    (void)state;
    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS);
    fake_event(NRF_EVT_FLASH_OPERATION_ERROR);
    fake_event(0);
    fake_event(17);
    desk_expect_pending_for(3);
    assert_int_equal(desk.port.strays, 2);
    desk_erase(0);
}

static void an_event_told_twice_ends_one_call_only(void **state)
{
    (void)state;
    desk.sd->doubles_ppm = 1000000;
    desk_erase(0);
    assert_int_equal(desk.port.strays, 1);
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    assert_int_equal(desk_outcome(10), 0);
    assert_int_equal(desk.port.strays, 2);
    desk_expect_pending_for(3);
}

/* Their operation ended before we called, and its event is fetched after. */
static void the_end_of_somebody_elses_operation_is_not_taken_for_ours(void **state)
{
    (void)state;
    desk_erase(0);
    desk.sd->takes_ms = 20;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS);
    desk_expect_pending_for(19);
    assert_int_equal(desk_outcome(2), 0);
    desk_expect_written(0, 64);
    assert_int_equal(desk.sd->writes, 1);

    assert_int_equal(desk.hal.erase(desk.hal.ctx, 0), FERRY_PENDING);
    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS);
    desk_expect_pending_for(19);
    assert_int_equal(desk_outcome(2), 0);
    assert_int_equal(desk.chip.bytes[0], 0xFF);
}

static void
the_failure_of_somebody_elses_operation_does_not_write_ours_twice(void **state)
{
    (void)state;
    desk_erase(0);
    desk.sd->takes_ms = 20;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    fake_event(NRF_EVT_FLASH_OPERATION_ERROR);
    desk_expect_pending_for(19);
    assert_int_equal(desk_outcome(2), 0);
    desk_expect_written(0, 64);
    assert_int_equal(desk.sd->writes, 1);
    assert_true(desk.sd->refused > 0);
}

/* Ours is still under way for seconds: the buffer is not given back before it ends. */
static void a_call_once_accepted_is_not_given_up_for_being_busy(void **state)
{
    (void)state;
    desk_erase(0);
    desk.sd->takes_ms = 6000;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    fake_event(NRF_EVT_FLASH_OPERATION_ERROR);
    desk_expect_pending_for(5999);
    assert_int_equal(desk_outcome(2), 0);
    assert_int_equal(desk.sd->writes, 1);
}

/* A second from the event, not from the call. */
static void an_operation_has_a_second_left_after_somebody_elses_event(void **state)
{
    (void)state;
    desk_erase(0);
    desk.sd->takes_ms = 1500;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    desk_expect_pending_for(900);
    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS);
    desk_expect_pending_for(599);
    assert_int_equal(desk_outcome(2), 0);
}

static void an_operation_done_again_has_all_its_time_again(void **state)
{
    (void)state;
    desk_erase(0);
    desk.sd->takes_ms = 500;
    desk.sd->fails = 1;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS);
    desk_expect_pending_for(499);
    desk.sd->takes_ms = 3000;
    desk_expect_pending_for(3000);
    assert_int_equal(desk_outcome(2), 0);
    desk_expect_written(0, 64);
}

/* ---- never ----------------------------------------------------------------------- */

static void
a_call_whose_end_is_never_told_stays_pending_and_keeps_its_buffer(void **state)
{
    (void)state;
    desk_erase(0);
    desk.sd->mutes = 1;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    desk_expect_pending_for(20000);
    assert_int_equal(ferry_softdevice_flash_wait(&desk.port, desk.now), UINT32_MAX);
    assert_int_equal(desk_write(64, 64), FERRY_E_FLASH);

    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS); /* after all */
    assert_int_equal(desk_outcome(2), 0);
    assert_int_equal(desk_write(64, 64), FERRY_PENDING);
    assert_int_equal(desk_outcome(10), 0);
}

static void a_foreign_event_before_one_that_never_comes_fails_the_call(void **state)
{
    (void)state;
    desk_erase(0);
    desk.sd->takes_ms = 60000;
    assert_int_equal(desk_write(0, 64), FERRY_PENDING);
    fake_event(NRF_EVT_FLASH_OPERATION_SUCCESS);
    desk_expect_pending_for(1);
    assert_true(ferry_softdevice_flash_wait(&desk.port, desk.now) <= 1000);
    assert_int_equal(desk_outcome(1100), FERRY_E_FLASH);
}

int main(void)
{
#define on_desk(f) cmocka_unit_test_setup(f, desk_begin)
    const struct CMUnitTest tests[] = {
        on_desk(an_event_that_nobody_asked_for_is_harmless),
        on_desk(an_event_told_twice_ends_one_call_only),
        on_desk(the_end_of_somebody_elses_operation_is_not_taken_for_ours),
        on_desk(the_failure_of_somebody_elses_operation_does_not_write_ours_twice),
        on_desk(a_call_once_accepted_is_not_given_up_for_being_busy),
        on_desk(an_operation_has_a_second_left_after_somebody_elses_event),
        on_desk(an_operation_done_again_has_all_its_time_again),
        on_desk(a_call_whose_end_is_never_told_stays_pending_and_keeps_its_buffer),
        on_desk(a_foreign_event_before_one_that_never_comes_fails_the_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
