/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what both sessions do where they are told something that cannot be: a state or
 * an event that does not exist, the end of a call that the state never makes. They do
 * nothing, and stay where they are. */
#include "check.h"
#include "courier_in.h"
#include "device_in.h"

/* Memory that lost a bit: behind the last one, and far behind it. */
static const unsigned strange[] = {FERRY_DEVICE_STATES, 0x7F};

static struct ferry_device device_in(unsigned state)
{
    struct ferry_device d;

    memset(&d, 0, sizeof d);
    d.state = (enum ferry_device_state)state;
    return d;
}

static struct ferry_courier courier_in(unsigned state)
{
    struct ferry_courier c;

    memset(&c, 0, sizeof c);
    c.state = (enum ferry_courier_state)state;
    return c;
}

/* ---- the device ------------------------------------------------------------------ */

static void a_device_in_no_state_takes_no_step_and_answers_no_offer(void **state)
{
    struct ferry_msg m = {.type = FERRY_MSG_OFFER};

    (void)state;
    for (size_t i = 0; i < COUNT(strange); i++) {
        struct ferry_device d = device_in(strange[i]);
        assert_int_equal(ferry_device_step(&d), strange[i]);
        assert_int_equal(ferry_device_ended(&d), strange[i]);
        assert_int_equal(ferry_device_on_offer(&d, &m), strange[i]);
        assert_int_equal(d.owed, 0);
    }
}

static void a_device_does_nothing_at_an_event_that_does_not_exist(void **state)
{
    (void)state;
    for (unsigned at = 0; at < FERRY_DEVICE_STATES; at++) {
        struct ferry_device d = device_in(at), before = d;
        ferry_device_happens(&d, (enum ferry_device_event)0x7F, NULL);
        assert_memory_equal(&d, &before, sizeof d);
    }
}

static void a_device_without_work_falls_asleep_at_its_step(void **state)
{
    static const enum ferry_device_state idle[] = {
        FERRY_DEVICE_IDLE, FERRY_DEVICE_OFFERED, FERRY_DEVICE_BROKEN};

    (void)state;
    for (size_t i = 0; i < COUNT(idle); i++) {
        struct ferry_device d = device_in(idle[i]);
        assert_int_equal(ferry_device_step(&d), idle[i]);
        assert_true(d.asleep);
    }
}

static void the_end_of_a_call_is_nothing_to_a_state_that_makes_none(void **state)
{
    static const enum ferry_device_state mute[] = {
        FERRY_DEVICE_IDLE,    FERRY_DEVICE_OFFERED,   FERRY_DEVICE_LOOKING,
        FERRY_DEVICE_HASHING, FERRY_DEVICE_COMMITTED, FERRY_DEVICE_DISCARDING,
        FERRY_DEVICE_BROKEN,
    };

    (void)state;
    for (size_t i = 0; i < COUNT(mute); i++) {
        struct ferry_device d = device_in(mute[i]), before;
        d.called = FERRY_CALL_CRYPTO;
        before = d;
        assert_int_equal(ferry_device_ended(&d), mute[i]);
        assert_memory_equal(&d, &before, sizeof d);
    }
}

/* ---- the courier ----------------------------------------------------------------- */

static void a_courier_in_no_state_waits_for_nothing_for_ever(void **state)
{
    struct ferry_courier_progress p;

    (void)state;
    for (size_t i = 0; i < COUNT(strange); i++) {
        struct ferry_courier c = courier_in(strange[i]);
        assert_int_equal(ferry_courier_deadline(&c, 5), UINT32_MAX);
        ferry_courier_progress(&c, &p);
        assert_int_equal(p.wait, FERRY_WAIT_NONE);
        ferry_courier_tick(&c, 5);
        assert_int_equal(ferry_courier_state(&c), strange[i]);
        assert_int_equal(ferry_courier_error(&c), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_in_no_state_takes_no_step_and_answers_no_offer),
        cmocka_unit_test(a_device_does_nothing_at_an_event_that_does_not_exist),
        cmocka_unit_test(a_device_without_work_falls_asleep_at_its_step),
        cmocka_unit_test(the_end_of_a_call_is_nothing_to_a_state_that_makes_none),
        cmocka_unit_test(a_courier_in_no_state_waits_for_nothing_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
