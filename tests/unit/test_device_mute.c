/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what a recovery links in the place of statements (src/device_mute.c): whatever
 * leads there, the session is back where it was, and no piece is said. */
#include "check.h"
#include "device_in.h"

static struct ferry_device device_reporting(void)
{
    struct ferry_device d;

    memset(&d, 0, sizeof d);
    d.state = FERRY_DEVICE_REPORTING;
    return d;
}

static void a_statement_is_not_begun(void **state)
{
    (void)state;
    struct ferry_device d = device_reporting(), before = d;
    d.state = before.state = FERRY_DEVICE_IDLE;
    assert_int_equal(ferry_device_begin_report(&d), FERRY_DEVICE_IDLE);
    ferry_device_drop_report(&d);
    assert_memory_equal(&d, &before, sizeof d);
}

static void its_step_and_its_end_lead_back_to_rest(void **state)
{
    (void)state;
    for (unsigned live = 0; live <= 1; live++) {
        unsigned rest = live ? FERRY_DEVICE_RECEIVING : FERRY_DEVICE_IDLE;
        struct ferry_device d = device_reporting();
        d.live = live == 1;
        assert_int_equal(ferry_device_step(&d), rest);
        d = device_reporting();
        d.live = live == 1;
        assert_int_equal(ferry_device_ended(&d), rest);
        assert_int_equal(d.owed, 0);
    }
}

static void there_is_no_piece_of_it_now_or_ever(void **state)
{
    struct ferry_msg m, before;

    (void)state;
    struct ferry_device d = device_reporting();
    memset(&m, 0xA5, sizeof m);
    before = m;
    ferry_device_say_piece(&d, &m);
    assert_memory_equal(&m, &before, sizeof m);
    ferry_device_say_none(&d, &m);
    assert_int_equal(m.u.piece.off, 0); /* do not ask again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_is_not_begun),
        cmocka_unit_test(its_step_and_its_end_lead_back_to_rest),
        cmocka_unit_test(there_is_no_piece_of_it_now_or_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
