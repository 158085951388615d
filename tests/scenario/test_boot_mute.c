/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests when a device makes no statement, and how it says so. */
#include "boots.h"

static const uint8_t nonce[FERRY_NONCE_LEN] = {0x77, 1};

/* Ask as a peer; all pieces. False: there is none, for p->none_for seconds. */
static bool ask(struct peer *p, const uint8_t *about)
{
    peer_hello(p);
    peer_report(p, about, 0);
    for (unsigned i = 0; i < 20 && p->pieces == 0; i++) { /* its counter comes first */
        world_run(p->w, 10);
        peer_listen(p);
    }
    return p->said_total > 0 && p->said_len == p->said_total;
}

static bool read_said(const struct peer *p, struct ferry_statement *s)
{
    static uint8_t room[FERRY_TBS_SPARE + FERRY_ENVELOPE_MAX];
    uint8_t *env = room + FERRY_TBS_SPARE;
    struct ferry_envelope e;

    memcpy(env, p->said, p->said_len);
    if (ferry_envelope_open(&e, env, p->said_len) != 0 ||
        e.kid != FERRY_KID_STATEMENT || e.alg != FERRY_ALG_ED25519) {
        return false;
    }
    size_t len = ferry_tbs_make(env);
    bool holds =
        crypto_sign_verify_detached(e.sig, room, len, p->w->board.public_key) == 0;
    ferry_tbs_undo(env);
    return holds && ferry_statement_parse(s, e.payload, e.payload_len) == 0;
}

/* ---- none --------------------------------------------------------------------------------- */

static void there_is_none_while_something_is_received(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = new_device();
    peer_init(&p, w, 1);
    peer_begin(&p, &second);
    uint32_t last = peer_last_block(&p);
    for (uint32_t block = 0; block <= last; block++) {
        assert_int_equal(w->device.state, FERRY_DEVICE_RECEIVING);
        peer_report(&p, nonce, 0);
        assert_int_equal(p.pieces, 1);
        assert_int_equal(p.said_total, 0);
        assert_int_equal(p.none_for, 30);
        peer_blocks(&p, &second, block, block);
    }
    assert_int_equal(w->sodium.signs, 0);
    world_run(w, 2000);
    assert_true(board_holds(w, 1, &second.artifact)); /* and it did no harm */
    assert_true(w->board.app.state.committed);
    assert_true(ask(&p, nonce) || p.none_for == 30); /* it waits for its reset */
}

static int no_sign(void *ctx, const uint8_t *msg, size_t len, uint8_t sig[64])
{
    (void)msg;
    (void)len;
    memset(sig, 0, 64);
    return *(const int *)ctx;
}

static int sign_answer;
static struct ferry_crypto real;

static int sign_with(void *ctx, const uint8_t *msg, size_t len, uint8_t sig[64])
{
    (void)ctx;
    return no_sign(&sign_answer, msg, len, sig);
}

static void a_key_that_does_not_sign_makes_no_statement(void **state)
{
    static const int answers[] = {0, -1, 2, 0x5AC2, FERRY_E_CRYPTO};
    struct ferry_statement s;
    struct peer p;

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct world *w = new_device();
        real = w->crypto;
        sign_answer = answers[i];
        w->crypto.sign = sign_with;
        peer_init(&p, w, 1);
        assert_false(ask(&p, nonce));
        assert_in_range(p.none_for, 1, 30);
        w->crypto.sign = real.sign;
        w->now += 3000;
        assert_true(ask(&p, nonce)); /* the same question is still answered rightly */
        assert_true(read_said(&p, &s));
    }
}

static void a_device_without_a_key_says_never(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = new_device();
    w->crypto.sign = NULL;
    peer_init(&p, w, 1);
    assert_false(ask(&p, nonce));
    assert_int_equal(p.pieces, 1);
    assert_int_equal(p.none_for, 0);
    assert_int_equal(board_app_record(w).lease, 0);
}

