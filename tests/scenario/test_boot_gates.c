/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the bootloader's own gates: a backend that answers nonsense, a bank that changed
 * since it was asked for, documents of the wrong kind; and that a watchdog is fed. */
#include "boots.h"

#include <limits.h>

/* ---- a backend that lies ------------------------------------------------------------ */

static struct {
    struct ferry_crypto real;
    bool armed;
    int answer;
    unsigned hash_lie; /* 1: a wrong bit, 2: all zero */
    uint32_t unfed;    /* bytes hashed since the watchdog was fed */
    uint32_t most;
    bool starved; /* a signature was checked by a dog that was not just fed */
} forced;

static int forced_verify(void *ctx, unsigned slot, const struct ferry_key *key,
                         const uint8_t *msg, size_t msg_len, const uint8_t sig[64])
{
    int right = forced.real.verify(ctx, slot, key, msg, msg_len, sig);

    forced.starved = forced.starved || forced.unfed > 0;
    forced.unfed = FERRY_BLOCK_LEN; /* it takes about as long */
    return forced.armed ? forced.answer : right;
}

static void forced_update(void *ctx, const void *p, size_t len)
{
    forced.unfed += (uint32_t)len;
    forced.most = forced.unfed > forced.most ? forced.unfed : forced.most;
    forced.real.sha256_update(ctx, p, len);
}

static void forced_final(void *ctx, uint8_t out[32])
{
    forced.real.sha256_final(ctx, out);
    if (forced.hash_lie == 1) {
        out[0] ^= 1;
    } else if (forced.hash_lie == 2) {
        memset(out, 0, 32);
    }
}

static void feed(void *ctx)
{
    (void)ctx;
    forced.unfed = 0;
}

static void force(struct world *w)
{
    memset(&forced, 0, sizeof forced);
    forced.real = w->crypto;
    w->crypto.verify = forced_verify;
    w->crypto.sha256_update = forced_update;
    w->crypto.sha256_final = forced_final;
}

/* All but FERRY_VALID. */
static const int garbage[] = {0,      1,       -1,         2,       INT_MAX,
                              0x5AC2, 0xC35A,  0x15AC3,    -0x5AC3, ~0x5AC3,
                              0x100,  INT_MIN, 0x5AC3 << 8};

static void no_answer_but_valid_lets_a_new_image_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        struct world *w = new_device();
        force(w);
        commit(w, &second);
        forced.armed = true;
        forced.answer = garbage[i];
        board_planned_reset(w);
        expect_runs(w, &first, false);
        assert_int_equal(board_record(w).outcome, FERRY_OUTCOME_REFUSED);
    }
}

static void no_answer_but_valid_lets_an_old_image_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        struct world *w = trial_device();
        force(w);
        forced.armed = true;
        forced.answer = garbage[i];
        for (unsigned n = 0; n < 2 * FERRY_TRIAL_FAULTS; n++) {
            board_boot(w, FERRY_RESET_FAULT);
            expect_runs(w, &second, true);
        }
        assert_true(without_net(w));
    }
}

static void no_answer_but_valid_boots_anything_without_a_journal(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        for (unsigned lost = 0; lost < 2; lost++) {
            struct world *w = updated_device();
            force(w);
            forced.armed = true;
            forced.answer = garbage[i];
            w->boot_hal.lock = NULL;
            if (lost) {
                lose_boot_journal(w);
            }
            board_boot(w, FERRY_RESET_WAKE);
            assert_int_equal(w->board.booted, FERRY_E_SIG_FINAL);
        }
    }
}

static void no_confirm_is_believed_of_an_image_whose_signature_fails_now(void **state)
{
    (void)state;
    struct world *w = trial_device();
    force(w);
    meet(w);
    forced.armed = true;
    board_planned_reset(w);
    assert_int_equal(board_record(w).floor, 5);
    assert_int_equal(board_record(w).updates, 0);
}

static void a_hash_that_lies_boots_nothing(void **state)
{
    (void)state;
    for (unsigned lie = 1; lie <= 2; lie++) {
        struct world *w = updated_device();
        force(w);
        forced.hash_lie = lie;
        board_boot(w, FERRY_RESET_WAKE);
        assert_true(w->board.booted < 0);
        forced.hash_lie = 0;
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &second, false);
    }
}

/* ---- between the request and the start ---------------------------------------------- */

