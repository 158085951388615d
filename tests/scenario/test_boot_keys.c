/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests keys and the floor through the real bootloader: rotation, revocation, downgrade,
 * recovery keys, and that the floor rises with a confirm and with nothing else. */
#include "boots.h"

#define FLOOR(slot, ctr) ((uint32_t)(slot) << 24 | (ctr))

static const uint8_t nonce[FERRY_NONCE_LEN] = {0x66, 1};
static struct cargo c, d, e;

/* The factory burns all eight slots; the simulation only 0, 1 and 7. */
static void burn(struct world *w, uint8_t slot)
{
    uint8_t seed[32], sk[64];

    memset(seed, 0x40 + slot, sizeof seed);
    w->keys[slot].alg = FERRY_ALG_ED25519;
    crypto_sign_seed_keypair(w->keys[slot].key, sk, seed);
}

static void install(struct world *w, const struct cargo *cargo)
{
    expect_err("offer", offer_of(w, cargo), 0);
    world_reset(w, FERRY_RESET_WAKE);
    try_out(w, cargo);
    expect_runs(w, cargo, true);
    confirm(w);
    expect_runs(w, cargo, false);
}

/* Refused at the offer, with this code; and by the bootloader, if somebody asks anyway. */
static void expect_refused(struct world *w, const struct cargo *cargo, int err,
                           const struct cargo *runs)
{
    unsigned other = world_staging(w);

    expect_err("offer", offer_of(w, cargo), err);
    demand(w, other, cargo);
    expect_runs(w, runs, false);
    assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_REFUSED);
}

/* ---- the floor ---------------------------------------------------------------------- */

static void the_floor_rises_with_the_confirm_and_not_before(void **state)
{
    struct ferry_statement s;

    (void)state;
    struct world *w = new_device();
    boots_cargo(&d, 1, 0x01000001, 5, 0); /* at the old floor, below the new one */
    assert_int_equal(board_record(w).floor, 5);
    commit(w, &second);
    assert_int_equal(board_record(w).floor, 5);
    board_planned_reset(w);
    assert_int_equal(board_record(w).floor, 5);
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS); /* back to counter 5 */
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).floor, 5);
    try_out(w, &second);
    meet(w); /* asked for, and not yet true */
    assert_int_equal(board_record(w).floor, 5);
    assert_true(board_statement(w, nonce, &s));
    assert_int_equal(s.floor, 5);
    board_planned_reset(w);
    assert_int_equal(board_record(w).floor, 7);
    assert_true(board_statement(w, nonce, &s));
    assert_int_equal(s.floor, 7);
}

static void an_image_below_the_floor_is_refused_in_every_way(void **state)
{
    (void)state;
    struct world *w = updated_device();
    boots_cargo(&c, 0, 0x01090000, 6, 0); /* newer by version, older by counter */
    expect_refused(w, &c, FERRY_E_FLOOR, &second);
    boots_cargo(&c, 0, 0x01090000, 7, 0);
    install(w, &c);
    assert_int_equal(board_record(w).floor, 7); /* equal raises nothing */
}

/* The application's policy alone keeps versions apart; the floor is the bootloader's. */
static void an_older_version_at_the_floor_is_refused_at_the_offer(void **state)
{
    (void)state;
    struct world *w = updated_device();
    uint32_t ops = flash_ops(w);
    boots_cargo(&c, 0, 0x0100FFFF, 7, 0);
    expect_err("older", offer_of(w, &c), FERRY_E_VERSION);
    boots_cargo(&c, 0, 0x01010000, 9, 0);
    expect_err("the same", offer_of(w, &c), FERRY_E_VERSION);
    expect_err("this very one", offer_of(w, &second), FERRY_E_SAME);
    assert_int_equal(flash_ops(w), ops);
}

