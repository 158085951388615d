/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the net below an image: what may be fallen back on, when not, and that a
 * confirmed image that crashes gives way once, and never twice. */
#include "boots.h"

static struct cargo even; /* as `second`, and the floor stays where it is */

static struct world *updated_evenly(void)
{
    struct world *w = new_device();

    boots_cargo(&even, 1, 0x01010000, 5, 0);
    try_out(w, &even);
    confirm(w);
    expect_runs(w, &even, false);
    return w;
}

/* ---- nothing to fall back on ------------------------------------------------------ */

static void rot_image(struct world *w)
{
    rot(w, 0);
}
static void rot_sig(struct world *w)
{
    rot_signature(w, 0);
}
/* Genuine, and never recorded as the previous image. */
static void put_another(struct world *w)
{
    board_place(w, 0, &third.artifact);
}
static void put_nothing(struct world *w)
{
    memset(w->flash.bytes + w->map.bank[0].addr, 0xFF, w->map.bank[0].len);
}
static void make_unreadable(struct world *w)
{
    w->flash.unreadable = sim_area_of(w->map.bank[0]);
}

static const struct {
    const char *name;
    void (*damage)(struct world *w);
    int err; /* of the bank alone */
} damages[] = {
    {"a bit of the image", rot_image, FERRY_E_HASH},
    {"a bit of the signature", rot_sig, FERRY_E_SIG_FINAL},
    {"another image", put_another, FERRY_E_SIG_FINAL},
    {"nothing", put_nothing, FERRY_E_LEN},
    {"unreadable", make_unreadable, FERRY_E_FLASH},
};

static void a_trial_without_a_sound_image_behind_it_goes_on_for_ever(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(damages); i++) {
        struct world *w = trial_device();
        damages[i].damage(w);
        reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS - 1);
        expect_true(damages[i].name, !without_net(w)); /* nobody has asked yet */
        for (unsigned n = 0; n < 20; n++) {
            board_boot(w, FERRY_RESET_FAULT);
            expect_runs(w, &second, true);
            expect_true(damages[i].name, without_net(w));
            expect_true(damages[i].name, w->board.handoff.attempts == 1);
            expect_true(damages[i].name, n == 0 || boot_wrote_nothing(w));
        }
        /* A courier may still confirm it. */
        board_start_app(w);
        confirm(w);
        expect_runs(w, &second, false);
    }
}

static void a_crash_loop_without_a_sound_image_behind_it_goes_on_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(damages); i++) {
        struct world *w = updated_evenly();
        damages[i].damage(w);
        for (unsigned n = 1; n <= 260; n++) {
            board_boot(w, FERRY_RESET_FAULT);
            expect_runs(w, &even, false);
            expect_true(damages[i].name, without_net(w) == (n >= FERRY_CRASH_LOOP));
        }
        expect_true(damages[i].name, boot_wrote_nothing(w)); /* it has counted enough */
        assert_int_equal(board_record(w).resets, 255);
    }
}

static void an_image_damaged_later_gives_way_to_the_one_before(void **state)
{
    (void)state;
    struct world *w = updated_device(); /* the one before is below the floor */
    rot(w, 1);
    reset(w, FERRY_RESET_POWER);
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_DAMAGED);
    assert_int_equal(board_record(w).floor, 7);
    assert_false(buried(w));
    expect_err("as it was", offer_of(w, &second), 0);
}

static void damage_with_nothing_behind_it_is_a_halt_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(damages); i++) {
        struct world *w = new_device();
        w->boot_hal.lock = NULL; /* so that signatures are asked for, too */
        damages[i].damage(w);
        for (unsigned n = 0; n < 10; n++) {
            board_boot(w, FERRY_RESET_FAULT);
            expect_err(damages[i].name, w->board.booted, damages[i].err);
            expect_true(damages[i].name, w->board.handoff.halt == -damages[i].err);
            expect_true(damages[i].name, w->flash.locked_n == 0); /* for a recovery */
            expect_true(damages[i].name, boot_wrote_nothing(w));
        }
        w->flash.unreadable.len = 0;
        board_place(w, 0, &first.artifact);
        board_boot(w, FERRY_RESET_POWER);
        expect_runs(w, &first, false);
    }
}