static void a_bit_that_changes_after_the_commit_stops_the_boot(void **state)
{
    (void)state;
    struct world *w = new_device();
    const uint32_t bank = w->map.bank[1].addr, image = bank + w->map.header_len;
    const uint32_t env = (uint32_t)second.env_len;
    commit(w, &second);
    scene_keep();
    for (uint32_t n = 0; n < 8 * env + second.len; n++) {
        scene_bring_back();
        if (n < 8 * env) {
            w->flash.bytes[bank + n / 8] ^= (uint8_t)(1U << (n % 8));
        } else {
            w->flash.bytes[image + n - 8 * env] ^= (uint8_t)(1U << (n % 8));
        }
        board_boot(w, FERRY_RESET_POWER);
        expect_runs(w, &first, false);
        expect_true(round_name("bit", n),
                    board_record(w).outcome == FERRY_OUTCOME_REFUSED);
    }
}

static void a_bit_that_changes_under_a_running_image_stops_the_next_boot(void **state)
{
    (void)state;
    struct world *w = updated_device();
    const uint32_t bank = w->map.bank[1].addr, image = bank + w->map.header_len;
    const uint32_t tbs = (uint32_t)second.env_len - FERRY_SIG_LEN;
    scene_keep();
    for (uint32_t n = 0; n < tbs + second.len; n++) {
        scene_bring_back();
        w->flash.bytes[n < tbs ? bank + n : image + n - tbs] ^= (uint8_t)(1U << n % 8);
        board_boot(w, FERRY_RESET_WAKE);
        expect_runs(w, &first, false);
    }
}

/* Genuine, and fits; but it is not what was asked for. */
static void another_genuine_image_in_its_place_is_not_booted(void **state)
{
    static struct cargo other;

    (void)state;
    boots_cargo(&other, 1, 0x01040000, 9, 0);
    struct world *w = new_device();
    commit(w, &second);
    board_place(w, 1, &other.artifact);
    board_planned_reset(w);
    expect_runs(w, &first, false);
    w = updated_device();
    board_place(w, 1, &other.artifact);
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
}

/* No digest covers the signature: where it is asked for, it must be there. */
static void a_journal_in_doubt_has_the_signature_asked_for_again(void **state)
{
    (void)state;
    for (unsigned doubt = 0; doubt < 2; doubt++) {
        struct world *w = updated_device();
        rot_signature(w, 1);
        if (doubt == 1) { /* the newest record lacks the word that ends it */
            uint32_t at = w->map.boot_journal[1] + w->opt.erase_unit - 1;
            while (w->flash.programmed[at] == 0) {
                at--;
            }
            memset(w->flash.bytes + (at & ~3U), 0xFF, 4);
        }
        board_boot(w, FERRY_RESET_WAKE);
        assert_int_equal(w->board.booted, doubt == 1 ? 0 : 1);
    }
}

