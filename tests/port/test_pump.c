/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests when a session is spoken to: at its deadline, when something came, when the link
 * comes and goes, at connection events before it listens; and that a step never waits
 * longer than it may. The other end of the link is the test. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "ends.h"

#define FAST 20U      /* for what waits for the session's deadlines */
#define SOON_MS 2000U /* real; "at once", on a busy machine */

static struct ferry_clock ticking;
static struct ferry_shaper shaper;
static struct ferry_link mine, peer;
static struct ferry_pump pump;
static struct ferry_courier courier;
static uint8_t got[FERRY_LINK_VALUE_MAX];

static int read_nothing(void *ctx, unsigned which, uint32_t off, void *buf,
                        uint32_t len)
{
    (void)ctx;
    (void)which;
    (void)off;
    memset(buf, 0, len);
    return 0;
}

static const struct ferry_courier_config courier_cfg = {
    .read = read_nothing, .artifacts = 1, .nonce = {1, 2, 3, 4}, .value_max = 244};

static uint32_t now(void)
{
    return ferry_clock_now(&ticking);
}

/* A courier on a socket pair, shaped or not, in real time; nothing has been said yet. */
static void begin(const struct ferry_shaper_config *cfg)
{
    ferry_clock_init(&ticking, 1);
    assert_int_equal(ferry_link_open_pair(&mine, &peer), 0);
    if (cfg != NULL) {
        assert_int_equal(ferry_shaper_init(&shaper, cfg, now()), 0);
    }
    ferry_pump_init(&pump, &ticking, &mine, cfg != NULL ? &shaper : NULL);
    assert_int_equal(ferry_courier_init(&courier, &courier_cfg, now()), 0);
}

static int end(void **state)
{
    (void)state;
    ferry_link_close(&mine);
    ferry_link_close(&peer);
    return 0;
}

static bool step(uint32_t limit)
{
    return ferry_pump_courier(&pump, &courier, limit);
}

static enum ferry_courier_state state_now(void)
{
    return ferry_courier_state(&courier);
}

/* ---- the link -------------------------------------------------------------------- */

static void
a_session_says_hello_when_its_link_comes_and_stops_when_it_goes(void **state)
{
    (void)state;
    begin(NULL);
    pump.link = NULL;
    assert_false(step(0));
    assert_int_equal(state_now(), FERRY_COURIER_DOWN);
    ferry_pump_link(&pump, &mine);
    assert_true(step(0));
    assert_int_equal(state_now(), FERRY_COURIER_HELLO);
    assert_int_equal(pump.said, 1);
    assert_true(ferry_link_receive(&peer, got, sizeof got) > 0);

    ferry_link_close(&peer);
    while (step(10)) {
    }
    assert_int_equal(state_now(), FERRY_COURIER_DOWN);
    assert_int_equal(courier.counts.hellos, 1);
}

static void another_link_in_the_same_struct_is_a_break(void **state)
{
    (void)state;
    begin(NULL);
    assert_true(step(0));
    assert_int_equal(courier.counts.hellos, 1);
    end(NULL);
    assert_int_equal(ferry_link_open_pair(&mine, &peer), 0);
    ferry_pump_link(&pump, &mine);
    assert_true(step(0));
    assert_int_equal(courier.counts.hellos, 2);
    assert_true(ferry_link_receive(&peer, got, sizeof got) > 0);
    assert_false(step(0)); /* and only one */
    assert_int_equal(courier.counts.hellos, 2);
}

static void all_that_was_sent_is_heard_before_the_link_goes_down(void **state)
{
    (void)state;
    begin(NULL);
    assert_true(step(0));
    for (unsigned i = 0; i < 100; i++) {
        assert_true(ferry_link_send(&peer, "\1\2\3\4\0", 5));
    }
    ferry_link_close(&peer);
    while (state_now() != FERRY_COURIER_DOWN) {
        assert_true(step(SOON_MS));
    }
    assert_int_equal(pump.heard, 100);
    assert_int_equal(courier.counts.frames_bad, 100);
}

static int open_later(void *ctx)
{
    struct ferry_link l;

    port_sleep_us(30000);
    if (ferry_link_open_tty(&l, ctx) != 0) {
        return 1;
    }
    for (;;) {
        pause();
    }
}

