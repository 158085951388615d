/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests a second phone in the middle of a transfer: it is turned away while the first
 * makes progress, takes over cleanly when that one is gone, and inherits no answers. */
#include "scene.h"

#include "frames.h"
#include "peer.h"

static struct cargo cargo;
static struct frames between;

static void a_second_phone_is_turned_away_while_the_first_makes_progress(void **state)
{
    struct peer second;

    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK, 37);
    struct world *w = plain_scene();
    w->link.mtu = 23;
    send_courier(w, &cargo);
    while (w->device.window.base < 2) {
        world_step(w, w->now + MINUTE);
    }
    bool same_link = w->device.same_link;
    peer_init(&second, w, 2);
    w->device.same_link = same_link; /* both have a link to this device */
    uint16_t tag = w->device.tag;
    for (unsigned i = 0; i < 5; i++) {
        peer_hello(&second);
        assert_int_equal(second.infos, 1);
        assert_int_equal(second.info.u.info.flags & FERRY_INFO_BUSY, FERRY_INFO_BUSY);
        assert_int_equal(w->device.tag, tag);
        peer_offer(&second, cargo.env, cargo.env_len); /* it has no tag */
        peer_chunk(&second, &cargo, 70);
        world_run(w, 500);
    }
    assert_true(travel(w, &cargo, 10 * MINUTE));
    expect_arrived(w, &cargo);
    assert_int_equal(w->device.tag, tag);
    assert_int_equal(w->courier.counts.epochs, 0);
}

static void a_second_phone_takes_over_when_the_link_of_the_first_went_down(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 6 * BLOCK, 38);
    struct world *w = plain_scene();
    send_courier(w, &cargo);
    while (w->device.window.base < 4) {
        world_step(w, w->now + MINUTE);
    }
    uint32_t first = w->courier.counts.image_bytes_sent;
    world_disconnect(w);
    w->link.mtu = 100;
    frames_between(w, &between, NULL, NULL);
    between.acked.base = w->device.window.base;
    send_courier(w, &cargo);
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
    assert_true(first + w->courier.counts.image_bytes_sent <=
                cargo.len + w->opt.pool_chunks * 128U);
    assert_int_equal(w->courier.counts.table_bytes_sent, 0);
    assert_int_equal(between.sent_though_acked, 0);
}

/* A phone that only keeps its link alive does not keep others out for ever. */
static void a_phone_without_progress_for_a_minute_gives_way(void **state)
{
    struct peer first, second;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 39);
    struct world *w = plain_scene();
    peer_init(&first, w, 1);
    peer_begin(&first, &cargo);
    peer_blocks(&first, &cargo, 0, 1);
    for (unsigned s = 0; s < 60; s += 5) {
        second = first;
        memset(second.nonce, 0x55, sizeof second.nonce);
        peer_hello(&second);
        assert_int_equal(second.info.u.info.flags, FERRY_INFO_BUSY);
        peer_status(&first);
        world_run(w, 5000);
    }
    peer_hello(&second);
    assert_int_equal(second.info.u.info.flags, 0);
    assert_int_not_equal(second.tag, first.tag);
    peer_offer(&second, cargo.env, cargo.env_len);
    assert_int_equal(second.verdict.u.verdict.kind, FERRY_VERDICT_ACCEPT);
    assert_int_equal(second.ack.base, 2);
    peer_blocks(&second, &cargo, 2, 2);
    assert_int_equal(second.done.u.done.code, 0);
    assert_true(world_bank_holds(w, 1, cargo.image, cargo.len));
}

/* Tokens of STATUS? begin anew with each phone: the answer to another's is not mine. */
static void an_ack_of_a_new_session_answers_no_status_of_the_old_one(void **state)
{
    struct peer first, second;

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 40);
    struct world *w = plain_scene();
    peer_init(&first, w, 1);
    peer_begin(&first, &cargo);
    peer_status(&first);
    assert_int_equal(first.ack.echo, 1);
    ferry_device_link(&w->device, false, w->now);
    peer_init(&second, w, 2);
    peer_begin(&second, &cargo);
    assert_int_equal(second.ack.echo, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_phone_is_turned_away_while_the_first_makes_progress),
        cmocka_unit_test(
            a_second_phone_takes_over_when_the_link_of_the_first_went_down),
        cmocka_unit_test(a_phone_without_progress_for_a_minute_gives_way),
        cmocka_unit_test(an_ack_of_a_new_session_answers_no_status_of_the_old_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
