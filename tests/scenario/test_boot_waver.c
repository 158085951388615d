/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests requests whose last word was torn, so that it reads wrong at one start and right
 * at another: what was not heard once is never heard, and what was heard before is not
 * taken back by a torn record that says it again. */
#include "boots.h"

/* The bootloader starts, as often as that; the word reads wrong and right in turn. */
static void start_in_turn(struct world *w, const struct cargo *c, bool trial,
                          unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, c, trial);
        rot_request(w);
    }
}

static void a_commit_that_was_not_heard_once_is_never_heard(void **state)
{
    (void)state;
    struct world *w = new_device();
    commit(w, &second);
    rot_request(w); /* wrong, and from now on in turn */
    start_in_turn(w, &first, false, 7);
    board_start_app(w);
    assert_false(w->board.app.state.committed);
    world_run(w, 1000);
    /* It stands there, whole; asked for again it boots. */
    assert_int_equal(board_commit(w), 0);
    board_planned_reset(w);
    expect_runs(w, &second, true);
}

static void a_commit_that_reads_right_at_the_first_start_is_heard_for_good(void **state)
{
    (void)state;
    struct world *w = new_device();
    commit(w, &second);
    start_in_turn(w, &second, true, 7);
}

static void a_confirm_that_was_not_heard_once_is_never_heard(void **state)
{
    (void)state;
    struct world *w = trial_device();
    meet(w);
    world_run(w, 1000);
    assert_true(w->board.app.state.settled);
    rot_request(w);
    start_in_turn(w, &second, true, 7);
    assert_int_equal(board_record(w).updates, 0);
    /* The trial has another number by now; confirmed under that it is heard. */
    board_start_app(w);
    assert_false(w->board.app.state.settled);
    confirm(w);
    expect_runs(w, &second, false);
}

static void
a_confirm_that_reads_right_at_the_first_start_is_heard_for_good(void **state)
{
    (void)state;
    struct world *w = trial_device();
    meet(w);
    world_run(w, 1000);
    start_in_turn(w, &second, false, 7);
    assert_int_equal(board_record(w).updates, 1);
}

/* Each record restates what was asked before: so does one that is torn. */
static void a_commit_said_again_in_a_torn_record_is_heard(void **state)
{
    (void)state;
    for (unsigned turn = 0; turn < 2; turn++) {
        struct world *w = new_device();
        commit(w, &second);
        struct ferry_app_record rec = board_app_record(w);
        rec.healthy++;
        assert_true(board_forge(w, &rec));
        if (turn == 0) {
            rot_request(w);
        }
        start_in_turn(w, &second, true, 7);
    }
}

static void a_confirm_said_again_in_a_torn_record_is_heard(void **state)
{
    (void)state;
    for (unsigned turn = 0; turn < 2; turn++) {
        struct world *w = trial_device();
        meet(w);
        world_run(w, 1000);
        struct ferry_app_record rec = board_app_record(w);
        rec.healthy++;
        assert_true(board_forge(w, &rec));
        if (turn == 0) {
            rot_request(w);
        }
        start_in_turn(w, &second, false, 7);
        assert_int_equal(board_record(w).updates, 1);
    }
}

/* A torn request for another image does not undo the sound one before it, nor is it heard
 * in its stead. */
static void a_torn_request_takes_nothing_else_back(void **state)
{
    (void)state;
    struct world *w = new_device();
    commit(w, &second);
    struct ferry_app_record rec = board_app_record(w);
    rec.commit++;
    memset(rec.digest, 0x77, sizeof rec.digest);
    assert_true(board_forge(w, &rec));
    rot_request(w);
    start_in_turn(w, &second, true, 7);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_TRIAL);
}

/* The confirm of a trial that is over does not renumber the next one. */
static void a_torn_confirm_of_another_trial_changes_nothing(void **state)
{
    (void)state;
    struct world *w = trial_device();
    uint32_t number = board_record(w).trial;
    struct ferry_app_record rec = board_app_record(w);
    rec.confirm = number + 3;
    assert_true(board_forge(w, &rec));
    rot_request(w);
    start_in_turn(w, &second, true, 7);
    assert_int_equal(board_record(w).trial, number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_that_was_not_heard_once_is_never_heard),
        cmocka_unit_test(
            a_commit_that_reads_right_at_the_first_start_is_heard_for_good),
        cmocka_unit_test(a_confirm_that_was_not_heard_once_is_never_heard),
        cmocka_unit_test(
            a_confirm_that_reads_right_at_the_first_start_is_heard_for_good),
        cmocka_unit_test(a_commit_said_again_in_a_torn_record_is_heard),
        cmocka_unit_test(a_confirm_said_again_in_a_torn_record_is_heard),
        cmocka_unit_test(a_torn_request_takes_nothing_else_back),
        cmocka_unit_test(a_torn_confirm_of_another_trial_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