static void a_pty_is_noticed_when_somebody_opens_it(void **state)
{
    char slave[FERRY_LINK_PATH_MAX];

    (void)state;
    begin(NULL);
    end(NULL);
    assert_int_equal(ferry_link_open_pty(&mine, slave), 0);
    assert_false(step(0));
    assert_int_equal(state_now(), FERRY_COURIER_DOWN);
    uint32_t from = now();
    pid_t child = port_child(open_later, slave);
    while (!step(UINT32_MAX)) {
    }
    assert_int_equal(state_now(), FERRY_COURIER_HELLO);
    assert_in_range(now() - from, 25, SOON_MS);
    kill(child, SIGKILL);
    assert_int_equal(port_ended(child), 256 + SIGKILL);
}

/* ---- waiting --------------------------------------------------------------------- */

static void a_step_waits_no_longer_than_it_may(void **state)
{
    (void)state;
    begin(NULL);
    assert_true(step(UINT32_MAX)); /* HELLO: nothing to wait for */
    uint32_t from = now();
    assert_false(step(50));
    assert_in_range(now() - from, 50, 50 + SOON_MS);
    from = now();
    assert_false(step(0));
    assert_in_range(now() - from, 0, 700);
}

/* A HELLO that is not answered is said again after a second, by tick alone. */
static void a_step_ends_at_the_sessions_deadline(void **state)
{
    (void)state;
    begin(NULL);
    ticking.factor = FAST;
    assert_int_equal(ferry_courier_init(&courier, &courier_cfg, now()), 0);
    assert_true(step(UINT32_MAX));
    uint32_t from = now();
    while (pump.said < 2) {
        assert_true(step(UINT32_MAX));
    }
    assert_in_range(now() - from, 900, 1000 + SOON_MS * FAST);
}

static int send_later(void *ctx)
{
    port_sleep_us(20000);
    return ferry_link_send(ctx, "\1\2\3\4\0", 5) ? 0 : 1;
}

static void a_step_ends_when_something_comes(void **state)
{
    (void)state;
    begin(NULL);
    assert_true(step(0)); /* HELLO; the next would be due in a second */
    uint64_t from = port_real_ms();
    pid_t child = port_child(send_later, &peer);
    assert_true(step(UINT32_MAX));
    assert_int_equal(pump.heard, 1);
    assert_true(port_real_ms() - from < 900);
    assert_int_equal(port_ended(child), 0);
}

static void a_link_that_takes_nothing_is_not_spoken_to_until_it_does(void **state)
{
    unsigned n = 0;

    (void)state;
    begin(NULL);
    while (ferry_link_ready(&mine)) {
        assert_true(ferry_link_send(&mine, "x", 1));
        n++;
    }
    step(0);
    assert_int_equal(pump.said, 0);
    while (n > 0 && ferry_link_receive(&peer, got, sizeof got) == 1) {
        n--;
        step(0);
    }
    assert_int_equal(n, 0);
    assert_int_equal(pump.said, 1);
    assert_true(ferry_link_receive(&peer, got, sizeof got) > 1);
}

/* ---- values and events ----------------------------------------------------------- */

static void values_are_as_long_as_the_link_allows_and_no_longer(void **state)
{
    static const uint16_t most[] = {5, 7, 20, 512};

    (void)state;
    for (size_t i = 0; i < COUNT(most); i++) {
        size_t len, longest = 0, all = 0;
        begin(NULL);
        assert_int_equal(pump.value_max, 512);
        pump.value_max = most[i];
        assert_true(step(0));
        while ((len = ferry_link_receive(&peer, got, sizeof got)) > 0) {
            longest = len > longest ? len : longest;
            all += len;
        }
        assert_int_equal(longest, all < most[i] ? all : most[i]);
        assert_in_range(all, 10, 20);
        end(NULL);
    }
}

/* HELLO in pieces: one at each event, and the first not before the first event. */
static void a_shaped_session_speaks_at_events_only(void **state)
{
    const struct ferry_shaper_config cfg = {
        .interval_ms = 40, .mtu = 23, .per_event = 1};
    uint32_t last = 0;

    (void)state;
    begin(&cfg);
    assert_int_equal(pump.value_max, 20);
    pump.value_max = 6;
    for (unsigned i = 0; i < 3; i++) {
        uint32_t said = pump.said;
        while (pump.said == said) {
            step(UINT32_MAX);
        }
        assert_int_equal(pump.said, said + 1);
        assert_true(shaper.events > last);
        assert_int_equal(ferry_link_receive(&peer, got, sizeof got) > 0, true);
        assert_int_equal(ferry_link_receive(&peer, got, sizeof got), 0);
        last = shaper.events;
    }
}

