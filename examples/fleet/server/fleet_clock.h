/* SPDX-License-Identifier: Apache-2.0
 *
 * Fleet time: seconds since 1970 by the wall clock, or faster in a demonstration. Never
 * goes back, not over a restart either. The only part that looks at a clock for what is
 * decided; events carry what it said. */
#ifndef FERRY_FLEET_FLEET_CLOCK_H
#define FERRY_FLEET_FLEET_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "../db/db.h"

struct fleet_clock {
    pthread_mutex_t lock;
    int64_t fleet;   /* it was this ... */
    int64_t real_ms; /* ... when the wall clock stood here */
    uint32_t hour_s; /* real seconds of an hour; 0: it stands */
    int64_t told;    /* the latest it ever said */
};

/* As it was when `db`, a writer in a transaction, last kept it. */
bool fleet_clock_open(struct fleet_clock *c, struct db *db, uint32_t hour_s);

int64_t fleet_clock_now(struct fleet_clock *c);

/* Forward, by hand: kept in `db`; it shows once fleet_clock_moved is called, behind the
 * commit. */
bool fleet_clock_keep(struct fleet_clock *c, struct db *db, int64_t fleet);
void fleet_clock_moved(struct fleet_clock *c, int64_t fleet);

/* Real seconds until fleet time reaches `at`, rounded down; a day if it stands. */
int64_t fleet_clock_until(struct fleet_clock *c, int64_t at);

/* Real time, for latencies and patience: microseconds that only go forward. */
int64_t real_us(void);

#endif
