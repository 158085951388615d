/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what the courier takes for lost and what follows: the answer to a STATUS?, a
 * nack, the spare copy, and the retry budget. */
#include "check.h"
#include "sending.h"

/* ---- STATUS? and nack ------------------------------------------------------------ */

static void what_the_answer_to_a_status_shows_missing_was_lost(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    ferry_sender_status(&s);
    assert_int_equal(hear_answer(&s, 1, 8, 0), 1);
    expect_send(&s, 32, true);
    expect_send(&s, 33, true);
    expect_send(&s, 34, true);
}

static void what_was_sent_after_the_status_may_still_arrive(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_send(&s, 32, false);
    ferry_sender_status(&s);
    expect_send(&s, 33, false);
    assert_int_equal(hear_answer(&s, 1, 0, 0), 0);
    expect_send(&s, 32, true);
    assert_true(s.flying[0] == 3);
}

static void an_ack_that_answers_no_status_proves_nothing_by_its_silence(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    ferry_sender_status(&s);
    assert_int_equal(hear_ack(&s, 1, 0, 0), 0);
    expect_nothing_to_send(&s);
    assert_int_equal(s.flying[0], 0xF);
}

static void a_nack_takes_the_oldest_in_flight_for_the_damaged_one(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    ferry_sender_nack(&s, false); /* nothing flies: nothing is lost */
    expect_four(&s);
    assert_true(ferry_sender_flying(&s, 1));
    ferry_sender_nack(&s, false);
    assert_false(ferry_sender_flying(&s, 1));
    expect_send(&s, 32, true);
    ferry_sender_nack(&s, false); /* 32 is the newest now */
    expect_send(&s, 33, true);
    ferry_sender_nack(&s, false);
    ferry_sender_nack(&s, false);
    ferry_sender_nack(&s, false);
    assert_int_equal(s.flying[0], 2);
    expect_send(&s, 32, true);
}

/* The first chunk was damaged and goes again, then three new ones and its spare copy. */
static void begin_with_a_spare_copy(struct ferry_sender *s)
{
    begin_sending(s);
    expect_send(s, 32, false);
    ferry_sender_nack(s, false);
    expect_send(s, 32, true);
    expect_send(s, 33, false);
    expect_send(s, 34, false);
    expect_send(s, 35, false);
    expect_spare(s, 32);
}

/* What is heard answers what was said a round trip ago. */
static void a_nack_is_not_about_what_is_not_out_yet(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_send(&s, 32, false);
    ferry_sender_nack(&s, true);
    assert_int_equal(s.flying[0], 1);
    expect_send(&s, 33, false);
    ferry_sender_nack(&s, true);
    assert_int_equal(s.flying[0], 2);
    ferry_sender_nack(&s, true);
    assert_int_equal(s.flying[0], 2);
    ferry_sender_nack(&s, false);
    assert_int_equal(s.flying[0], 0);
}

/* The first copy arrived, the spare one was damaged: nothing is lost by that. */
static void a_nack_for_a_spare_copy_blames_no_other_chunk(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_with_a_spare_copy(&s);
    assert_int_equal(hear_ack(&s, 1, 0xF, 0), 4);
    expect_send(&s, 36, false);
    ferry_sender_nack(&s, false);
    assert_int_equal(s.flying[0], 0x10);
    ferry_sender_nack(&s, false); /* and this one is about 36 */
    assert_int_equal(s.flying[0], 0);
}

static void a_nack_is_about_nothing_that_an_ack_has_settled(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    assert_int_equal(hear_ack(&s, 1, 3, 0), 2);
    ferry_sender_nack(&s, false);
    assert_int_equal(s.flying[0], 8); /* 34, the third, and not the first again */
}

/* ---- the spare copy and the retry budget ----------------------------------------- */

static void a_missing_chunk_goes_twice_when_nothing_new_may(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    ferry_sender_nack(&s, false);
    ferry_sender_nack(&s, false);
    expect_send(&s, 32, true);
    expect_send(&s, 33, true);
    expect_spare(&s, 32);
    expect_spare(&s, 33);
    expect_nothing_to_send(&s);
    assert_int_equal(s.flying[0], 0xF);
}

static void a_spare_copy_waits_while_something_new_may_be_sent(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_with_a_spare_copy(&s);
    expect_nothing_to_send(&s);
}

static void a_chunk_that_arrived_needs_no_spare_copy(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    ferry_sender_nack(&s, false);
    expect_send(&s, 32, true);
    assert_int_equal(hear_ack(&s, 1, 1, 0), 1);
    assert_int_equal(s.again[0], 0);
}

/* One chunk missing at the very end, and every answer shows it missing. */
static void three_failed_retransmissions_without_progress_are_three(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    assert_int_equal(hear_ack(&s, 3, 3, 0), 66);
    expect_send(&s, 98, false);
    for (unsigned failures = 0; failures <= 3; failures++) {
        ferry_sender_status(&s);
        assert_int_equal(hear_answer(&s, 3, 3, 0), 0);
        assert_int_equal(s.worst, failures); /* the first time is no retransmission */
        expect_send(&s, 98, true);
        expect_spare(&s, 98);
    }
}

