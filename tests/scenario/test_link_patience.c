/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what both ends do when nothing comes, or only bad news: every wait ends at a
 * deadline with a reason, and the budget of failed retransmissions is three. */
#include "scene.h"

#include "frames.h"
#include "window.h"

static struct cargo cargo;
static struct frames between;

/* ---- silence --------------------------------------------------------------------- */

/* From a chosen moment on, nothing arrives in the directions of the mask. */
struct hush {
    bool (*now)(const struct world *w);
    bool deaf[2];
    bool began;
};

static void hush(struct world *w, unsigned direction, struct sim_value *v)
{
    struct hush *h = w->middle_ctx;

    h->began |= h->now != NULL && h->now(w);
    if (h->began && h->deaf[direction]) {
        v->len = 0;
    }
}

static bool at_once(const struct world *w)
{
    (void)w;
    return true;
}

static bool in_offer(const struct world *w)
{
    return w->courier.state == FERRY_COURIER_OFFER;
}

static bool half_offered(const struct world *w)
{
    return w->device.state == FERRY_DEVICE_OFFERED;
}

static bool in_send(const struct world *w)
{
    return w->courier.state == FERRY_COURIER_SEND;
}

static bool half_sent(const struct world *w)
{
    return w->device.window.base == 2;
}

static bool all_sent(const struct world *w)
{
    return w->device.state == FERRY_DEVICE_COMMITTED;
}

struct quiet_moment {
    const char *name;
    bool (*now)(const struct world *w);
};

static const struct quiet_moment quiet_moments[] = {
    {"hello", at_once}, {"offer", in_offer},      {"half an offer", half_offered},
    {"send", in_send},  {"half sent", half_sent}, {"all sent", all_sent},
};

/* The courier parks 30 s after the last word, tries five times, and gives up until there
 * is a new link; with one it goes on. */
static void go_quiet(const struct quiet_moment *q, bool to_device, bool to_courier)
{
    struct hush h = {.now = q->now, .deaf = {to_device, to_courier}};
    struct world *w = plain_scene();

    w->link.mtu = 23;
    w->middle = hush;
    w->middle_ctx = &h;
    send_courier(w, &cargo);
    while (!h.began) {
        world_step(w, w->now + MINUTE);
    }
    uint32_t began = w->now;
    while (w->courier.state != FERRY_COURIER_PARKED) {
        world_step(w, w->now + MINUTE);
        expect_true(q->name, w->now - began < 45000);
    }
    expect_err(q->name, ferry_courier_error(&w->courier), FERRY_E_SILENCE);
    expect_true(q->name, w->now - began >= 30000 - 1000);

    struct ferry_courier_progress progress;
    ferry_courier_progress(&w->courier, &progress);
    expect_true(q->name, progress.wait == FERRY_WAIT_RETRY);
    expect_true(q->name, !travel(w, &cargo, HOUR));
    expect_true(q->name, w->courier.state == FERRY_COURIER_PARKED);
    expect_true(q->name, w->courier.counts.parks == 6);
    expect_true(q->name, ferry_courier_deadline(&w->courier, w->now) == UINT32_MAX);
    /* The device has let the session go, and keeps what it received. */
    expect_true(q->name, !w->device.session || !to_device);
    expect_true(q->name, w->device.state != FERRY_DEVICE_OFFERED);

    w->middle = NULL;
    world_disconnect(w);
    world_connect(w);
    expect_true(q->name, travel(w, &cargo, HOUR));
    expect_arrived(w, &cargo);
}

static void silence_of_the_device_parks_the_courier_in_every_state(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 31);
    for (size_t i = 0; i + 1 < COUNT(quiet_moments); i++) {
        go_quiet(&quiet_moments[i], false, true);
    }
}

static void silence_of_the_courier_ends_the_session_in_every_state(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 32);
    for (size_t i = 0; i + 1 < COUNT(quiet_moments); i++) {
        go_quiet(&quiet_moments[i], true, false);
    }
}

static void silence_both_ways_ends_the_session_in_every_state(void **state)
{
    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 33);
    for (size_t i = 0; i < COUNT(quiet_moments); i++) {
        go_quiet(&quiet_moments[i], true, true);
    }
}

/* As long as the link is up the courier tries again after 1, 2, 4, 4 and 4 s; a device
 * that comes back meanwhile is found. */
static void a_parked_courier_goes_on_by_itself_when_the_device_is_back(void **state)
{
    struct hush h = {.now = half_sent, .deaf = {true, true}};

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 34);
    struct world *w = plain_scene();
    w->middle = hush;
    w->middle_ctx = &h;
    send_courier(w, &cargo);
    world_run(w, 35000);
    assert_int_equal(w->courier.state == FERRY_COURIER_PARKED ||
                         w->courier.state == FERRY_COURIER_HELLO,
                     true);
    w->middle = NULL;
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
    assert_int_equal(w->courier.counts.parks, 1);
    assert_int_equal(w->courier.counts.epochs, 0);
}