static void a_device_that_is_another_now_halts_and_names_the_rule(void **state)
{
    (void)state;
    struct world *w = new_device();
    w->identity.hw_rev = 9;
    board_boot(w, FERRY_RESET_WAKE);
    assert_int_equal(w->board.booted, FERRY_E_HW);
    w->identity.hw_rev = 3;
    w->identity.class_id[7] ^= 1;
    board_boot(w, FERRY_RESET_WAKE);
    assert_int_equal(w->board.booted, FERRY_E_CLASS);
    w->identity.class_id[7] ^= 1;
    w->map.link[0] += 4;
    board_boot(w, FERRY_RESET_WAKE);
    assert_int_equal(w->board.booted, FERRY_E_LINK);
    w->map.link[0] -= 4;
    board_boot(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
}

/* ---- documents of the wrong kind ----------------------------------------------------- */

static const uint8_t nonce[FERRY_NONCE_LEN] = {1};

/* The device's own statement, genuinely signed, where an envelope should be. */
static void a_statement_is_no_manifest(void **state)
{
    static struct cargo c;
    struct ferry_statement s;

    (void)state;
    struct world *w = new_device();
    assert_true(board_statement(w, nonce, &s));
    /* Also where the device's key stands in a slot, against all rules. */
    for (unsigned own = 0; own < 2; own++) {
        if (own == 1) {
            w->keys[2].alg = FERRY_ALG_ED25519;
            memcpy(w->keys[2].key, w->board.public_key, 32);
        }
        boots_cargo(&c, 1, 0x02000000, 9, 0);
        c.env = w->statement;
        c.env_len = w->statement_len;
        expect_err("kid 80", offer_of(w, &c), FERRY_E_KID);
        w->statement[8] = 2;
        expect_err("kid 2", offer_of(w, &c), own == 1 ? FERRY_E_SIG : FERRY_E_KID);
        w->statement[8] = FERRY_KID_STATEMENT;
        memcpy(w->flash.bytes + w->map.bank[1].addr, w->statement, w->statement_len);
        struct ferry_app_record rec = board_app_record(w);
        rec.commit = board_record(w).seen + 1;
        rec.bank = 1;
        crypto_hash_sha256(c.digest, w->statement, w->statement_len);
        memcpy(rec.digest, c.digest, 16);
        assert_true(board_forge(w, &rec));
        board_planned_reset(w);
        expect_runs(w, &first, false);
    }
}

/* And a manifest's key signs a statement's payload: the type speaks against it. */
static void a_statements_payload_under_a_manifests_key_is_refused(void **state)
{
    static struct cargo c;
    struct ferry_statement s;

    (void)state;
    struct world *w = new_device();
    assert_true(board_statement(w, nonce, &s));
    boots_cargo(&c, 1, 0x02000000, 9, 0);
    size_t len = w->statement_len - FERRY_ENVELOPE_OVER;
    uint8_t env[FERRY_ENVELOPE_MAX];
    c.env_len = release_sign(w->statement + FERRY_ENVELOPE_HEAD, len, 0, 0, env);
    c.env = env;
    expect_err("offer", offer_of(w, &c), FERRY_E_TYPE);
    demand(w, 1, &c);
    memcpy(w->flash.bytes + w->map.bank[1].addr, env, c.env_len);
    board_planned_reset(w);
    expect_runs(w, &first, false);
}

/* The reverse: what a statement's reader says to a manifest. */
static void a_manifest_is_no_statement(void **state)
{
    struct ferry_statement s;
    struct ferry_envelope e;

    (void)state;
    boots_releases();
    assert_int_equal(ferry_envelope_open(&e, second.env, second.env_len), 0);
    assert_int_not_equal(e.kid, FERRY_KID_STATEMENT);
    assert_true(ferry_statement_parse(&s, e.payload, e.payload_len) < 0);
}

/* ---- the watchdog --------------------------------------------------------------------- */

static void
a_running_watchdog_is_fed_every_4_kib_and_around_each_signature(void **state)
{
    struct world_options o;
    struct release r;
    static struct cargo big;

    (void)state;
    boots_options(&o);
    o.bank_len = 64U * 1024U;
    struct world *w = device_of(&o);
    boots_release(&r, 1, 0x01010000, 7);
    cargo_make(&big, &r, 50 * 1024 + 4, 5);
    force(w);
    commit(w, &big);
    forced.unfed = 0;
    forced.most = 0;
    w->board.alives = 0;
    forced.starved = false;
    w->board.cfg.alive = feed;
    board_planned_reset(w);
    expect_runs(w, &big, true);
    assert_in_range(forced.most, 1024, FERRY_BLOCK_LEN + 512);
    assert_false(forced.starved);
    w->board.cfg.alive = NULL; /* nobody to feed */
    board_planned_reset(w);
    expect_runs(w, &big, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_answer_but_valid_lets_a_new_image_run),
        cmocka_unit_test(no_answer_but_valid_lets_an_old_image_come_back),
        cmocka_unit_test(no_answer_but_valid_boots_anything_without_a_journal),
        cmocka_unit_test(no_confirm_is_believed_of_an_image_whose_signature_fails_now),
        cmocka_unit_test(a_hash_that_lies_boots_nothing),
        cmocka_unit_test(a_bit_that_changes_after_the_commit_stops_the_boot),
        cmocka_unit_test(a_bit_that_changes_under_a_running_image_stops_the_next_boot),
        cmocka_unit_test(another_genuine_image_in_its_place_is_not_booted),
        cmocka_unit_test(a_journal_in_doubt_has_the_signature_asked_for_again),
        cmocka_unit_test(a_device_that_is_another_now_halts_and_names_the_rule),
        cmocka_unit_test(a_statement_is_no_manifest),
        cmocka_unit_test(a_statements_payload_under_a_manifests_key_is_refused),
        cmocka_unit_test(a_manifest_is_no_statement),
        cmocka_unit_test(
            a_running_watchdog_is_fed_every_4_kib_and_around_each_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
