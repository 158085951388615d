/* SPDX-License-Identifier: Apache-2.0
 *
 * A phone that comes and goes: near for a while, then out of range, again and again. It
 * goes without notice: both ends learn of it when the connection has been silent for
 * the supervision timeout, and not at all if it is back before. */
#ifndef FERRY_SIM_RANGE_H
#define FERRY_SIM_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct sim_range {
    uint32_t near_ms, far_ms; /* near 0: it never goes */
    uint32_t supervision_ms;
    uint32_t turn_at; /* when it goes or comes next */
    uint32_t down_at; /* when its going is noticed */
    bool far, noticed;
};

enum sim_range_event {
    SIM_RANGE_NOTHING,
    SIM_RANGE_WENT,    /* nothing gets through any more */
    SIM_RANGE_NOTICED, /* the connection is down, and both ends know */
    SIM_RANGE_CAME     /* within range again */
};

/* It comes now, and the schedule begins. */
void sim_range_start(struct sim_range *r, uint32_t near_ms, uint32_t far_ms,
                     uint32_t supervision_ms, uint32_t now);
/* What happens now; ask until it is nothing. */
enum sim_range_event sim_range_now(struct sim_range *r, uint32_t now);
/* Milliseconds until something does. */
uint32_t sim_range_wait(const struct sim_range *r, uint32_t now);

#endif