/* The session's own deadline is a second away: it is the events that wake it. */
static void a_step_ends_at_the_next_event(void **state)
{
    const struct ferry_shaper_config cfg = {
        .interval_ms = 40, .mtu = 247, .per_event = 1};

    (void)state;
    begin(&cfg);
    pump.value_max = 6;
    uint64_t from = port_real_ms();
    while (pump.said < 3) {
        step(UINT32_MAX);
    }
    assert_in_range(port_real_ms() - from, 80, 900);
}

/* Events that passed while there was no link are no reason to hurry. */
static void a_link_that_comes_between_events_waits_for_the_next(void **state)
{
    const struct ferry_shaper_config cfg = {
        .interval_ms = 300, .mtu = 247, .per_event = 4};

    (void)state;
    begin(&cfg);
    uint32_t first = ferry_shaper_wait(&shaper, now());
    pump.link = NULL;
    ferry_clock_wait(&ticking, first + 1, -1, false);
    ferry_pump_link(&pump, &mine);
    step(0);
    assert_int_equal(state_now(), FERRY_COURIER_HELLO);
    assert_int_equal(pump.said, 0);
    while (pump.said == 0) {
        step(UINT32_MAX);
    }
}

static void what_the_shaper_loses_was_said_but_never_arrives(void **state)
{
    const struct ferry_shaper_config cfg = {
        .interval_ms = 10, .mtu = 247, .per_event = 4, .loss_ppm = 1000000};

    (void)state;
    begin(&cfg);
    pump.value_max = 6;
    while (pump.said < 3) {
        step(UINT32_MAX);
    }
    assert_int_equal(shaper.lost, pump.said);
    assert_int_equal(ferry_link_receive(&peer, got, sizeof got), 0);
}

/* What was there before an event is answered at the next one, not at this. */
static void at_an_event_a_session_speaks_before_it_listens(void **state)
{
    const struct ferry_shaper_config cfg = {
        .interval_ms = 50, .mtu = 247, .per_event = 4};

    (void)state;
    assert_true(sodium_init() >= 0);
    begin(&cfg);
    unlink(port_path("device"));
    struct ferry_device *d = device_end_here(port_path("device"), &ticking);
    assert_true(ferry_pump_device(&pump, d, 0)); /* the link came up */
    ferry_courier_link(&courier, true, now());
    size_t len = ferry_courier_output(&courier, got, sizeof got, now());
    assert_true(ferry_link_send(&peer, got, len));

    ferry_clock_wait(&ticking, ferry_shaper_wait(&shaper, now()), -1, false);
    while (pump.heard == 0) {
        ferry_pump_device(&pump, d, 0);
    }
    uint32_t event = shaper.events;
    assert_int_equal(pump.said, 0);
    while (pump.said == 0) {
        ferry_pump_device(&pump, d, UINT32_MAX);
    }
    assert_true(shaper.events > event);
    ferry_courier_input(&courier, got, ferry_link_receive(&peer, got, sizeof got),
                        now());
    assert_int_equal(courier.counts.frames_in, 1); /* INFO */
    device_end_close();
}

int main(void)
{
#define ended(f) cmocka_unit_test_teardown(f, end)
    const struct CMUnitTest tests[] = {
        ended(a_session_says_hello_when_its_link_comes_and_stops_when_it_goes),
        ended(another_link_in_the_same_struct_is_a_break),
        ended(all_that_was_sent_is_heard_before_the_link_goes_down),
        ended(a_pty_is_noticed_when_somebody_opens_it),
        ended(a_step_waits_no_longer_than_it_may),
        ended(a_step_ends_at_the_sessions_deadline),
        ended(a_step_ends_when_something_comes),
        ended(a_link_that_takes_nothing_is_not_spoken_to_until_it_does),
        ended(values_are_as_long_as_the_link_allows_and_no_longer),
        ended(a_shaped_session_speaks_at_events_only),
        ended(a_step_ends_at_the_next_event),
        ended(a_link_that_comes_between_events_waits_for_the_next),
        ended(what_the_shaper_loses_was_said_but_never_arrives),
        ended(at_an_event_a_session_speaks_before_it_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
