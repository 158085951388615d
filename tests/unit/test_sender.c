/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the courier's picture of the window, one rule at a time: what an ack proves
 * lost, which acks are believed, what goes next. Losses are in test_sender_lost.c, the
 * whole of it over a lossy link in test_sender_lossy.c. */
#include "check.h"
#include "sending.h"

/* ---- what goes next -------------------------------------------------------------- */

static void nothing_goes_out_before_the_device_grants_credit(void **state)
{
    struct ferry_sender s;

    (void)state;
    ferry_sender_init(&s, &sending_shape);
    expect_nothing_to_send(&s);
}

static void chunks_go_out_in_order_until_the_credit_is_used_up(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    expect_nothing_to_send(&s);
    assert_int_equal(hear_ack(&s, 1, 1, 0), 1);
    expect_send(&s, 36, false);
    expect_nothing_to_send(&s);
}

static void a_short_table_leaves_a_gap_in_the_indexes(void **state)
{
    struct ferry_sender s;

    (void)state;
    ferry_sender_init(&s, &sending_shape);
    assert_int_equal(hear_ack(&s, 0, 0, 0), 0);
    expect_send(&s, 0, false);
    expect_send(&s, 1, false);
    expect_send(&s, 32, false);
}

static void a_greater_credit_lets_more_fly_and_a_smaller_one_waits(void **state)
{
    struct ferry_sender s;
    struct ferry_ack a = saying(1, 0, 0);

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    a.credit = 5;
    assert_int_equal(ferry_sender_ack(&s, &a, false), 0);
    expect_send(&s, 36, false);
    a.credit = 2;
    a.bits[0] = 1;
    assert_int_equal(ferry_sender_ack(&s, &a, false), 1);
    expect_nothing_to_send(&s);
    a.bits[0] = 15;
    assert_int_equal(ferry_sender_ack(&s, &a, false), 3);
    expect_send(&s, 37, false);
    expect_nothing_to_send(&s);
}

static void the_end_of_the_image_ends_the_sending(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    assert_int_equal(hear_ack(&s, 3, 0, 0), 64);
    expect_send(&s, 96, false);
    expect_send(&s, 97, false);
    expect_send(&s, 98, false);
    expect_nothing_to_send(&s);
    assert_int_equal(hear_ack(&s, 4, 0, 0), 3);
    assert_true(ferry_window_complete(&s.window));
    expect_nothing_to_send(&s);
}

/* ---- what an ack proves ---------------------------------------------------------- */

static void an_ack_of_something_later_proves_the_earlier_ones_lost(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    assert_int_equal(hear_ack(&s, 1, 1U << 2, 0),
                     1); /* 34 is there: 32 and 33 are not */
    expect_send(&s, 32, true);
    expect_send(&s, 33, true);
    expect_send(&s, 36, false);
    expect_spare(&s, 32); /* 35 is still flying: no credit left for new ones */
}

static void an_ack_proves_nothing_about_what_was_sent_later(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    uint32_t first = expect_send(&s, 32, false);
    uint32_t then = expect_send(&s, 33, false);
    assert_int_equal(hear_ack(&s, 1, 1, 0), 1);
    assert_false(ferry_sender_flying(&s, first));
    assert_true(ferry_sender_flying(&s, then));
    expect_send(&s, 34, false);
}

/* 96 was never sent, though its row once belonged to 64. */
static void an_ack_of_something_never_sent_proves_nothing_lost(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    assert_int_equal(hear_ack(&s, 1, UINT32_MAX >> 1, 0), 31);
    expect_send(&s, 63, false);
    expect_send(&s, 64, false);
    expect_send(&s, 65, false);
    assert_int_equal(hear_ack(&s, 2, 0, 0), 1);
    assert_int_equal(hear_ack(&s, 2, 0, 1), 1);
    assert_int_equal(s.flying[0], 3);
}