static void a_device_that_does_not_know_what_runs_says_nothing_about_it(void **state)
{
    struct ferry_statement s;

    (void)state;
    struct world *w = new_device();
    w->flash.unreadable = (struct sim_area){w->map.boot_journal[0], 1024};
    reset(w, FERRY_RESET_WAKE);
    expect_runs(w, &first, false);
    assert_int_equal(w->board.opened, FERRY_E_FLASH);
    assert_false(board_statement(w, nonce, &s));
    assert_int_equal(w->sodium.signs, 0);
    w->flash.unreadable.len = 0;
    reset(w, FERRY_RESET_WAKE);
    assert_true(board_statement(w, nonce, &s));
}

/* It can sign, and there is nobody who counts statements. */
static void a_device_whose_commit_makes_no_statements_says_never(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = plain_scene();
    w->crypto.sign = sign_with;
    peer_init(&p, w, 1);
    assert_false(ask(&p, nonce));
    assert_int_equal(p.pieces, 1);
    assert_int_equal(p.none_for, 0);
    assert_int_equal(w->device.state, FERRY_DEVICE_IDLE);
}

/* A question in the middle of the commit's own work, and that is not disturbed. */
static void a_statement_asked_for_while_a_record_is_written_comes_after_it(void **state)
{
    struct ferry_statement s;
    struct peer p;

    (void)state;
    struct world *w = trial_device();
    w->flash.mode = SIM_FLASH_ASYNC;
    w->flash.write_ms = 5;
    peer_init(&p, w, 1);
    peer_hello(&p);
    peer_status(&p); /* it is met: the confirm is being written */
    assert_true(w->device.keeping);
    peer_report(&p, nonce, 0);
    assert_int_equal(w->device.state, FERRY_DEVICE_REPORTING);
    for (unsigned i = 0; i < 100 && p.said_len == 0; i++) {
        world_run(w, 10);
        peer_listen(&p);
    }
    assert_true(read_said(&p, &s));
    assert_int_equal(s.outcome, FERRY_OUTCOME_CONFIRMED);
    assert_int_equal(board_app_record(w).confirm, board_record(w).trial);
}

/* Nobody is left to be told that there is none. */
static void a_signature_that_fails_when_its_asker_has_gone_is_nobodys(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = new_device();
    sign_answer = FERRY_PENDING;
    w->crypto.sign = sign_with;
    peer_init(&p, w, 1);
    assert_false(ask(&p, nonce));
    assert_int_equal(w->device.state, FERRY_DEVICE_REPORTING);
    peer_abort(&p);
    ferry_device_done(&w->device, 0, w->now);
    assert_int_equal(w->device.state, FERRY_DEVICE_IDLE);
    peer_hello(&p);
    assert_int_equal(p.infos, 1);
    assert_int_equal(p.pieces, 0);
}

/* A counter that cannot be reserved might be used twice. */
static void without_a_journal_to_count_in_there_is_none(void **state)
{
    struct ferry_statement s;

    (void)state;
    struct world *w = new_device();
    w->flash.write_fault = SIM_FAULT_ERROR;
    w->flash.faulty = (struct sim_area){w->map.app_journal[0], 1024};
    w->flash.faults = UINT32_MAX;
    assert_false(board_statement(w, nonce, &s));
    assert_int_equal(w->sodium.signs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_none_while_something_is_received),
        cmocka_unit_test(a_key_that_does_not_sign_makes_no_statement),
        cmocka_unit_test(a_device_without_a_key_says_never),
        cmocka_unit_test(a_device_that_does_not_know_what_runs_says_nothing_about_it),
        cmocka_unit_test(a_device_whose_commit_makes_no_statements_says_never),
        cmocka_unit_test(
            a_statement_asked_for_while_a_record_is_written_comes_after_it),
        cmocka_unit_test(a_signature_that_fails_when_its_asker_has_gone_is_nobodys),
        cmocka_unit_test(without_a_journal_to_count_in_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
