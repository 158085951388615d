/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the budget of a trial: what counts, what does not, when the previous image comes
 * back, and what that means for the image that gave way. */
#include "boots.h"

/* ---- crash, hang, watchdog ------------------------------------------------------- */

/* FERRY_TRIAL_FAULTS starts, each ended by a fault; the next start is the old image's. */
static void a_trial_is_rolled_back_exactly_after_its_third_fault(void **state)
{
    const enum ferry_reset faults[] = {FERRY_RESET_FAULT, FERRY_RESET_SOFT};

    (void)state;
    for (size_t kind = 0; kind < COUNT(faults); kind++) {
        struct world *w = trial_device();
        for (uint8_t left = FERRY_TRIAL_FAULTS; left > 1; left--) {
            assert_int_equal(w->board.handoff.attempts, left);
            board_boot(w, faults[kind]);
            expect_runs(w, &second, true);
        }
        board_boot(w, faults[kind]);
        expect_runs(w, &first, false);
        assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_FAULTS);
        assert_int_equal(board_record(w).rollbacks, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_is_rolled_back_exactly_after_its_third_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
