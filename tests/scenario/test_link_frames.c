/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what single frames can do to a device that receives: repeated, foreign, damaged,
 * cut short, too many at once. None of them causes a flash operation that is not due. */
#include "scene.h"

#include "peer.h"
#include "window.h"

static struct cargo cargo;

/* A device that has the block table of an image of two blocks and a bit. */
static struct world *receiving(struct peer *p)
{
    struct world *w = plain_scene();

    cargo_make(&cargo, NULL, 2 * BLOCK + 4, 21);
    peer_init(p, w, 1);
    peer_begin(p, &cargo);
    peer_blocks(p, &cargo, 0, 0);
    assert_int_equal(w->device.window.base, 1);
    return w;
}

/* ---- repeated -------------------------------------------------------------------- */

/* Our ack was lost, so the phone repeats the chunk: flash must see it once. */
static void device_acks_a_repeated_chunk_without_writing_it_again(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = receiving(&p);
    for (uint32_t index = 32; index < 32 + 3 * 32; index++) {
        if (ferry_shape_chunk_len(&w->device.window.shape, index) == 0) {
            continue;
        }
        peer_chunk(&p, &cargo, index);
        if (w->device.state != FERRY_DEVICE_RECEIVING) {
            break; /* it was the last one */
        }
        uint32_t ops = flash_ops(w);
        peer_chunk(&p, &cargo, index);
        assert_true(p.acks == 1);
        assert_int_equal(flash_ops(w), ops);
    }
    assert_int_equal(w->device.state, FERRY_DEVICE_COMMITTED);
    assert_true(world_bank_holds(w, 1, cargo.image, cargo.len));
}

/* Whoever comes second with an index is not believed, and not written. */
static void a_second_payload_for_an_acked_index_is_ignored(void **state)
{
    struct peer p;
    uint8_t lie[128];

    (void)state;
    struct world *w = receiving(&p);
    peer_chunk(&p, &cargo, 33);
    uint32_t ops = flash_ops(w);
    struct ferry_msg m = chunk_msg(&cargo, w, 33);
    memset(lie, 0x5A, sizeof lie);
    m.rest = lie;
    peer_say(&p, &m);
    assert_int_equal(p.acks, 1);
    assert_int_equal(p.ack.bits[0], 2);
    assert_int_equal(flash_ops(w), ops);
    assert_int_equal(w->device.counts.chunks_ignored, 1);
    assert_memory_equal(w->flash.bytes + 65536 + 4096 + 128, cargo.image + 128, 128);
}

/* Twice in one value, so that both wait in the pool before the first is written. */
static void a_second_payload_in_the_same_value_is_ignored_too(void **state)
{
    struct peer p;
    uint8_t lie[128], wire[600];

    (void)state;
    struct world *w = receiving(&p);
    struct ferry_msg m = chunk_msg(&cargo, w, 33);
    size_t len = peer_wire(&p, &m, wire);
    memset(lie, 0x5A, sizeof lie);
    m.rest = lie;
    len += peer_wire(&p, &m, wire + len);
    uint32_t writes = w->flash.writes;
    peer_bytes(&p, wire, len);
    assert_int_equal(w->flash.writes, writes + 1);
    assert_int_equal(p.ack.bits[0], 2);
    assert_memory_equal(w->flash.bytes + 65536 + 4096 + 128, cargo.image + 128, 128);
}

/* ---- foreign --------------------------------------------------------------------- */

/* The tag is the CRC's initial value: a frame of another session fails its CRC. */
static void a_frame_of_another_session_is_dropped(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = receiving(&p);
    uint16_t ours = p.tag;
    uint32_t ops = flash_ops(w);
    for (unsigned bit = 0; bit < 16; bit++) {
        uint8_t wire[600];
        struct ferry_msg m = chunk_msg(&cargo, w, 32);
        p.tag = (uint16_t)(ours ^ (1U << bit));
        size_t len = peer_wire(&p, &m, wire);
        p.tag = ours;
        peer_bytes(&p, wire, len);
        assert_int_equal(w->device.counts.frames_bad, bit + 1);
        assert_int_equal(p.ack.bits[0], 0);
        assert_int_equal(flash_ops(w), ops);
    }
}

/* Said before the link dropped, arriving after it came back. */
static void a_frame_of_the_same_phones_last_session_is_dropped(void **state)
{
    uint8_t wire[600];
    struct peer p, next;

    (void)state;
    struct world *w = receiving(&p);
    struct ferry_msg m = chunk_msg(&cargo, w, 32);
    size_t len = peer_wire(&p, &m, wire);
    ferry_device_link(&w->device, false, w->now);
    peer_init(&next, w, 2);
    peer_begin(&next, &cargo);
    assert_int_not_equal(next.tag, p.tag);
    uint32_t ops = flash_ops(w);
    peer_bytes(&next, wire, len);
    assert_int_equal(flash_ops(w), ops);
    assert_int_equal(next.ack.bits[0], 0);
}

