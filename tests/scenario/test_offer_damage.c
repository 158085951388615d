/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that no damaged envelope gets past a real device: every bit turned over, every
 * truncation, every way to cut it into pieces. Not one flash operation. */
#include "scene.h"

#include "peer.h"

static struct cargo cargo;

/* A device that has just started: no pause after bad signatures, no session. */
static void fresh(struct peer *p)
{
    struct world *w = p->w;

    ferry_device_init(&w->device, &w->device_cfg, w->now);
    peer_init(p, w, 1);
    peer_hello(p);
    assert_int_equal(p->infos, 1);
}

/* The code it is refused with; nothing else may happen. */
static int refusal(struct peer *p, const char *name, const uint8_t *env, size_t len)
{
    struct world *w = p->w;

    fresh(p);
    uint32_t checks = w->sodium.verifies;
    peer_offer(p, env, len);
    expect_true(name, p->verdicts == 1);
    expect_true(name, p->verdict.u.verdict.kind == FERRY_VERDICT_REFUSE);
    expect_true(name, w->device.state == FERRY_DEVICE_IDLE);
    expect_true(name, flash_ops(w) == 0);
    int err = -(int)p->verdict.u.verdict.code;
    bool checked = w->sodium.verifies > checks;
    expect_true(name, !checked || err == FERRY_E_SIG);
    expect_true(name, w->device.counts.security_events == (err == FERRY_E_SIG));
    return err;
}

static struct world *new_device(struct peer *p)
{
    struct world *w = plain_scene();

    memset(p, 0, sizeof *p);
    p->w = w;
    return w;
}

/* Which bytes are what: docs/PROTOCOL.md, "Envelope". */
static void every_bit_flip_of_an_envelope_is_refused_and_flash_untouched(void **state)
{
    uint8_t bad[FERRY_ENVELOPE_MAX];
    struct peer p;

    (void)state;
    new_device(&p);
    cargo_make(&cargo, NULL, BLOCK, 101);
    for (size_t bit = 0; bit < 8 * cargo.env_len; bit++) {
        size_t at = bit / 8;
        memcpy(bad, cargo.env, cargo.env_len);
        bad[at] ^= (uint8_t)(1U << (bit % 8));
        const char *name = round_name("bit", (uint32_t)bit);
        int err = refusal(&p, name, bad, cargo.env_len);
        int want = FERRY_E_SIG; /* payload, known slot, or signature */
        if (at == 11) {
            want = FERRY_E_LEN;
        } else if (at == 8) {
            want = bad[8] == 1 || bad[8] == 7 ? FERRY_E_SIG : FERRY_E_KID;
        } else if (at < 12 || (at >= cargo.env_len - 66 && at < cargo.env_len - 64)) {
            want = FERRY_E_FRAME;
        }
        if (at == 8 && bad[8] > 0x17) { /* 0x80: a statement, 0x20, 0x40: no slot */
            want = err == FERRY_E_FRAME ? err : want;
        }
        expect_err(name, err, want);
    }
}

static void every_two_bit_flips_in_a_byte_of_the_signature_are_refused(void **state)
{
    uint8_t bad[FERRY_ENVELOPE_MAX];
    struct peer p;

    (void)state;
    new_device(&p);
    cargo_make(&cargo, NULL, BLOCK, 102);
    for (size_t at = cargo.env_len - 64; at < cargo.env_len; at++) {
        for (unsigned k = 0; k < 8; k++) {
            memcpy(bad, cargo.env, cargo.env_len);
            bad[at] ^= (uint8_t)(0x81U << k | 0x81U >> (8 - k));
            expect_err("two bits", refusal(&p, "two bits", bad, cargo.env_len),
                       FERRY_E_SIG);
        }
    }
}

/* Declared as long as it is, and cut; or too long. */
static void every_truncation_and_extra_byte_is_refused_with_e_len(void **state)
{
    uint8_t bad[FERRY_ENVELOPE_MAX + 1] = {0};
    struct peer p;

    (void)state;
    struct world *w = new_device(&p);
    cargo_make(&cargo, NULL, BLOCK, 103);
    memcpy(bad, cargo.env, cargo.env_len);
    for (size_t len = 1; len < cargo.env_len; len++) {
        expect_err(round_name("cut to", (uint32_t)len), refusal(&p, "cut", bad, len),
                   FERRY_E_LEN);
    }
    for (size_t len = cargo.env_len + 1; len <= FERRY_ENVELOPE_MAX; len++) {
        expect_err(round_name("long", (uint32_t)len), refusal(&p, "long", bad, len),
                   FERRY_E_LEN);
    }
    assert_int_equal(w->sodium.verifies, 0);
}