static void resting(struct world *w)
{
    (void)w;
}
static void receiving(struct world *w)
{
    struct peer p;

    boots_cargo(&e, 0, 0x01020000, 9, 0);
    peer_init(&p, w, 2);
    peer_begin(&p, &e);
    assert_int_equal(w->device.state, FERRY_DEVICE_RECEIVING);
}
static void waiting_for_its_reset(struct world *w)
{
    boots_cargo(&e, 0, 0x01020000, 9, 0);
    commit(w, &e);
}
static void on_trial(struct world *w)
{
    w->board.selftest_fails = true; /* or the courier would confirm it */
    boots_cargo(&e, 0, 0x01020000, 9, 0);
    try_out(w, &e);
}
static void confirmed_and_not_reset(struct world *w)
{
    on_trial(w);
    ferry_app_journal_selftest_passed(&w->board.app);
    meet(w);
}
static void fallen_back(struct world *w)
{
    on_trial(w);
    reset_times(w, FERRY_RESET_POWER, FERRY_TRIAL_POWERS);
}

/* Whatever it is at, and whoever asks in between: never accepted, never put off. */
static void a_downgrade_is_refused_in_every_state(void **state)
{
    static const struct {
        const char *name;
        void (*be)(struct world *w);
    } states[] = {
        {"at rest", resting},
        {"receiving", receiving},
        {"committed", waiting_for_its_reset},
        {"on trial", on_trial},
        {"confirmed and not reset", confirmed_and_not_reset},
        {"fallen back", fallen_back},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        struct world *w = updated_device();
        states[i].be(w);
        unsigned bank = world_staging(w);
        uint32_t ops = flash_ops(w);
        boots_cargo(&c, bank, 0x01090000, 6, 0);
        expect_err(states[i].name, offer_of(w, &c), FERRY_E_FLOOR);
        boots_cargo(&c, bank, 0x0100FFFF, 7, 0);
        expect_err(states[i].name, offer_of(w, &c), FERRY_E_VERSION);
        expect_true(states[i].name, flash_ops(w) == ops);
    }
}

/* ---- rotation ------------------------------------------------------------------------ */

static void the_first_confirmed_image_of_a_key_revokes_the_one_before(void **state)
{
    (void)state;
    struct world *w = new_device();
    boots_cargo(&c, 1, 0x00000001, 0, 1); /* versions begin anew with a key */
    expect_err("offer", offer_of(w, &c), 0);
    world_reset(w, FERRY_RESET_WAKE);
    try_out(w, &c);
    expect_runs(w, &c, true);
    assert_int_equal(board_record(w).floor, 5);
    confirm(w);
    expect_runs(w, &c, false);
    assert_int_equal(board_record(w).floor, FLOOR(1, 0));
    /* A counter at its maximum does not help the old key, nor does a version. */
    boots_cargo(&d, 0, 0xFFFFFFFF, FERRY_SEC_CTR_MAX, 0);
    expect_refused(w, &d, FERRY_E_FLOOR, &c);
    boots_cargo(&e, 0, 0x00000002, 0, 1);
    install(w, &e);
}

/* Before its confirm a new key can be come back from; afterwards only from damage. */
static void an_image_of_a_revoked_key_may_only_be_fallen_back_on(void **state)
{
    (void)state;
    boots_cargo(&c, 1, 0x00000001, 0, 1);
    struct world *w = new_device();
    try_out(w, &c);
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).floor, 5);
    w = new_device();
    try_out(w, &c);
    confirm(w);
    reset_times(w, FERRY_RESET_FAULT, 2 * FERRY_CRASH_LOOP);
    expect_runs(w, &c, false);
    assert_true(without_net(w));
    rot(w, 1);
    reset(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
    assert_int_equal(board_record(w).floor, FLOOR(1, 0));
}

static void a_device_that_missed_two_rotations_takes_the_third_key(void **state)
{
    (void)state;
    struct world *w = updated_device();
    burn(w, 2);
    boots_cargo(&c, 0, 0x00000001, 3, 2);
    install(w, &c);
    assert_int_equal(board_record(w).floor, FLOOR(2, 3));
    for (uint8_t old = 0; old < 2; old++) {
        boots_cargo(&d, 1, 0xFFFFFFFF, FERRY_SEC_CTR_MAX, old);
        expect_refused(w, &d, FERRY_E_FLOOR, &c);
    }
}

