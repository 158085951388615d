/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the whole life of an update through the real bootloader and both journals: from
 * the factory to "booted clean", and what its statements say at each step. */
#include "scene.h"

static struct cargo factory, cargo;

static const uint8_t nonce[FERRY_NONCE_LEN] = {0xA1, 0x0C, 3};

static struct world *new_device(struct world_options *o)
{
    struct release r;

    scene_options(o);
    o->bank_len = 32U * 1024U;
    release_default(&r);
    r.version = 0x01000000;
    r.sec_ctr = 5;
    r.link = 0x00001000;
    cargo_make(&factory, &r, 8U * 1024U, 1);
    o->factory = factory.artifact;
    cargo_make(&cargo, NULL, 12U * 1024U, 2);
    return scene(o);
}

static void an_update_lives_from_the_factory_to_booted_clean(void **state)
{
    struct world_options o;
    struct ferry_statement s;
    struct world *w = new_device(&o);

    (void)state;
    assert_int_equal(w->board.booted, 0);
    assert_int_equal(w->board.opened, 0);
    assert_int_equal(w->board.handoff.attempts, 0);
    assert_true(board_statement(w, nonce, &s));
    assert_int_equal(s.version, 0x01000000);
    assert_int_equal(s.attempts, 0);
    uint32_t counter = s.counter;

    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, 10 * MINUTE));
    world_run(w, 2000);
    assert_true(w->reboot_wanted);
    board_planned_reset(w);
    assert_int_equal(w->board.booted, 1);
    assert_true(w->board.watchdog);
    assert_int_equal(w->board.handoff.attempts, FERRY_TRIAL_FAULTS);
    assert_int_equal(board_record(w).floor, 5);

    assert_true(board_statement(w, nonce, &s));
    assert_int_equal(s.version, 0x01010000);
    assert_int_equal(s.attempts, 0); /* a courier came: confirmed, and said so */
    assert_int_equal(s.outcome, FERRY_OUTCOME_CONFIRMED);
    assert_true(s.counter > counter);
    assert_true(w->board.app.state.trial);
    assert_true(w->board.app.state.settled);

    board_planned_reset(w);
    assert_int_equal(w->board.booted, 1);
    assert_false(w->board.watchdog);
    assert_int_equal(board_record(w).floor, 7);
    assert_int_equal(board_record(w).updates, 1);
    board_planned_reset(w);
    assert_int_equal(w->board.boot_writes + w->board.boot_erases, 0);
}

/* After the flip the staging bank is the other one, and so is the artifact for it. */
static void a_courier_with_both_artifacts_learns_that_its_release_runs(void **state)
{
    static struct cargo other;
    struct world_options o;
    struct release r;
    struct world *w = new_device(&o);

    (void)state;
    release_default(&r);
    r.link = 0x00001000;
    cargo_make(&other, &r, 12U * 1024U, 3);
    const struct artifact_bytes both[2] = {cargo.artifact, other.artifact};
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, 10 * MINUTE));
    board_planned_reset(w);
    assert_int_equal(w->board.booted, 1);
    world_courier(w, both, 2);
    world_connect(w);
    assert_true(world_finish(w, 5 * MINUTE));
    assert_int_equal(ferry_courier_error(&w->courier), FERRY_E_SAME);
    assert_int_equal(w->courier.which, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_lives_from_the_factory_to_booted_clean),
        cmocka_unit_test(a_courier_with_both_artifacts_learns_that_its_release_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
