/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what a courier tells its user: how far, how fast, how long still, and in every
 * state what is waited for. */
#include "courier_scenes.h"
#include "release.h"

static struct ferry_courier_progress progress(void)
{
    struct ferry_courier_progress p;

    ferry_courier_progress(&a.c, &p);
    return p;
}

static void expect_wait(const char *name, enum ferry_wait wait, int error)
{
    struct ferry_courier_progress p = progress();

    if (p.wait != wait) {
        print_error("%s: waits for %s, not for %s\n", name,
                    ferry_courier_wait_name(p.wait), ferry_courier_wait_name(wait));
    }
    want(p.wait == wait, name);
    want(p.error == error, name);
}

/* ---- what is waited for ---------------------------------------------------------- */

/* In a talk: by the newest ack. */
static const struct {
    const char *name;
    uint8_t reason, credit;
    enum ferry_wait in_send, in_offer;
} acks[] = {
    {"chunks flow", FERRY_REASON_NONE, 1, FERRY_WAIT_NONE, FERRY_WAIT_PEER},
    {"no buffer", FERRY_REASON_NONE, 0, FERRY_WAIT_CREDIT, FERRY_WAIT_PEER},
    {"damage", FERRY_REASON_CRC, 1, FERRY_WAIT_NONE, FERRY_WAIT_PEER},
    {"erasing", FERRY_REASON_ERASING, 0, FERRY_WAIT_ERASING, FERRY_WAIT_ERASING},
    {"verifying", FERRY_REASON_VERIFYING, 0, FERRY_WAIT_VERIFYING,
     FERRY_WAIT_VERIFYING},
    {"resuming", FERRY_REASON_RESUMING, 0, FERRY_WAIT_RESUMING, FERRY_WAIT_RESUMING},
    {"low", FERRY_REASON_POWER, 0, FERRY_WAIT_POWER, FERRY_WAIT_POWER},
    {"a later version's", 8, 1, FERRY_WAIT_NONE, FERRY_WAIT_PEER},
    {"a later version's, no credit", 255, 0, FERRY_WAIT_CREDIT, FERRY_WAIT_PEER},
};

static void tell(uint8_t reason, uint8_t credit)
{
    struct ferry_ack ack;

    ashore_ack(&ack);
    ack.reason = reason;
    ack.credit = credit;
    ashore_tell_ack(&a, &ack);
}

void an_acks_reason_is_what_is_waited_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(acks); i++) {
        ashore_start_in(&a, FERRY_COURIER_SEND);
        tell(acks[i].reason, acks[i].credit);
        expect_wait(acks[i].name, acks[i].in_send, 0);
        tell(FERRY_REASON_NONE, 1); /* and no longer than that */
        expect_wait(acks[i].name, FERRY_WAIT_NONE, 0);
        ashore_start_in(&a, FERRY_COURIER_OFFER);
        tell(acks[i].reason, acks[i].credit);
        expect_wait(acks[i].name, acks[i].in_offer, 0);
        ashore_tell_verdict(&a, FERRY_VERDICT_ACCEPT);
        expect_wait(acks[i].name, FERRY_WAIT_NONE, 0);
    }
    ashore_start_in(&a, FERRY_COURIER_OFFER);
    tell(FERRY_REASON_CHECKING, 0);
    expect_wait("the offer is checked", FERRY_WAIT_VERIFYING, 0);
}

/* The link is up, and nobody answers: told from the first question on, whatever was
 * said before; one word ends it. */
void silence_is_told_before_it_parks(void **state)
{
    static const enum ferry_courier_state talks[] = {
        FERRY_COURIER_REPORT, FERRY_COURIER_OFFER, FERRY_COURIER_SEND};

    (void)state;
    for (size_t i = 0; i < COUNT(talks); i++) {
        ashore_start_in(&a, talks[i]);
        tell(FERRY_REASON_ERASING, 0);
        expect_wait(
            "heard",
            talks[i] == FERRY_COURIER_REPORT ? FERRY_WAIT_PEER : FERRY_WAIT_ERASING, 0);
        ashore_time(&a, 1000);
        expect_wait("asked again", FERRY_WAIT_PEER, 0);
        tell(FERRY_REASON_RESUMING, 0);
        expect_wait("an answer",
                    talks[i] == FERRY_COURIER_REPORT ? FERRY_WAIT_PEER
                                                     : FERRY_WAIT_RESUMING,
                    0);
        ashore_time(&a, 30000);
        expect_wait("parked", FERRY_WAIT_RETRY, FERRY_E_SILENCE);
    }
}

