/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what a courier makes of its configuration: what it cannot begin with, artifacts
 * that cannot be read or are none, a statement that nobody takes, a release for both
 * banks. */
#include "courier_scenes.h"
#include "release.h"

/* ---- beginning ------------------------------------------------------------------- */

void a_configuration_that_leads_nowhere_is_refused(void **state)
{
    struct ferry_courier before;

    (void)state;
    ashore_start(&a, true, 1);
    memset(&a.c, 0xA5, sizeof a.c);
    before = a.c;
    a.cfg.value_max = 0;
    assert_int_equal(ferry_courier_init(&a.c, &a.cfg, 0), FERRY_E_ARG);
    a.cfg.value_max = 244;
    a.cfg.read = NULL;
    assert_int_equal(ferry_courier_init(&a.c, &a.cfg, 0), FERRY_E_ARG);
    a.cfg.artifacts = 0;
    a.cfg.report_nonce = NULL;
    assert_int_equal(ferry_courier_init(&a.c, &a.cfg, 0), FERRY_E_ARG);
    assert_memory_equal(&a.c, &before, sizeof before);
    a.cfg.report_nonce = a.artifact; /* any: there is something to ask for */
    assert_int_equal(ferry_courier_init(&a.c, &a.cfg, 0), 0);
}

void a_courier_tells_its_size_to_who_cannot_see_it(void **state)
{
    (void)state;
    assert_int_equal(ferry_courier_size(), sizeof a.c);
}

/* ---- artifacts ------------------------------------------------------------------- */

#define NOWHERE UINT32_MAX
#define TAIL (UINT32_MAX - 1) /* behind the manifest, whose length is byte 11 */

static int (*read_well)(void *ctx, unsigned which, uint32_t off, void *buf,
                        uint32_t len);
static unsigned reads, fails_at; /* fails_at 0: none */
static unsigned spoilt;          /* that artifact has its byte at `spoilt_at` wrong */
static uint32_t spoilt_at;

static int read_badly(void *ctx, unsigned which, uint32_t off, void *buf, uint32_t len)
{
    if (++reads == fails_at) {
        return -1;
    }
    int err = read_well(ctx, which, off, buf, len);
    if (which == spoilt && spoilt_at - off < len) {
        ((uint8_t *)buf)[spoilt_at - off] ^= 0x40;
    }
    return err;
}

/* A courier that has greeted a device and chooses. `at`: where artifact 0 is wrong. */
static void choose(uint8_t artifacts, uint32_t at, unsigned fails)
{
    ashore_start(&a, false, artifacts);
    read_well = a.cfg.read;
    a.cfg.read = read_badly;
    reads = 0;
    fails_at = fails;
    spoilt = 0;
    spoilt_at = at == TAIL ? FERRY_ENVELOPE_HEAD + a.artifact[11] : at;
    ashore_link(&a, true);
    ashore_hear(&a);
    ashore_tell_info(&a);
}

void an_artifact_that_cannot_be_read_parks_at_every_read(void **state)
{
    (void)state;
    for (unsigned nth = 1; nth <= 2; nth++) {
        choose(1, NOWHERE, nth);
        assert_int_equal(reads, nth);
        ashore_expect(&a, FERRY_COURIER_PARKED);
        assert_int_equal(ferry_courier_error(&a.c), FERRY_E_READ);
    }
    choose(1, NOWHERE, 0);
    assert_int_equal(reads, 2);
    ashore_expect(&a, FERRY_COURIER_OFFER);
}

void an_artifact_that_is_none_is_refused_and_another_one_taken(void **state)
{
    static const struct {
        const char *name;
        uint32_t at;
        unsigned reads; /* until it is known for none */
        int err;
    } rows[] = {{"its head", 0, 1, FERRY_E_FRAME},
                {"its manifest", FERRY_ENVELOPE_HEAD, 2, FERRY_E_CBOR},
                {"behind its manifest", TAIL, 2, FERRY_E_FRAME}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        choose(1, rows[i].at, 0);
        want(ashore_state(&a) == FERRY_COURIER_REFUSED, rows[i].name);
        want(ferry_courier_error(&a.c) == rows[i].err, rows[i].name);
        choose(2, rows[i].at, 0);
        want(ashore_state(&a) == FERRY_COURIER_OFFER && a.c.which == 1, rows[i].name);
        /* Where none is one, the first one's reason is told. */
        choose(2, rows[i].at, rows[i].reads + 1);
        want(ashore_state(&a) == FERRY_COURIER_REFUSED, rows[i].name);
        want(ferry_courier_error(&a.c) == rows[i].err, rows[i].name);
    }
}

