/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how a device answers when it is asked for a statement, and that the commit's own
 * flash work, which goes on between everything else, changes no state. */
#include "device_scenes.h"
#include "ferry/statement.h"

static void expect_none(unsigned nones, uint16_t seconds)
{
    assert_int_equal(b.nones, nones);
    assert_int_equal(b.seconds, seconds);
}

void a_question_in_idle_is_answered_with_a_statement_in_pieces(void **state)
{
    struct ferry_envelope e;
    struct ferry_statement s;

    (void)state;
    start_in(FERRY_DEVICE_IDLE);
    bench_report(&b, 7, 0);
    bench_expect(&b, FERRY_DEVICE_REPORTING);
    stays_through_pieces_and_partings();
    bench_report(&b, 7, 0); /* who asked first has gone since */
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    assert_true(b.statement_have > 3 * FERRY_PIECE_MAX);
    assert_int_equal(b.statement_have, b.statement_total);
    assert_int_equal(b.told[FERRY_EVENT_REPORTED], 1);

    assert_int_equal(ferry_envelope_open(&e, b.statement, b.statement_have), 0);
    assert_int_equal(e.kid, FERRY_KID_STATEMENT);
    assert_int_equal(ferry_statement_parse(&s, e.payload, e.payload_len), 0);
    assert_int_equal(s.nonce[0], 7);
    assert_memory_equal(s.device_id, b.w.identity.device_id, 16);
    assert_int_equal(s.link, b.w.map.link[1]);
}

void the_same_question_gets_the_same_bytes_from_where_it_asks(void **state)
{
    uint8_t first[FERRY_ENVELOPE_MAX];

    (void)state;
    start_in(FERRY_DEVICE_IDLE);
    bench_report(&b, 7, 0);
    bench_step(&b);
    memcpy(first, b.statement, b.statement_total);
    memset(b.statement, 0, sizeof b.statement);
    bench_report(&b, 7, 48);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    assert_int_equal(b.statement[47], 0);
    assert_memory_equal(b.statement + 48, first + 48, b.statement_total - 48U);
    assert_int_equal(b.signs, 1);
    assert_int_equal(b.told[FERRY_EVENT_REPORTED], 2);
}

void another_question_waits_for_the_pace_of_signatures(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_IDLE);
    bench_report(&b, 7, 0);
    bench_step(&b);
    bench_pass(&b, 1999);
    bench_report(&b, 8, 0);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    expect_none(1, 2);
    bench_pass(&b, 1);
    bench_report(&b, 8, 0);
    bench_expect(&b, FERRY_DEVICE_REPORTING);
    bench_step(&b);
    assert_int_equal(b.signs, 2);
}

void reporting_waits_for_the_counter_and_the_signature(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_IDLE);
    b.crypto_pends = true;
    b.chore = true; /* counters are reserved by a record */
    bench_report(&b, 7, 0);
    bench_step(&b);
    bench_good(&b);
    bench_expect(&b, FERRY_DEVICE_REPORTING);
    assert_int_equal(b.signs, 0);
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_REPORTING);
    bench_good(&b);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    assert_int_equal(b.statement_have, b.statement_total);
    assert_int_equal(b.statement[b.statement_total - 1U], 0x5A);
}

void without_a_counter_or_a_signature_there_is_no_statement(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_IDLE);
    b.report_result = FERRY_E_COMMIT;
    bench_report(&b, 7, 0);
    bench_step(&b);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    expect_none(1, 30);

    b.report_result = 0;
    b.crypto_pends = true;
    bench_report(&b, 7, 0);
    bench_step(&b);
    bench_bad(&b, false);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    expect_none(2, 2);

    bench_pass(&b, 2000);
    bench_report(&b, 7, 0);
    bench_step(&b);
    bench_stuck(&b);
    bench_expect(&b, FERRY_DEVICE_BROKEN);
    assert_int_equal(b.done_code, -FERRY_E_CRYPTO);
    assert_int_equal(b.statement_total, 0);
}

/* Statement and envelope share the pool. */
void an_offer_drops_the_statement_at_hand(void **state)
{
    (void)state;
    start_in(FERRY_DEVICE_IDLE);
    bench_report(&b, 7, 0);
    bench_step(&b);
    bench_piece(&b, 0, (uint16_t)b.env_len, 48);
    bench_drop(&b);
    bench_expect(&b, FERRY_DEVICE_IDLE);
    bench_report(&b, 7, 48);
    expect_none(1, 2);
}

void the_first_frame_with_the_tag_tells_of_a_courier(void **state)
{
    struct ferry_msg status = {.type = FERRY_MSG_STATUS};

    (void)state;
    start_in(FERRY_DEVICE_IDLE);
    assert_int_equal(b.told[FERRY_EVENT_HELLO], 0);
    bench_say(&b, &status);
    bench_say(&b, &status);
    assert_int_equal(b.told[FERRY_EVENT_HELLO], 1);
    bench_hello(&b);
    assert_int_equal(b.told[FERRY_EVENT_HELLO], 1);
    bench_say(&b, &status);
    assert_int_equal(b.told[FERRY_EVENT_HELLO], 2);
}

/* ---- the commit's own work ------------------------------------------------------- */

static void start_anywhere(enum ferry_device_state state)
{
    struct release r;

    if (state == FERRY_DEVICE_OFFERED) {
        start_in(FERRY_DEVICE_IDLE);
        bench_piece(&b, 0, (uint16_t)b.env_len, 48);
    } else if (state == FERRY_DEVICE_REPORTING) {
        start_in(FERRY_DEVICE_IDLE);
        bench_report(&b, 7, 0);
    } else if (state == FERRY_DEVICE_DISCARDING) {
        bench_start(&b);
        release_default(&r);
        bench_release(&b, &r, true);
        bench_offer(&b);
        bench_until(&b, state);
    } else {
        start_in(state);
    }
    bench_expect(&b, state);
}

void the_commits_own_flash_work_changes_no_state(void **state)
{
    (void)state;
    for (unsigned s = 0; s < FERRY_DEVICE_BROKEN; s++) {
        start_anywhere((enum ferry_device_state)s);
        for (unsigned lies = 0; lies < 3; lies++) {
            b.chore = true;
            bench_step(&b);
            if (lies < 2) {
                bench_bad(&b, lies);
            } else {
                bench_good(&b);
            }
            bench_expect(&b, (enum ferry_device_state)s);
            assert_false(b.chore);
            assert_int_equal(b.chore_status < 0, lies < 2);
        }
        b.chore = true;
        bench_step(&b);
        bench_stuck(&b);
        bench_step(&b);
        assert_true(b.chore); /* nothing is begun any more */
        assert_false(bench_outstanding(&b));
        assert_int_equal(b.done_code, -FERRY_E_FLASH);
    }
}
