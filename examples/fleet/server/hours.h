/* SPDX-License-Identifier: Apache-2.0
 *
 * Fleet health's look at each hour: which one was the last, and those that were missed,
 * one by one, each in a transaction of its own. The writer's alone. */
#ifndef FERRY_FLEET_HOURS_H
#define FERRY_FLEET_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "../db/db.h"
#include "fleet_clock.h"

struct hours {
    int32_t ticked; /* the last hour that was looked at */
    int64_t ticks, last_us;
};

/* From the log. A fleet that was never looked at is from its first event on. */
void hours_open(struct hours *h, struct db *db, struct fleet_clock *clock);

bool hours_due(const struct hours *h, struct fleet_clock *clock);

/* False: the database failed; the hours before that are done. */
bool hours_pass(struct hours *h, struct db *db, struct fleet_clock *clock);

#endif
