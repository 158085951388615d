/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests couriers against devices that lie, each in one way and for ever: the courier
 * comes to an end, or waits a time it can name, and what it says about it is right. Time
 * passes from deadline to deadline, as a frugal phone lets it. */
#include "courier_lies.h"

#define DAY_MS 86400000U
#define ROUNDS_MAX 100000U
#define VALUES_MAX 2000U /* 20 bytes each: what two windows of chunks may fill */

/* ---- letting them lie ------------------------------------------------------------ */

/* All it wants to say, and not without an end. */
static void hear_out(const char *name)
{
    uint32_t frames = a.c.counts.frames_out;

    ashore_hear(&a);
    want(a.c.counts.frames_out - frames < VALUES_MAX, name);
}

/* What it must always be able to say of itself. */
static void judge(const char *name)
{
    struct ferry_courier_progress p;
    uint32_t deadline = ferry_courier_deadline(&a.c, a.now);

    ferry_courier_progress(&a.c, &p);
    want(p.acked <= p.image_len, name);
    want(p.verified <= p.acked, name);
    bool ended = p.wait == FERRY_WAIT_NONE && ashore_state(&a) == FERRY_COURIER_DONE;
    bool stays = ended || p.wait == FERRY_WAIT_PARKED || p.wait == FERRY_WAIT_REFUSED ||
                 p.wait == FERRY_WAIT_LINK;
    want((deadline == UINT32_MAX) == stays, name);
    want(stays || deadline <= DAY_MS, name);
    want(p.wait != FERRY_WAIT_PARKED || p.error < 0, name);
    want(p.wait != FERRY_WAIT_REFUSED || p.error < 0, name);
    want(p.wait != FERRY_WAIT_RETRY || p.error < 0, name);
}

/* The truth, up to the state where it lies. */
static void answer(const struct lie *l, unsigned *n)
{
    enum ferry_courier_state s = ashore_state(&a);

    if (s == l->in) {
        l->tell((*n)++);
    } else if (s == FERRY_COURIER_HELLO) {
        ashore_tell_info(&a);
    } else if (s == FERRY_COURIER_OFFER && l->in == FERRY_COURIER_SEND) {
        ashore_tell_verdict(&a, FERRY_VERDICT_ACCEPT);
    }
}

static bool over(void)
{
    return ferry_courier_deadline(&a.c, a.now) == UINT32_MAX;
}

/* For a day at most; the time it took. */
static uint32_t let_lie(const struct lie *l)
{
    uint32_t due = 0;
    unsigned n = 0, rounds = 0;

    ashore_start(&a, l->in == FERRY_COURIER_REPORT, 1);
    ashore_link(&a, true);
    while (!over() && a.now < DAY_MS) {
        want(++rounds < ROUNDS_MAX, l->name);
        hear_out(l->name);
        if (a.now >= due) {
            answer(l, &n);
            due = a.now + l->every_ms;
        }
        hear_out(l->name);
        judge(l->name);
        uint32_t wait = ferry_courier_deadline(&a.c, a.now);
        bool first = due - a.now < wait;
        if (first) {
            a.now = due;
        } else {
            ashore_time(&a, wait == UINT32_MAX ? 0 : wait);
        }
    }
    return a.now;
}

void no_lie_holds_a_courier_for_ever(void **state)
{
    (void)state;
    for (size_t i = 0; i < lies_len; i++) {
        struct ferry_courier_progress p;
        uint32_t ms = let_lie(&lies[i]);
        want(ms < 30 * 60000U, lies[i].name); /* six times two minutes, or so */
        ferry_courier_progress(&a.c, &p);
        want(ashore_state(&a) == lies[i].ends, lies[i].name);
        want(p.error == lies[i].err, lies[i].name);
        want(p.wait == (lies[i].ends == FERRY_COURIER_REFUSED ? FERRY_WAIT_REFUSED
                                                              : FERRY_WAIT_PARKED),
             lies[i].name);
        want(a.statement == 0, lies[i].name);
    }
}

