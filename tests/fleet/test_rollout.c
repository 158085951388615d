/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be done to a rollout when, and what its stages wait for. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rollout.h"

#define STATES 6
#define ACTS 7

/* The table of rollout.h: what a state becomes; -: it may not. Of an open rollout the
 * first stage advances, and the last one finishes. */
static const char *const table[STATES] = {
    "O---C--", /* draft */
    "-OF-CS-", /* open, first stage; finish only in the last one */
    "---OCS-", /* frozen */
    "-------", /* cancelled */
    "-------", /* superseded */
    "-------", /* done */
};

static enum rollout_state named(char letter)
{
    return letter == 'O'   ? ROLLOUT_OPEN
           : letter == 'F' ? ROLLOUT_FROZEN
           : letter == 'C' ? ROLLOUT_CANCELLED
                           : ROLLOUT_SUPERSEDED;
}

static void every_state_takes_the_acts_of_its_row_and_no_others(void **state)
{
    struct rollout r, before;
    (void)state;

    for (int s = 0; s < STATES; s++) {
        for (int act = 0; act < ACTS; act++) {
            rollout_usual(&r);
            r.state = (enum rollout_state)s;
            before = r;
            bool may = table[s][act] != '-';
            assert_int_equal(rollout_do(&r, (enum rollout_act)act, 5), may);
            if (may) {
                assert_int_equal(r.state, named(table[s][act]));
            } else {
                assert_memory_equal(&r, &before, sizeof r);
            }
            assert_int_equal(rollout_offers(&r), r.state == ROLLOUT_OPEN);
        }
    }
}

static void a_rollout_goes_stage_by_stage_to_its_end(void **state)
{
    struct rollout r;
    (void)state;

    rollout_usual(&r);
    assert_null(rollout_bad(&r));
    assert_true(rollout_do(&r, ROLLOUT_ACT_OPEN, 10));
    for (unsigned at = 0; at + 1 < r.stages; at++) {
        assert_int_equal(r.at, at);
        assert_int_equal(r.since, 10 + 100 * (int)at);
        assert_false(rollout_do(&r, ROLLOUT_ACT_FINISH, 0));
        assert_true(rollout_do(&r, ROLLOUT_ACT_ADVANCE, 110 + 100 * (int)at));
    }
    assert_false(rollout_do(&r, ROLLOUT_ACT_ADVANCE, 999));
    assert_true(rollout_do(&r, ROLLOUT_ACT_FINISH, 999));
    assert_int_equal(r.state, ROLLOUT_DONE);
}

static void a_resumed_rollout_is_where_it_was(void **state)
{
    struct rollout r;
    (void)state;

    rollout_usual(&r);
    rollout_do(&r, ROLLOUT_ACT_OPEN, 0);
    rollout_do(&r, ROLLOUT_ACT_ADVANCE, 200);
    assert_true(rollout_do(&r, ROLLOUT_ACT_FREEZE, 250));
    assert_false(rollout_do(&r, ROLLOUT_ACT_ADVANCE, 260));
    assert_true(rollout_do(&r, ROLLOUT_ACT_RESUME, 300));
    assert_int_equal(r.at, 1);
    assert_int_equal(r.since, 200);
}

static void the_usual_ladder_holds_back_five_times_as_many_while_it_can(void **state)
{
    struct rollout r;
    (void)state;

    rollout_usual(&r);
    static const uint32_t offered[] = {20000, 100000, 500000, 1000000};
    static const uint32_t held_back[] = {100000, 100000, 100000, 0};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(r.stage[i].size.offered, offered[i]);
        assert_int_equal(r.stage[i].size.held_back, held_back[i]);
        assert_int_equal(r.stage[i].dwell_h, 120);
    }
}

static void stages_that_are_none_are_refused(void **state)
{
    struct rollout r;
    (void)state;

    rollout_usual(&r);
    r.stages = 0;
    assert_non_null(rollout_bad(&r));
    rollout_usual(&r);
    r.stage[1].size.offered = 10000;
    assert_non_null(rollout_bad(&r));
    rollout_usual(&r);
    r.stage[1].size.held_back = 200000;
    assert_non_null(rollout_bad(&r));
    rollout_usual(&r);
    r.stage[0].size.offered = 0;
    assert_non_null(rollout_bad(&r));
    rollout_usual(&r);
    r.stage[2].smallest_loss = NAN;
    assert_non_null(rollout_bad(&r));
}

