/* SPDX-License-Identifier: Apache-2.0
 *
 * Knows how bits move when time, or a counter, goes on. */
#include "life.h"

#include <string.h>

#define WINDOW 64U

/* ---- hours ----------------------------------------------------------------------- */

static bool bit(const struct life *l, uint32_t i)
{
    return (l->hours[i / 8] >> i % 8 & 1U) != 0;
}

static void set(struct life *l, uint32_t i)
{
    l->hours[i / 8] = (uint8_t)(l->hours[i / 8] | 1U << i % 8);
}

/* The newest hour moves on by `by`: every bit becomes that much older. */
static void grow_older(struct life *l, uint32_t by)
{
    struct life older = {.seen = l->seen};

    for (uint32_t i = 0; i + by < HEALTH_HISTORY_H; i++) {
        if (bit(l, i)) {
            set(&older, i + by);
        }
    }
    *l = older;
}

void life_note(struct life *l, int32_t hour)
{
    if (l->seen < 0) {
        memset(l->hours, 0, sizeof l->hours);
        l->seen = hour;
    }
    if (hour > l->seen) {
        grow_older(l, (uint32_t)(hour - l->seen));
        l->seen = hour;
    }
    uint32_t ago = (uint32_t)(l->seen - hour);
    if (ago < HEALTH_HISTORY_H) {
        set(l, ago);
    }
}

uint32_t life_gaps(const struct life *l, int32_t hour, uint32_t *longest)
{
    int32_t last = -1; /* from the newest back */
    uint32_t gaps = 0;

    *longest = 0;
    for (uint32_t i = 0; i < HEALTH_HISTORY_H && l->seen >= 0; i++) {
        int32_t then = l->seen - (int32_t)i;
        if (!bit(l, i) || then >= hour || then < hour - HEALTH_HISTORY_H) {
            continue;
        }
        if (last >= 0) {
            uint32_t gap = (uint32_t)(last - then);
            *longest = gap > *longest ? gap : *longest;
            gaps++;
        }
        last = then;
    }
    return gaps;
}

/* ---- counters -------------------------------------------------------------------- */

enum counter counter_is(const struct counters *c, uint32_t counter)
{
    if (c->heard == 0 || counter > c->greatest) {
        return COUNTER_NEWEST;
    }
    uint32_t behind = c->greatest - counter;
    if (behind >= WINDOW) {
        return COUNTER_OUTSIDE;
    }
    return (c->heard >> behind & 1U) != 0 ? COUNTER_HEARD : COUNTER_MISSED;
}

void counter_note(struct counters *c, uint32_t counter)
{
    if (counter_is(c, counter) == COUNTER_NEWEST) {
        uint32_t by = counter - c->greatest;
        c->heard = c->heard != 0 && by < WINDOW ? c->heard << by | 1U : 1U;
        c->greatest = counter;
    } else {
        c->heard |= UINT64_C(1) << (c->greatest - counter);
    }
}
