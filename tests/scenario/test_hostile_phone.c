/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests phones that mean harm, or mean nothing: data without an end, a byte now and then
 * for days, claims about how far it is, and everything withheld. The device answers its
 * own account, wears nothing out, and stays useful to the next phone. */
#include "scene.h"

#include "bytes.h"
#include "peer.h"
#include "window.h"

static struct cargo cargo;

/* An honest phone, from now on. */
static void expect_useful(struct world *w, const char *name, uint32_t n)
{
    ferry_device_link(&w->device, false, w->now);
    send_courier(w, &cargo);
    expect_true(round_name(name, n), travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
}

/* ---- without an end -------------------------------------------------------------- */

/* What is in the n-th value; the seed 0 gives one byte for ever. */
static void fill(uint8_t value[244], unsigned kind, uint64_t *rng)
{
    static const uint8_t same[] = {0x00, 0x01, 0x02, 0xFF};

    for (unsigned i = 0; i < 244; i++) {
        value[i] = kind < COUNT(same) ? same[kind] : (uint8_t)rng_next(rng);
        if (kind == COUNT(same) && value[i] == 0) {
            value[i] = 1; /* a frame that never ends */
        }
    }
}
#define KINDS 6U

/* 2 MB in one breath: a frame without an end, ends without a frame, and noise. */
static void data_without_an_end_touches_no_flash_and_blocks_nobody(void **state)
{
    uint64_t rng = 141;
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 141);
    for (unsigned live = 0; live < 2; live++) {
        for (unsigned kind = 0; kind < KINDS; kind++) {
            struct world *w = live ? peer_half_way(&p, &cargo, 1) : plain_scene();
            if (!live) {
                peer_init(&p, w, 1);
            }
            uint32_t ops = flash_ops(w);
            for (unsigned n = 0; n < 8192; n++) {
                uint8_t value[244];
                fill(value, kind, &rng);
                ferry_device_input(&w->device, value, sizeof value, w->now);
                while (ferry_device_deadline(&w->device, w->now) == 0) {
                    ferry_device_tick(&w->device, w->now);
                }
                expect_true(round_name("kind", kind), w->device.in.len < 300);
            }
            /* Two erases ahead of the window may have been under way. */
            expect_true(round_name("kind", kind), flash_ops(w) <= ops + 2 * live);
            world_run(w, 100);
            expect_useful(w, "kind", kind);
        }
    }
}

/* A phone that is flooded: it asks, waits, and gives up as it would in silence. */
static void a_flooded_phone_is_as_patient_as_in_silence(void **state)
{
    uint64_t rng = 142;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 142);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        struct world *w = plain_scene();
        uint8_t value[244];
        world_courier(w, &cargo.artifact, 1);
        ferry_courier_link(&w->courier, true, w->now);
        uint32_t began = w->now;
        while (w->courier.state != FERRY_COURIER_PARKED) {
            expect_true(round_name("kind", kind), w->now - began <= 31000);
            fill(value, kind, &rng);
            ferry_courier_input(&w->courier, value, sizeof value, w->now);
            (void)!ferry_courier_output(&w->courier, value, sizeof value, w->now);
            w->now += 10;
            if (ferry_courier_deadline(&w->courier, w->now) == 0) {
                ferry_courier_tick(&w->courier, w->now);
            }
        }
        expect_err(round_name("kind", kind), w->courier.error, FERRY_E_SILENCE);
        ferry_courier_link(&w->courier, false, w->now);
        world_connect(w);
        expect_true(round_name("kind", kind), travel(w, &cargo, HOUR));
        expect_arrived(w, &cargo);
    }
}

/* ---- a byte now and then --------------------------------------------------------- */

