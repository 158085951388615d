/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the simulated link by itself: when values go, which of them arrive, and what a
 * phone does to them that holds too few, hears late, or walks away. */
#include "check.h"
#include "sim_link.h"
#include "sim_range.h"

#define NONE (-1)

static struct sim_link l;

static void given(uint8_t per_event)
{
    sim_link_init(&l, 23, 30, per_event, 1);
}

/* One value, known by its byte; false: the link takes none. */
static bool say(unsigned direction, uint8_t byte)
{
    struct sim_value *v = sim_link_room(&l, direction);

    if (v == NULL) {
        return false;
    }
    v->bytes[0] = byte;
    sim_link_said(&l, direction, v, 1);
    return true;
}

static int hear(unsigned direction)
{
    struct sim_value v;

    return sim_link_arrives(&l, direction, &v) ? v.bytes[0] : NONE;
}

static void event(void)
{
    sim_link_begin(&l, l.next_event);
}

static void an_event_carries_so_many_values_in_the_order_they_were_said(void **state)
{
    (void)state;
    given(3);
    l.back_per_event = 1;
    event();
    assert_int_equal(l.next_event, 30);
    for (uint8_t i = 0; i < 3; i++) {
        assert_true(say(SIM_TO_DEVICE, i));
    }
    assert_false(say(SIM_TO_DEVICE, 3));
    assert_true(say(SIM_TO_COURIER, 7));
    assert_false(say(SIM_TO_COURIER, 8));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(hear(SIM_TO_DEVICE), i);
    }
    assert_int_equal(hear(SIM_TO_DEVICE), NONE);
    assert_int_equal(hear(SIM_TO_COURIER), 7);
    event();
    assert_int_equal(hear(SIM_TO_DEVICE), NONE);
    assert_int_equal(l.values[SIM_TO_DEVICE], 3);
    assert_int_equal(l.bytes[SIM_TO_COURIER], 1);
}

static void nothing_said_is_no_value(void **state)
{
    (void)state;
    given(1);
    event();
    sim_link_said(&l, SIM_TO_DEVICE, sim_link_room(&l, SIM_TO_DEVICE), 0);
    assert_int_equal(hear(SIM_TO_DEVICE), NONE);
    assert_true(say(SIM_TO_DEVICE, 1));
}

static void the_size_of_a_value_follows_the_mtu(void **state)
{
    (void)state;
    given(1);
    assert_int_equal(sim_link_value_max(&l), 20);
    l.mtu = 247;
    assert_int_equal(sim_link_value_max(&l), 244);
}

static void a_slow_phone_hears_so_many_events_later(void **state)
{
    (void)state;
    for (uint8_t round = 2; round <= 4; round++) {
        given(1);
        l.reply_events = round;
        for (uint8_t i = 0; i < 10; i++) {
            event();
            assert_true(say(SIM_TO_COURIER, i));
            int late = i - (round - 2);
            assert_int_equal(hear(SIM_TO_COURIER), late < 0 ? NONE : late);
            assert_int_equal(hear(SIM_TO_COURIER), NONE);
        }
    }
}

static void a_careless_phone_takes_all_and_drops_what_it_cannot_hold(void **state)
{
    (void)state;
    given(2);
    l.phone_queue = 5;
    event();
    for (uint8_t i = 0; i < 9; i++) {
        assert_true(say(SIM_TO_DEVICE, i));
    }
    assert_int_equal(l.dropped, 4);
    for (int i = 0; i < 5; i++) {
        if (i % 2 == 0 && i > 0) {
            assert_int_equal(hear(SIM_TO_DEVICE), NONE);
            event();
        }
        assert_int_equal(hear(SIM_TO_DEVICE), i);
    }
    assert_int_equal(hear(SIM_TO_DEVICE), NONE);
}

static void out_of_range_values_wait_until_it_is_back_or_the_link_is_down(void **state)
{
    (void)state;
    given(2);
    l.away = true;
    event();
    assert_true(say(SIM_TO_DEVICE, 1));
    assert_true(say(SIM_TO_DEVICE, 2));
    assert_int_equal(hear(SIM_TO_DEVICE), NONE);
    event();
    assert_false(say(SIM_TO_DEVICE, 3)); /* an honest stack is full */
    l.away = false;
    event();
    assert_int_equal(hear(SIM_TO_DEVICE), 1);
    sim_link_clear(&l);
    assert_int_equal(hear(SIM_TO_DEVICE), NONE);
}

