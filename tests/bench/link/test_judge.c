/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that the judge has nothing to say about a good row, and something about one that
 * is bad in any single way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judge.h"
#include "peers.h"

/* Twenty transfers at 2 kB/s over a link that carries 2.67. */
static struct row good(void)
{
    return (struct row){
        .cell = {.mtu = 23,
                 .ci_ms = 30,
                 .n = 4,
                 .loss_ppm = 10000,
                 .chunk = 128,
                 .pool = 3,
                 .reply_events = 2},
        .runs = 20,
        .least_goodput = 1900,
        .least_session = 1800,
        .most_ram = 1024,
        .sums = {.runs = 20,
                 .arrived = 20,
                 .image_ms = 20 * 102400,
                 .session_ms = 20 * 105000,
                 .frames = 34000,
                 .values = 230000,
                 .parks = 1},
    };
}

static void a_good_row_is_not_complained_about(void **state)
{
    struct row r = good();

    (void)state;
    assert_int_equal(judge_row(&r), 0);
}

static void each_fault_is_complained_about(void **state)
{
    struct row r = good();

    (void)state;
    r.sums.arrived = 19;
    assert_int_equal(judge_row(&r), 1);
    r = good();
    r.sums.parks = 2;
    assert_int_equal(judge_row(&r), 1);
    r = good();
    r.least_goodput = 2001;
    assert_int_equal(judge_row(&r), 1);
    r = good();
    r.least_session = 2000;
    assert_int_equal(judge_row(&r), 1);
    r = good();
    r.most_ram = cell_ram(&r.cell) - 1;
    assert_int_equal(judge_row(&r), 1);
}

static void parks_are_forgiven_where_more_is_lost(void **state)
{
    struct row r = good();

    (void)state;
    r.cell.loss_ppm = 50000;
    r.sums.parks = 10;
    assert_int_equal(judge_row(&r), 0);
    r.sums.parks = 11;
    assert_int_equal(judge_row(&r), 1);
}

/* With so many milliseconds for twenty images. */
static struct row taking(uint64_t ms, uint32_t loss_ppm)
{
    struct row r = good();

    r.least_goodput = r.least_session = 0;
    r.cell.loss_ppm = loss_ppm;
    r.sums.image_ms = ms;
    return r;
}

static void nobody_may_be_faster_where_values_are_lost(void **state)
{
    struct row r = taking(0, 10000);
    double ms =
        20 * 1000.0 * CELL_IMAGE_LEN / peer_smp(&r.cell, cell_pool_len(&r.cell));

    (void)state;
    r = taking((uint64_t)ms - 10, 10000);
    assert_int_equal(judge_row(&r), 0);
    r = taking((uint64_t)ms + 10, 10000);
    assert_int_equal(judge_row(&r), 1);
}

static void a_twentieth_is_allowed_where_nothing_is_lost(void **state)
{
    struct row r = taking(0, 0);
    double ms =
        20 * 1000.0 * CELL_IMAGE_LEN / peer_smp(&r.cell, cell_pool_len(&r.cell));

    (void)state;
    r = taking((uint64_t)(ms / 0.951), 0);
    assert_int_equal(judge_row(&r), 0);
    r = taking((uint64_t)(ms / 0.949), 0);
    assert_int_equal(judge_row(&r), 1);
}

/* 12 kB/s, but only in as much memory as it needs. */
static void nordic_counts_where_its_page_of_values_fits(void **state)
{
    struct row r = good();
    const char *name;

    (void)state;
    r.cell.mtu = 247;
    r.cell.loss_ppm = 10000;
    r.cell.pool = 30;
    assert_true(judge_best_peer(&r.cell, &name) < peer_nordic(&r.cell, 0));
    r.cell.pool = 31;
    assert_true(judge_best_peer(&r.cell, &name) == peer_nordic(&r.cell, 0));
}

static void slower_than_stop_and_wait_is_never_good(void **state)
{
    struct row r = taking(20 * 1000000ULL, 50000); /* 205 B/s; SMP does less */

    (void)state;
    assert_int_equal(judge_row(&r), 0);
    r = taking(20 * 1300000ULL, 50000);
    assert_int_equal(judge_row(&r), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_row_is_not_complained_about),
        cmocka_unit_test(each_fault_is_complained_about),
        cmocka_unit_test(parks_are_forgiven_where_more_is_lost),
        cmocka_unit_test(nobody_may_be_faster_where_values_are_lost),
        cmocka_unit_test(a_twentieth_is_allowed_where_nothing_is_lost),
        cmocka_unit_test(nordic_counts_where_its_page_of_values_fits),
        cmocka_unit_test(slower_than_stop_and_wait_is_never_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