/* An endless round of HELLO, envelope, table and chunks, as wire bytes. */
static size_t whole_talk(struct peer *p, uint8_t *wire)
{
    struct ferry_msg hello = {.type = FERRY_MSG_HELLO};
    struct ferry_msg m = {.type = FERRY_MSG_OFFER};

    hello.u.hello.wire = FERRY_WIRE_VERSION;
    hello.u.hello.nonce = ferry_le(p->nonce, sizeof p->nonce);
    size_t len = peer_wire(p, &hello, wire);
    for (size_t off = 0; off < cargo.env_len; off += FERRY_PIECE_MAX) {
        size_t left = cargo.env_len - off;
        m.u.piece.total = (uint16_t)cargo.env_len;
        m.u.piece.off = (uint16_t)off;
        m.rest = cargo.env + off;
        m.rest_len = (uint16_t)(left < FERRY_PIECE_MAX ? left : FERRY_PIECE_MAX);
        len += peer_wire(p, &m, wire + len);
    }
    return len;
}

static void one_byte_in_30_s_for_days_comes_to_nothing(void **state)
{
    static uint8_t wire[1200];
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 143);
    struct world *w = plain_scene();
    peer_init(&p, w, 1);
    size_t len = whole_talk(&p, wire);
    for (uint32_t n = 0; n < 3 * DAY / 30000; n++) {
        peer_bytes(&p, wire + n % len, 1);
        world_run(w, 30001);
        assert_int_equal(flash_ops(w), 0);
        assert_false(w->device.session); /* each one has fallen asleep again */
    }
    expect_useful(w, "drip", 30);
}

/* Fast enough to keep its session, too slow to get anywhere: a byte every 2 s. Others
 * are turned away for a minute at most. */
static void a_byte_every_two_seconds_keeps_nobody_out(void **state)
{
    uint8_t wire[64];
    struct peer p, other;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 144);
    struct world *w = peer_half_way(&p, &cargo, 1);
    struct ferry_msg m = {.type = FERRY_MSG_STATUS};
    size_t len = peer_wire(&p, &m, wire);
    uint32_t ops = flash_ops(w);
    for (uint32_t n = 0; n < DAY / 2000; n++) {
        peer_bytes(&p, wire + n % len, 1);
        world_run(w, 2000);
        assert_int_equal(flash_ops(w), ops);
        assert_true(w->device.session);
        if (n % 600 == 599) { /* every 20 minutes somebody else comes by */
            other = p;
            memset(other.nonce, 0x55, sizeof other.nonce);
            peer_hello(&other);
            assert_int_equal(other.info.u.info.flags, 0);
            peer_hello(&p); /* and the slow one takes it back */
            len = peer_wire(&p, &m, wire);
        }
    }
    expect_useful(w, "drip", 2);
}

/* ---- claims ---------------------------------------------------------------------- */

static void expect_cursor(struct peer *p, uint16_t base, uint32_t bits)
{
    peer_status(p);
    assert_int_equal(p->ack.base, base);
    assert_int_equal(p->ack.bits[0], bits);
    assert_int_equal(p->ack.bits[1], 0);
}

/* Nothing a courier says moves the cursor, but the bytes of a chunk that is wanted. */
static void what_a_courier_claims_moves_no_cursor(void **state)
{
    static const uint8_t nonce[FERRY_NONCE_LEN] = {1};
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 145);
    struct world *w = peer_half_way(&p, &cargo, 1);
    peer_chunk(&p, &cargo, 64);
    expect_cursor(&p, 2, 1);
    uint32_t ops = flash_ops(w);
    for (unsigned n = 0; n < 512; n++) { /* it speaks every version, and any size */
        struct ferry_msg m = {.type = FERRY_MSG_HELLO};
        m.u.hello.wire = (uint8_t)n;
        m.u.hello.value_max = (uint16_t)(n < 256 ? 244 : n * 127U);
        m.u.hello.nonce = ferry_le(p.nonce, sizeof p.nonce);
        peer_say(&p, &m);
        assert_int_equal(p.info.u.info.wire, FERRY_WIRE_VERSION);
        expect_cursor(&p, 2, 1);
    }
    for (unsigned n = 0; n <= cargo.env_len + 2; n++) { /* "you have that many" */
        struct ferry_msg m = {.type = FERRY_MSG_OFFER};
        m.u.piece.total = (uint16_t)cargo.env_len;
        m.u.piece.off = (uint16_t)(n + 1);
        m.rest = cargo.env;
        m.rest_len = 1;
        peer_say(&p, &m);
        peer_report(&p, nonce, (uint16_t)n);
        expect_cursor(&p, 2, 1);
    }
    assert_int_equal(flash_ops(w), ops);
    peer_offer(&p, cargo.env, cargo.env_len);
    expect_cursor(&p, 2, 1);
}