/* A wrong or stolen 0xFFFFFFFF must not end a fleet: the next key gets past it. */
static void
the_greatest_version_under_an_old_key_does_not_outrank_a_new_one(void **state)
{
    (void)state;
    struct world *w = new_device();
    boots_cargo(&c, 1, 0xFFFFFFFF, FERRY_SEC_CTR_MAX, 0);
    install(w, &c);
    boots_cargo(&d, 0, 0xFFFFFFFF, FERRY_SEC_CTR_MAX, 0);
    expect_err("nothing is newer", offer_of(w, &d), FERRY_E_VERSION);
    boots_cargo(&d, 0, 0x00000001, 0, 1);
    install(w, &d);
    assert_int_equal(board_record(w).floor, FLOOR(1, 0));
}

/* And buried under the old key, it buries nothing of the new one. */
static void the_grave_of_an_old_key_is_no_grave_for_a_new_one(void **state)
{
    (void)state;
    struct world *w = new_device();
    boots_cargo(&c, 1, 0xFFFFFFFF, 5, 0);
    try_out(w, &c);
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    expect_runs(w, &first, false);
    boots_cargo(&d, 1, 0x7FFFFFFF, 5, 0);
    expect_err("older", offer_of(w, &d), FERRY_E_TOMBSTONE);
    boots_cargo(&d, 1, 0x00000001, 0, 1);
    install(w, &d);
}

/* ---- recovery ------------------------------------------------------------------------- */

/* Compared by its counter alone, whatever slot production has reached; and it raises the
 * counter alone, so production goes on under its own key. */
static void a_recovery_image_gets_in_and_does_not_outrank_production(void **state)
{
    (void)state;
    struct world *w = new_device();
    boots_cargo(&c, 1, 0x00000009, 4, 1);
    install(w, &c);
    assert_int_equal(board_record(w).floor, FLOOR(1, 4));
    boots_cargo(&d, 0, 0x00000001, 3, FERRY_SLOT_RECOVERY);
    expect_refused(w, &d, FERRY_E_FLOOR, &c);
    boots_cargo(&d, 0, 0x00000001, 6, FERRY_SLOT_RECOVERY);
    install(w, &d);
    assert_int_equal(board_record(w).floor, FLOOR(1, 6));
    boots_cargo(&e, 1, 0x0000000A, 5, 1);
    expect_refused(w, &e, FERRY_E_FLOOR, &d);
    boots_cargo(&e, 1, 0x00000002, 6, 1);
    install(w, &e);
    assert_int_equal(board_record(w).floor, FLOOR(1, 6));
}

static void a_recovery_image_and_production_do_not_bury_each_other(void **state)
{
    (void)state;
    struct world *w = new_device();
    boots_cargo(&c, 1, 0x7FFFFFFF, 5, FERRY_SLOT_RECOVERY);
    try_out(w, &c);
    reset_times(w, FERRY_RESET_FAULT, FERRY_TRIAL_FAULTS);
    expect_runs(w, &first, false);
    expect_err("production", offer_of(w, &second), 0);
    world_reset(w, FERRY_RESET_WAKE);
    expect_err("itself", offer_of(w, &c), FERRY_E_TOMBSTONE);
    boots_cargo(&d, 1, 0xFFFFFFFF, 5, FERRY_SLOT_RECOVERY);
    expect_err("a newer one", offer_of(w, &d), 0);
}

/* ---- keys that are none ----------------------------------------------------------------- */

static const struct {
    const char *name;
    uint8_t slot, signer;
    int err;
} strangers[] = {
    {"another slot's key", 0, 1, FERRY_E_SIG},
    {"the recovery key under production's name", 0, 7, FERRY_E_SIG},
    {"production's key under recovery's name", 7, 0, FERRY_E_SIG},
    {"a key of nobody's", 0, 0x33, FERRY_E_SIG},
    {"an empty slot", 4, 4, FERRY_E_KID},
    {"a slot past the last", 8, 0, FERRY_E_KID},
};

