/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what no honest device says to a courier. Does not know how often it is said, nor
 * who holds the courier to its answer. */
#include "courier_lies.h"

/* ---- acks ------------------------------------------------------------------------ */

static void tell(struct ferry_ack ack)
{
    ashore_tell_ack(&a, &ack);
}

static void a_cursor_past_the_end(unsigned n)
{
    uint16_t base = n % 2 == 0 ? 60000 : 4; /* there are three blocks */

    tell((struct ferry_ack){.base = base, .credit = 1});
}

static void a_giant_bitmap(unsigned n)
{
    (void)n;
    tell((struct ferry_ack){.bits = {UINT32_MAX, UINT32_MAX}, .credit = 1});
}

static void nothing_but_damage(unsigned n)
{
    (void)n;
    tell((struct ferry_ack){.reason = FERRY_REASON_CRC, .credit = 3, .wait = 255});
}

static void the_answer_that_nothing_came(unsigned n)
{
    (void)n;
    tell((struct ferry_ack){.echo = a.token, .credit = 255});
}

static void credit_without_an_end(unsigned n)
{
    (void)n;
    tell((struct ferry_ack){.credit = 255, .wait = 255});
}

static void erasing_for_ever(unsigned n)
{
    (void)n;
    tell((struct ferry_ack){.reason = FERRY_REASON_ERASING, .wait = 255});
}

static void low_for_ever(unsigned n)
{
    (void)n;
    tell((struct ferry_ack){.reason = FERRY_REASON_POWER, .wait = 255});
}

static void checking_for_ever(unsigned n)
{
    (void)n;
    tell((struct ferry_ack){.reason = FERRY_REASON_CHECKING, .wait = 255});
}

static void a_reason_of_another_version(unsigned n)
{
    tell((struct ferry_ack){.reason = (uint8_t)(8 + n % 248), .wait = 255});
}

static void nothing_is_being_received(unsigned n)
{
    (void)n;
    tell((struct ferry_ack){.reason = FERRY_REASON_IDLE});
}

/* Everything is verified, and yet it never ends. */
static void all_is_there_and_no_done(unsigned n)
{
    (void)n;
    tell((struct ferry_ack){.base = 3, .reason = FERRY_REASON_VERIFYING, .wait = 255});
}

static void one_epoch_after_another(unsigned n)
{
    tell((struct ferry_ack){.epoch = (uint8_t)(n + 1), .credit = 1});
}

/* Acked, taken back, acked: progress without an end. */
static void what_is_given_is_taken_back(unsigned n)
{
    tell(
        (struct ferry_ack){.epoch = (uint8_t)(n / 2), .bits = {n % 2, 0}, .credit = 1});
}

/* ---- sessions, verdicts, ends, pieces -------------------------------------------- */

static void another_session_each_time(unsigned n)
{
    struct ferry_msg m;

    (void)n;
    a.tag = (uint16_t)(a.tag + 1);
    ashore_info(&a, &m);
    m.u.info.hw_rev += n;
    m.u.info.version = n;
    ashore_tell(&a, &m);
}

static void flagged(uint8_t flags)
{
    struct ferry_msg m;

    ashore_info(&a, &m);
    m.u.info.flags = flags;
    ashore_tell(&a, &m);
}

static void lost(unsigned n)
{
    (void)n;
    flagged(FERRY_INFO_LOST);
}

static void busy(unsigned n)
{
    (void)n;
    flagged(FERRY_INFO_BUSY);
}

static void verdict(uint8_t kind, uint8_t code, uint32_t number)
{
    struct ferry_msg m = {.type = FERRY_MSG_VERDICT};

    m.u.verdict.kind = kind;
    m.u.verdict.code = code;
    m.u.verdict.number = number;
    ashore_tell(&a, &m);
}

static void more_from_the_start(unsigned n)
{
    (void)n;
    verdict(FERRY_VERDICT_MORE, 0, 0);
}

static void more_past_the_end(unsigned n)
{
    verdict(FERRY_VERDICT_MORE, 0, UINT32_MAX - n % 100);
}

static void refused_for_no_reason(unsigned n)
{
    (void)n;
    verdict(FERRY_VERDICT_REFUSE, 0, 0);
}

static void refused_with_an_unknown_code(unsigned n)
{
    (void)n;
    verdict(FERRY_VERDICT_REFUSE, 200, 0);
}

static void a_verdict_of_another_version(unsigned n)
{
    (void)n;
    verdict(9, 0, 0);
}

static void it_failed_for_ever(unsigned n)
{
    (void)n;
    ashore_tell_done(&a, FERRY_E_FLASH);
}

static void done_with_an_unknown_code(unsigned n)
{
    (void)n;
    ashore_tell_done(&a, -200);
}

