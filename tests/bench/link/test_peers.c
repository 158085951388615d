/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the formulas of others against points worked out by hand or told by those who
 * measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peers.h"

static struct cell at(uint16_t mtu, uint8_t n, uint32_t loss_ppm)
{
    return (struct cell){
        .mtu = mtu, .ci_ms = 30, .n = n, .loss_ppm = loss_ppm, .reply_events = 2};
}

/* Equal to three digits. */
static void expect_rate(double rate, double want)
{
    if (rate < want * 0.997 || rate > want * 1.003) {
        print_error("%.1f B/s, want %.1f\n", rate, want);
        fail();
    }
}

/* Two intervals a chunk: 14 bytes in 60 ms, or 238. */
static void stop_and_wait_carries_one_chunk_a_round_trip(void **state)
{
    struct cell small = at(23, 4, 0), large = at(247, 6, 0);

    (void)state;
    expect_rate(peer_stop_and_wait(&small), 14 / 0.060);
    expect_rate(peer_stop_and_wait(&large), 238 / 0.060);
    small.reply_events = 4;
    expect_rate(peer_stop_and_wait(&small), 14 / 0.120);
}

/* 4096 bytes: 205 values in 52 events, or 17 in 5; six events of requests; with a receipt
 * every 12 values 17 pauses, or one. */
static void nordic_spends_six_events_an_object_on_requests(void **state)
{
    struct cell small = at(23, 4, 0), large = at(247, 4, 0);

    (void)state;
    expect_rate(peer_nordic(&small, 0), 4096 / (58 * 0.030));
    expect_rate(peer_nordic(&small, 12), 4096 / (75 * 0.030));
    expect_rate(peer_nordic(&large, 0), 4096 / (11 * 0.030));
    expect_rate(peer_nordic(&large, 12), 4096 / (12 * 0.030));
}

/* "0.8 to 2.5 KB/s at MTU 23, depending on the phone" (devzone.nordicsemi.com, question
 * 40465): phones send 1 to 4 or 6 values an event. */
static void nordic_is_as_fast_as_its_users_say(void **state)
{
    struct cell slow = at(23, 1, 0), fast = at(23, 4, 0);

    (void)state;
    assert_true(peer_nordic(&slow, 0) > 600 && peer_nordic(&slow, 0) < 800);
    assert_true(peer_nordic(&fast, 0) > 2200 && peer_nordic(&fast, 0) < 2500);
}

/* Zephyr's MTU of 252 carries 224 bytes a request: so it stands in the log of
 * github.com/intercreate/smpclient, issue 41. */
static void smp_carries_224_bytes_a_request_at_mtu_252(void **state)
{
    struct cell link = at(252, 4, 0);

    (void)state;
    expect_rate(peer_smp_requests(&link, 249, 1), 224 / 0.060);
}

/* 2475 bytes in 11 values and 3 events, one event of waiting. */
static void smp_gains_by_longer_requests_and_by_more_of_them(void **state)
{
    struct cell link = at(247, 4, 0);

    (void)state;
    expect_rate(peer_smp_requests(&link, 2475, 1), 2450 / 0.120);
    expect_rate(peer_smp_requests(&link, 2475, 2), 2450 * 2 / (5.5 * 0.030));
    assert_true(peer_smp(&link, 4096) >= peer_smp(&link, 2048));
    assert_true(peer_smp(&link, 488) >= peer_smp_requests(&link, 244, 1));
    assert_true(peer_smp(&link, 50) == 0);
}

/* One value of 17 or 205 lost: the object again, without Create and Execute. */
static void loss_costs_nordic_objects_and_smp_timeouts(void **state)
{
    struct cell link = at(247, 4, 10000);
    double again = 1 / 0.8429 - 1; /* 0.99^17 */
    double lost = 1 / 0.9801 - 1;  /* request or answer */

    (void)state;
    expect_rate(peer_nordic(&link, 0), 4096 / ((11 + 7 * again) * 0.030));
    expect_rate(peer_smp_requests(&link, 244, 1), 219 / (0.060 + lost * 2.5));
    expect_rate(peer_stop_and_wait(&link), 238 / (0.060 + lost * 0.2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop_and_wait_carries_one_chunk_a_round_trip),
        cmocka_unit_test(nordic_spends_six_events_an_object_on_requests),
        cmocka_unit_test(nordic_is_as_fast_as_its_users_say),
        cmocka_unit_test(smp_carries_224_bytes_a_request_at_mtu_252),
        cmocka_unit_test(smp_gains_by_longer_requests_and_by_more_of_them),
        cmocka_unit_test(loss_costs_nordic_objects_and_smp_timeouts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