/* How many of a hundred thousand arrive, twice or not at all. */
static uint32_t arrivals(void)
{
    uint32_t n = 0;

    for (unsigned i = 0; i < 100000; i++) {
        event();
        assert_true(say(SIM_TO_DEVICE, 0));
        while (hear(SIM_TO_DEVICE) != NONE) {
            n++;
        }
    }
    return n;
}

static void values_are_lost_and_doubled_as_often_as_wanted(void **state)
{
    (void)state;
    given(1);
    l.loss_ppm = 50000;
    uint32_t n = arrivals();
    assert_in_range(n, 94500, 95500);
    assert_int_equal(l.lost[SIM_TO_DEVICE], 100000 - n);
    given(1);
    l.double_ppm = 50000;
    assert_in_range(arrivals(), 104500, 105500);
    given(1);
    assert_int_equal(arrivals(), 100000);
}

/* Begins once in 100 events and lasts 10: a tenth less a bit of the time. */
static void bursts_come_lose_and_go(void **state)
{
    unsigned longest = 0, now = 0;

    (void)state;
    given(1);
    l.burst.begin_ppm = 10000;
    l.burst.end_ppm = 100000;
    l.burst.loss_ppm = 1000000;
    for (unsigned i = 0; i < 100000; i++) {
        event();
        assert_true(say(SIM_TO_DEVICE, 0));
        now = hear(SIM_TO_DEVICE) == NONE ? now + 1 : 0;
        longest = now > longest ? now : longest;
    }
    assert_in_range(l.lost[SIM_TO_DEVICE], 8000, 10200);
    assert_true(longest > 30);
}

static void the_next_value_may_overtake(void **state)
{
    (void)state;
    given(2);
    l.swap_ppm = 1000000;
    event();
    assert_true(say(SIM_TO_DEVICE, 1));
    assert_true(say(SIM_TO_DEVICE, 2));
    assert_int_equal(hear(SIM_TO_DEVICE), 2);
    assert_int_equal(hear(SIM_TO_DEVICE), 1);
}

/* ---- range ----------------------------------------------------------------------- */

static void a_phone_goes_unnoticed_is_missed_and_comes_again(void **state)
{
    static const struct {
        uint32_t at;
        enum sim_range_event event;
    } week[] = {{1000, SIM_RANGE_WENT},    {1400, SIM_RANGE_NOTICED},
                {6000, SIM_RANGE_CAME},    {7000, SIM_RANGE_WENT},
                {7400, SIM_RANGE_NOTICED}, {12000, SIM_RANGE_CAME}};
    struct sim_range r;
    uint32_t now = 0;

    (void)state;
    sim_range_start(&r, 1000, 5000, 400, now);
    for (size_t i = 0; i < COUNT(week); i++) {
        assert_int_equal(sim_range_now(&r, now), SIM_RANGE_NOTHING);
        now += sim_range_wait(&r, now);
        assert_int_equal(now, week[i].at);
        assert_int_equal(sim_range_now(&r, now), week[i].event);
    }
}

static void a_phone_that_is_back_at_once_is_never_missed(void **state)
{
    struct sim_range r;

    (void)state;
    sim_range_start(&r, 1000, 300, 400, 0);
    assert_int_equal(sim_range_now(&r, 1000), SIM_RANGE_WENT);
    assert_int_equal(sim_range_wait(&r, 1000), 300);
    assert_int_equal(sim_range_now(&r, 1300), SIM_RANGE_CAME);
    assert_int_equal(sim_range_wait(&r, 1300), 1000);
}

static void a_phone_without_a_schedule_stays(void **state)
{
    struct sim_range r = {0};

    (void)state;
    assert_int_equal(sim_range_wait(&r, 12345), UINT32_MAX);
    assert_int_equal(sim_range_now(&r, 12345), SIM_RANGE_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_carries_so_many_values_in_the_order_they_were_said),
        cmocka_unit_test(nothing_said_is_no_value),
        cmocka_unit_test(the_size_of_a_value_follows_the_mtu),
        cmocka_unit_test(a_slow_phone_hears_so_many_events_later),
        cmocka_unit_test(a_careless_phone_takes_all_and_drops_what_it_cannot_hold),
        cmocka_unit_test(out_of_range_values_wait_until_it_is_back_or_the_link_is_down),
        cmocka_unit_test(values_are_lost_and_doubled_as_often_as_wanted),
        cmocka_unit_test(bursts_come_lose_and_go),
        cmocka_unit_test(the_next_value_may_overtake),
        cmocka_unit_test(a_phone_goes_unnoticed_is_missed_and_comes_again),
        cmocka_unit_test(a_phone_that_is_back_at_once_is_never_missed),
        cmocka_unit_test(a_phone_without_a_schedule_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