static void pieces_of_nothing(unsigned n)
{
    (void)n;
    ashore_tell_statement(&a, 100, 0, 0);
}

static void pieces_from_behind(unsigned n)
{
    ashore_tell_statement(&a, 300, (uint16_t)(240 - n % 5 * 48), 48);
}

static void a_piece_too_long(unsigned n)
{
    (void)n;
    ashore_tell_statement(&a, 40, 0, 48);
}

static void a_statement_too_long(unsigned n)
{
    (void)n;
    ashore_tell_statement(&a, 0xFFFF, 0, 48);
}

enum {
    HELLO = FERRY_COURIER_HELLO,
    REPORT = FERRY_COURIER_REPORT,
    OFFER = FERRY_COURIER_OFFER,
    SEND = FERRY_COURIER_SEND,
    PARKED = FERRY_COURIER_PARKED,
    REFUSED = FERRY_COURIER_REFUSED
};

const struct lie lies[] = {
    {"a cursor past the end", SEND, a_cursor_past_the_end, 100, REFUSED, FERRY_E_PROTO},
    {"a giant bitmap", SEND, a_giant_bitmap, 100, REFUSED, FERRY_E_PROTO},
    {"an endless nack", SEND, nothing_but_damage, 1000, PARKED, FERRY_E_STALL},
    {"nothing ever arrives", SEND, the_answer_that_nothing_came, 2000, PARKED,
     FERRY_E_RETRY},
    {"a credit of 255", SEND, credit_without_an_end, 10000, PARKED, FERRY_E_STALL},
    {"erasing for ever", SEND, erasing_for_ever, 10000, PARKED, FERRY_E_STALL},
    {"low for ever", SEND, low_for_ever, 10000, PARKED, FERRY_E_POWER},
    {"checking, while sending", SEND, checking_for_ever, 10000, PARKED, FERRY_E_STALL},
    {"an unknown reason", SEND, a_reason_of_another_version, 10000, PARKED,
     FERRY_E_STALL},
    {"idle, while sending", SEND, nothing_is_being_received, 100, PARKED,
     FERRY_E_STALL},
    {"all verified, never done", SEND, all_is_there_and_no_done, 10000, PARKED,
     FERRY_E_STALL},
    {"running epochs", SEND, one_epoch_after_another, 1000, PARKED, FERRY_E_STALL},
    {"given and taken", SEND, what_is_given_is_taken_back, 1000, PARKED, FERRY_E_STALL},
    {"new sessions, while sending", SEND, another_session_each_time, 100, PARKED,
     FERRY_E_STALL},
    {"new sessions, while offering", OFFER, another_session_each_time, 100, PARKED,
     FERRY_E_STALL},
    {"new sessions, while asking", REPORT, another_session_each_time, 100, PARKED,
     FERRY_E_STALL},
    {"lost, while sending", SEND, lost, 100, PARKED, FERRY_E_STALL},
    {"lost, while offering", OFFER, lost, 100, PARKED, FERRY_E_STALL},
    {"lost, at the greeting", HELLO, lost, 100, PARKED, FERRY_E_SILENCE},
    {"busy for ever", HELLO, busy, 100, PARKED, FERRY_E_BUSY},
    {"checking for ever", OFFER, checking_for_ever, 10000, PARKED, FERRY_E_STALL},
    {"low at the offer", OFFER, low_for_ever, 10000, PARKED, FERRY_E_POWER},
    {"more, from the start", OFFER, more_from_the_start, 100, PARKED, FERRY_E_STALL},
    {"more, past the end", OFFER, more_past_the_end, 10000, PARKED, FERRY_E_STALL},
    {"refused for no reason", OFFER, refused_for_no_reason, 100, REFUSED,
     FERRY_E_PROTO},
    {"refused, code 200", OFFER, refused_with_an_unknown_code, 100, REFUSED, -200},
    {"an unknown verdict", OFFER, a_verdict_of_another_version, 100, REFUSED,
     FERRY_E_PROTO},
    {"it fails for ever", OFFER, it_failed_for_ever, 100, PARKED, FERRY_E_FLASH},
    {"done, code 200", SEND, done_with_an_unknown_code, 100, REFUSED, -200},
    {"pieces of nothing", REPORT, pieces_of_nothing, 10000, PARKED, FERRY_E_SILENCE},
    {"at work on a statement", REPORT, erasing_for_ever, 10000, PARKED,
     FERRY_E_SILENCE},
    {"a piece too long", REPORT, a_piece_too_long, 100, REFUSED, FERRY_E_PROTO},
    {"a statement too long", REPORT, a_statement_too_long, 100, REFUSED, FERRY_E_PROTO},
    {"pieces from behind", REPORT, pieces_from_behind, 10000, PARKED, FERRY_E_SILENCE},
};

const size_t lies_len = COUNT(lies);