/* Shares of 0.9 and 0.81, with the z values of the tables for 1 % and 10 %. */
static void units_needed_are_as_by_hand_and_loss_seen_is_their_inverse(void **state)
{
    double z = 2.326347874 + 1.281551566;
    double wanted = z * z * (0.9 * 0.1 + 0.81 * 0.19) / (0.09 * 0.09);
    (void)state;

    assert_int_equal(rollout_units_needed(0.9, 0.1, 0.01), (uint32_t)ceil(wanted));
    for (double loss = 0.02; loss < 0.9; loss += 0.07) {
        uint32_t n = rollout_units_needed(0.7, loss, 1e-4);
        assert_true(fabs(rollout_loss_seen(0.7, n, 1e-4) - loss) < 0.01 * loss + 0.002);
    }
    assert_true(rollout_loss_seen(0.7, 3, 1e-6) == 1);
    assert_true(rollout_units_needed(0.7, 0.05, 1e-4) >
                rollout_units_needed(0.7, 0.1, 1e-4));
}

static void
a_stage_waits_for_time_and_for_the_facet_that_is_furthest_behind(void **state)
{
    struct rollout r;
    struct rollout_evidence facet[3] = {{.aged = 5000}, {.aged = 100}, {.aged = 300}};
    unsigned waits_for;
    uint32_t needed;
    (void)state;

    rollout_usual(&r);
    assert_int_equal(rollout_gate(&r, 0, 0.9, 1e-4, facet, 3, &waits_for, &needed),
                     ROLLOUT_NOT_OPEN);
    rollout_do(&r, ROLLOUT_ACT_OPEN, 0);
    assert_int_equal(rollout_gate(&r, 119, 0.9, 1e-4, facet, 3, &waits_for, &needed),
                     ROLLOUT_DWELL);
    assert_int_equal(rollout_gate(&r, 120, 0.9, 1e-4, facet, 3, &waits_for, &needed),
                     ROLLOUT_EVIDENCE);
    assert_int_equal(waits_for, 1);
    assert_int_equal(needed, rollout_units_needed(0.9, 0.1, 1e-4));
    facet[1].waived = true;
    assert_int_equal(rollout_gate(&r, 120, 0.9, 1e-4, facet, 3, &waits_for, &needed),
                     ROLLOUT_EVIDENCE);
    assert_int_equal(waits_for, 2);
    facet[2].aged = needed;
    assert_int_equal(rollout_gate(&r, 120, 0.9, 1e-4, facet, 3, &waits_for, &needed),
                     ROLLOUT_READY);
    assert_int_equal(waits_for, 3);
    r.at = 3;
    assert_int_equal(rollout_gate(&r, 120, 0.9, 1e-4, facet, 3, &waits_for, &needed),
                     ROLLOUT_LAST);
}

static void no_evidence_outweighs_an_alarm_and_urgency_needs_none(void **state)
{
    struct rollout r;
    struct rollout_evidence facet[2] = {{.aged = 1000000}, {.aged = 1000000}};
    unsigned waits_for;
    uint32_t needed;
    (void)state;

    rollout_usual(&r);
    rollout_do(&r, ROLLOUT_ACT_OPEN, 0);
    facet[1].alarm = facet[1].waived = true;
    assert_int_equal(rollout_gate(&r, 500, 0.9, 1e-4, facet, 2, &waits_for, &needed),
                     ROLLOUT_ALARMED);
    assert_int_equal(waits_for, 1);
    facet[1] = (struct rollout_evidence){.aged = 0};
    r.urgent = true;
    assert_int_equal(rollout_gate(&r, 500, 0.9, 1e-4, facet, 2, &waits_for, &needed),
                     ROLLOUT_READY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_takes_the_acts_of_its_row_and_no_others),
        cmocka_unit_test(a_rollout_goes_stage_by_stage_to_its_end),
        cmocka_unit_test(a_resumed_rollout_is_where_it_was),
        cmocka_unit_test(the_usual_ladder_holds_back_five_times_as_many_while_it_can),
        cmocka_unit_test(stages_that_are_none_are_refused),
        cmocka_unit_test(units_needed_are_as_by_hand_and_loss_seen_is_their_inverse),
        cmocka_unit_test(
            a_stage_waits_for_time_and_for_the_facet_that_is_furthest_behind),
        cmocka_unit_test(no_evidence_outweighs_an_alarm_and_urgency_needs_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