static void chunks_for_no_place_of_the_window_are_ignored(void **state)
{
    static const uint32_t indexes[] = {0, 1, 31, 96, 97, 128, 4000, 0xFFFFFF};
    static const uint8_t payload[128];
    struct peer p;

    (void)state;
    struct world *w = receiving(&p);
    uint32_t ops = flash_ops(w);
    for (size_t i = 0; i < COUNT(indexes); i++) {
        struct ferry_msg m = {.type = FERRY_MSG_CHUNK};
        m.u.chunk.index = indexes[i];
        m.rest = payload;
        m.rest_len = 128;
        peer_say(&p, &m);
        m.rest_len = 4;
        peer_say(&p, &m);
        assert_int_equal(flash_ops(w), ops);
        assert_int_equal(p.ack.bits[0] | p.ack.bits[1], 0);
    }
}

static void a_chunk_of_the_wrong_length_is_ignored(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = receiving(&p);
    uint32_t ops = flash_ops(w);
    for (uint16_t len = 4; len < 128; len++) {
        struct ferry_msg m = chunk_msg(&cargo, w, 32);
        m.rest_len = len;
        peer_say(&p, &m);
        assert_int_equal(flash_ops(w), ops);
        assert_int_equal(p.ack.bits[0], 0);
    }
}

/* ---- damaged --------------------------------------------------------------------- */

/* Every way to turn one bit over, every prefix; each followed by a delimiter. */
static void damage(struct peer *p, uint32_t index)
{
    struct world *w = p->w;
    struct ferry_msg m = chunk_msg(&cargo, w, index);
    uint8_t wire[600], bad[600];
    uint32_t ops = flash_ops(w);

    size_t len = peer_wire(p, &m, wire);
    wire[len] = 0;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        memcpy(bad, wire, len + 1);
        bad[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        peer_bytes(p, bad, len + 1);
        expect_true(round_name("bit", (uint32_t)bit), flash_ops(w) == ops);
        expect_true(round_name("bit", (uint32_t)bit), p->acks > 0);
    }
    for (size_t n = 0; n + 1 < len; n++) {
        memcpy(bad, wire, n);
        bad[n] = 0;
        peer_bytes(p, bad, n + 1);
        expect_true(round_name("cut to", (uint32_t)n), flash_ops(w) == ops);
    }
    assert_int_equal(w->device.state, FERRY_DEVICE_RECEIVING);
    peer_bytes(p, wire, len);
    assert_int_equal(flash_ops(w), ops + 1);
}

static void
no_bit_flip_and_no_truncation_of_a_chunk_causes_a_flash_operation(void **state)
{
    struct peer p;

    (void)state;
    receiving(&p);
    damage(&p, 32);
    damage(&p, 33);
}

/* The shortest chunk, where a CRC of 16 bits has the least to hold on to. */
static void no_two_bit_flips_of_the_shortest_chunk_cause_a_flash_operation(void **state)
{
    uint8_t wire[64], bad[64];
    struct peer p;

    (void)state;
    struct world *w = receiving(&p);
    peer_blocks(&p, &cargo, 1, 2);
    assert_int_equal(w->device.window.base, 3);
    struct ferry_msg m = chunk_msg(&cargo, w, 96);
    size_t len = peer_wire(&p, &m, wire);
    uint32_t ops = flash_ops(w);
    wire[len] = 0;
    for (size_t i = 0; i < 8 * len; i++) {
        for (size_t k = i + 1; k < 8 * len; k++) {
            memcpy(bad, wire, len + 1);
            bad[i / 8] ^= (uint8_t)(1U << (i % 8));
            bad[k / 8] ^= (uint8_t)(1U << (k % 8));
            peer_bytes(&p, bad, len + 1);
            expect_true(round_name("bits", (uint32_t)(i * 1000 + k)),
                        flash_ops(w) == ops);
        }
    }
    peer_bytes(&p, wire, len);
    assert_int_equal(w->device.state, FERRY_DEVICE_COMMITTED);
}

static void rubbish_before_a_frame_costs_at_most_that_frame(void **state)
{
    struct peer p;
    uint64_t rng = 5;

    (void)state;
    struct world *w = receiving(&p);
    for (uint32_t index = 32; index < 60; index++) {
        uint8_t wire[900];
        size_t n = rng_below(&rng, 300);
        struct ferry_msg m = chunk_msg(&cargo, w, index);
        for (size_t i = 0; i < n; i++) {
            wire[i] = (uint8_t)rng_next(&rng);
        }
        size_t len = peer_wire(&p, &m, wire + n);
        uint32_t writes = w->flash.writes;
        peer_bytes(&p, wire, n + len);
        assert_true(w->flash.writes <= writes + 1);
        peer_chunk(&p, &cargo, index);
        assert_int_equal(w->flash.writes, writes + 1);
    }
}

/* ---- too many -------------------------------------------------------------------- */