/* ---- lies that end at once, or need not end -------------------------------------- */

static void info_is(struct ferry_msg *m, bool good)
{
    ashore_tell(&a, m);
    want(ashore_state(&a) == (good ? FERRY_COURIER_OFFER : FERRY_COURIER_REFUSED),
         "INFO");
    want(good || ferry_courier_error(&a.c) == FERRY_E_PROTO, "INFO");
}

/* Each in turn, everything else being right: C, version, window. */
void an_info_that_cannot_be_is_refused(void **state)
{
    struct ferry_msg m;

    (void)state;
    for (uint32_t n = 0; n < 65536U; n += n < 600 ? 1 : 127) {
        ashore_start_in(&a, FERRY_COURIER_HELLO);
        ashore_info(&a, &m);
        m.u.info.chunk = (uint16_t)n;
        info_is(&m, n == 128 || n == 256);
    }
    for (unsigned n = 0; n < 256; n++) {
        ashore_start_in(&a, FERRY_COURIER_HELLO);
        ashore_info(&a, &m);
        m.u.info.wire = (uint8_t)n;
        info_is(&m, n == FERRY_WIRE_VERSION);
        ashore_start_in(&a, FERRY_COURIER_HELLO);
        ashore_info(&a, &m);
        m.u.info.window = (uint8_t)n;
        info_is(&m, n != 0);
    }
}

/* A device may always say later; each time the user knows why, and for how long. */
void later_for_ever_is_asked_at_the_pace_it_named(void **state)
{
    static const uint32_t seconds[] = {0, 1, 60, 86400, 86401, UINT32_MAX};

    (void)state;
    ashore_start_in(&a, FERRY_COURIER_OFFER);
    for (unsigned n = 0; n < 600; n++) {
        struct ferry_msg m = {.type = FERRY_MSG_VERDICT};
        struct ferry_courier_progress p;
        uint32_t said = seconds[n % COUNT(seconds)];
        uint32_t waits = said < 1 ? 1 : said > 86400 ? 86400 : said;
        m.u.verdict.kind = FERRY_VERDICT_LATER;
        m.u.verdict.code = (uint8_t)n;
        m.u.verdict.detail = (uint8_t)(3 * n);
        m.u.verdict.number = said;
        ashore_tell(&a, &m);
        ferry_courier_progress(&a.c, &p);
        assert_int_equal(p.wait, FERRY_WAIT_LATER);
        assert_int_equal(p.later.seconds, waits);
        assert_int_equal(p.later.why, (uint8_t)n);
        assert_int_equal(p.later.detail, (uint8_t)(3 * n));
        assert_int_equal(ferry_courier_deadline(&a.c, a.now), waits * 1000U);
        ashore_time(&a, waits * 1000U);
        ashore_expect(&a, FERRY_COURIER_HELLO);
        ashore_hear(&a);
        assert_int_equal(a.c.counts.hellos, n + 2);
        ashore_tell_info(&a);
        ashore_hear(&a);
    }
}

/* Committed, it says, with nothing sent. The courier cannot know better; it says whose
 * word that is by never having sent a byte. Only a statement proves more. */
void done_early_is_the_devices_word_and_no_more(void **state)
{
    static const enum ferry_courier_state early[] = {FERRY_COURIER_OFFER,
                                                     FERRY_COURIER_SEND};

    (void)state;
    for (size_t i = 0; i < COUNT(early); i++) {
        ashore_start(&a, false, 1);
        ashore_go(&a, early[i]);
        uint32_t sent = a.c.counts.image_bytes_sent;
        ashore_tell_done(&a, 0);
        ashore_expect(&a, FERRY_COURIER_DONE);
        assert_int_equal(ferry_courier_error(&a.c), 0);
        assert_int_equal(a.c.counts.image_bytes_sent, sent);
        assert_int_equal(sent, 0);
        assert_int_equal(ferry_courier_deadline(&a.c, a.now), UINT32_MAX);
    }
}
