/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that the order in which chunks arrive means nothing, that damage of one or two
 * bits to any frame touches no flash, and that what comes while a page is being erased is
 * kept or not acked. */
#include "scene.h"

#include "frames.h"
#include "peer.h"
#include "window.h"

static struct cargo cargo;
static struct frames between;

/* ---- any order ------------------------------------------------------------------- */

static void expect_the_image(struct world *w, const char *name, uint32_t n)
{
    expect_true(round_name(name, n), w->device.state == FERRY_DEVICE_COMMITTED);
    expect_true(round_name(name, n), world_bank_holds(w, 1, cargo.image, cargo.len));
    expect_true(round_name(name, n), w->device.counts.chunks_ignored == 0);
    expect_true(round_name(name, n), w->device.counts.transfer_errors == 0);
    expect_true(round_name(name, n), w->device.window.epoch == 0);
}

/* The n-th permutation of six. */
static void permutation(unsigned n, uint32_t order[6])
{
    uint32_t left[6] = {0, 1, 2, 3, 4, 5};

    for (unsigned size = 6; size > 0; size--) {
        unsigned i = n % size;
        n /= size;
        order[6 - size] = left[i];
        memmove(left + i, left + i + 1, (size - i - 1) * sizeof left[0]);
    }
}

static void every_order_of_six_chunks_gives_the_same_image(void **state)
{
    struct peer p, before;

    (void)state;
    cargo_make(&cargo, NULL, 5 * 128 + 100, 121);
    struct world *w = plain_scene();
    peer_init(&p, w, 1);
    peer_begin(&p, &cargo);
    peer_blocks(&p, &cargo, 0, 0);
    before = p;
    scene_keep();
    for (unsigned n = 0; n < 720; n++) {
        uint32_t order[6];
        scene_bring_back();
        p = before;
        permutation(n, order);
        for (unsigned i = 0; i < 6; i++) {
            peer_chunk(&p, &cargo, 32 + order[i]);
        }
        expect_the_image(w, "order", n);
    }
}

/* All 64 chunks of the window at once, and the next window, and the next. */
static void shuffle(uint32_t *index, unsigned n, uint64_t *rng)
{
    for (unsigned i = n; i > 1; i--) {
        unsigned k = rng_below(rng, i);
        uint32_t t = index[i - 1];
        index[i - 1] = index[k];
        index[k] = t;
    }
}

static void any_order_within_the_window_gives_the_same_image(void **state)
{
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 5 * BLOCK + 700, 122);
    for (uint64_t seed = 1; seed <= 60; seed++) {
        uint64_t rng = seed;
        struct world *w = plain_scene();
        peer_init(&p, w, 1);
        peer_begin(&p, &cargo);
        peer_blocks(&p, &cargo, 0, 0);
        for (uint16_t base = 1; base <= 6; base = (uint16_t)(base + 2)) {
            uint32_t index[FERRY_WINDOW_CHUNKS];
            unsigned n = 0;
            assert_int_equal(w->device.window.base, base);
            for (unsigned row = 0; row < FERRY_WINDOW_CHUNKS; row++) {
                uint32_t i = ferry_window_index(&w->device.window, row);
                if (ferry_shape_chunk_len(&w->device.window.shape, i) > 0) {
                    index[n++] = i;
                }
            }
            shuffle(index, n, &rng);
            for (unsigned i = 0; i < n; i++) {
                peer_chunk(&p, &cargo, index[i]);
            }
        }
        expect_the_image(w, "seed", (uint32_t)seed);
    }
}

/* ---- one or two bits ------------------------------------------------------------- */

/* Turn over each bit, each two bits, and cut everywhere: the device hears it, and its
 * flash does not. */
static void damage(struct peer *p, const struct ferry_msg *m)
{
    struct world *w = p->w;
    uint8_t wire[400], bad[400];
    size_t len = peer_wire(p, m, wire);
    uint32_t ops = flash_ops(w);

    wire[len] = 0;
    for (size_t i = 0; i < 8 * len; i++) {
        for (size_t k = i; k < 8 * len; k++) {
            memcpy(bad, wire, len + 1);
            bad[i / 8] ^= (uint8_t)(1U << (i % 8));
            bad[k / 8] ^= (uint8_t)(k == i ? 0 : 1U << (k % 8));
            peer_bytes(p, bad, len + 1);
            expect_true(round_name("bits", (uint32_t)(i * 10000 + k)),
                        flash_ops(w) == ops);
        }
    }
    for (size_t n = 0; n + 1 < len; n++) {
        memcpy(bad, wire, n);
        bad[n] = 0;
        peer_bytes(p, bad, n + 1);
        expect_true(round_name("cut to", (uint32_t)n), flash_ops(w) == ops);
    }
}