/* "I was further than that": it goes on where it says it was. The answer is the device's
 * own cursor, before and after a reset, and nothing is left out. */
static void a_courier_that_lies_about_where_it_was_is_told_where_it_is(void **state)
{
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK, 146);
    for (unsigned was_reset = 0; was_reset < 2; was_reset++) {
        struct world *w = peer_half_way(&p, &cargo, 1);
        uint16_t base = w->device.window.base;
        if (was_reset) {
            world_power_cut(w);
            peer_init(&p, w, 1);
            peer_begin(&p, &cargo);
            base = 1; /* the last block that matched is filled again */
        }
        uint32_t ops = flash_ops(w);
        for (uint32_t block = base + 2U; block <= 6; block++) {
            peer_blocks(&p, &cargo, block, block);
            expect_cursor(&p, base, 0);
        }
        assert_int_equal(flash_ops(w), ops);
        peer_blocks(&p, &cargo, 0, base - 1U); /* and that it never began */
        expect_cursor(&p, base, 0);
        assert_int_equal(flash_ops(w), ops);
        peer_blocks(&p, &cargo, base, 6);
        assert_int_equal(w->device.state, FERRY_DEVICE_COMMITTED);
        assert_true(world_bank_holds(w, 1, cargo.image, cargo.len));
    }
}

/* ---- everything withheld --------------------------------------------------------- */

/* It begins, brings so many chunks, and then only asks how things are: for a month, with
 * the battery dying now and then. At worst the old image runs; and when somebody brings
 * the rest, it is taken. */
static void what_is_withheld_leaves_the_old_image_and_is_taken_later(void **state)
{
    static uint8_t active[64U * 1024U];
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK, 147);
    for (uint32_t n = 0; n <= 97; n += 1 + n / 3) { /* 1 of the table, 96 */
        struct world *w = plain_scene();
        memcpy(active, w->flash.bytes, sizeof active);
        peer_init(&p, w, 1);
        peer_begin(&p, &cargo);
        for (uint32_t i = 0; i < n && i < 96; i++) { /* the last one never comes */
            peer_chunk(&p, &cargo, i == 0 ? 0 : 31 + i);
        }
        for (unsigned day = 0; day < 30; day++) {
            peer_status(&p);
            world_run(w, DAY);
            if (day % 10 == 9) {
                world_power_cut(w);
                peer_init(&p, w, 1);
                peer_begin(&p, &cargo);
            }
        }
        expect_no_commit(w);
        assert_memory_equal(active, w->flash.bytes, sizeof active);
        expect_true(round_name("chunks", n), w->flash.erases <= 4 * (2 + 4));
        expect_useful(w, "chunks", n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_without_an_end_touches_no_flash_and_blocks_nobody),
        cmocka_unit_test(a_flooded_phone_is_as_patient_as_in_silence),
        cmocka_unit_test(one_byte_in_30_s_for_days_comes_to_nothing),
        cmocka_unit_test(a_byte_every_two_seconds_keeps_nobody_out),
        cmocka_unit_test(what_a_courier_claims_moves_no_cursor),
        cmocka_unit_test(a_courier_that_lies_about_where_it_was_is_told_where_it_is),
        cmocka_unit_test(what_is_withheld_leaves_the_old_image_and_is_taken_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