/* ---- a crash loop after the confirm ----------------------------------------------- */

/* The three-day crash: confirmed, and then a fault every fourteen hours. */
static void five_faults_after_the_confirm_bring_the_previous_image_back(void **state)
{
    (void)state;
    struct world *w = updated_evenly();
    for (unsigned n = 1; n < FERRY_CRASH_LOOP; n++) {
        world_run(w, 14 * HOUR);
        reset(w, FERRY_RESET_FAULT);
        expect_runs(w, &even, false);
        assert_int_equal(w->board.handoff.flags, 0);
    }
    world_run(w, 14 * HOUR);
    reset(w, FERRY_RESET_SOFT);
    expect_runs(w, &first, false);
    assert_int_equal(w->board.handoff.flags, FERRY_HANDOFF_CRASH_LOOP);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_CRASH_LOOP);
    expect_err("buried", offer_of(w, &even), FERRY_E_TOMBSTONE);
    reset(w, FERRY_RESET_WAKE);
    assert_int_equal(w->board.handoff.flags, 0); /* told once */
}

static void a_crash_loop_never_goes_below_the_floor(void **state)
{
    (void)state;
    struct world *w = updated_device();
    for (unsigned n = 1; n < 3 * FERRY_CRASH_LOOP; n++) {
        reset(w, FERRY_RESET_FAULT);
        expect_runs(w, &second, false);
        assert_int_equal(without_net(w), n >= FERRY_CRASH_LOOP);
    }
    assert_int_equal(board_record(w).rollbacks, 0);
}

/* Two bad images: the one that was come back to keeps running, whatever it does. */
static void two_images_that_crash_play_no_ping_pong(void **state)
{
    (void)state;
    struct world *w = updated_evenly();
    reset_times(w, FERRY_RESET_FAULT, FERRY_CRASH_LOOP);
    for (unsigned n = 0; n < 300; n++) {
        board_boot(w, n % 2 == 0 ? FERRY_RESET_FAULT : FERRY_RESET_SOFT);
        expect_runs(w, &first, false);
    }
    assert_int_equal(board_record(w).rollbacks, 1);
}

/* The trial of a third one does not bring the net back; its confirm does. */
static void after_a_crash_loop_a_confirmed_update_has_a_net_again(void **state)
{
    static struct cargo next;

    (void)state;
    struct world *w = updated_evenly();
    reset_times(w, FERRY_RESET_FAULT, FERRY_CRASH_LOOP);
    boots_cargo(&next, 1, 0x01010001, 5, 0);
    try_out(w, &next);
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS); /* its trial fails */
    reset_times(w, FERRY_RESET_FAULT, 2 * FERRY_CRASH_LOOP);
    expect_runs(w, &first, false);
    try_out(w, &next);
    confirm(w);
    expect_runs(w, &next, false);
    reset_times(w, FERRY_RESET_FAULT, FERRY_CRASH_LOOP);
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).rollbacks, 3);
}

/* From the first erase on there is no net, and so nobody falls back in the middle. */
static void a_device_that_keeps_crashing_still_finishes_its_update(void **state)
{
    static struct cargo big;
    struct world_options o;
    struct release r;
    unsigned crashes = 0;

    (void)state;
    boots_options(&o);
    o.bank_len = 64U * 1024U;
    o.mtu = 23;
    o.interval_ms = 30;
    struct world *w = device_of(&o);
    try_out(w, &second);
    confirm(w);
    boots_release(&r, 0, 0x01020000, 9);
    cargo_make(&big, &r, 60 * 1024, 4);
    send_courier(w, &big);
    while (crashes < 100 && !w->board.app.state.committed) {
        (void)world_finish(w, 4000);
        if (!w->board.app.state.committed) {
            world_reset(w, FERRY_RESET_FAULT);
            expect_runs(w, &second, false);
            world_connect(w);
            crashes++;
        }
    }
    assert_in_range(crashes, FERRY_CRASH_LOOP, 50);
    reset(w, FERRY_RESET_FAULT);
    expect_runs(w, &big, true);
}

