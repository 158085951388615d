/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests a device in which nothing boots: its bootloader receives a signed image by
 * itself, and nothing else; and the next start takes it. */
#include "boots.h"
#include "peer.h"

static struct cargo for_bank[2]; /* newer than all that stood there */

static void make(void)
{
    for (unsigned bank = 0; bank < 2; bank++) {
        boots_cargo(&for_bank[bank], bank, 0x01050000 + bank, 9, 0);
    }
}

/* ---- how nothing boots ------------------------------------------------------------- */

static void both_rot(struct world *w)
{
    rot(w, 0);
    rot(w, 1);
}
static void both_signatures_rot(struct world *w)
{
    rot_signature(w, 0);
    rot_signature(w, 1);
    w->boot_hal.lock = NULL;
}
static void both_are_blank(struct world *w)
{
    memset(w->flash.bytes, 0xFF, 2U * w->opt.bank_len);
}
static void both_rot_and_the_journal_is_lost(struct world *w)
{
    both_rot(w);
    lose_boot_journal(w);
}
static void all_is_lost(struct world *w)
{
    both_are_blank(w);
    lose_boot_journal(w);
    lose_app_journal(w);
}
static void all_is_blank(struct world *w)
{
    memset(w->flash.bytes, 0xFF, w->flash.size);
    memset(w->flash.programmed, 0, w->flash.size);
}
static void a_newer_one_rots(struct world *w)
{
    try_out(w, &third);
    both_rot(w);
}

static const struct {
    const char *name;
    void (*end)(struct world *w);
} ends[] = {
    {"both rot", both_rot},
    {"both signatures rot", both_signatures_rot},
    {"both are blank", both_are_blank},
    {"both rot and the journal is lost", both_rot_and_the_journal_is_lost},
    {"all is lost", all_is_lost},
    {"all is blank", all_is_blank},
    {"a newer one rots", a_newer_one_rots},
};

static struct world *ended_device(size_t i)
{
    struct world *w = updated_device();

    make();
    ends[i].end(w);
    for (unsigned n = 0; n < 3; n++) {
        board_boot(w, FERRY_RESET_POWER);
        expect_true(ends[i].name, w->board.booted < 0);
        expect_true(ends[i].name, w->board.handoff.halt == -w->board.booted);
    }
    board_recover(w);
    expect_true(ends[i].name, w->board.opened == 0);
    return w;
}

/* ---- and how something does again -------------------------------------------------- */

static void a_recovery_receives_a_signed_image_and_the_next_start_takes_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        struct world *w = ended_device(i);
        const struct cargo *c = &for_bank[world_staging(w)];
        send_courier(w, c);
        expect_true(ends[i].name, travel(w, c, 10 * MINUTE));
        world_run(w, 2000);
        expect_true(ends[i].name, w->reboot_wanted);
        board_planned_reset(w);
        /* A device that remembers nothing is as if from the factory. */
        bool trial = strcmp(ends[i].name, "all is blank") != 0;
        expect_runs(w, c, trial);
        /* There is nothing behind it. */
        for (unsigned n = 0; n < FERRY_TRIAL_FAULTS; n++) {
            reset(w, FERRY_RESET_FAULT);
            expect_runs(w, c, trial);
        }
        expect_true(ends[i].name, !trial || without_net(w));
        confirm(w);
        expect_runs(w, c, false);
        expect_true(ends[i].name, board_record(w).floor == 9);
    }
}

static void a_recovery_takes_nothing_else(void **state)
{
    static struct cargo bad;
    struct release r;

    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        struct world *w = ended_device(i);
        unsigned bank = world_staging(w);
        uint32_t ops = flash_ops(w);
        boots_release(&r, bank, 0x01060000, 9);
        r.signer = 0x33;
        cargo_make(&bad, &r, 1024, 1);
        expect_err(ends[i].name, offer_of(w, &bad), FERRY_E_SIG);
        boots_release(&r, bank, 0x01060000, 9);
        r.class_id[3] ^= 1;
        cargo_make(&bad, &r, 1024, 1);
        expect_err(ends[i].name, offer_of(w, &bad), FERRY_E_CLASS);
        boots_cargo(&bad, bank ^ 1U, 0x01060000, 9, 0);
        expect_err(ends[i].name, offer_of(w, &bad), FERRY_E_LINK);
        boots_cargo(&bad, bank, 0x01060000, 6, 0);
        bool floor_known = board_record(w).floor == 7;
        expect_err(ends[i].name, offer_of(w, &bad), floor_known ? FERRY_E_FLOOR : 0);
        expect_true(ends[i].name, !floor_known || flash_ops(w) == ops);
    }
}