/* What counts is when it was sent, not where it stands. */
static void a_retransmission_is_newer_than_a_later_chunk(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    assert_int_equal(hear_ack(&s, 1, 2, 0), 1); /* 33: 32 was lost */
    expect_send(&s, 32, true);
    expect_send(&s, 36, false);
    assert_int_equal(hear_ack(&s, 1, 2 | 8, 0), 1); /* 35: 34 was lost, 32 not yet */
    expect_send(&s, 34, true);
    assert_int_equal(hear_ack(&s, 1, 1 | 2 | 8, 0), 1); /* 32: 36 is later, 34 too */
    expect_send(&s, 37, false);
    expect_send(&s, 38, false);
}

static void an_ack_of_the_past_changes_nothing(void **state)
{
    struct ferry_sender s, before;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    assert_int_equal(hear_ack(&s, 2, 0, 0), 32);
    expect_send(&s, 64, false);
    before = s;
    assert_int_equal(hear_ack(&s, 1, 0xF, 0), 0);
    assert_int_equal(hear_ack(&s, 0, 0, 0), 0);
    assert_memory_equal(&s, &before, sizeof s);
}

static void an_acked_bit_does_not_fall_within_its_epoch(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    assert_int_equal(hear_ack(&s, 1, 3, 0), 2);
    assert_int_equal(hear_ack(&s, 1, 1, 0), 0); /* overtaken */
    assert_int_equal(s.window.bits[0], 3);
    assert_int_equal(hear_ack(&s, 1, 3, 0), 0); /* repeated */
}

static void chunks_of_a_block_passed_by_are_counted_once(void **state)
{
    struct ferry_sender s;

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    assert_int_equal(hear_ack(&s, 1, 3, 1), 3);
    assert_int_equal(hear_ack(&s, 2, 1, 0), 30);
    assert_int_equal(hear_ack(&s, 2, 1, 0), 0);
    assert_int_equal(hear_ack(&s, 2, 3, 0), 1);
    assert_int_equal(hear_ack(&s, 3, 0, 0), 30);
    assert_int_equal(hear_ack(&s, 4, 0, 0), 3);
}

static void rows_of_the_next_block_become_the_first_when_the_base_moves(void **state)
{
    struct ferry_sender s;
    struct ferry_ack a = saying(1, UINT32_MAX >> 1, 0);
    bool repeat = true;

    (void)state;
    begin_sending(&s);
    a.credit = 8;
    assert_int_equal(ferry_sender_ack(&s, &a, false), 31);
    expect_send(&s, 63, false);
    expect_send(&s, 64, false);
    uint32_t order = expect_send(&s, 65, false);
    a = saying(2, 0, 0);
    assert_int_equal(ferry_sender_ack(&s, &a, false), 1);
    assert_true(ferry_sender_flying(&s, order));
    assert_int_equal(s.flying[0], 3);
    assert_int_equal(s.flying[1], 0);
    assert_int_equal(hear_ack(&s, 2, 2, 0), 1);
    expect_send(&s, 64, true);
    assert_int_equal(ferry_sender_sent(&s, 63, &repeat), 0); /* verified: no row */
    assert_false(repeat);
}

/* ---- epochs, and what no device says --------------------------------------------- */

static void a_new_epoch_is_believed_even_where_bits_fall(void **state)
{
    struct ferry_sender s;
    struct ferry_ack a = saying(1, 1, 2);

    (void)state;
    begin_sending(&s);
    assert_int_equal(hear_ack(&s, 2, 0xFF, 0), 40);
    expect_send(&s, 72, false);
    a.epoch = 1;
    a.credit = 3;
    assert_int_equal(ferry_sender_ack(&s, &a, false), 0);
    assert_int_equal(s.window.base, 1);
    assert_int_equal(s.window.bits[0], 1);
    assert_int_equal(s.window.bits[1], 2);
    assert_int_equal(s.flying[0] | s.flying[1], 0);
    assert_int_equal(s.credit, 3);
    assert_int_equal(s.worst, 0);
    expect_send(&s, 33, false);
}

