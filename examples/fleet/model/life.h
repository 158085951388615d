/* SPDX-License-Identifier: Apache-2.0
 *
 * What is kept of a device's contacts: in which hours of the last four weeks it showed
 * life, and which counters were heard. Pure; knows no database and no clock. */
#ifndef FERRY_FLEET_LIFE_H
#define FERRY_FLEET_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "../health/health.h"

#define LIFE_BYTES (HEALTH_HISTORY_H / 8U)

struct life {
    int32_t seen;              /* hour of its newest sign of life, -1: none yet */
    uint8_t hours[LIFE_BYTES]; /* bit i: it showed life in hour seen - i */
};

/* It showed life in this hour, whatever order hours are told in. */
void life_note(struct life *l, int32_t hour);

/* Gaps between hours of life in the four weeks before `hour`: how many, and the longest. */
uint32_t life_gaps(const struct life *l, int32_t hour, uint32_t *longest);

/* The greatest counter heard, and which of the 64 up to it: bit i is greatest - i. */
struct counters {
    uint32_t greatest;
    uint64_t heard;
};

enum counter { COUNTER_NEWEST, COUNTER_MISSED, COUNTER_HEARD, COUNTER_OUTSIDE };
enum counter counter_is(const struct counters *c, uint32_t counter);
/* One that is newest or was missed. */
void counter_note(struct counters *c, uint32_t counter);

#endif
