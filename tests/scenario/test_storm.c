/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests both ends against long random sequences of valid, damaged and lying messages,
 * time, link drops and dead batteries. Seeds are fixed, and printed when one fails.
 * The simulated flash ends the test at the first broken rule. */
#include "scene.h"

#include "frame.h"
#include "msg.h"
#include "peer.h"

#define STEPS 4000U

static struct cargo cargo, other;
static uint64_t rng;
static uint32_t honesty; /* true chunks for one forged */

static uint32_t any(uint32_t below)
{
    return rng_below(&rng, below);
}

/* ---- a device among strangers ---------------------------------------------------- */

static struct ferry_msg random_ask(const struct world *w)
{
    static uint8_t junk[FERRY_CHUNK_MAX];
    struct ferry_msg m = {0};
    uint32_t near = w->device.window.base * 32U + any(70);

    for (size_t i = 0; i < sizeof junk; i++) {
        junk[i] = (uint8_t)rng_next(&rng);
    }
    switch (w->device.window.shape.chunk == 0 ? any(2) : any(6)) {
    case 0:
        m.type = FERRY_MSG_STATUS;
        m.u.status.token = (uint8_t)any(256);
        break;
    case 1:
        m.type = FERRY_MSG_OFFER;
        m.u.piece.total = (uint16_t)any(400);
        m.u.piece.off = (uint16_t)any(400);
        m.u.piece.len = (uint16_t)(1 + any(FERRY_PIECE_MAX));
        m.u.piece.bytes = junk;
        break;
    case 2: /* now and then a lie about content, with a right CRC */
        m = chunk_msg(&cargo, w, near % (3 * 32));
        if (any(1 + honesty) == 0) {
            m.u.chunk.payload = junk;
        }
        break;
    case 3:
        m.type = FERRY_MSG_CHUNK;
        m.u.chunk.index = any(2) == 0 ? near : any(1U << 24);
        m.u.chunk.len = (uint16_t)(4 + any(FERRY_CHUNK_MAX - 3));
        m.u.chunk.payload = junk;
        break;
    default: /* the truth */
        m = chunk_msg(&cargo, w, near);
    }
    return m;
}

static void damaged_words(struct peer *p, const struct ferry_msg *m)
{
    uint8_t wire[400];
    size_t len = peer_wire(p, m, wire);

    if (len > 0) {
        wire[any((uint32_t)len)] ^= (uint8_t)(1U << any(8));
        peer_bytes(p, wire, any(3) == 0 ? any((uint32_t)len) : len);
    }
}

static void one_step(struct world *w, struct peer *p)
{
    const struct cargo *c = any(1 + honesty) == 0 ? &other : &cargo;
    struct ferry_msg m = random_ask(w);

    switch (any(40)) {
    case 0:
        peer_init(p, w, (uint8_t)any(4));
        peer_hello(p);
        break;
    case 1:
    case 2:
        peer_hello(p);
        break;
    case 3:
    case 4:
    case 5:
        peer_offer(p, c->env, c->env_len);
        break;
    case 6:
        if (any(10) == 0) {
            peer_abort(p);
        }
        break;
    case 7:
        ferry_device_link(&w->device, any(2) == 0, w->now);
        break;
    case 8:
        if (any(20) == 0) {
            world_power_cut(w);
        }
        break;
    case 9:
        world_run(w, any(50) == 0 ? HOUR : any(3000));
        break;
    case 10:
    case 11:
    case 12:
        damaged_words(p, &m);
        break;
    default:
        peer_say(p, &m);
        world_run(w, any(20));
    }
}

static bool genuine(const struct world *w)
{
    const struct ferry_ticket *t = &w->boot.ticket;
    const struct cargo *c =
        memcmp(t->digest, cargo.digest, sizeof t->digest) == 0 ? &cargo : &other;

    return ferry_ticket_holds(t) &&
           memcmp(t->digest, c->digest, sizeof t->digest) == 0 &&
           world_bank_holds(w, world_staging(w), c->image, c->len);
}

static void storm(struct world *w, uint32_t seed)
{
    static uint8_t before[512U * 1024U];
    uint32_t bank_len = w->map.bank[0].len;
    struct peer p;

    rng = seed * 7919ULL + 1;
    honesty = seed % 4 * 400;
    memcpy(before, w->flash.bytes, bank_len);
    peer_init(&p, w, 1);
    for (unsigned i = 0; i < STEPS && !w->boot.state.committed; i++) {
        one_step(w, &p);
    }
    expect_true(round_name("seed", seed),
                memcmp(before, w->flash.bytes, bank_len) == 0);
    if (w->boot.state.committed) {
        expect_true(round_name("seed", seed), genuine(w));
    }
}

/* Whatever happened before: a day later an honest phone gets its image in. */
static void honest_phone(struct world *w, uint32_t seed)
{
    if (!w->boot.state.committed) {
        world_power_cut(w);
        world_run(w, 2 * DAY);
        send_courier(w, &cargo);
        bool arrived = travel(w, &cargo, DAY);
        expect_true(round_name("seed", seed), arrived);
        expect_arrived(w, &cargo);
    }
}

