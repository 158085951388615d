/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how a courier asks for a statement before it offers anything, and what it does
 * where none comes. */
#include "courier_scenes.h"

/* A courier that asks; with `artifacts` it then offers one, without it has done. */
static void start_report(uint8_t artifacts)
{
    ashore_start(&a, true, artifacts);
    ashore_go(&a, FERRY_COURIER_REPORT);
    assert_int_equal(a.reports, 1);
}

void a_statement_is_fetched_piece_by_piece(void **state)
{
    struct ferry_ack ack;

    (void)state;
    link_user_and_all_messages(FERRY_COURIER_REPORT, false);
    all_infos(FERRY_COURIER_REPORT);

    start_report(1);
    ashore_ack(&ack);
    ack.wait = 10;
    ashore_tell_ack(&a, &ack); /* it is at work: ask later */
    ashore_time(&a, 1500);
    ashore_hear(&a);
    assert_int_equal(a.reports, 1);
    ashore_tell_statement(&a, 100, 0, 48);
    ashore_tell_statement(&a, 100, 96, 4); /* the second one was lost */
    ashore_time(&a, 8000);
    ashore_hear(&a);
    assert_int_equal(a.reports, 2);
    assert_int_equal(a.report_off, 48);
    ashore_tell_statement(&a, 100, 48, 48);
    ashore_tell_statement(&a, 100, 48, 48); /* twice: once is enough */
    ashore_expect(&a, FERRY_COURIER_REPORT);
    assert_int_equal(a.statement, 0);
    ashore_tell_statement(&a, 100, 96, 4);
    assert_int_equal(a.statement, 100);
    ashore_expect(&a, FERRY_COURIER_OFFER);

    ashore_link(&a, true); /* what it has it does not ask for again */
    ashore_hear(&a);
    ashore_tell_info(&a);
    ashore_expect(&a, FERRY_COURIER_OFFER);

    start_report(0);
    ashore_tell_statement(&a, 48, 0, 48);
    ashore_expect(&a, FERRY_COURIER_DONE);
}

void a_device_without_a_statement_is_offered_to_or_waited_for(void **state)
{
    struct ferry_courier_progress p;

    (void)state;
    start_report(1);
    ashore_tell_statement(&a, 0, 30, 0);
    ashore_expect(&a, FERRY_COURIER_OFFER);
    start_report(1);
    a.unreadable = true;
    ashore_tell_statement(&a, 0, 30, 0);
    ashore_expect(&a, FERRY_COURIER_PARKED);

    start_report(0);
    ashore_tell_statement(&a, 0, 30, 0);
    ashore_expect(&a, FERRY_COURIER_LATER);
    ferry_courier_progress(&a.c, &p);
    assert_int_equal(p.later.seconds, 30);
    ashore_time(&a, 30000);
    ashore_hear(&a);
    ashore_tell_info(&a);
    ashore_expect(&a, FERRY_COURIER_REPORT);
    ashore_tell_statement(&a, 0, 0, 0); /* never */
    ashore_expect(&a, FERRY_COURIER_REFUSED);
    assert_int_equal(ferry_courier_error(&a.c), FERRY_E_STATE);
    assert_int_equal(a.statement, 0);
}

void a_statement_no_device_makes_is_refused(void **state)
{
    static const uint16_t bad[][3] = {{334, 0, 48}, {90, 43, 48}, {101, 48, 48}};

    (void)state;
    for (unsigned i = 0; i < COUNT(bad); i++) {
        start_report(1);
        ashore_tell_statement(&a, 100, 0, 48);
        ashore_tell_statement(&a, bad[i][0], bad[i][1], bad[i][2]);
        ashore_expect(&a, FERRY_COURIER_REFUSED);
        assert_int_equal(ferry_courier_error(&a.c), FERRY_E_PROTO);
    }
}

/* The device is heard, but its statement never comes to an end. */
static void lose_patience(uint8_t artifacts, bool unreadable, bool malformed)
{
    struct ferry_ack ack;

    ashore_ack(&ack);
    start_report(artifacts);
    a.unreadable = unreadable;
    a.artifact[0] ^= malformed;
    for (unsigned s = 0; s < 30; s++) {
        ashore_expect(&a, FERRY_COURIER_REPORT);
        ashore_tell_ack(&a, &ack);
        ashore_time(&a, 1000);
    }
}

void a_statement_is_given_up_after_half_a_minute(void **state)
{
    (void)state;
    lose_patience(1, false, false);
    ashore_expect(&a, FERRY_COURIER_OFFER);
    lose_patience(1, true, false);
    ashore_expect(&a, FERRY_COURIER_PARKED);
    lose_patience(1, false, true);
    ashore_expect(&a, FERRY_COURIER_REFUSED);
    lose_patience(0, false, false);
    ashore_expect(&a, FERRY_COURIER_LATER);

    start_report(1);
    ashore_time(&a, 30000); /* nothing is heard */
    ashore_expect(&a, FERRY_COURIER_PARKED);
}