/* A total no envelope has is refused at the first piece, without waiting for the rest. */
static void a_total_no_envelope_has_is_refused_at_once(void **state)
{
    struct ferry_msg m = {.type = FERRY_MSG_OFFER};
    struct peer p;

    (void)state;
    struct world *w = new_device(&p);
    cargo_make(&cargo, NULL, BLOCK, 104);
    static const uint16_t totals[] = {
        FERRY_ENVELOPE_MAX + 1, 1000, 0x8000, 0xFFFF, 0, 5};
    for (size_t i = 0; i < COUNT(totals); i++) {
        fresh(&p);
        m.u.piece.total = totals[i];
        m.rest = cargo.env;
        m.rest_len = FERRY_PIECE_MAX;
        peer_say(&p, &m);
        expect_err(round_name("total", totals[i]), -(int)p.verdict.u.verdict.code,
                   FERRY_E_LEN);
        m.u.piece.off = 0xFFF0; /* and one whose end wraps */
        peer_say(&p, &m);
        m.u.piece.off = 0;
        assert_int_equal(flash_ops(w), 0);
        assert_int_equal(w->device.state, FERRY_DEVICE_IDLE);
    }
}

/* Half an envelope and then nothing: the device says what it has, and lets go of it after
 * 30 s. */
static void half_an_envelope_is_forgotten_after_half_a_minute(void **state)
{
    struct ferry_msg m = {.type = FERRY_MSG_OFFER};
    struct peer p;

    (void)state;
    struct world *w = new_device(&p);
    cargo_make(&cargo, NULL, BLOCK, 105);
    for (uint16_t n = FERRY_PIECE_MAX; n < cargo.env_len; n = (uint16_t)(n + 48)) {
        fresh(&p);
        for (uint16_t off = 0; off < n; off = (uint16_t)(off + 48)) {
            m.u.piece.total = (uint16_t)cargo.env_len;
            m.u.piece.off = off;
            m.rest = cargo.env + off;
            m.rest_len = 48;
            peer_say(&p, &m);
        }
        assert_int_equal(w->device.state, FERRY_DEVICE_OFFERED);
        m.u.piece.off = (uint16_t)(n + 1); /* a gap */
        m.rest_len = 1;
        peer_say(&p, &m);
        assert_int_equal(p.verdict.u.verdict.kind, FERRY_VERDICT_MORE);
        assert_int_equal(p.verdict.u.verdict.number, n);
        world_run(w, 29000);
        assert_int_equal(w->device.state, FERRY_DEVICE_OFFERED);
        world_run(w, 1500);
        assert_int_equal(w->device.state, FERRY_DEVICE_IDLE);
        assert_false(w->device.session);
        assert_int_equal(flash_ops(w), 0);
    }
}

/* Pieces of any length, in order: the same verdict. */
static void an_envelope_may_come_in_pieces_of_any_length(void **state)
{
    struct ferry_msg m = {.type = FERRY_MSG_OFFER};
    struct peer p;
    uint64_t rng = 9;

    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 106);
    for (unsigned most = 1; most <= FERRY_PIECE_MAX; most++) {
        struct world *w = new_device(&p);
        fresh(&p);
        for (size_t off = 0; off < cargo.env_len; off += m.rest_len) {
            size_t n = 1 + rng_below(&rng, most);
            m.u.piece.total = (uint16_t)cargo.env_len;
            m.u.piece.off = (uint16_t)off;
            m.rest = cargo.env + off;
            m.rest_len = (uint16_t)(n < cargo.env_len - off ? n : cargo.env_len - off);
            peer_say(&p, &m);
        }
        expect_true(round_name("at most", most),
                    p.verdict.u.verdict.kind == FERRY_VERDICT_ACCEPT);
        assert_int_equal(w->sodium.verifies, 1);
    }
}

/* A genuine envelope before and after a bad one: the bad one leaves no trace. */
static void a_refused_offer_leaves_a_transfer_under_way_alone(void **state)
{
    uint8_t bad[FERRY_ENVELOPE_MAX];
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 107);
    struct world *w = plain_scene();
    peer_init(&p, w, 1);
    peer_begin(&p, &cargo);
    peer_blocks(&p, &cargo, 0, 1);
    peer_chunk(&p, &cargo, 64);
    uint32_t ops = flash_ops(w);
    memcpy(bad, cargo.env, cargo.env_len);
    for (unsigned i = 0; i < 5; i++) {
        size_t at = i < 4 ? 20 + i : 3;
        bad[at] ^= 0x40;
        world_run(w, 20000);
        peer_offer(&p, bad, cargo.env_len);
        assert_int_equal(p.verdict.u.verdict.kind, FERRY_VERDICT_REFUSE);
        bad[at] ^= 0x40;
        assert_int_equal(w->device.state, FERRY_DEVICE_RECEIVING);
        assert_int_equal(w->device.window.base, 2);
        assert_int_equal(w->device.window.bits[0], 1);
        assert_int_equal(flash_ops(w), ops);
    }
    peer_blocks(&p, &cargo, 2, 3);
    assert_int_equal(w->device.state, FERRY_DEVICE_COMMITTED);
    assert_true(world_bank_holds(w, 1, cargo.image, cargo.len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_flip_of_an_envelope_is_refused_and_flash_untouched),
        cmocka_unit_test(every_two_bit_flips_in_a_byte_of_the_signature_are_refused),
        cmocka_unit_test(every_truncation_and_extra_byte_is_refused_with_e_len),
        cmocka_unit_test(a_total_no_envelope_has_is_refused_at_once),
        cmocka_unit_test(half_an_envelope_is_forgotten_after_half_a_minute),
        cmocka_unit_test(an_envelope_may_come_in_pieces_of_any_length),
        cmocka_unit_test(a_refused_offer_leaves_a_transfer_under_way_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