void every_state_says_what_it_waits_for(void **state)
{
    static const struct {
        const char *name;
        enum ferry_wait wait;
        int error;
    } states[FERRY_COURIER_STATES] = {
        [FERRY_COURIER_DOWN] = {"down", FERRY_WAIT_LINK, 0},
        [FERRY_COURIER_HELLO] = {"hello", FERRY_WAIT_PEER, 0},
        [FERRY_COURIER_REPORT] = {"report", FERRY_WAIT_PEER, 0},
        [FERRY_COURIER_OFFER] = {"offer", FERRY_WAIT_PEER, 0},
        [FERRY_COURIER_SEND] = {"send", FERRY_WAIT_NONE, 0},
        [FERRY_COURIER_LATER] = {"later", FERRY_WAIT_LATER, 0},
        [FERRY_COURIER_PARKED] = {"parked", FERRY_WAIT_RETRY, FERRY_E_FLASH},
        [FERRY_COURIER_DONE] = {"done", FERRY_WAIT_NONE, 0},
        [FERRY_COURIER_REFUSED] = {"refused", FERRY_WAIT_REFUSED, FERRY_E_HW},
    };

    (void)state;
    for (unsigned s = 0; s < FERRY_COURIER_STATES; s++) {
        ashore_start_in(&a, (enum ferry_courier_state)s);
        expect_wait(states[s].name, states[s].wait, states[s].error);
        bool over = s == FERRY_COURIER_DONE || s == FERRY_COURIER_REFUSED;
        ashore_link(&a, false);
        expect_wait(states[s].name, over ? states[s].wait : FERRY_WAIT_LINK,
                    states[s].error);
        ashore_link(&a, true);
        expect_wait(states[s].name, over ? states[s].wait : FERRY_WAIT_PEER,
                    over ? states[s].error : 0);
    }
    ashore_start(&a, false, 1);
    a.cfg.stay_parked = true;
    ashore_go(&a, FERRY_COURIER_PARKED);
    expect_wait("told to stay parked", FERRY_WAIT_PARKED, FERRY_E_FLASH);
    ashore_start_in(&a, FERRY_COURIER_SEND);
    ashore_stop(&a);
    expect_wait("stopped", FERRY_WAIT_REFUSED, FERRY_E_ABORT);
    ashore_start_in(&a, FERRY_COURIER_OFFER);
    ashore_tell_verdict(&a, FERRY_VERDICT_RUNNING);
    expect_wait("running already", FERRY_WAIT_NONE, FERRY_E_SAME);
}

/* ---- how far, how fast ----------------------------------------------------------- */

/* The table is there; of the image's first block, its first `n` chunks of 128. */
static void arrived(unsigned n)
{
    struct ferry_ack ack;

    ashore_ack(&ack);
    ack.base = 1;
    ack.bits[0] = n == 32 ? UINT32_MAX : (1U << n) - 1U;
    ack.credit = 3;
    ashore_tell_ack(&a, &ack);
}

void the_rate_is_what_was_acked_in_a_second(void **state)
{
    (void)state;
    ashore_start_in(&a, FERRY_COURIER_SEND);
    assert_int_equal(progress().rate, 0);
    assert_int_equal(progress().left_ms, UINT32_MAX);
    a.now += 999;
    arrived(8);
    assert_int_equal(progress().rate, 0); /* too early to tell */
    a.now += 1;
    arrived(8);
    assert_int_equal(progress().acked, 1024);
    assert_int_equal(progress().rate, 1024);
    assert_int_equal(progress().left_ms, (ASHORE_IMAGE - 1024) * 1000U / 1024);
    a.now += 1000;
    arrived(12); /* half as many */
    assert_int_equal(progress().rate, (3 * 1024 + 512) / 4);
    a.now += 2000; /* a longer look */
    arrived(20);
    assert_int_equal(progress().rate, (3 * 896 + 512) / 4);
}

void a_rate_falls_while_nothing_arrives(void **state)
{
    (void)state;
    ashore_start_in(&a, FERRY_COURIER_SEND);
    a.now += 1000;
    arrived(16);
    uint32_t rate = progress().rate;
    assert_int_equal(rate, 2048);
    for (unsigned i = 0; i < 25; i++) {
        ashore_time(&a, 1000);
        assert_true(progress().rate < rate || rate == 0);
        rate = progress().rate;
    }
    assert_true(rate < 2); /* and time left grows beyond measure */
    assert_true(progress().left_ms > 1000000);
    ashore_time(&a, 30000);
    assert_int_equal(progress().rate, 0);
    assert_int_equal(progress().left_ms, UINT32_MAX);
}