/* Ordinals go on, so that an older STATUS?'s answer says nothing of the new life. */
static void ordinals_go_on_in_a_new_epoch(void **state)
{
    struct ferry_sender s;
    struct ferry_ack a = saying(1, 0, 0);

    (void)state;
    begin_sending(&s);
    expect_four(&s);
    ferry_sender_status(&s);
    a.epoch = 1;
    assert_int_equal(ferry_sender_ack(&s, &a, false), 0);
    uint32_t order = expect_send(&s, 32, false);
    assert_int_equal(order, 5);
    assert_int_equal(ferry_sender_ack(&s, &a, true), 0);
    assert_true(ferry_sender_flying(&s, order));
}

static void epochs_are_newer_or_stale_modulo_256(void **state)
{
    (void)state;
    for (unsigned from = 0; from <= 0xFF; from++) {
        for (unsigned ahead = 1; ahead <= 0xFF; ahead++) {
            struct ferry_sender s, before;
            struct ferry_ack a = saying(0, 0, 0);
            begin_sending(&s);
            s.window.epoch = (uint8_t)from;
            before = s;
            a.epoch = (uint8_t)(from + ahead);
            assert_int_equal(ferry_sender_ack(&s, &a, false), 0);
            if (ahead < 128) {
                assert_int_equal(s.window.epoch, a.epoch);
                assert_int_equal(s.window.base, 0);
            } else {
                assert_int_equal(memcmp(&s, &before, sizeof s), 0);
            }
        }
    }
}

struct lie {
    const char *name;
    uint16_t base;
    uint32_t bits[2];
};
static const struct lie lies[] = {
    {"past the end", 5, {0, 0}},
    {"far past the end", 0xFFFF, {0, 0}},
    {"a third chunk of the table", 0, {4, 0}},
    {"a fourth chunk of the last block", 3, {8, 0}},
    {"the same, as the next block", 2, {0, 8}},
    {"a chunk behind the last block", 3, {0, 1}},
    {"a chunk of a complete transfer", 4, {1, 0}},
    {"everything", 4, {UINT32_MAX, UINT32_MAX}},
};

static void what_no_honest_device_says_is_E_PROTO_and_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lies); i++) {
        for (unsigned epoch = 0; epoch < 3; epoch++) {
            struct ferry_sender s, before;
            struct ferry_ack a = saying(lies[i].base, lies[i].bits[0], lies[i].bits[1]);
            begin_sending(&s);
            expect_four(&s);
            before = s;
            a.epoch = (uint8_t)epoch;
            expect_code(lies[i].name, ferry_sender_ack(&s, &a, epoch == 1),
                        FERRY_E_PROTO);
            expect_true(lies[i].name, memcmp(&s, &before, sizeof s) == 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_goes_out_before_the_device_grants_credit),
        cmocka_unit_test(chunks_go_out_in_order_until_the_credit_is_used_up),
        cmocka_unit_test(a_short_table_leaves_a_gap_in_the_indexes),
        cmocka_unit_test(a_greater_credit_lets_more_fly_and_a_smaller_one_waits),
        cmocka_unit_test(the_end_of_the_image_ends_the_sending),
        cmocka_unit_test(an_ack_of_something_later_proves_the_earlier_ones_lost),
        cmocka_unit_test(an_ack_proves_nothing_about_what_was_sent_later),
        cmocka_unit_test(an_ack_of_something_never_sent_proves_nothing_lost),
        cmocka_unit_test(a_retransmission_is_newer_than_a_later_chunk),
        cmocka_unit_test(an_ack_of_the_past_changes_nothing),
        cmocka_unit_test(an_acked_bit_does_not_fall_within_its_epoch),
        cmocka_unit_test(chunks_of_a_block_passed_by_are_counted_once),
        cmocka_unit_test(rows_of_the_next_block_become_the_first_when_the_base_moves),
        cmocka_unit_test(a_new_epoch_is_believed_even_where_bits_fall),
        cmocka_unit_test(ordinals_go_on_in_a_new_epoch),
        cmocka_unit_test(epochs_are_newer_or_stale_modulo_256),
        cmocka_unit_test(what_no_honest_device_says_is_E_PROTO_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
