/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what hardly ever meets on a link: tags that come out alike, acks that nobody
 * fetches, a chunk cut in two by a change of state, damage behind what is thrown
 * away. */
#include "scene.h"

#include "bytes.h"
#include "crc.h"
#include "device_in.h"
#include "peer.h"

static struct cargo cargo;

/* ---- tags ------------------------------------------------------------------------ */

static uint16_t tag_of(uint32_t nonce, uint16_t sessions)
{
    uint8_t seed[6];

    ferry_set_le(seed, nonce, 4);
    ferry_set_le(seed + 4, sessions, 2);
    return ferry_crc16(FERRY_CRC16_INIT, seed, sizeof seed);
}

/* A HELLO whose nonce gives that tag in the device's next session. */
static void greet(struct peer *p, uint16_t tag)
{
    uint16_t sessions = (uint16_t)(p->w->device.sessions + 1U);
    uint32_t nonce = 0;

    while (tag_of(nonce, sessions) != tag) {
        nonce++;
    }
    ferry_set_le(p->nonce, nonce, sizeof p->nonce);
    peer_hello(p);
    assert_int_equal(p->infos, 1);
}

static void no_session_has_the_tag_of_none_or_of_the_one_before_it(void **state)
{
    struct peer p;

    (void)state;
    struct world *w = plain_scene();
    peer_init(&p, w, 1);
    greet(&p, 0x1234); /* nothing against it */
    assert_int_equal(w->device.tag, 0x1234);
    assert_int_equal(w->device.sessions, 1);
    greet(&p, 0x1234); /* what is on its way for the old one would pass for the new */
    assert_int_not_equal(w->device.tag, 0x1234);
    assert_int_equal(w->device.sessions, 3);
    greet(&p, FERRY_CRC16_INIT); /* a tag that no session has */
    assert_int_not_equal(w->device.tag, FERRY_CRC16_INIT);
    assert_int_equal(w->device.sessions, 5);
    peer_status(&p);
    assert_int_equal(p.acks, 1);
    assert_int_equal(p.ack.echo, p.token);
}

/* ---- acks ------------------------------------------------------------------------ */

/* One for each chunk, and the link takes none of them. */
static void acks_that_nobody_fetches_do_not_add_up_without_an_end(void **state)
{
    uint8_t wire[2 * FERRY_CHUNK_MAX];
    struct world_options o;
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 211);
    scene_options(&o);
    o.ack_every = 1;
    struct world *w = scene(&o);
    peer_init(&p, w, 1);
    peer_begin(&p, &cargo);
    peer_chunk(&p, &cargo, 0);
    struct ferry_msg again = chunk_msg(&cargo, w, 0);
    size_t len = peer_wire(&p, &again, wire);
    for (unsigned n = 1; n <= 1000; n++) {
        ferry_device_input(&w->device, wire, len, w->now);
        assert_in_range(w->device.acks_owed, 1, UINT8_MAX);
    }
    p.acks = 0;
    peer_listen(&p);
    assert_in_range(p.acks, 1, UINT8_MAX);
    assert_int_equal(w->device.acks_owed, 0);
}

/* ---- a large pool ---------------------------------------------------------------- */

static void of_a_pool_larger_than_64_chunks_64_are_used(void **state)
{
    static uint32_t pool[70 * FERRY_DEVICE_SLOT(128U) / 4];

    (void)state;
    cargo_make(&cargo, NULL, 5 * BLOCK, 212);
    struct world *w = plain_scene();
    w->device_cfg.pool = (uint8_t *)pool;
    w->device_cfg.pool_len = sizeof pool;
    world_start_device(w);
    assert_int_equal(w->device.slots, 64);
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
    assert_int_equal(w->courier.peer.window, 64);
}

/* ---- half a chunk, half a nack --------------------------------------------------- */

/* The last chunk once more: its first half while chunks are taken, the other half when
 * the whole image is being hashed. */
static void a_chunk_that_ends_in_another_state_is_not_taken(void **state)
{
    uint8_t wire[2 * FERRY_CHUNK_MAX];
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, BLOCK, 213);
    struct world *w = peer_half_way(&p, &cargo, 0);
    size_t len = peer_to_the_last(&p, &cargo, wire), half = len / 2;
    ferry_device_input(&w->device, wire, len, w->now);
    ferry_device_input(&w->device, wire, half, w->now);
    peer_tick_until(&p, FERRY_DEVICE_HASHING);
    uint32_t ignored = w->device.counts.chunks_ignored;
    ferry_device_input(&w->device, wire + half, len - half, w->now);
    assert_int_equal(w->device.counts.chunks_ignored, ignored + 1);
    assert_int_equal(w->device.count, 0);
    peer_listen(&p);
    assert_true(w->boot.state.committed);
    assert_true(world_bank_holds(w, 1, cargo.image, cargo.len));
}

/* A chunk waits for flash, and a nack for the chunk; then the pool is wanted for an
 * offer. The chunk is as good as lost; the nack is said all the same. */
static void a_nack_outlives_the_chunks_that_it_waits_for(void **state)
{
    static const uint8_t damage[] = {5, 1, 2, 3, 4, 0};
    struct ferry_msg m = {.type = FERRY_MSG_OFFER};
    uint8_t wire[2 * FERRY_CHUNK_MAX];
    struct peer p;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 214);
    struct world *w = peer_half_way(&p, &cargo, 0);
    struct ferry_msg chunk = chunk_msg(&cargo, w, BLOCK / 128);
    size_t len = peer_wire(&p, &chunk, wire);
    ferry_device_input(&w->device, wire, len, w->now);
    ferry_device_input(&w->device, damage, sizeof damage, w->now);
    assert_true(w->device.nack_due && w->device.count == 1);
    m.u.piece.total = (uint16_t)cargo.env_len;
    m.rest = cargo.env;
    m.rest_len = 20;
    p.slow = true;
    peer_say(&p, &m);
    assert_int_equal(w->device.count, 0);
    assert_int_equal(p.ack.reason, FERRY_REASON_CRC);
    assert_false(w->device.nack_due);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_session_has_the_tag_of_none_or_of_the_one_before_it),
        cmocka_unit_test(acks_that_nobody_fetches_do_not_add_up_without_an_end),
        cmocka_unit_test(of_a_pool_larger_than_64_chunks_64_are_used),
        cmocka_unit_test(a_chunk_that_ends_in_another_state_is_not_taken),
        cmocka_unit_test(a_nack_outlives_the_chunks_that_it_waits_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
