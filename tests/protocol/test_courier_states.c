/* SPDX-License-Identifier: Apache-2.0
 *
 * The courier's table of states and events as letters, and the talks with a device that
 * show every one of them. The last two tests compare: nothing in the table was not
 * seen, and docs/PROTOCOL.md has the same table. */
#include <sodium.h>

#include "courier_scenes.h"

/* clang-format off */
const struct letters courier_letters = {
    "## 17 The courier's states", 9, 16,
    {"UP", "DOWN", "STOP", "INFO", "ACCEPT", "RUNNING", "LATER", "REFUSE", "MORE",
     "ACK", "STATEMENT", "OK", "AGAIN", "NEVER", "UNREADABLE", "TIME"},
    {
        /*                 UP   DOWN STOP INFO     the verdicts                ACK     STATEMENT DONE           UNR. TIME */
        {"DOWN",    'D', {"H", "D", "R", "D",     "D",  "D", "D", "D", "D",   "D",    "D",      "D", "D", "D", ".", "D"}},
        {"HELLO",   'H', {"H", "D", "R", "HTOPR", "H",  "H", "H", "H", "H",   "H",    "H",      "H", "H", "H", ".", "HP"}},
        {"REPORT",  'T', {"H", "D", "R", "HTPR",  "T",  "T", "T", "T", "T",   "T",    "TOLPFR", "T", "T", "T", ".", "TOLPR"}},
        {"OFFER",   'O', {"H", "D", "R", "HOPR",  "SR", "F", "L", "R", "O",   "O",    "O",      "F", "P", "R", "P", "OP"}},
        {"SEND",    'S', {"H", "D", "R", "HOSPR", "S",  "S", "S", "S", "S",   "OSPR", "S",      "F", "P", "R", "P", "SP"}},
        {"LATER",   'L', {"H", "D", "R", "L",     "L",  "L", "L", "L", "L",   "L",    "L",      "L", "L", "L", ".", "HL"}},
        {"PARKED",  'P', {"H", "D", "R", "P",     "P",  "P", "P", "P", "P",   "P",    "P",      "P", "P", "P", ".", "HP"}},
        {"DONE",    'F', {"F", "F", "F", "F",     "F",  "F", "F", "F", "F",   "F",    "F",      "F", "F", "F", ".", "F"}},
        {"REFUSED", 'R', {"R", "R", "R", "R",     "R",  "R", "R", "R", "R",   "R",    "R",      "R", "R", "R", ".", "R"}},
    },
};
/* clang-format on */

struct ashore a;

void link_user_and_all_messages(enum ferry_courier_state state, bool stays)
{
    struct ferry_ack ack;

    ashore_ack(&ack);
    ashore_start_in(&a, state);
    ashore_link(&a, true);
    ashore_start_in(&a, state);
    ashore_link(&a, false);
    ashore_start_in(&a, state);
    ashore_stop(&a);
    for (unsigned what = 0; what < 11; what++) {
        static const int ends[] = {0, FERRY_E_BLOCK, FERRY_E_SIG_FINAL};
        ashore_start_in(&a, state);
        if (state == FERRY_COURIER_HELLO || state == FERRY_COURIER_DOWN) {
            a.tag = 0xFFFF; /* it knows no other one yet */
        }
        if (what < 5) {
            ashore_tell_verdict(&a, (enum ferry_verdict)what);
        } else if (what < 8) {
            ashore_tell_done(&a, ends[what - 5]);
        } else if (what == 8) {
            ashore_tell_ack(&a, &ack);
        } else if (what == 9) {
            ashore_tell_statement(&a, 200, 0, 48);
        } else {
            ashore_tell_info(&a);
        }
        if (stays) {
            ashore_expect(&a, state);
        }
    }
    ashore_start_in(&a, state);
    ashore_time(&a, 1);
}

static void info_bent(enum ferry_courier_state from, unsigned how,
                      enum ferry_courier_state to)
{
    struct ferry_msg m;