static void who_holds_no_key_gets_nothing_in(void **state)
{
    struct release r;

    (void)state;
    for (size_t i = 0; i < COUNT(strangers); i++) {
        struct world *w = updated_device();
        boots_release(&r, 0, 0x02000000, FERRY_SEC_CTR_MAX);
        r.slot = strangers[i].slot;
        r.signer = strangers[i].signer;
        cargo_make(&c, &r, 1024, 1);
        uint32_t ops = flash_ops(w);
        expect_err(strangers[i].name, offer_of(w, &c), strangers[i].err);
        assert_int_equal(flash_ops(w), ops);
        demand(w, 0, &c);
        expect_runs(w, &second, false);
    }
}

/* A slot that was never burned, or wiped: all zero, with and without an algorithm. */
static void an_all_zero_key_refuses_even_what_it_once_signed(void **state)
{
    (void)state;
    for (unsigned alg = 0; alg < 2; alg++) {
        struct world *w = updated_device();
        memset(&w->keys[1], 0, sizeof w->keys[1]);
        w->keys[1].alg = alg ? FERRY_ALG_ED25519 : FERRY_ALG_NONE;
        boots_cargo(&c, 0, 1, 1, 1);
        expect_refused(w, &c, FERRY_E_KID, &second);
    }
    /* The running image's own: nothing boots. */
    struct world *w = updated_device();
    memset(&w->keys[0], 0, sizeof w->keys[0]);
    board_boot(w, FERRY_RESET_WAKE);
    assert_int_equal(w->board.booted, FERRY_E_KID);
}

/* RFC 8032, 7.1, test 1: everybody has it, so only a device that burned it believes it. */
static void the_published_test_key_opens_nothing_it_was_not_burned_into(void **state)
{
    static const uint8_t seed[32] = {0x9D, 0x61, 0xB1, 0x9D, 0xEF, 0xFD, 0x5A, 0x60,
                                     0xBA, 0x84, 0x4A, 0xF4, 0x92, 0xEC, 0x2C, 0xC4,
                                     0x44, 0x49, 0xC5, 0x69, 0x7B, 0x32, 0x69, 0x19,
                                     0x70, 0x3B, 0xAC, 0x03, 0x1C, 0xAE, 0x7F, 0x60};
    uint8_t pk[32], sk[64], room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    uint8_t *env = room + FERRY_TBS_SPARE;

    (void)state;
    struct world *w = updated_device();
    boots_cargo(&c, 0, 0x02000000, 9, 0);
    crypto_sign_seed_keypair(pk, sk, seed);
    memcpy(env, c.env, c.env_len);
    size_t len = ferry_tbs_make(env);
    crypto_sign_detached(cargo_edit(&c, c.env) + c.env_len - 64, NULL, room, len, sk);
    expect_err("test key", offer_of(w, &c), FERRY_E_SIG);
    demand(w, 0, &c);
    expect_runs(w, &second, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_floor_rises_with_the_confirm_and_not_before),
        cmocka_unit_test(an_image_below_the_floor_is_refused_in_every_way),
        cmocka_unit_test(an_older_version_at_the_floor_is_refused_at_the_offer),
        cmocka_unit_test(a_downgrade_is_refused_in_every_state),
        cmocka_unit_test(the_first_confirmed_image_of_a_key_revokes_the_one_before),
        cmocka_unit_test(an_image_of_a_revoked_key_may_only_be_fallen_back_on),
        cmocka_unit_test(a_device_that_missed_two_rotations_takes_the_third_key),
        cmocka_unit_test(
            the_greatest_version_under_an_old_key_does_not_outrank_a_new_one),
        cmocka_unit_test(the_grave_of_an_old_key_is_no_grave_for_a_new_one),
        cmocka_unit_test(a_recovery_image_gets_in_and_does_not_outrank_production),
        cmocka_unit_test(a_recovery_image_and_production_do_not_bury_each_other),
        cmocka_unit_test(who_holds_no_key_gets_nothing_in),
        cmocka_unit_test(an_all_zero_key_refuses_even_what_it_once_signed),
        cmocka_unit_test(the_published_test_key_opens_nothing_it_was_not_burned_into),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
