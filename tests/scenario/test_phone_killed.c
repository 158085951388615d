/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests a phone whose app is killed, whatever it was at: it starts again with nothing but
 * the artifact on its disk, another nonce and the device's own account of what it has. */
#include "boots.h"

#include "frames.h"

static const uint8_t nonce[FERRY_NONCE_LEN] = {0x17};
static struct cargo cargo;
static struct frames between;
static unsigned killed_in[FERRY_COURIER_STATES];
static uint32_t sent; /* image bytes, by all phones so far */

/* ---- an app that starts and is killed -------------------------------------------- */

static struct world *fresh_device(void)
{
    struct release r;
    struct world *w = new_device();

    boots_release(&r, 1, 0x01010000, 7);
    cargo_make(&cargo, &r, 6 * 1024 + 100, 131);
    w->link.mtu = 100;
    frames_between(w, &between, NULL, NULL);
    sent = 0;
    return w;
}

static void start_app(struct world *w)
{
    world_courier(w, &cargo.artifact, 1);
    w->courier_cfg.report_nonce = nonce;
}

/* Its RAM is gone. `noticed`: the device is told that the link is. */
static void kill_app(struct world *w, bool noticed)
{
    killed_in[w->courier.state]++;
    sent += w->courier.counts.image_bytes_sent;
    if (noticed) {
        world_disconnect(w);
    }
    w->link.up = false;
    frames_cut(&between);
    memset(&w->courier, 0xEE, sizeof w->courier);
    start_app(w);
}

/* A link that only the phone knows to be a new one. */
static void connect_unnoticed(struct world *w)
{
    w->link.up = true;
    w->link.next_event = w->now + w->link.interval_ms;
    ferry_courier_link(&w->courier, true, w->now);
}

static void expect_installed(struct world *w, const char *name, uint32_t n,
                             unsigned kills)
{
    const uint32_t flying = w->opt.pool_chunks * 128U;

    sent += w->courier.counts.image_bytes_sent;
    expect_true(round_name(name, n), board_holds(w, 1, &cargo.artifact));
    expect_true(round_name(name, n), between.sent_though_acked == 0);
    expect_true(round_name(name, n), sent <= cargo.len + kills * flying);
    expect_true(round_name(name, n), w->flash.erases <= 2 + 4 + cargo.len / 512);
}

/* ---- in every state -------------------------------------------------------------- */

/* Killed after `n` events, `times` times. False: it had been done by then. */
static bool kill_after(unsigned n, unsigned times)
{
    static const uint32_t pauses[] = {100, 5000, 40000};
    struct world *w = fresh_device();
    unsigned kills = 0;

    start_app(w);
    world_connect(w);
    bool done = false;
    while (kills < times && !done) {
        run_events(w, n);
        done = w->courier.state == FERRY_COURIER_DONE;
        kill_app(w, true);
        kills++;
        world_run(w, pauses[(n + kills) % COUNT(pauses)]);
        world_connect(w);
    }
    expect_true(round_name("events", n), travel(w, &cargo, HOUR));
    expect_installed(w, "events", n, kills);
    return !done;
}

static void
killed_at_any_moment_it_goes_on_from_its_disk_and_the_devices_cursor(void **state)
{
    static const enum ferry_courier_state on_the_way[] = {
        FERRY_COURIER_HELLO, FERRY_COURIER_REPORT, FERRY_COURIER_OFFER,
        FERRY_COURIER_SEND, FERRY_COURIER_DONE};

    (void)state;
    memset(killed_in, 0, sizeof killed_in);
    for (unsigned times = 1; times <= 3; times++) {
        unsigned n = 1;
        while (kill_after(n, times)) {
            n++;
        }
        assert_true(n > 10);
    }
    for (size_t i = 0; i < COUNT(on_the_way); i++) {
        expect_true(round_name("state", on_the_way[i]), killed_in[on_the_way[i]] > 0);
    }
}

/* The radio of a killed app may hold its connection: the device then takes the new one
 * for another phone, and may send it away, for a minute at most. */
