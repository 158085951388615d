/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows the order of the self-test's parts, and carries it through resets: a mark in
 * flash says how far it came and what had failed, a word in RAM whether RAM was kept.
 * Does not know what a good port is; the parts do. */
#include "selftest.h"

#include <string.h>

#include "selftest_in.h"

#define MAGIC 0x46505354UL /* "TSPF" */
#define WAIT_MS 5000U      /* as long as Ferry waits for a done() */
#define MARK_LEN 32U       /* whole write units, whatever their length */

/* What the start that finds this mark has to look at. */
enum step {
    FIRST = 0,      /* no mark: everything that needs no reset */
    AFTER_RESET,    /* by software */
    AFTER_WATCHDOG, /* which was armed, and not fed */
    AFTER_SECOND,   /* by software again: was the watchdog's cause cleared? */
    STEPS
};

struct mark {
    uint32_t magic, step, failed, guard;
};

/* ---- shared with the parts ------------------------------------------------------- */

static void say(const struct selftest *s, const char *what,
                enum ferry_port_verdict verdict)
{
    if (s->t->say != NULL) {
        s->t->say(s->t->ctx, what, verdict);
    }
}

void selftest_check(struct selftest *s, const char *what, bool passed)
{
    s->failed += !passed;
    say(s, what, passed ? FERRY_PORT_PASSED : FERRY_PORT_FAILED);
}

void selftest_skip(struct selftest *s, const char *what)
{
    say(s, what, FERRY_PORT_SKIPPED);
}

int selftest_ended(struct selftest *s, int status)
{
    const struct ferry_port_selftest *t = s->t;
    uint32_t began = t->millis(t->ctx);
    int again;

    if (t->ended == NULL) {
        s->late = s->late || status == FERRY_PENDING;
        return status;
    }
    if (status == FERRY_PENDING) {
        while (!t->ended(t->ctx, &status)) {
            if (t->millis(t->ctx) - began > WAIT_MS) {
                s->late = true;
                return FERRY_E_FLASH;
            }
        }
    }
    s->done_twice = s->done_twice || t->ended(t->ctx, &again);
    return status;
}

/* ---- marks: in the last unit, one behind the other ------------------------------- */

static uint32_t mark_addr(const struct selftest *s, uint32_t step)
{
    return s->t->scratch + 2 * s->t->flash->erase_unit + step * MARK_LEN;
}

/* The newest mark. False: there is none, or no flash to read it from. */
static bool find_mark(const struct selftest *s, struct mark *m)
{
    const struct ferry_flash *f = s->t->flash;

    for (uint32_t step = STEPS - 1; step > FIRST; step--) {
        if (f->read(f->ctx, mark_addr(s, step), m, sizeof *m) == 0 &&
            m->magic == MAGIC && m->step == step && m->guard == ~m->failed) {
            return true;
        }
    }
    return false;
}

/* What the next start shall do. */
static bool leave_mark(struct selftest *s, uint32_t step)
{
    const struct ferry_flash *f = s->t->flash;
    struct mark m = {MAGIC, step, s->failed, ~s->failed};

    memset(s->buf, f->erased, MARK_LEN);
    memcpy(s->buf, &m, sizeof m);
    *s->t->kept = (struct ferry_port_selftest_kept){MAGIC, step, s->failed};
    return selftest_ended(s, f->write(f->ctx, mark_addr(s, step), s->buf, MARK_LEN)) ==
           0;
}

/* Leave nothing that the next run could take for its own. */
static int finish(struct selftest *s)
{
    (void)selftest_erase(s, mark_addr(s, FIRST));
    memset(s->t->kept, 0, sizeof *s->t->kept);
    return (int)s->failed;
}

/* ---- the parts between two resets ------------------------------------------------ */

/* Without a clock no wait would end; without a flash that answers, none of its calls. */
static int first(struct selftest *s)
{
    if (!selftest_clock(s) || !selftest_flash(s)) {
        return (int)s->failed;
    }
    selftest_crypto(s);
    bool ready = selftest_erase(s, mark_addr(s, FIRST));
    selftest_lock(s);
    ready = ready && leave_mark(s, AFTER_RESET); /* with all that failed so far */
    selftest_check(s, "flash: a mark for the next start can be left", ready);
    return ready ? FERRY_PORT_SELFTEST_RESET : finish(s);
}

static bool was_power_on(const struct selftest *s, bool kept)
{
    return s->t->reset == FERRY_RESET_POWER && !kept;
}

/* Feed nothing, and wait. Returns only if it did not bite. */
static void provoke(struct selftest *s)
{
    const struct ferry_port_selftest *t = s->t;
    bool armed = t->arm_watchdog(t->ctx) == 0;
    uint32_t began = t->millis(t->ctx);

    selftest_check(s, "watchdog: it can be armed", armed);
    while (armed && t->millis(t->ctx) - began < 2 * t->watchdog_ms) {
    }
    selftest_check(s, "watchdog: it resets the chip if it is not fed", false);
}

static int after_reset(struct selftest *s, bool kept)
{
    static const char in_ram[] = "RAM: the hand-off's section comes through a reset";
    static const char in_word[] = "reset: one by software is FERRY_RESET_SOFT";

    if (was_power_on(s, kept)) {
        selftest_skip(s, in_ram);
        selftest_skip(s, in_word);
    } else {
        selftest_check(s, in_ram, kept);
        selftest_check(s, in_word, s->t->reset == FERRY_RESET_SOFT);
    }
    selftest_unlocked(s);
    if (s->t->arm_watchdog == NULL) {
        selftest_skip(s, "watchdog: it resets the chip if it is not fed");
        return finish(s);
    }
    if (leave_mark(s, AFTER_WATCHDOG)) {
        provoke(s);
    }
    return finish(s);
}

static int after_watchdog(struct selftest *s, bool kept)
{
    static const char bites[] = "watchdog: it resets the chip if it is not fed";
    static const char in_word[] = "watchdog: its reset is FERRY_RESET_FAULT";

    if (was_power_on(s, kept)) {
        selftest_skip(s, bites);
        selftest_skip(s, in_word);
        return finish(s);
    }
    selftest_check(s, bites, true);
    selftest_check(s, in_word, s->t->reset == FERRY_RESET_FAULT);
    return leave_mark(s, AFTER_SECOND) ? FERRY_PORT_SELFTEST_RESET : finish(s);
}

static int after_second(struct selftest *s, bool kept)
{
    static const char cleared[] = "reset: a cause that was read does not come again";

    if (was_power_on(s, kept)) {
        selftest_skip(s, cleared);
    } else {
        selftest_check(s, cleared, s->t->reset == FERRY_RESET_SOFT);
    }
    return finish(s);
}

int ferry_port_selftest(const struct ferry_port_selftest *t)
{
    static struct selftest s;
    struct mark m;
    bool kept =
        t->kept->magic == MAGIC && t->kept->step > FIRST && t->kept->step < STEPS;

    memset(&s, 0, sizeof s);
    s.t = t;
    if (!find_mark(&s, &m)) {
        if (!kept) {
            return first(&s);
        }
        s.failed = t->kept->failed;
        selftest_check(&s, "flash: what was written is there after a reset", false);
        return finish(&s);
    }
    s.failed = m.failed;
    selftest_check(&s, "flash: what was written is there after a reset",
                   !kept || t->kept->step == m.step);
    switch ((enum step)m.step) {
    case AFTER_RESET:
        return after_reset(&s, kept);
    case AFTER_WATCHDOG:
        return after_watchdog(&s, kept);
    case AFTER_SECOND:
    case FIRST:
    case STEPS:
        break;
    }
    return after_second(&s, kept);
}