void what_the_device_had_before_is_no_speed_of_ours(void **state)
{
    struct ferry_msg m = {.type = FERRY_MSG_VERDICT};

    (void)state;
    ashore_start_in(&a, FERRY_COURIER_OFFER);
    a.now += 500;
    ashore_ack(&m.u.verdict.ack);
    m.u.verdict.ack.base = 2; /* 4096 bytes are there */
    ashore_tell(&a, &m);
    assert_int_equal(progress().acked, 4096);
    ashore_time(&a, 1000);
    assert_int_equal(progress().rate, 0);
}

/* A block is taken back: that is no negative speed. */
void a_block_that_is_taken_back_leaves_the_rate_alone(void **state)
{
    struct ferry_ack ack;

    (void)state;
    ashore_start_in(&a, FERRY_COURIER_SEND);
    a.now += 1000;
    arrived(31);
    assert_int_equal(progress().rate, 31 * 128);
    a.now += 1000;
    ashore_ack(&ack);
    ack.base = 1;
    ack.epoch = 1;
    ashore_tell_ack(&a, &ack);
    assert_int_equal(progress().acked, 0);
    assert_int_equal(progress().rate, 31 * 128);
    assert_int_equal(progress().left_ms, ASHORE_IMAGE * 1000U / (31 * 128));
    a.now += 1000;
    ack.bits[0] = 0xFF;
    ashore_tell_ack(&a, &ack);
    assert_int_equal(progress().rate, (3 * 31 * 128 + 1024) / 4);
}

void at_the_end_nothing_is_left(void **state)
{
    struct ferry_ack ack;

    (void)state;
    ashore_start_in(&a, FERRY_COURIER_SEND);
    a.now += 1000;
    ashore_ack(&ack);
    ack.base = 3;
    ack.reason = FERRY_REASON_VERIFYING;
    ashore_tell_ack(&a, &ack);
    assert_int_equal(progress().acked, ASHORE_IMAGE);
    assert_int_equal(progress().left_ms, 0);
    expect_wait("all is there", FERRY_WAIT_VERIFYING, 0);
    ashore_tell_done(&a, 0);
    assert_int_equal(progress().acked, ASHORE_IMAGE);
    assert_int_equal(progress().left_ms, 0);
    assert_int_equal(progress().rate, 0);
}

/* Another device, another artifact of the release: what the last one had acked says
 * nothing about it. */
void of_another_artifact_nothing_is_acked_yet(void **state)
{
    static const uint8_t image[1000];
    struct release r;

    (void)state;
    ashore_start_in(&a, FERRY_COURIER_SEND);
    arrived(20);
    assert_int_equal(progress().acked, 20 * 128);
    release_default(&r);
    a.len = release_make(&r, image, sizeof image, a.artifact);
    ashore_link(&a, false);
    assert_int_equal(progress().acked, 20 * 128);
    ashore_link(&a, true);
    ashore_hear(&a);
    ashore_tell_info(&a);
    ashore_expect(&a, FERRY_COURIER_OFFER);
    assert_int_equal(progress().image_len, sizeof image);
    assert_int_equal(progress().acked, 0);
    assert_int_equal(progress().verified, 0);
}

/* ---- words ----------------------------------------------------------------------- */

void every_wait_and_every_reason_has_its_word(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FERRY_WAITS; i++) {
        const char *name = ferry_courier_wait_name((enum ferry_wait)i);
        assert_true(strlen(name) > 2);
        for (unsigned k = 0; k < i; k++) {
            assert_string_not_equal(name, ferry_courier_wait_name((enum ferry_wait)k));
        }
    }
    assert_string_equal(ferry_courier_wait_name((enum ferry_wait)FERRY_WAITS), "");
    assert_string_equal(ferry_courier_wait_name((enum ferry_wait) - 1), "");
    assert_string_equal(ferry_courier_wait_name(FERRY_WAIT_VERIFYING), "verifying");
    assert_string_equal(ferry_courier_wait_name(FERRY_WAIT_REFUSED), "refused");
    assert_string_equal(ferry_courier_later_name(FERRY_LATER_PENDING), "pending");
    assert_string_equal(ferry_courier_later_name(7), "unknown");
    assert_string_equal(ferry_courier_later_name(FERRY_LATER_IN_USE), "in_use");
    assert_string_equal(ferry_courier_later_name(FERRY_LATER_BATTERY), "battery");
    assert_string_equal(ferry_courier_later_name(31), "unknown");
    assert_string_equal(ferry_courier_later_name(FERRY_LATER_APP), "app");
    assert_string_equal(ferry_courier_later_name(255), "app");
}