/* All of both blocks at once and no moment to write: the pool takes what it can hold. */
static void a_burst_beyond_the_credit_is_bounded_and_answered(void **state)
{
    static uint8_t wire[64 * 160];
    struct peer p;
    size_t len = 0;

    (void)state;
    struct world *w = receiving(&p);
    uint32_t ops = flash_ops(w);
    for (uint32_t index = 32; index < 96; index++) {
        struct ferry_msg m = chunk_msg(&cargo, w, index);
        len += peer_wire(&p, &m, wire + len);
    }
    p.slow = true;
    peer_bytes(&p, wire, len);
    assert_int_equal(w->device.count, w->opt.pool_chunks);
    assert_int_equal(flash_ops(w), ops);
    p.slow = false;
    peer_listen(&p);
    assert_int_equal(flash_ops(w), ops + w->opt.pool_chunks);
    assert_true(p.acks > 0);
    assert_int_equal(p.ack.bits[0], (1U << w->opt.pool_chunks) - 1);
    assert_int_equal(p.ack.credit, w->opt.pool_chunks);
    peer_blocks(&p, &cargo, 1, 3);
    assert_int_equal(w->device.state, FERRY_DEVICE_COMMITTED);
}

/* A credit, once granted, is honoured whatever else happens: fill it every time. */
static void a_granted_credit_is_never_revoked(void **state)
{
    static uint8_t wire[64 * 160];
    struct peer p;

    (void)state;
    struct world *w = receiving(&p);
    while (w->device.state == FERRY_DEVICE_RECEIVING) {
        size_t len = 0;
        uint8_t sent = 0;
        peer_status(&p);
        assert_true(p.ack.credit > 0);
        struct ferry_window seen = w->device.window;
        for (unsigned row = 0; row < 64 && sent < p.ack.credit; row++) {
            uint32_t index = ferry_window_index(&seen, row);
            if (!ferry_window_has(&seen, row) &&
                ferry_shape_chunk_len(&seen.shape, index) > 0) {
                struct ferry_msg m = chunk_msg(&cargo, w, index);
                len += peer_wire(&p, &m, wire + len);
                sent++;
            }
        }
        uint32_t writes = w->flash.writes;
        peer_bytes(&p, wire, len);
        assert_int_equal(w->flash.writes, writes + sent);
    }
    assert_int_equal(w->device.state, FERRY_DEVICE_COMMITTED);
    assert_int_equal(w->device.counts.chunks_ignored, 0);
    assert_int_equal(w->device.counts.frames_bad, 0);
}

/* ---- said again ------------------------------------------------------------------ */

static void a_repeated_hello_has_the_same_info(void **state)
{
    struct peer p;

    (void)state;
    receiving(&p);
    peer_hello(&p);
    assert_int_equal(p.infos, 1);
    struct peer first = p;
    for (unsigned i = 0; i < 10; i++) {
        peer_hello(&p);
        assert_int_equal(p.infos, 1);
        assert_int_equal(p.info_len, first.info_len);
        assert_memory_equal(p.info_body, first.info_body, first.info_len);
    }
    peer_chunk(&p, &cargo, 32);
    assert_int_equal(p.ack.bits[0], 1);
}

static void
a_repeated_offer_has_the_same_verdict_without_another_signature_check(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = receiving(&p);
    peer_chunk(&p, &cargo, 32);
    uint32_t ops = flash_ops(w);
    uint32_t checks = w->sodium.verifies;
    assert_int_equal(checks, 1);
    for (unsigned i = 0; i < 10; i++) {
        peer_offer(&p, cargo.env, cargo.env_len);
        assert_int_equal(p.verdicts, 1);
        assert_int_equal(p.verdict.u.verdict.kind, FERRY_VERDICT_ACCEPT);
        assert_int_equal(p.ack.base, 1);
        assert_int_equal(p.ack.bits[0], 1);
        assert_int_equal(w->sodium.verifies, checks);
        assert_int_equal(flash_ops(w), ops);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_acks_a_repeated_chunk_without_writing_it_again),
        cmocka_unit_test(a_second_payload_for_an_acked_index_is_ignored),
        cmocka_unit_test(a_second_payload_in_the_same_value_is_ignored_too),
        cmocka_unit_test(a_frame_of_another_session_is_dropped),
        cmocka_unit_test(a_frame_of_the_same_phones_last_session_is_dropped),
        cmocka_unit_test(chunks_for_no_place_of_the_window_are_ignored),
        cmocka_unit_test(a_chunk_of_the_wrong_length_is_ignored),
        cmocka_unit_test(
            no_bit_flip_and_no_truncation_of_a_chunk_causes_a_flash_operation),
        cmocka_unit_test(
            no_two_bit_flips_of_the_shortest_chunk_cause_a_flash_operation),
        cmocka_unit_test(rubbish_before_a_frame_costs_at_most_that_frame),
        cmocka_unit_test(a_burst_beyond_the_credit_is_bounded_and_answered),
        cmocka_unit_test(a_granted_credit_is_never_revoked),
        cmocka_unit_test(a_repeated_hello_has_the_same_info),
        cmocka_unit_test(
            a_repeated_offer_has_the_same_verdict_without_another_signature_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
