/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a trial runs under a watchdog, or under a port that says by name that it has
 * none. */
#include "boots.h"

/* ---- watchdogs ---------------------------------------------------------------------- */

static void a_trial_does_not_begin_while_its_watchdog_does_not_start(void **state)
{
    (void)state;
    for (unsigned none = 0; none < 2; none++) {
        struct world *w = new_device();
        int (*arm)(void *) = w->board.cfg.arm_watchdog;
        w->board.watchdog_fails = true;
        w->board.cfg.arm_watchdog = none ? NULL : arm;
        try_out(w, &second);
        for (unsigned i = 0; i < 12; i++) { /* and nothing is held against it */
            expect_runs(w, &first, false);
            reset(w, i % 2 == 0 ? FERRY_RESET_FAULT : FERRY_RESET_POWER);
        }
        assert_false(buried(w));
        w->board.watchdog_fails = false;
        w->board.cfg.arm_watchdog = arm;
        try_out(w, &second);
        expect_runs(w, &second, true);
        assert_true(w->board.watchdog);
    }
}

static void a_trial_whose_watchdog_no_longer_starts_does_not_go_on(void **state)
{
    (void)state;
    struct world *w = trial_device();
    w->board.watchdog_fails = true;
    reset(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
    assert_false(buried(w));
    assert_int_equal(w->board.opened, 0);
    w->board.watchdog_fails = false;
    expect_err("welcome again", offer_of(w, &second), 0);
}

static void who_wants_no_watchdog_says_so_by_name(void **state)
{
    (void)state;
    struct world *w = new_device();
    w->board.cfg.arm_watchdog = FERRY_TRIAL_UNGUARDED;
    try_out(w, &second);
    expect_runs(w, &second, true);
    assert_false(w->board.watchdog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_does_not_begin_while_its_watchdog_does_not_start),
        cmocka_unit_test(a_trial_whose_watchdog_no_longer_starts_does_not_go_on),
        cmocka_unit_test(who_wants_no_watchdog_says_so_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