static void any_newly_acked_chunk_refills_the_retry_budget(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    assert_int_equal(hear_ack(&s, 3, 1, 0), 65);
    expect_send(&s, 97, false);
    expect_send(&s, 98, false);
    for (unsigned i = 0; i < 3; i++) {
        ferry_sender_status(&s);
        assert_int_equal(hear_answer(&s, 3, 1, 0), 0);
        expect_send(&s, 97, true);
        expect_send(&s, 98, true);
    }
    assert_int_equal(s.worst, 2);
    assert_int_equal(hear_ack(&s, 3, 3, 0), 1); /* the first copy of 97 */
    assert_int_equal(s.worst, 0);
    ferry_sender_status(&s);
    assert_int_equal(hear_answer(&s, 3, 3, 0), 0);
    assert_int_equal(s.worst, 1);
}

/* Which of several was damaged is a guess: reason to send one again, not to give up. */
static void a_nack_spends_the_budget_only_where_one_chunk_is_in_flight(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    for (unsigned i = 0; i < 40; i++) {
        ferry_sender_nack(&s, false);
        expect_send(&s, 32 + (int32_t)i % 4, true);
    }
    assert_int_equal(s.worst, 0);
    ferry_sender_status(&s);
    assert_int_equal(hear_answer(&s, 1, 7, 0), 3); /* 35 alone is left, and was lost */
    assert_int_equal(s.worst, 1);
    expect_send(&s, 35, true);
    assert_int_equal(hear_ack(&s, 1, 7, 0), 0);
    ferry_sender_nack(&s, false);
    assert_int_equal(s.worst, 2);
}

static void a_loss_is_counted_once_however_often_it_is_seen(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_send(&s, 32, false);
    ferry_sender_nack(&s, false);
    expect_send(&s, 32, true);
    for (unsigned i = 0; i < 5; i++) {
        ferry_sender_status(&s);
        assert_int_equal(hear_answer(&s, 1, 0, 0), 0);
        ferry_sender_nack(&s, false);
        assert_int_equal(s.worst, 1);
    }
}

/* All of block 1 is here; 64 was sent `times`, and every time but the last was lost. */
static void begin_losing_64(struct ferry_sender *s, unsigned times)
{
    begin_sending(s);
    assert_int_equal(hear_ack(s, 1, UINT32_MAX, 0), 32);
    for (unsigned i = 0; i < times; i++) {
        if (i > 0) {
            ferry_sender_nack(s, false);
        }
        expect_send(s, 64, i > 0);
    }
}

/* The base moves by news that acks no chunk: that is no progress. */
static void failures_stay_with_their_chunk_when_the_base_moves(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_losing_64(&s, 4);
    assert_int_equal(s.worst, 2);
    assert_int_equal(hear_ack(&s, 2, 0, 0), 0);
    ferry_sender_nack(&s, false);
    assert_int_equal(s.worst, 3);
}

static void a_new_chunk_begins_without_the_failures_of_its_row(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_losing_64(&s, 4);
    assert_int_equal(hear_ack(&s, 2, 0, 0), 0);
    assert_int_equal(s.failed[32], 0);
    assert_int_equal(s.sent[32], 0);
    assert_int_equal(s.order[32], 0);
}

static void a_spare_copy_is_still_due_after_the_base_moved(void **state)
{
    struct ferry_sender s;
    struct ferry_ack a = saying(2, 0, 0);

    (void)state;
    begin_losing_64(&s, 2);
    a.credit = 1;
    assert_int_equal(ferry_sender_ack(&s, &a, false), 0);
    expect_spare(&s, 64);
    expect_nothing_to_send(&s);
}

static void counters_of_a_chunk_that_is_never_heard_of_do_not_wrap(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_send(&s, 32, false);
    for (unsigned i = 0; i < 600; i++) {
        ferry_sender_nack(&s, false);
        expect_send(&s, 32, true);
    }
    assert_int_equal(s.worst, 255);
    assert_int_equal(s.failed[0], 255);
    assert_int_equal(s.sent[0], 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_answer_to_a_status_shows_missing_was_lost),
        cmocka_unit_test(what_was_sent_after_the_status_may_still_arrive),
        cmocka_unit_test(an_ack_that_answers_no_status_proves_nothing_by_its_silence),
        cmocka_unit_test(a_nack_takes_the_oldest_in_flight_for_the_damaged_one),
        cmocka_unit_test(a_nack_is_not_about_what_is_not_out_yet),
        cmocka_unit_test(a_nack_for_a_spare_copy_blames_no_other_chunk),
        cmocka_unit_test(a_nack_is_about_nothing_that_an_ack_has_settled),
        cmocka_unit_test(a_missing_chunk_goes_twice_when_nothing_new_may),
        cmocka_unit_test(a_spare_copy_waits_while_something_new_may_be_sent),
        cmocka_unit_test(a_chunk_that_arrived_needs_no_spare_copy),
        cmocka_unit_test(three_failed_retransmissions_without_progress_are_three),
        cmocka_unit_test(any_newly_acked_chunk_refills_the_retry_budget),
        cmocka_unit_test(a_nack_spends_the_budget_only_where_one_chunk_is_in_flight),
        cmocka_unit_test(a_loss_is_counted_once_however_often_it_is_seen),
        cmocka_unit_test(failures_stay_with_their_chunk_when_the_base_moves),
        cmocka_unit_test(a_new_chunk_begins_without_the_failures_of_its_row),
        cmocka_unit_test(a_spare_copy_is_still_due_after_the_base_moved),
        cmocka_unit_test(counters_of_a_chunk_that_is_never_heard_of_do_not_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
