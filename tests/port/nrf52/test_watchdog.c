/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a watchdog is started with the period asked for, that one found running
 * keeps its own and is fed, and that a low supply is told from a good one. */
#include "fake.h"
#include "supply.h"
#include "watchdog.h"

#define START 0x40010000U
#define RUNSTATUS 0x40010400U
#define CRV 0x40010504U
#define RREN 0x40010508U
#define CONFIG 0x4001050CU
#define RR(i) (0x40010600U + 4U * (i))
#define RELOAD 0x6E524635U

#define POFWARN 0x40000108U
#define POFCON 0x40000510U

static void a_watchdog_starts_with_the_period_asked_for(void **state)
{
    (void)state;
    fake_new((struct fake_will){0});
    nrf52_watchdog_start(8000);
    assert_int_equal(fake_peek(CRV), 8 * 32768 - 1);
    assert_int_equal(fake_peek(RREN), 1);
    assert_int_equal(fake_peek(CONFIG), 1); /* goes on while the CPU sleeps */
    assert_int_equal(fake_written(START, 1), 1);
    assert_int_equal(fake_written(RR(0), RELOAD), 1);
}

static void periods_need_not_be_whole_seconds_nor_short(void **state)
{
    (void)state;
    fake_new((struct fake_will){0});
    nrf52_watchdog_start(1500);
    assert_int_equal(fake_peek(CRV), 49151);
    fake_new((struct fake_will){0});
    nrf52_watchdog_start(36U * 3600U * 1000U); /* nearly all that 32 bits can count */
    assert_int_equal(fake_peek(CRV), 36U * 3600U * 32768U - 1U);
}

static void one_found_running_keeps_its_period_and_is_fed(void **state)
{
    (void)state;
    fake_new((struct fake_will){0});
    fake_poke(RUNSTATUS, 1);
    fake_poke(CRV, 1234);
    nrf52_watchdog_start(8000);
    assert_int_equal(fake_peek(CRV), 1234);
    assert_int_equal(fake_writes(START) + fake_writes(RREN) + fake_writes(CONFIG), 0);
    assert_int_equal(fake_written(RR(0), RELOAD), 1);
}

/* Another program's may want all of its eight channels fed. */
static void feeding_feeds_every_channel(void **state)
{
    (void)state;
    fake_new((struct fake_will){0});
    nrf52_watchdog_feed();
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(fake_written(RR(i), RELOAD), 1);
    }
}

static bool supply_is_low;

/* Warns once, as it is switched on, if the supply is below the threshold. */
static bool comparator(uint32_t addr, uint32_t value)
{
    if (addr == POFCON && (value & 1U) != 0 && supply_is_low) {
        fake_poke(POFWARN, 1);
    }
    return false;
}

static void a_low_supply_is_told_from_a_good_one(void **state)
{
    (void)state;
    fake_new((struct fake_will){.set = comparator});
    fake_poke(POFWARN, 1); /* of long ago */
    supply_is_low = false;
    assert_true(nrf52_supply_ok(NULL));
    supply_is_low = true;
    assert_false(nrf52_supply_ok(NULL));
    supply_is_low = false;
    assert_true(nrf52_supply_ok(NULL));
    assert_int_equal(fake_peek(POFCON), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watchdog_starts_with_the_period_asked_for),
        cmocka_unit_test(periods_need_not_be_whole_seconds_nor_short),
        cmocka_unit_test(one_found_running_keeps_its_period_and_is_fed),
        cmocka_unit_test(feeding_feeds_every_channel),
        cmocka_unit_test(a_low_supply_is_told_from_a_good_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