/* What is here does not work, so the same once more is welcome, and so is an older one. */
static void a_recovery_does_not_measure_by_what_rotted(void **state)
{
    static const uint32_t versions[] = {0x01010000, 0x00000001, UINT32_MAX};
    static struct cargo c;

    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct world *w = updated_device();
        both_rot(w);
        board_boot(w, FERRY_RESET_POWER);
        assert_int_equal(w->board.booted, FERRY_E_HASH);
        board_recover(w);
        boots_cargo(&c, 0, versions[i], 7, 0);
        expect_err(round_name("version", versions[i]), offer_of(w, &c), 0);
    }
}

/* Whoever asks is told so at once, and can go on: what it carries is what counts. */
static void a_recovery_makes_no_statement_ever(void **state)
{
    static const uint8_t nonce[FERRY_NONCE_LEN] = {1};
    struct peer p;

    (void)state;
    struct world *w = ended_device(0);
    peer_init(&p, w, 1);
    peer_hello(&p);
    peer_report(&p, nonce, 0);
    assert_int_equal(p.pieces, 1);
    assert_int_equal(p.said_total, 0);
    assert_int_equal(p.none_for, 0);
    assert_int_equal(w->device.state, FERRY_DEVICE_IDLE);
}

/* Two genuine images offered in turn: each clean start erases a bank. */
static void a_recovery_counts_clean_starts(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = ended_device(0);
    uint8_t before = w->board.app.record.begins;
    peer_init(&p, w, 1);
    peer_begin(&p, &for_bank[world_staging(w)]);
    world_run(w, 100);
    assert_int_equal(w->board.app.record.begins, before + 1);
    assert_int_equal(board_app_record(w).begins, before + 1);
}

/* ---- cut in the middle -------------------------------------------------------------- */

static void recover(void *ctx)
{
    struct world *w = ctx;
    struct peer p;

    board_boot(w, FERRY_RESET_POWER);
    if (w->board.booted >= 0) {
        return;
    }
    board_recover(w);
    world_run(w, 2000);
    peer_init(&p, w, 4);
    peer_hello(&p);
    const struct cargo *c = &for_bank[world_staging(w)];
    peer_offer(&p, c->env, c->env_len);
    if (p.verdicts == 1 && p.verdict.u.verdict.kind == FERRY_VERDICT_ACCEPT) {
        peer_blocks(&p, c, 0, peer_last_block(&p));
    }
    board_boot(w, FERRY_RESET_POWER);
}

static void a_recovery_cut_anywhere_is_begun_again(void **state)
{
    uint64_t seed = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(ends); i += 3) {
        struct world *w = ended_device(i);
        sim_flash_heal(&w->flash);
        scene_keep();
        assert_true(sim_flash_hold(&w->flash, recover, w));
        uint32_t ops = w->flash.ops;
        for (uint32_t n = 0; n < ops * SIM_CUTS; n++) {
            scene_bring_back();
            sim_flash_seed(&w->flash, ++seed);
            sim_flash_cut(&w->flash, n / SIM_CUTS, (enum sim_cut)(n % SIM_CUTS));
            assert_false(sim_flash_hold(&w->flash, recover, w));
            assert_true(sim_flash_hold(&w->flash, recover, w));
            if (w->board.booted < 0) { /* a torn request is said again by the next */
                assert_true(sim_flash_hold(&w->flash, recover, w));
            }
            expect_true(round_name(ends[i].name, n), w->board.booted >= 0);
            expect_runs(w, &for_bank[w->board.booted], true);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_recovery_receives_a_signed_image_and_the_next_start_takes_it),
        cmocka_unit_test(a_recovery_takes_nothing_else),
        cmocka_unit_test(a_recovery_does_not_measure_by_what_rotted),
        cmocka_unit_test(a_recovery_makes_no_statement_ever),
        cmocka_unit_test(a_recovery_counts_clean_starts),
        cmocka_unit_test(a_recovery_cut_anywhere_is_begun_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