static void a_device_in_a_storm_of_messages_installs_only_what_is_genuine(void **state)
{
    struct release r;

    (void)state;
    release_default(&r);
    cargo_make(&cargo, &r, 2 * BLOCK + 60, 81);
    r.version++;
    cargo_make(&other, &r, BLOCK + 300, 82);
    for (uint32_t seed = 1; seed <= 60; seed++) {
        struct world_options o;
        scene_options(&o);
        o.mode = (enum sim_flash_mode)(seed % 3);
        o.pool_chunks = (uint16_t)(3 + seed % 5);
        o.ack_every = (uint8_t)(seed % 2);
        struct world *w = scene(&o);
        storm(w, seed);
        honest_phone(w, seed);
    }
}

/* ---- a phone before a device that lies ------------------------------------------- */

static struct ferry_ack random_ack(void)
{
    struct ferry_ack a = {
        .epoch = (uint8_t)(any(3) == 0 ? any(256) : any(2)),
        .base = (uint16_t)(any(8) == 0 ? any(65536) : any(5)),
        .credit = (uint8_t)any(256),
        .reason = (uint8_t)any(9),
        .echo = (uint8_t)any(8),
        .wait = (uint8_t)any(256),
        .bits = {(uint32_t)rng_next(&rng), any(2) == 0 ? 0 : (uint32_t)rng_next(&rng)},
    };
    return a;
}

static struct ferry_msg random_reply(const struct ferry_courier *c)
{
    static uint8_t id[16];
    struct ferry_msg m = {0};

    id[0] = (uint8_t)any(256);
    switch (any(10)) {
    case 0:
    case 1:
        m.type = FERRY_MSG_INFO;
        m.u.info.wire = (uint8_t)(any(9) == 0 ? any(256) : 1);
        m.u.info.flags = (uint8_t)(any(3) == 0 ? any(256) : 0);
        m.u.info.window = (uint8_t)any(256);
        memcpy(m.u.info.nonce, c->cfg->nonce, 4);
        m.u.info.nonce[0] ^= (uint8_t)(any(4) == 0);
        m.u.info.tag = (uint16_t)(any(3) == 0 ? any(65536) : c->tag);
        m.u.info.chunk = (uint16_t)(any(6) == 0 ? any(65536) : 128U << any(2));
        m.u.info.class_id = id;
        m.u.info.digest = id;
        break;
    case 2:
    case 3:
        m.type = FERRY_MSG_VERDICT;
        m.u.verdict.kind = (uint8_t)(any(3) == 0 ? any(6) : 0);
        m.u.verdict.code = (uint8_t)any(256);
        m.u.verdict.number = (uint32_t)rng_next(&rng);
        m.u.verdict.ack = random_ack();
        break;
    case 4:
        m.type = FERRY_MSG_DONE;
        m.u.done.code = (uint8_t)any(256);
        break;
    default:
        m.type = FERRY_MSG_ACK;
        m.u.ack = random_ack();
    }
    return m;
}

/* The courier says what it has to say. */
static void hear_out(struct world *w)
{
    uint8_t value[244];

    for (unsigned i = 0; i < 40; i++) {
        if (ferry_courier_output(&w->courier, value, sizeof value, w->now) == 0) {
            return;
        }
    }
}

static void lie(struct world *w)
{
    uint8_t body[160], wire[200];
    struct ferry_frame_out out = {0};
    struct ferry_msg m = random_reply(&w->courier);
    size_t len = ferry_msg_encode_reply(&m, body, sizeof body, w->courier.tag);

    ferry_frame_out_start(&out, body, len, any(2) == 0);
    len = ferry_frame_out(&out, wire, sizeof wire);
    if (any(10) == 0) {
        wire[any((uint32_t)len)] ^= (uint8_t)(1U << any(8));
    }
    ferry_courier_input(&w->courier, wire, len, w->now);
}

static void
a_phone_before_a_lying_device_neither_crashes_nor_reads_past_its_artifact(void **state)
{
    struct world_options o;

    (void)state;
    cargo_make(&cargo, NULL, 3 * BLOCK + 60, 83);
    scene_options(&o);
    for (uint32_t seed = 1; seed <= 2000; seed++) {
        struct world *w = scene_now();
        rng = seed * 104729ULL + 3;
        if (seed % 500 == 1) {
            w = scene(&o);
        }
        world_courier(w, &cargo.artifact, 1);
        ferry_courier_link(&w->courier, true, w->now);
        for (unsigned i = 0; i < 300; i++) {
            lie(w);
            hear_out(w);
            w->now += any(4) == 0 ? any(40000) : any(50);
            ferry_courier_tick(&w->courier, w->now);
            if (any(50) == 0) {
                ferry_courier_link(&w->courier, any(2) == 0, w->now);
            }
            expect_true(round_name("seed", seed), w->reads_past_end == 0);
            struct ferry_courier_progress p;
            ferry_courier_progress(&w->courier, &p);
            expect_true(round_name("seed", seed), p.acked <= p.image_len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_in_a_storm_of_messages_installs_only_what_is_genuine),
        cmocka_unit_test(
            a_phone_before_a_lying_device_neither_crashes_nor_reads_past_its_artifact),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