/* Two artifacts, one for each bank: where one of them runs, the other is no news. */
void a_release_that_runs_in_the_other_bank_is_done(void **state)
{
    struct ferry_msg info, verdict = {.type = FERRY_MSG_VERDICT};
    struct release r;

    (void)state;
    release_default(&r);
    verdict.u.verdict.kind = FERRY_VERDICT_REFUSE;
    verdict.u.verdict.code = (uint8_t)-FERRY_E_VERSION;
    for (unsigned bits = 0; bits < 8; bits++) {
        bool both = (bits & 1U) != 0, told = (bits & 2U) != 0, same = (bits & 4U) != 0;
        ashore_start(&a, false, both ? 2 : 1);
        ashore_link(&a, true);
        ashore_hear(&a);
        ashore_info(&a, &info);
        info.u.info.flags = told ? 0 : FERRY_INFO_WITHHELD;
        info.u.info.version = r.version + !same;
        ashore_tell(&a, &info);
        ashore_hear(&a);
        bool done = both && told && same;
        a.elsewhere = done;
        ashore_tell(&a, &verdict);
        ashore_expect(&a, done ? FERRY_COURIER_DONE : FERRY_COURIER_REFUSED);
        assert_int_equal(ferry_courier_error(&a.c),
                         done ? FERRY_E_SAME : FERRY_E_VERSION);
    }
}

/* ---- the statement --------------------------------------------------------------- */

void a_statement_that_nobody_takes_is_fetched_all_the_same(void **state)
{
    (void)state;
    ashore_start(&a, true, 1);
    a.cfg.statement = NULL;
    ashore_go(&a, FERRY_COURIER_REPORT);
    ashore_tell_statement(&a, 40, 0, 40);
    ashore_expect(&a, FERRY_COURIER_OFFER);
    assert_int_equal(a.statement, 0);
}

/* No value can leave yet: time alone makes no second question of it. */
void a_question_that_waits_for_the_link_is_asked_once(void **state)
{
    (void)state;
    ashore_start(&a, true, 1);
    ashore_link(&a, true);
    ashore_hear(&a);
    ashore_tell_info(&a);
    for (unsigned ms = 0; ms < 5; ms++) {
        ashore_time(&a, 1);
    }
    ashore_hear(&a);
    assert_int_equal(a.reports, 1);
}

/* ---- giving up ------------------------------------------------------------------- */

void a_budget_of_retransmissions_is_the_configurations(void **state)
{
    struct ferry_ack nack;

    (void)state;
    ashore_ack(&nack);
    nack.reason = FERRY_REASON_CRC;
    for (unsigned budget = 1; budget <= 5; budget++) {
        ashore_start(&a, false, 1);
        a.cfg.retry_budget = (uint8_t)budget;
        ashore_go(&a, FERRY_COURIER_SEND);
        for (unsigned i = 0; i < 1 + 2 * budget; i++) { /* each of them goes twice */
            ashore_expect(&a, FERRY_COURIER_SEND);
            ashore_tell_ack(&a, &nack);
            ashore_hear(&a);
        }
        ashore_expect(&a, FERRY_COURIER_PARKED);
        assert_int_equal(ferry_courier_error(&a.c), FERRY_E_RETRY);
    }
}

/* Flash, supply, backend and content may be better the next time; nothing else is. */
void the_code_of_the_end_says_whether_to_try_again(void **state)
{
    static const enum ferry_courier_state from[] = {FERRY_COURIER_OFFER,
                                                    FERRY_COURIER_SEND};

    (void)state;
    for (int code = 1; code <= UINT8_MAX; code++) {
        bool again = (code >= 20 && code < 30) || (code >= 60 && code <= 62);
        for (size_t i = 0; i < COUNT(from); i++) {
            ashore_start_in(&a, from[i]);
            ashore_tell_done(&a, -code);
            ashore_expect(&a, again ? FERRY_COURIER_PARKED : FERRY_COURIER_REFUSED);
            assert_int_equal(ferry_courier_error(&a.c), -code);
        }
    }
}

/* ---- counts ---------------------------------------------------------------------- */

void counts_of_bytes_stop_at_their_limit(void **state)
{
    (void)state;
    ashore_start_in(&a, FERRY_COURIER_OFFER);
    a.c.counts.table_bytes_sent = UINT32_MAX - 1;
    ashore_tell_verdict(&a, FERRY_VERDICT_ACCEPT);
    ashore_hear(&a);
    assert_int_equal(a.chunks, 1);
    assert_int_equal(a.c.counts.table_bytes_sent, UINT32_MAX);
}