/* ---- healthy ---------------------------------------------------------------------- */

static void well_for(struct world *w, uint32_t ms)
{
    world_run(w, ms);
    ferry_app_journal_healthy(&w->board.app, w->now);
    world_run(w, 1000);
}

static void a_healthy_week_forgives_one_fault(void **state)
{
    (void)state;
    struct world *w = updated_evenly();
    for (unsigned round = 0; round < 10; round++) {
        reset(w, FERRY_RESET_FAULT); /* once a week: no crash loop */
        expect_runs(w, &even, false);
        well_for(w, 7 * DAY);
        board_planned_reset(w);
        assert_int_equal(board_record(w).faults, 0);
    }
    assert_int_equal(board_record(w).resets, 10); /* told nevertheless */
}

static void being_healthy_is_heard_once_in_seven_days_of_uptime(void **state)
{
    (void)state;
    struct world *w = updated_evenly();
    reset_times(w, FERRY_RESET_FAULT, FERRY_CRASH_LOOP - 1);
    uint8_t said = board_app_record(w).healthy;
    uint32_t ops = flash_ops(w);
    well_for(w, 7 * DAY - 10000);
    for (unsigned i = 0; i < 20; i++) {
        ferry_app_journal_healthy(&w->board.app, w->now);
    }
    assert_int_equal(flash_ops(w), ops);
    well_for(w, 10000);
    assert_int_equal(board_app_record(w).healthy, said + 1);
    well_for(w, 6 * DAY);
    assert_int_equal(board_app_record(w).healthy, said + 1);
    board_planned_reset(w);
    assert_int_equal(board_record(w).faults, FERRY_CRASH_LOOP - 2);
    board_planned_reset(w); /* heard once, not at each start */
    assert_int_equal(board_record(w).faults, FERRY_CRASH_LOOP - 2);
    reset(w, FERRY_RESET_FAULT);
    expect_runs(w, &even, false);
    reset(w, FERRY_RESET_FAULT);
    expect_runs(w, &first, false);
}

static void with_nothing_to_forgive_nothing_is_written(void **state)
{
    (void)state;
    struct world *w = updated_evenly();
    uint32_t ops = flash_ops(w);
    for (unsigned i = 0; i < 5; i++) {
        well_for(w, 8 * DAY);
    }
    assert_int_equal(flash_ops(w), ops);
}

/* In a trial there is nothing to forgive: its budget is the bootloader's own. */
static void a_trials_faults_are_not_forgiven(void **state)
{
    (void)state;
    struct world *w = trial_device();
    for (unsigned i = 0; i < FERRY_TRIAL_FAULTS; i++) {
        expect_runs(w, &second, true);
        well_for(w, 8 * DAY);
        struct ferry_app_record rec = board_app_record(w);
        rec.healthy++;
        assert_true(board_forge(w, &rec));
        reset(w, FERRY_RESET_FAULT);
    }
    expect_runs(w, &first, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_without_a_sound_image_behind_it_goes_on_for_ever),
        cmocka_unit_test(a_crash_loop_without_a_sound_image_behind_it_goes_on_too),
        cmocka_unit_test(an_image_damaged_later_gives_way_to_the_one_before),
        cmocka_unit_test(damage_with_nothing_behind_it_is_a_halt_with_its_reason),
        cmocka_unit_test(five_faults_after_the_confirm_bring_the_previous_image_back),
        cmocka_unit_test(a_crash_loop_never_goes_below_the_floor),
        cmocka_unit_test(two_images_that_crash_play_no_ping_pong),
        cmocka_unit_test(after_a_crash_loop_a_confirmed_update_has_a_net_again),
        cmocka_unit_test(a_device_that_keeps_crashing_still_finishes_its_update),
        cmocka_unit_test(a_healthy_week_forgives_one_fault),
        cmocka_unit_test(being_healthy_is_heard_once_in_seven_days_of_uptime),
        cmocka_unit_test(with_nothing_to_forgive_nothing_is_written),
        cmocka_unit_test(a_trials_faults_are_not_forgiven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