    ashore_start_in(&a, from);
    ashore_info(&a, &m);
    if (how == 0) {
        m.u.info.nonce ^= 1; /* to somebody else, or LOST */
    } else if (how == 1) {
        m.u.info.flags = FERRY_INFO_BUSY;
    } else if (how == 2) {
        m.u.info.tag ^= 1; /* a new session: the device was reset */
    } else if (how == 3) {
        m.u.info.tag ^= 1;
        m.u.info.chunk = 64;
    } else {
        m.u.info.tag ^= 1;
        a.unreadable = true;
    }
    ashore_tell(&a, &m);
    ashore_expect(&a, to);
}

void all_infos(enum ferry_courier_state from)
{
    bool asks = from == FERRY_COURIER_REPORT; /* and asks again in a new session */

    info_bent(from, 0, FERRY_COURIER_HELLO);
    info_bent(from, 1, FERRY_COURIER_PARKED);
    info_bent(from, 2, asks ? from : FERRY_COURIER_OFFER);
    info_bent(from, 3, FERRY_COURIER_REFUSED);
    info_bent(from, 4, asks ? from : FERRY_COURIER_PARKED);
}

/* ---- the states ------------------------------------------------------------------ */

static void without_a_link_only_the_link_and_the_user_count(void **state)
{
    (void)state;
    link_user_and_all_messages(FERRY_COURIER_DOWN, true);
}

static void hello_waits_for_info_and_parks_in_silence(void **state)
{
    (void)state;
    link_user_and_all_messages(FERRY_COURIER_HELLO, false);
    all_infos(FERRY_COURIER_HELLO);
    ashore_start_in(&a, FERRY_COURIER_HELLO);
    a.artifact[0] ^= 1; /* no envelope begins so */
    ashore_tell_info(&a);
    ashore_expect(&a, FERRY_COURIER_REFUSED);
    ashore_start_in(&a, FERRY_COURIER_HELLO);
    ashore_time(&a, 29999);
    ashore_time(&a, 1);
    ashore_expect(&a, FERRY_COURIER_PARKED);
    assert_int_equal(ferry_courier_error(&a.c), FERRY_E_SILENCE);
}

static void an_offer_waits_for_the_verdict(void **state)
{
    struct ferry_msg m = {.type = FERRY_MSG_VERDICT};

    (void)state;
    link_user_and_all_messages(FERRY_COURIER_OFFER, false);
    all_infos(FERRY_COURIER_OFFER);

    ashore_start_in(&a, FERRY_COURIER_OFFER);
    ashore_ack(&m.u.verdict.ack);
    m.u.verdict.ack.base = 4; /* there are three blocks */
    ashore_tell(&a, &m);
    ashore_expect(&a, FERRY_COURIER_REFUSED);
    assert_int_equal(ferry_courier_error(&a.c), FERRY_E_PROTO);

    ashore_start_in(&a, FERRY_COURIER_OFFER);
    m.u.verdict.kind = 5; /* of another version */
    ashore_tell(&a, &m);
    ashore_expect(&a, FERRY_COURIER_REFUSED);

    ashore_start_in(&a, FERRY_COURIER_OFFER);
    ashore_time(&a, 1000);
    a.unreadable = true;
    ashore_hear(&a);
    ashore_expect(&a, FERRY_COURIER_PARKED);
    assert_int_equal(ferry_courier_error(&a.c), FERRY_E_READ);

    ashore_start_in(&a, FERRY_COURIER_OFFER);
    ashore_time(&a, 30000);
    ashore_expect(&a, FERRY_COURIER_PARKED);
}

static void sending_hears_acks_and_the_end(void **state)
{
    struct ferry_ack ack;

    (void)state;
    link_user_and_all_messages(FERRY_COURIER_SEND, false);
    all_infos(FERRY_COURIER_SEND);

    ashore_start_in(&a, FERRY_COURIER_SEND);
    ashore_ack(&ack);
    ack.reason = FERRY_REASON_IDLE;
    ashore_tell_ack(&a, &ack);
    ashore_expect(&a, FERRY_COURIER_OFFER);

    ashore_start_in(&a, FERRY_COURIER_SEND);
    ashore_ack(&ack);
    ack.bits[0] = 2; /* the table is one chunk */
    ashore_tell_ack(&a, &ack);
    ashore_expect(&a, FERRY_COURIER_REFUSED);

    ashore_start_in(&a, FERRY_COURIER_SEND);
    ashore_ack(&ack);
    ack.bits[0] = 1;
    ashore_tell_ack(&a, &ack);
    ack.base = 1;
    ack.bits[0] = 0;
    ashore_tell_ack(&a, &ack);
    a.unreadable = true;
    ashore_hear(&a);
    ashore_expect(&a, FERRY_COURIER_PARKED);
}

