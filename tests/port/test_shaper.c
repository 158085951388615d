/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how many values a connection event takes, when events are, what is lost, and
 * that none of it depends on anything but configuration, seed and the times given. */
#include "check.h"
#include "shaper.h"

#define NEAR_WRAP 0xFFFFFF00U

static const struct ferry_shaper_config plain = {
    .interval_ms = 30, .mtu = 247, .per_event = 4, .seed = 1};

static struct ferry_shaper started(const struct ferry_shaper_config *cfg, uint32_t now)
{
    struct ferry_shaper s;

    assert_int_equal(ferry_shaper_init(&s, cfg, now), 0);
    return s;
}

/* A sender that always has something to say looks every `step` ms for `ms` long. */
static uint32_t sent_in(struct ferry_shaper *s, uint32_t *now, uint32_t ms,
                        uint32_t step)
{
    uint32_t n = 0;

    for (uint32_t t = 0; t < ms; t += step, *now += step) {
        for (uint32_t credits = ferry_shaper_credits(s, *now); credits > 0; credits--) {
            n += ferry_shaper_take(s, 244);
        }
    }
    return n;
}

static void an_event_every_interval_takes_n_values(void **state)
{
    static const struct {
        uint32_t interval;
        uint8_t per_event;
    } rows[] = {{1, 1}, {7, 2}, {15, 6}, {30, 4}, {30, 1}, {100, 3}, {4000, 255}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ferry_shaper_config cfg = plain;
        uint32_t now = rows[i].interval * 5;
        cfg.interval_ms = rows[i].interval;
        cfg.per_event = rows[i].per_event;
        struct ferry_shaper s = started(&cfg, now);
        now++;
        assert_int_equal(sent_in(&s, &now, 50 * rows[i].interval, 1),
                         50 * rows[i].per_event);
        assert_int_equal(s.events, 50);
        assert_int_equal(s.values, 50 * rows[i].per_event);
        assert_int_equal(s.bytes, 50 * rows[i].per_event * 244);
    }
}

static void between_events_the_link_takes_nothing(void **state)
{
    struct ferry_shaper s = started(&plain, 61);

    (void)state;
    assert_int_equal(ferry_shaper_credits(&s, 61), 0);
    assert_int_equal(ferry_shaper_wait(&s, 61), 29);
    assert_int_equal(ferry_shaper_credits(&s, 89), 0);
    assert_int_equal(ferry_shaper_wait(&s, 90), 0);
    assert_int_equal(ferry_shaper_wait(&s, 99), 0);
    assert_int_equal(ferry_shaper_credits(&s, 90), 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(ferry_shaper_credits(&s, 90), 4 - i);
        assert_int_equal(ferry_shaper_wait(&s, 90), 0);
        assert_true(ferry_shaper_take(&s, 20));
    }
    assert_int_equal(ferry_shaper_credits(&s, 91), 0);
    assert_int_equal(ferry_shaper_wait(&s, 91), 29);
}

/* An answer to what was heard after it waits for the next one. */
static void an_event_is_over_when_the_sender_has_nothing_more_to_say(void **state)
{
    struct ferry_shaper s = started(&plain, 61);

    (void)state;
    assert_int_equal(ferry_shaper_credits(&s, 90), 4);
    assert_true(ferry_shaper_take(&s, 20));
    ferry_shaper_end(&s);
    assert_int_equal(ferry_shaper_credits(&s, 95), 0);
    assert_int_equal(ferry_shaper_wait(&s, 95), 25);
    assert_int_equal(ferry_shaper_credits(&s, 120), 4);
}

static void unused_credits_do_not_add_up(void **state)
{
    struct ferry_shaper s = started(&plain, 61);

    (void)state;
    assert_int_equal(ferry_shaper_credits(&s, 90), 4);
    assert_int_equal(ferry_shaper_credits(&s, 120), 4);
}

