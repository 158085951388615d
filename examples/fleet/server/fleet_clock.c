/* SPDX-License-Identifier: Apache-2.0
 *
 * Two clocks and a factor between them. What is kept: fleet time, wall clock, seconds of
 * an hour; an installation that never moved its clock keeps nothing. */
#include "fleet_clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "meta.h"

#define PLAIN 3600U
#define DAY 86400

static int64_t wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t real_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t fleet_at(const struct fleet_clock *c, int64_t now_ms)
{
    int64_t passed_ms = now_ms - c->real_ms;

    return c->hour_s == 0 ? c->fleet : c->fleet + passed_ms * 36 / (c->hour_s * 10);
}

static bool recall(struct fleet_clock *c, struct db *db)
{
    char text[100];
    size_t len = meta_get(db, "clock", text, sizeof text - 1);

    text[len] = '\0';
    return sscanf(text, "%" SCNd64 " %" SCNd64 " %" SCNu32, &c->fleet, &c->real_ms,
                  &c->hour_s) == 3;
}

static void keep(struct db *db, int64_t fleet, int64_t real_ms, uint32_t hour_s)
{
    char text[100];
    int len = snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %" PRIu32, fleet,
                       real_ms, hour_s);

    meta_put(db, "clock", text, (size_t)len);
}

static int64_t newest_event(struct db *db)
{
    struct db_query *q = db_ask(db, "SELECT at FROM log ORDER BY seq DESC LIMIT 1");
    int64_t at = db_next(q) ? db_get_int(q, 0) : 0;

    db_done(q);
    return at;
}

bool fleet_clock_open(struct fleet_clock *c, struct db *db, uint32_t hour_s)
{
    int64_t now = wall_ms();

    *c = (struct fleet_clock){.hour_s = PLAIN};
    pthread_mutex_init(&c->lock, NULL);
    bool moved = recall(c, db);
    c->told = newest_event(db);
    if (moved || hour_s != PLAIN) {
        /* At the speed it had it came so far; from here on it has the new one. */
        int64_t fleet = fleet_at(c, now);
        c->fleet = fleet > c->told ? fleet : c->told;
        c->real_ms = now;
        c->hour_s = hour_s;
        keep(db, c->fleet, now, hour_s);
    }
    return !db_failed(db);
}

int64_t fleet_clock_now(struct fleet_clock *c)
{
    pthread_mutex_lock(&c->lock);
    int64_t now = fleet_at(c, wall_ms());
    if (now > c->told) {
        c->told = now;
    }
    now = c->told;
    pthread_mutex_unlock(&c->lock);
    return now;
}

bool fleet_clock_keep(struct fleet_clock *c, struct db *db, int64_t fleet)
{
    keep(db, fleet, wall_ms(), c->hour_s);
    return !db_failed(db);
}

void fleet_clock_moved(struct fleet_clock *c, int64_t fleet)
{
    pthread_mutex_lock(&c->lock);
    c->fleet = fleet;
    c->real_ms = wall_ms();
    pthread_mutex_unlock(&c->lock);
}

int64_t fleet_clock_until(struct fleet_clock *c, int64_t at)
{
    int64_t left = at - fleet_clock_now(c);

    return c->hour_s == 0 ? DAY : left <= 0 ? 0 : left * c->hour_s / 3600;
}