static void no_two_bit_flips_of_a_full_chunk_cause_a_flash_operation(void **state)
{
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 123);
    struct world *w = peer_half_way(&p, &cargo, 0);
    struct ferry_msg m = chunk_msg(&cargo, w, 32);
    damage(&p, &m);
    uint32_t writes = w->flash.writes;
    peer_say(&p, &m);
    assert_int_equal(w->flash.writes, writes + 1);
}

static void no_two_bit_flips_of_any_other_message_cause_a_flash_operation(void **state)
{
    static const uint8_t nonce[FERRY_NONCE_LEN] = {9};
    struct ferry_msg hello = {.type = FERRY_MSG_HELLO};
    struct ferry_msg status = {.type = FERRY_MSG_STATUS};
    struct ferry_msg abort = {.type = FERRY_MSG_ABORT};
    struct ferry_msg report = {.type = FERRY_MSG_REPORT};
    struct ferry_msg offer = {.type = FERRY_MSG_OFFER};
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 124);
    hello.u.hello.wire = FERRY_WIRE_VERSION;
    status.u.status.token = 5;
    report.bytes[0] = nonce;
    offer.u.piece.total = (uint16_t)cargo.env_len;
    offer.rest = cargo.env;
    offer.rest_len = FERRY_PIECE_MAX;
    const struct ferry_msg *all[] = {&hello, &status, &report, &offer, &abort};
    for (size_t i = 0; i < COUNT(all); i++) {
        peer_half_way(&p, &cargo, 0);
        damage(&p, all[i]);
    }
}

/* ---- while a page is erased ------------------------------------------------------ */

static bool erasing(const struct world *w)
{
    return w->flash.op == SIM_ERASING;
}

struct erase_watch {
    uint32_t came; /* chunks that arrived while a page was erased */
    bool deaf;     /* the radio is silent meanwhile: they did not */
};

static void count(struct frames *f, struct world *w, struct frame *frame)
{
    struct erase_watch *e = f->ctx;

    if (erasing(w) && frame->direction == TO_DEVICE) {
        e->came += is_chunk(frame);
        frame->drop = e->deaf;
    }
}

/* travel() holds every ack to what is in flash, at every step. */
static struct world *erase_slowly(bool deaf, uint16_t pool, uint32_t *came)
{
    struct erase_watch e = {.deaf = deaf};
    struct world_options o;

    scene_options(&o);
    o.mode = SIM_FLASH_ASYNC;
    o.pool_chunks = pool;
    cargo_make(&cargo, NULL, 13 * BLOCK, 125);
    struct world *w = scene(&o);
    assert_int_equal(w->flash.erase_ms, 85);
    w->link.interval_ms = 8;
    frames_between(w, &between, count, &e);
    send_courier(w, &cargo);
    expect_true(round_name("pool", pool), travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
    assert_int_equal(w->courier.counts.epochs, 0);
    assert_int_equal(between.sent_though_acked, 0);
    *came = e.came;
    return w;
}

static void nothing_acked_is_lost_while_a_page_is_erased_for_85_ms(void **state)
{
    uint32_t came = 0;

    (void)state;
    for (uint16_t pool = 3; pool <= 40; pool = (uint16_t)(2 * pool)) {
        uint32_t n;
        struct world *w = erase_slowly(false, pool, &n);
        came += n;
        /* What waits for the erase is in the pool, so nothing is sent twice. */
        assert_int_equal(w->courier.counts.bytes_repeated, 0);
        assert_int_equal(w->device.counts.chunks_ignored, 0);
        assert_int_equal(w->courier.counts.parks, 0);
    }
    assert_true(came > 100);
}

static void nor_where_the_radio_is_silent_meanwhile(void **state)
{
    uint32_t came = 0;

    (void)state;
    for (uint16_t pool = 3; pool <= 40; pool = (uint16_t)(2 * pool)) {
        uint32_t n;
        erase_slowly(true, pool, &n);
        came += n;
    }
    assert_true(came > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_six_chunks_gives_the_same_image),
        cmocka_unit_test(any_order_within_the_window_gives_the_same_image),
        cmocka_unit_test(no_two_bit_flips_of_a_full_chunk_cause_a_flash_operation),
        cmocka_unit_test(no_two_bit_flips_of_any_other_message_cause_a_flash_operation),
        cmocka_unit_test(nothing_acked_is_lost_while_a_page_is_erased_for_85_ms),
        cmocka_unit_test(nor_where_the_radio_is_silent_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
