/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a million ticks are a second, past every wrap and without drift, and that
 * sleep never misses what woke it. */
#include "clock.h"
#include "core.h"
#include "fake.h"

#define COMPARE0 0x40009140U
#define CAPTURE1 0x40009044U
#define CC0 0x40009540U
#define CC1 0x40009544U
#define TICKS_PER_S 1000000U

static uint32_t ticks; /* the timer's; go on from test to test, as a clock does */
static bool something_came;

static bool capture(uint32_t addr, uint32_t value)
{
    (void)value;
    if (addr == CAPTURE1) {
        fake_poke(CC1, ticks);
    }
    return false;
}

static void begin(void)
{
    fake_new((struct fake_will){.set = capture});
    (void)nrf52_clock_ms();
}

static void a_second_is_a_thousand_milliseconds(void **state)
{
    (void)state;
    begin();
    uint32_t from = nrf52_clock_ms();
    ticks += TICKS_PER_S;
    assert_int_equal(nrf52_clock_ms() - from, 1000);
}

/* What is not yet a millisecond is kept. */
static void asking_often_loses_no_time(void **state)
{
    (void)state;
    begin();
    uint32_t from = nrf52_clock_ms();
    for (unsigned i = 0; i < 3000; i++) {
        ticks += 333;
        (void)nrf52_clock_ms();
    }
    assert_in_range(nrf52_clock_ms() - from, 998, 1000);
}

static void the_timers_wrap_does_not_show(void **state)
{
    (void)state;
    begin();
    ticks = 0xFFFFFFFFU - 5U * TICKS_PER_S;
    uint32_t from = nrf52_clock_ms();
    ticks += 10U * TICKS_PER_S;
    assert_in_range(nrf52_clock_ms() - from, 9999, 10001);
}

static bool awake(void)
{
    assert_true(fake_held); /* else it could come between the question and the sleep */
    return something_came;
}

static void sleep_ends_when_it_was_told_to(void **state)
{
    (void)state;
    begin();
    something_came = false;
    nrf52_clock_sleep(100, awake);
    assert_int_equal(fake_naps, 1);
    assert_int_equal(fake_peek(CC0) - ticks, 100000);
    assert_false(fake_held);
}

static void sleep_is_left_out_if_there_is_something_to_do(void **state)
{
    (void)state;
    begin();
    something_came = true;
    nrf52_clock_sleep(100, awake);
    assert_int_equal(fake_naps, 0);
    assert_false(fake_held);
}

static void no_time_at_all_is_no_sleep(void **state)
{
    (void)state;
    begin();
    something_came = false;
    nrf52_clock_sleep(0, awake);
    assert_int_equal(fake_naps, 0);
    assert_int_equal(fake_writes(CC0), 0);
}

static void for_ever_is_a_second_at_most(void **state)
{
    (void)state;
    begin();
    nrf52_clock_sleep(UINT32_MAX, awake);
    assert_int_equal(fake_peek(CC0) - ticks, TICKS_PER_S);
}

static void its_interrupt_is_acknowledged(void **state)
{
    (void)state;
    begin();
    fake_poke(COMPARE0, 1);
    nrf52_on_timer1();
    assert_int_equal(fake_peek(COMPARE0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_is_a_thousand_milliseconds),
        cmocka_unit_test(asking_often_loses_no_time),
        cmocka_unit_test(the_timers_wrap_does_not_show),
        cmocka_unit_test(sleep_ends_when_it_was_told_to),
        cmocka_unit_test(sleep_is_left_out_if_there_is_something_to_do),
        cmocka_unit_test(no_time_at_all_is_no_sleep),
        cmocka_unit_test(for_ever_is_a_second_at_most),
        cmocka_unit_test(its_interrupt_is_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