static void the_third_failed_retransmission_without_progress_parks(void **state)
{
    struct ferry_ack nack;

    (void)state;
    ashore_start_in(&a, FERRY_COURIER_SEND);
    ashore_ack(&nack);
    nack.reason = FERRY_REASON_CRC;
    for (unsigned i = 0; i < 1 + 2 * 3; i++) { /* the first was no retransmission */
        ashore_expect(&a, FERRY_COURIER_SEND);
        ashore_tell_ack(&a, &nack);
        ashore_hear(&a);
    }
    ashore_expect(&a, FERRY_COURIER_PARKED);
    assert_int_equal(ferry_courier_error(&a.c), FERRY_E_RETRY);
    assert_int_equal(a.chunks, 1 + 2 * 3); /* each retransmission goes twice */
}

static void silence_and_standstill_park(void **state)
{
    struct ferry_ack ack;

    (void)state;
    ashore_start_in(&a, FERRY_COURIER_SEND);
    ashore_time(&a, 1000);
    ashore_hear(&a);
    assert_int_equal(a.token, 1); /* it asks */
    ashore_time(&a, 29000);
    ashore_expect(&a, FERRY_COURIER_PARKED);
    assert_int_equal(ferry_courier_error(&a.c), FERRY_E_SILENCE);

    ashore_start_in(&a, FERRY_COURIER_SEND);
    ashore_ack(&ack);
    for (unsigned s = 0; s < 119; s++) {
        ashore_time(&a, 1000);
        ashore_tell_ack(&a, &ack);
    }
    ashore_expect(&a, FERRY_COURIER_SEND);
    /* noticed although it never had to ask */
    assert_int_equal(ferry_courier_deadline(&a.c, a.now), 1000);
    ashore_time(&a, 1000);
    ashore_expect(&a, FERRY_COURIER_PARKED);
    assert_int_equal(ferry_courier_error(&a.c), FERRY_E_STALL);
}

/* "More!", again and again: no piece of the envelope is enough for this device. */
static void an_offer_that_leads_nowhere_parks(void **state)
{
    (void)state;
    ashore_start_in(&a, FERRY_COURIER_OFFER);
    for (unsigned s = 0; s < 119; s++) {
        ashore_time(&a, 1000);
        ashore_tell_verdict(&a, FERRY_VERDICT_MORE);
    }
    ashore_expect(&a, FERRY_COURIER_OFFER);
    ashore_time(&a, 1000);
    ashore_expect(&a, FERRY_COURIER_PARKED);
    assert_int_equal(ferry_courier_error(&a.c), FERRY_E_STALL);
}

static void later_and_parked_say_hello_when_their_time_has_come(void **state)
{
    (void)state;
    link_user_and_all_messages(FERRY_COURIER_LATER, true);
    ashore_start_in(&a, FERRY_COURIER_LATER);
    ashore_time(&a, 59999);
    ashore_expect(&a, FERRY_COURIER_LATER);
    ashore_time(&a, 1);
    ashore_expect(&a, FERRY_COURIER_HELLO);

    link_user_and_all_messages(FERRY_COURIER_PARKED, true);
    ashore_start_in(&a, FERRY_COURIER_PARKED);
    static const uint32_t pauses[] = {1000, 2000, 4000, 4000, 4000};
    for (unsigned i = 0; i < COUNT(pauses); i++) {
        ashore_time(&a, pauses[i] - 1);
        ashore_expect(&a, FERRY_COURIER_PARKED);
        ashore_time(&a, 1);
        ashore_expect(&a, FERRY_COURIER_HELLO);
        ashore_hear(&a);
        ashore_time(&a, 30000);
    }
    ashore_time(&a, 3600000);
    ashore_expect(&a, FERRY_COURIER_PARKED);
}