static void killed_without_the_device_noticing_it_goes_on_all_the_same(void **state)
{
    unsigned turned_away = 0;

    (void)state;
    for (unsigned n = 1; n < 40; n++) {
        struct world *w = fresh_device();
        start_app(w);
        world_connect(w);
        run_events(w, n);
        kill_app(w, false);
        for (unsigned tries = 0; w->courier.state != FERRY_COURIER_DONE; tries++) {
            expect_true(round_name("events", n), tries < 6);
            connect_unnoticed(w);
            (void)travel(w, &cargo, 20000);
            turned_away += w->courier.error == FERRY_E_BUSY;
        }
        expect_installed(w, "events", n, 1);
    }
    assert_true(turned_away > 0);
}

/* ---- in the states nothing moves in ---------------------------------------------- */

static bool not_today(void *ctx, const struct ferry_manifest *m,
                      struct ferry_later *later)
{
    const struct world *w = ctx;

    (void)m;
    later->why = FERRY_LATER_IN_USE;
    later->seconds = 600;
    return w->now > 10 * MINUTE;
}

static void drop_all(struct world *w, unsigned direction, struct sim_value *v)
{
    (void)w;
    (void)direction;
    v->len = 0;
}

static void killed_while_it_was_put_off_it_asks_again_and_is_put_off_again(void **state)
{
    (void)state;
    struct world *w = fresh_device();
    w->app.may_begin = not_today;
    start_app(w);
    world_connect(w);
    for (unsigned i = 0; i < 3; i++) {
        world_run(w, 5000);
        assert_int_equal(w->courier.state, FERRY_COURIER_LATER);
        kill_app(w, true);
        world_connect(w);
    }
    assert_true(travel(w, &cargo, HOUR));
    expect_installed(w, "later", 0, 0);
}

static void killed_while_parked_or_without_a_link_it_goes_on(void **state)
{
    (void)state;
    for (unsigned parked = 0; parked < 2; parked++) {
        struct world *w = fresh_device();
        start_app(w);
        world_connect(w);
        run_events(w, 15);
        assert_int_equal(w->courier.state, FERRY_COURIER_SEND);
        if (parked) {
            w->middle = drop_all;
            world_run(w, 30500);
            w->middle = NULL;
        } else {
            world_disconnect(w);
        }
        frames_between(w, &between, NULL, NULL);
        between.acked.base = w->device.window.base;
        between.acked.bits[0] = w->device.window.bits[0];
        enum ferry_courier_state want =
            parked ? FERRY_COURIER_PARKED : FERRY_COURIER_DOWN;
        assert_int_equal(w->courier.state, want);
        kill_app(w, true);
        world_connect(w);
        expect_true(round_name("parked", parked), travel(w, &cargo, HOUR));
        expect_installed(w, "parked", parked, 1);
    }
}

static void killed_after_a_refusal_it_is_refused_again_and_nothing_is_worn(void **state)
{
    struct release r;

    (void)state;
    struct world *w = fresh_device();
    boots_release(&r, 1, 0x01010000, 7);
    r.hw_min = r.hw_max = 9;
    cargo_make(&cargo, &r, 1024, 132);
    uint32_t ops = flash_ops(w);
    start_app(w);
    for (unsigned i = 0; i < 5; i++) {
        world_connect(w);
        world_run(w, 60000);
        assert_int_equal(w->courier.state, FERRY_COURIER_REFUSED);
        expect_err("refused", ferry_courier_error(&w->courier), FERRY_E_HW);
        kill_app(w, true);
    }
    /* The journal's lease of statement counters, and no more. */
    assert_in_range(flash_ops(w) - ops, 0, 8);
    assert_int_equal(w->events.begin, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            killed_at_any_moment_it_goes_on_from_its_disk_and_the_devices_cursor),
        cmocka_unit_test(killed_without_the_device_noticing_it_goes_on_all_the_same),
        cmocka_unit_test(
            killed_while_it_was_put_off_it_asks_again_and_is_put_off_again),
        cmocka_unit_test(killed_while_parked_or_without_a_link_it_goes_on),
        cmocka_unit_test(
            killed_after_a_refusal_it_is_refused_again_and_nothing_is_worn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
