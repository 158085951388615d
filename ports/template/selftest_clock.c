/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows what Ferry expects of a clock: it runs, forward, in milliseconds, and through its
 * wrap. Does not know where time comes from; every loop ends on a clock that stands, too. */
#include "selftest_in.h"

#define WATCH_MS 100U      /* as long as the clock is looked at */
#define PATIENCE 5000000UL /* looks at a clock that stands */
#define JUMP_MS 20U        /* more than this between two looks is no clock */
#define BEFORE_WRAP 0xFFFFFFE0UL

static uint32_t now(const struct selftest *s)
{
    return s->t->millis(s->t->ctx);
}

/* Look at it until WATCH_MS have passed: in no two looks may it go back or leap. */
static bool runs_forward(const struct selftest *s, bool *stands)
{
    uint32_t began = now(s), last = began;
    unsigned long looks = 0;

    for (; last - began < WATCH_MS && looks < PATIENCE; looks++) {
        uint32_t at = now(s);
        if (at - last > JUMP_MS) { /* back is a leap, too: it wraps */
            return false;
        }
        looks = at != last ? 0 : looks;
        last = at;
    }
    *stands = looks == PATIENCE;
    return !*stands;
}

/* One in 20 is as much as an oscillator without a crystal may be wrong. */
static bool is_milliseconds(const struct selftest *s)
{
    uint32_t (*micros)(void *) = s->t->micros;
    uint32_t began = now(s), tick = began;

    while (now(s) == tick) { /* begin on an edge */
    }
    began = now(s);
    uint32_t from = micros(s->t->ctx);
    while (now(s) - began < WATCH_MS) {
    }
    uint32_t us = micros(s->t->ctx) - from;
    return us > WATCH_MS * 950U && us < WATCH_MS * 1050U;
}

static bool wraps(const struct selftest *s)
{
    bool stands = false;

    s->t->set_millis(s->t->ctx, BEFORE_WRAP);
    bool forward = runs_forward(s, &stands);
    return forward && now(s) < BEFORE_WRAP;
}

bool selftest_clock(struct selftest *s)
{
    static const char unit[] = "clock: a millisecond is one by another clock";
    static const char wrap[] = "clock: it wraps at 2^32, not before";
    bool stands = false;
    bool forward = runs_forward(s, &stands);

    selftest_check(s, "clock: it does not stand", !stands);
    selftest_check(s, "clock: it goes forward, without leaps", forward || stands);
    if (stands || s->t->micros == NULL) {
        selftest_skip(s, unit);
    } else {
        selftest_check(s, unit, is_milliseconds(s));
    }
    if (stands || s->t->set_millis == NULL) {
        selftest_skip(s, wrap);
    } else {
        selftest_check(s, wrap, wraps(s));
    }
    return !stands;
}
