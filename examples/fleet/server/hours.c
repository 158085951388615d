/* SPDX-License-Identifier: Apache-2.0
 *
 * An hour's look is an event like any other; its time is the hour's end, however late it
 * is made. */
#include "hours.h"

#include <stdio.h>

#include "../model/event.h"
#include "say.h"

#define HOUR 3600

/* The last hour that is over. */
static int32_t hour_over(struct fleet_clock *clock)
{
    return (int32_t)(fleet_clock_now(clock) / HOUR) - 1;
}

/* The hour before this event's; -1: there is no such event. */
static int32_t hour_before(struct db_query *q)
{
    int32_t hour = db_next(q) ? (int32_t)(db_get_int(q, 0) / HOUR) - 1 : -1;

    db_done(q);
    return hour;
}

void hours_open(struct hours *h, struct db *db, struct fleet_clock *clock)
{
    struct db_query *newest =
        db_ask(db, "SELECT at FROM log WHERE kind = ? ORDER BY seq DESC LIMIT 1");
    struct db_query *first = db_ask(db, "SELECT at FROM log ORDER BY seq LIMIT 1");

    *h = (struct hours){0};
    db_int(newest, 0, EVENT_TICK);
    h->ticked = hour_before(newest);
    if (h->ticked < 0) {
        h->ticked = hour_before(first);
    }
    if (h->ticked < 0) {
        h->ticked = hour_over(clock);
    }
}

bool hours_due(const struct hours *h, struct fleet_clock *clock)
{
    return hour_over(clock) > h->ticked;
}

static bool tick(struct db *db, int32_t hour)
{
    char body[40];
    int len = snprintf(body, sizeof body, "{\"hour\": %d}", hour);
    struct event e = {.kind = EVENT_TICK,
                      .at = (int64_t)(hour + 1) * HOUR,
                      .actor = "ferryd",
                      .relay = "",
                      .body = body,
                      .len = (size_t)len};
    struct outcome o = {0};

    if (!db_begin(db)) {
        return false;
    }
    event_apply(db, &e, &o);
    if (o.status >= 300) {
        say("error", "hour %d was not looked at: %s", hour, o.why);
    }
    json_decref(o.answer);
    return db_commit(db);
}

bool hours_pass(struct hours *h, struct db *db, struct fleet_clock *clock)
{
    int32_t last = hour_over(clock);

    if (last - h->ticked > 1) {
        say("info", "catching up with %d hours", last - h->ticked);
    }
    while (h->ticked < last) {
        int64_t began = real_us();
        if (!tick(db, h->ticked + 1)) {
            return false;
        }
        h->ticked++;
        h->ticks++;
        h->last_us = real_us() - began;
    }
    return true;
}