static void done_and_refused_are_ends(void **state)
{
    (void)state;
    link_user_and_all_messages(FERRY_COURIER_DONE, true);
    link_user_and_all_messages(FERRY_COURIER_REFUSED, true);
}

static void one_abort_goes_out_where_the_device_can_understand_it(void **state)
{
    (void)state;
    for (unsigned s = 0; s < FERRY_COURIER_STATES; s++) {
        bool tells = s == FERRY_COURIER_REPORT || s == FERRY_COURIER_OFFER ||
                     s == FERRY_COURIER_SEND || s == FERRY_COURIER_LATER;
        ashore_start_in(&a, (enum ferry_courier_state)s);
        ashore_stop(&a);
        ashore_hear(&a);
        assert_int_equal(a.aborts, tells);
    }
}

/* ---- the comparison -------------------------------------------------------------- */

static void every_letter_of_the_couriers_table_was_seen(void **state)
{
    (void)state;
    letters_expect_all_seen(&courier_letters, &courier_seen);
}

static void the_document_has_the_couriers_table(void **state)
{
    (void)state;
    letters_expect_documented(&courier_letters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_lie_holds_a_courier_for_ever),
        cmocka_unit_test(an_info_that_cannot_be_is_refused),
        cmocka_unit_test(later_for_ever_is_asked_at_the_pace_it_named),
        cmocka_unit_test(done_early_is_the_devices_word_and_no_more),
        cmocka_unit_test(an_acks_reason_is_what_is_waited_for),
        cmocka_unit_test(silence_is_told_before_it_parks),
        cmocka_unit_test(every_state_says_what_it_waits_for),
        cmocka_unit_test(the_rate_is_what_was_acked_in_a_second),
        cmocka_unit_test(a_rate_falls_while_nothing_arrives),
        cmocka_unit_test(what_the_device_had_before_is_no_speed_of_ours),
        cmocka_unit_test(a_block_that_is_taken_back_leaves_the_rate_alone),
        cmocka_unit_test(at_the_end_nothing_is_left),
        cmocka_unit_test(of_another_artifact_nothing_is_acked_yet),
        cmocka_unit_test(every_wait_and_every_reason_has_its_word),
        cmocka_unit_test(a_configuration_that_leads_nowhere_is_refused),
        cmocka_unit_test(a_courier_tells_its_size_to_who_cannot_see_it),
        cmocka_unit_test(an_artifact_that_cannot_be_read_parks_at_every_read),
        cmocka_unit_test(an_artifact_that_is_none_is_refused_and_another_one_taken),
        cmocka_unit_test(a_release_that_runs_in_the_other_bank_is_done),
        cmocka_unit_test(a_statement_that_nobody_takes_is_fetched_all_the_same),
        cmocka_unit_test(a_question_that_waits_for_the_link_is_asked_once),
        cmocka_unit_test(a_budget_of_retransmissions_is_the_configurations),
        cmocka_unit_test(the_code_of_the_end_says_whether_to_try_again),
        cmocka_unit_test(counts_of_bytes_stop_at_their_limit),
        cmocka_unit_test(without_a_link_only_the_link_and_the_user_count),
        cmocka_unit_test(hello_waits_for_info_and_parks_in_silence),
        cmocka_unit_test(a_statement_is_fetched_piece_by_piece),
        cmocka_unit_test(a_device_without_a_statement_is_offered_to_or_waited_for),
        cmocka_unit_test(a_statement_no_device_makes_is_refused),
        cmocka_unit_test(a_statement_is_given_up_after_half_a_minute),
        cmocka_unit_test(an_offer_waits_for_the_verdict),
        cmocka_unit_test(sending_hears_acks_and_the_end),
        cmocka_unit_test(the_third_failed_retransmission_without_progress_parks),
        cmocka_unit_test(silence_and_standstill_park),
        cmocka_unit_test(an_offer_that_leads_nowhere_parks),
        cmocka_unit_test(later_and_parked_say_hello_when_their_time_has_come),
        cmocka_unit_test(done_and_refused_are_ends),
        cmocka_unit_test(one_abort_goes_out_where_the_device_can_understand_it),
        cmocka_unit_test(every_letter_of_the_couriers_table_was_seen),
        cmocka_unit_test(the_document_has_the_couriers_table),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, doc_open, NULL);
}
