/* SPDX-License-Identifier: Apache-2.0
 *
 * The port's self-test, as a product would run it on its target, on flash under a
 * SoftDevice that fails now and then, tells events twice and works for others, too. */
#include <sodium.h>

#include "crypto_sodium.h"
#include "desk.h"
#include "selftest.h"

static struct ferry_port_selftest_kept kept;
static unsigned failures;

static bool ended(void *ctx, int *status)
{
    (void)ctx;
    return desk_step(status);
}

/* The clock goes on while it is looked at, too. */
static uint32_t millis(void *ctx)
{
    static unsigned looks;

    (void)ctx;
    if (++looks % 4 == 0) {
        fake_time(++desk.now);
    }
    return desk.now;
}

static void say(void *ctx, const char *check, enum ferry_port_verdict verdict)
{
    (void)ctx;
    if (verdict == FERRY_PORT_FAILED) {
        print_message("failed: %s\n", check);
        failures++;
    }
}

static void in_a_bad_mood(void)
{
    desk.sd = fake_softdevice(&desk.chip);
    desk.sd->takes_ms = 3;
    desk.sd->fails_ppm = 100000;
    desk.sd->doubles_ppm = 200000;
    desk.sd->others_ppm = 300000;
    fake_time(desk.now);
    ferry_softdevice_flash_init(&desk.port, &desk.cfg);
}

static void the_ports_self_test_passes_before_and_after_a_reset(void **state)
{
    struct ferry_sodium sodium;
    struct ferry_crypto crypto = ferry_sodium_crypto(&sodium);
    struct ferry_port_selftest t = {
        .flash = &desk.hal,
        .crypto = &crypto,
        .scratch = PAGE,
        .kept = &kept,
        .reset = FERRY_RESET_POWER,
        .ended = ended,
        .say = say,
        .millis = millis,
    };

    (void)state;
    assert_true(sodium_init() >= 0);
    in_a_bad_mood();
    assert_int_equal(ferry_port_selftest(&t), FERRY_PORT_SELFTEST_RESET);
    assert_true(desk.port.errors > 0);
    assert_true(desk.port.strays > 0);
    assert_true(desk.port.busies > 0);
    in_a_bad_mood();
    t.reset = FERRY_RESET_SOFT;
    assert_int_equal(ferry_port_selftest(&t), 0);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_ports_self_test_passes_before_and_after_a_reset,
                               desk_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