static void an_event_missed_by_a_late_sender_is_gone(void **state)
{
    struct ferry_shaper s = started(&plain, 61);

    (void)state;
    assert_int_equal(ferry_shaper_credits(&s, 90 + 10 * 30 + 7), 4);
    assert_int_equal(s.events, 11);
    assert_int_equal(ferry_shaper_wait(&s, 90 + 10 * 30 + 7), 0);
    ferry_shaper_end(&s);
    assert_int_equal(ferry_shaper_wait(&s, 90 + 10 * 30 + 7), 23);
}

static void with_catch_up_as_many_are_made_up_for_and_no_more(void **state)
{
    struct ferry_shaper_config cfg = plain;

    (void)state;
    cfg.catch_up = 2;
    struct ferry_shaper s = started(&cfg, 61);
    assert_int_equal(ferry_shaper_credits(&s, 90 + 29), 4);
    assert_int_equal(ferry_shaper_credits(&s, 120 + 30), 8);
    assert_int_equal(ferry_shaper_credits(&s, 180 + 60), 12);
    assert_int_equal(ferry_shaper_credits(&s, 270 + 3000), 12);
}

/* Who looks every 45 ms at events of 30 misses every third, unless it may catch up. */
static void a_slow_sender_that_may_catch_up_keeps_the_rate(void **state)
{
    struct ferry_shaper_config cfg = plain;
    uint32_t now = 61;

    (void)state;
    struct ferry_shaper s = started(&cfg, now);
    assert_int_equal(sent_in(&s, &now, 9000, 45), 199 * 4);
    cfg.catch_up = 1;
    s = started(&cfg, now);
    assert_int_equal(sent_in(&s, &now, 9000, 45), 298 * 4);
}

static void both_ends_have_their_events_at_the_same_time(void **state)
{
    struct ferry_shaper a = started(&plain, 3);
    struct ferry_shaper b = started(&plain, 17);

    (void)state;
    for (uint32_t now = 17; now < 1000; now++) {
        bool open = ferry_shaper_credits(&a, now) > 0;
        assert_int_equal(ferry_shaper_credits(&b, now) > 0, open);
        assert_int_equal(open, now % 30 == 0 && now >= 30);
        ferry_shaper_end(&a);
        ferry_shaper_end(&b);
    }
}

static void a_link_that_came_up_anew_waits_for_its_first_event(void **state)
{
    struct ferry_shaper s = started(&plain, 61);

    (void)state;
    assert_int_equal(ferry_shaper_credits(&s, 90), 4);
    ferry_shaper_restart(&s, 3000 + 1);
    assert_int_equal(ferry_shaper_credits(&s, 3000 + 1), 0);
    assert_int_equal(ferry_shaper_wait(&s, 3000 + 1), 29);
}

static void events_go_on_when_the_clock_wraps(void **state)
{
    struct ferry_shaper s = started(&plain, NEAR_WRAP);
    uint32_t now = NEAR_WRAP;
    uint32_t first = ferry_shaper_wait(&s, now);

    (void)state;
    assert_in_range(first, 1, 30);
    now += first;
    assert_int_equal(sent_in(&s, &now, 3000, 1), 100 * 4);
    assert_true(now < NEAR_WRAP);
}

/* ---- loss ------------------------------------------------------------------------ */

/* One bit for each of the first `n` values: did it arrive? */
static void draw(uint64_t seed, uint32_t ppm, uint8_t *arrived, unsigned n)
{
    struct ferry_shaper_config cfg = plain;

    cfg.seed = seed;
    cfg.loss_ppm = ppm;
    struct ferry_shaper s = started(&cfg, 0);
    for (unsigned i = 0; i < n; i++) {
        arrived[i] = ferry_shaper_take(&s, 1 + i % 244);
    }
}