static void a_courier_told_to_stay_parked_stays(void **state)
{
    struct hush h = {.now = half_sent, .deaf = {true, true}};

    (void)state;
    cargo_make(&cargo, NULL, 2 * BLOCK, 34);
    struct world *w = plain_scene();
    w->middle = hush;
    w->middle_ctx = &h;
    world_courier(w, &cargo.artifact, 1);
    w->courier_cfg.stay_parked = true;
    world_connect(w);
    world_run(w, 10 * MINUTE);
    assert_int_equal(w->courier.state, FERRY_COURIER_PARKED);
    assert_int_equal(w->courier.counts.parks, 1);
    w->middle = NULL;
    world_disconnect(w);
    struct ferry_courier_progress progress;
    ferry_courier_progress(&w->courier, &progress);
    assert_int_equal(progress.wait, FERRY_WAIT_LINK);
    world_connect(w);
    assert_true(travel(w, &cargo, MINUTE));
    expect_arrived(w, &cargo);
}

/* ---- the budget of three --------------------------------------------------------- */

/* Transmissions of one chunk that do not arrive, its spare copies with them. */
struct bad_luck {
    uint32_t index;
    unsigned transmissions; /* the first so many are lost */
    bool spoil;
    unsigned seen;
    uint8_t sent_before;
};

static void lose_transmissions(struct frames *f, struct world *w, struct frame *frame)
{
    struct bad_luck *b = f->ctx;

    if (!is_chunk(frame) || frame->msg.u.chunk.index != b->index) {
        return;
    }
    int row = ferry_window_row(&w->courier.sender.window, b->index);
    uint8_t sent = row < 0 ? b->sent_before : w->courier.sender.sent[row];
    b->seen += sent != b->sent_before; /* a spare copy does not count */
    b->sent_before = sent;
    frame->drop = b->seen <= b->transmissions && !b->spoil;
    frame->spoil = b->seen <= b->transmissions && b->spoil;
}

/* One chunk in flight and nothing else: 1 transmission and `lost - 1` retransmissions of
 * it fail. */
static void try_losing(unsigned lost, bool spoil)
{
    struct bad_luck luck = {.index = 32, .transmissions = lost, .spoil = spoil};
    struct world *w = plain_scene();

    cargo_make(&cargo, NULL, 100, 35);
    frames_between(w, &between, lose_transmissions, &luck);
    send_courier(w, &cargo);
    uint32_t until = w->now + 10 * MINUTE;
    while (w->now != until && w->courier.state != FERRY_COURIER_DONE &&
           w->courier.state != FERRY_COURIER_PARKED) {
        world_step(w, until);
    }
    if (lost <= 3) {
        expect_true(round_name("lost", lost), w->courier.state == FERRY_COURIER_DONE);
        expect_true(round_name("lost", lost), w->courier.counts.parks == 0);
        expect_arrived(w, &cargo);
        return;
    }
    expect_true(round_name("lost", lost), w->courier.state == FERRY_COURIER_PARKED);
    expect_true(round_name("lost", lost), luck.seen == 4);
    expect_err(round_name("lost", lost), w->courier.error, FERRY_E_RETRY);
    assert_int_equal(w->device.state, FERRY_DEVICE_RECEIVING); /* everything is kept */
    expect_true(round_name("lost", lost), travel(w, &cargo, 10 * MINUTE));
    expect_arrived(w, &cargo);
    assert_int_equal(w->courier.counts.parks, (lost - 1) / 3);
    assert_int_equal(w->courier.counts.table_bytes_sent, cargo.table_len);
}

static void
one_chunk_in_flight_parks_exactly_after_the_third_failed_retransmission(void **state)
{
    (void)state;
    for (unsigned lost = 1; lost <= 4; lost++) {
        try_losing(lost, false); /* STATUS? shows it missing */
        try_losing(lost, true);  /* the device nacks it */
    }
}

/* One chunk fails eight times while all others of its block and the next arrive. */
static void any_newly_acked_chunk_refills_the_budget(void **state)
{
    (void)state;
    for (unsigned lost = 4; lost <= 8; lost++) {
        struct bad_luck luck = {.index = 34, .transmissions = lost};
        struct world_options o;
        scene_options(&o);
        o.pool_chunks = 4;
        struct world *w = scene(&o);
        cargo_make(&cargo, NULL, 2 * BLOCK, 36);
        frames_between(w, &between, lose_transmissions, &luck);
        send_courier(w, &cargo);
        assert_true(travel(w, &cargo, 10 * MINUTE));
        expect_arrived(w, &cargo);
        expect_true(round_name("lost", lost), luck.seen == lost + 1);
        expect_true(round_name("lost", lost), w->courier.counts.parks == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_of_the_device_parks_the_courier_in_every_state),
        cmocka_unit_test(silence_of_the_courier_ends_the_session_in_every_state),
        cmocka_unit_test(silence_both_ways_ends_the_session_in_every_state),
        cmocka_unit_test(a_parked_courier_goes_on_by_itself_when_the_device_is_back),
        cmocka_unit_test(a_courier_told_to_stay_parked_stays),
        cmocka_unit_test(
            one_chunk_in_flight_parks_exactly_after_the_third_failed_retransmission),
        cmocka_unit_test(any_newly_acked_chunk_refills_the_budget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