static void as_many_are_lost_as_configured(void **state)
{
    static const struct {
        uint32_t ppm, least, most; /* of 100000 */
    } rows[] = {{0, 0, 0},
                {100, 2, 30},
                {10000, 900, 1100},
                {50000, 4800, 5200},
                {500000, 49500, 50500},
                {999999, 99990, 100000},
                {1000000, 100000, 100000}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            struct ferry_shaper_config cfg = plain;
            cfg.loss_ppm = rows[i].ppm;
            cfg.seed = seed;
            struct ferry_shaper s = started(&cfg, 0);
            unsigned arrived = 0;
            for (unsigned k = 0; k < 100000; k++) {
                arrived += ferry_shaper_take(&s, 20);
            }
            assert_int_equal(arrived + s.lost, 100000);
            assert_in_range(s.lost, rows[i].least, rows[i].most);
        }
    }
}

static void what_is_lost_depends_on_the_seed_alone(void **state)
{
    uint8_t a[2000], b[2000];
    struct ferry_shaper_config cfg = plain;
    uint32_t now = 12345;

    (void)state;
    cfg.loss_ppm = 50000;
    cfg.seed = 7;
    cfg.interval_ms = 11;
    cfg.per_event = 3;
    draw(7, 50000, a, COUNT(a));
    struct ferry_shaper s = started(&cfg, now);
    for (unsigned i = 0; i < COUNT(b);) { /* other times, other lengths */
        now += 1 + i % 19;
        if (ferry_shaper_credits(&s, now) > 0) {
            b[i++] = ferry_shaper_take(&s, 9);
        }
    }
    assert_memory_equal(a, b, sizeof a);
    draw(8, 50000, b, COUNT(b));
    assert_memory_not_equal(a, b, sizeof a);
}

static void a_configuration_that_is_no_link_is_refused(void **state)
{
    static const struct {
        const char *name;
        struct ferry_shaper_config cfg;
        int want;
    } rows[] = {
        {"smallest", {1, 23, 1, 0, 0, 0}, 0},
        {"largest", {0x7FFFFFFF, 515, 255, 255, 1000000, 1}, 0},
        {"no interval", {0, 23, 1, 0, 0, 0}, FERRY_E_ARG},
        {"endless interval", {0x80000000, 23, 1, 0, 0, 0}, FERRY_E_ARG},
        {"MTU below ATT's least", {30, 22, 1, 0, 0, 0}, FERRY_E_ARG},
        {"values above 512", {30, 516, 1, 0, 0, 0}, FERRY_E_ARG},
        {"no values", {30, 23, 0, 0, 0, 0}, FERRY_E_ARG},
        {"more lost than sent", {30, 23, 1, 0, 1000001, 0}, FERRY_E_ARG},
    };
    struct ferry_shaper s;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        expect_code(rows[i].name, ferry_shaper_init(&s, &rows[i].cfg, 0), rows[i].want);
    }
    s = started(&rows[0].cfg, 0);
    assert_int_equal(ferry_shaper_value_max(&s), 20);
    s = started(&plain, 0);
    assert_int_equal(ferry_shaper_value_max(&s), 244);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_every_interval_takes_n_values),
        cmocka_unit_test(between_events_the_link_takes_nothing),
        cmocka_unit_test(an_event_is_over_when_the_sender_has_nothing_more_to_say),
        cmocka_unit_test(unused_credits_do_not_add_up),
        cmocka_unit_test(an_event_missed_by_a_late_sender_is_gone),
        cmocka_unit_test(with_catch_up_as_many_are_made_up_for_and_no_more),
        cmocka_unit_test(a_slow_sender_that_may_catch_up_keeps_the_rate),
        cmocka_unit_test(both_ends_have_their_events_at_the_same_time),
        cmocka_unit_test(a_link_that_came_up_anew_waits_for_its_first_event),
        cmocka_unit_test(events_go_on_when_the_clock_wraps),
        cmocka_unit_test(as_many_are_lost_as_configured),
        cmocka_unit_test(what_is_lost_depends_on_the_seed_alone),
        cmocka_unit_test(a_configuration_that_is_no_link_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
